"""What a camera writes into a picture besides what is seen: where and when it was taken, with which device, whose it is. Taken out before it is kept.

JPEG (ITU-T T.81 annex B): the application segments and comments go, but for JFIF, colour profile and Adobe's colour mark; so does what stands
behind the end of the picture (moving pictures of some telephones). Of EXIF one number stays: how the camera was held, without which the picture
would lie on its side (console.media turns it later). PNG (W3C PNG third edition, 11.3): the chunks that are text, time or EXIF.
The picture itself is copied byte for byte. Anything else comes back as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

_JPEG = b"\xff\xd8"
_JPEG_BEGINS = _JPEG + b"\xff"
_PNG = b"\x89PNG\r\n\x1a\n"

_SOS, _EOI, _COMMENT = 0xDA, 0xD9, 0xFE
_RESTARTS = range(0xD0, 0xD8)
_APPLICATIONS = range(0xE0, 0xF0)
_COLOURS = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}
"""Application segments without which the colours would be wrong, by how they begin."""

_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_TURNED = range(2, 9)
_BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_ENTRY = 12

_CHUNK = 12  # length, type and checksum of a PNG chunk
_TELLING = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})


def strip_metadata(body: bytes) -> bytes:
    """Give a picture without what it tells besides itself; what cannot be read to its end is cut there."""
    if body.startswith(_JPEG_BEGINS):
        return _JPEG + b"".join(_keep_segments(body))
    if body.startswith(_PNG):
        return _PNG + b"".join(_keep_chunks(body))
    return body


def _keep_segments(body: bytes) -> Iterator[bytes]:
    at = len(_JPEG)
    while at + 4 <= len(body) and body[at] == 0xFF:  # noqa: PLR2004 - the byte that begins a marker
        marker = body[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
            continue
        end = at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        if marker == _EOI:
            break
        if end > len(body):
            return
        if marker == _SOS:
            end = _find_scan_end(body, end)
        content = body[at + 4 : end]
        if not _is_telling(marker, content):
            yield body[at:end]
        elif content.startswith(_EXIF) and (turned := _find_orientation(content[len(_EXIF) :])) in _TURNED:
            yield _write_orientation(turned)
        at = end
    if body[at : at + 2] == bytes((0xFF, _EOI)):
        yield body[at : at + 2]


def _is_telling(marker: int, content: bytes) -> bool:
    if marker == _COMMENT:
        return True
    return marker in _APPLICATIONS and not (marker in _COLOURS and content.startswith(_COLOURS[marker]))


def _find_orientation(tiff: bytes) -> int:
    """Find in EXIF (a TIFF file's first directory) how the camera was held; 0 where it is not said."""
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return 0
    at = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[at : at + 2], order)
    for entry in range(at + 2, min(at + 2 + count * _ENTRY, len(tiff) - _ENTRY + 1), _ENTRY):
        if int.from_bytes(tiff[entry : entry + 2], order) == _ORIENTATION:
            return int.from_bytes(tiff[entry + 8 : entry + 10], order)
    return 0


def _write_orientation(turned: int) -> bytes:
    """Write an EXIF segment that says how the camera was held, and nothing else."""
    directory = b"MM\0*\0\0\0\x08\0\1" + _ORIENTATION.to_bytes(2, "big") + b"\0\3\0\0\0\1" + turned.to_bytes(2, "big") + bytes(6)
    content = _EXIF + directory
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content


def _find_scan_end(body: bytes, at: int) -> int:
    """Find the marker that ends the compressed data: not a stuffed zero, not a restart."""
    while (at := body.find(b"\xff", at)) >= 0 and at + 1 < len(body):
        if body[at + 1] and body[at + 1] not in _RESTARTS:
            return at
        at += 2
    return len(body)


def _keep_chunks(body: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at + _CHUNK <= len(body):
        end = at + _CHUNK + int.from_bytes(body[at : at + 4], "big")
        kind = body[at + 4 : at + 8]
        if end > len(body):
            return
        if kind not in _TELLING:
            yield body[at:end]
        if kind == b"IEND":
            return
        at = end
