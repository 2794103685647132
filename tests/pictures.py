"""Pictures for tests: real ones of a size, with what a camera would write into them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

ORIENTATION = 0x0112
GPS = 0x8825
CAMERA = 0x0110


def make_picture(
    width: int = 40, height: int = 30, *, form: str = "JPEG", text: bytes = b"", orientation: int = 0, mode: str = "RGB"
) -> bytes:
    """Draw a picture: its left half red, its right half blue; `text` stands in it as a comment and as the camera's name, with a place beside."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    exif = Image.Exif()
    if text:
        exif[CAMERA] = text.decode()
        exif.get_ifd(GPS).update({1: "N", 2: (30.0, 10.0, 0.0)})
    if orientation:
        exif[ORIENTATION] = orientation
    more: dict[str, Any] = {"comment": text} if text and form == "JPEG" else {}
    out = BytesIO()
    image.convert(mode).save(out, form, exif=exif, **more)
    return out.getvalue()


def open_picture(body: bytes) -> Image.Image:
    """Open a picture."""
    image = Image.open(BytesIO(body))
    image.load()
    return image


def measure(body: bytes) -> tuple[int, int]:
    """Give width and height of a picture, in pixels."""
    return open_picture(body).size
