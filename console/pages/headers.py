"""What every answer of our pages tells the browser: what it may load from where, and what it must not do with the page."""

from __future__ import annotations

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{maps}; connect-src 'self'; font-src 'self'; "
    "media-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_REST = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


def make_headers(maps: str = "") -> dict[str, str]:
    """Give the headers; `maps` is the host whose pictures lie under maps, "" for none."""
    return {"Content-Security-Policy": _POLICY.format(maps=f" {maps}" if maps else ""), **_REST}


HEADERS = make_headers()
"""Where no map shows pictures of others."""
