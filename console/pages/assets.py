"""Our own styles, scripts and pictures: kept in memory, compressed once, at addresses that name their content.

What others made (static/vendor) is served from its folder, with the compressed twins that the build lays beside it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from console.pages import compressing

FOLDER = Path(__file__).parent / "static"
_YEAR = 31_536_000
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class _Asset(NamedTuple):
    mark: str
    kind: str
    body: bytes
    squeezed: bytes
    """The same compressed; empty where that is no shorter."""


class Assets:
    """The files of ours that pages load, read when the service starts."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _KINDS}
        self._marks = {name: asset.mark for name, asset in self._files.items()}

    def find_address(self, name: str) -> str:
        """Give the address of a file, which changes with its content; "" where it was not built."""
        if name not in self._marks:
            path = self._folder / name
            self._marks[name] = _mark(path.read_bytes()) if path.is_file() else ""
        mark = self._marks[name]
        return f"/static/{name}?{mark}" if mark else ""

    def serve(self, application: web.Application) -> None:
        """Serve the files: at an address that names the content for a year, at any other (a script that loads another) until it changes."""
        for name in self._files:
            application.router.add_get(f"/static/{name}", self._send)
        application.router.add_static("/static/", self._folder, show_index=False, follow_symlinks=False)

    async def _send(self, request: web.Request) -> web.Response:
        asset = self._files[request.path.removeprefix("/static/")]
        squeezes = bool(asset.squeezed) and compressing.takes_gzip(request)
        tag = f"{asset.mark}-gzip" if squeezes else asset.mark
        headers = {"ETag": f'"{tag}"'}
        if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        if squeezes:
            headers["Content-Encoding"] = "gzip"
        body = asset.squeezed if squeezes else asset.body
        return web.Response(body=body, content_type=asset.kind, charset="utf-8", headers=headers)

    def say_how_long(self, request: web.Request) -> dict[str, str]:
        """Give the headers that say how long a file may be kept, and on what it depends."""
        name = request.path.removeprefix("/static/")
        named = request.query_string != "" and request.query_string == self._marks.get(name)
        kept = f"public, max-age={_YEAR}, immutable" if named else "no-cache"
        return {"Cache-Control": kept, "Vary": "Accept-Encoding"}


def _read(path: Path) -> _Asset:
    body = path.read_bytes()
    squeezed = compressing.compress(body)
    return _Asset(mark=_mark(body), kind=_KINDS[path.suffix], body=body, squeezed=squeezed if len(squeezed) < len(body) else b"")


def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]
