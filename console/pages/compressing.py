"""Which answers are sent compressed, and how. A page is compressed for whoever came from a page of ours or typed the address.

A foreign page can have a browser open ours with words of its choice in the address; what lies beside them in a compressed page shows in its
length. So such a visit gets the page as it is, and so does a browser that does not say where it comes from. What nobody is signed in for
holds nothing to guess.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from aiohttp import web

LEAST_BYTES = 1024
"""What is shorter is sent as it is: it fits one packet anyhow."""
_LEVEL = 5
_OURS = frozenset({"same-origin", "none"})


def takes_gzip(request: web.Request) -> bool:
    """Tell whether a browser takes gzip: it names it, and not with a weight of 0."""
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def is_safe(request: web.Request) -> bool:
    """Tell whether nothing can be learned from the length of a compressed page: nobody is signed in, or no foreign page asked for it."""
    if not request.cookies:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    return site in _OURS if site is not None else urlsplit(request.headers.get("Referer", "")).netloc == request.host


def compress(body: bytes) -> bytes:
    """Compress; the same bytes every time."""
    return gzip.compress(body, _LEVEL, mtime=0)


def write_page(request: web.Request, text: str) -> tuple[bytes, dict[str, str]]:
    """Give the bytes of a page and the headers that say how they are written."""
    body = text.encode()
    varies = {"Vary": "Accept-Encoding"}
    if len(body) < LEAST_BYTES or not takes_gzip(request) or not is_safe(request):
        return body, varies
    return compress(body), varies | {"Content-Encoding": "gzip"}
