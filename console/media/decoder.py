"""The program that opens one picture of a stranger, in a process of its own: the picture comes in by standard input, two clean ones go out.

It imports nothing of ours and is given nothing: no environment, no way to open a file or a connection once it has begun, no more memory and time
than below. Whatever a picture does to the decoder ends with this process. What goes out is drawn anew from the pixels, upright, so that
nothing else that was in the file is in it: no place, no device, no colour profile, no comment, no second file behind the first.

    OK + width, height of the view, length of the view, length of the thumbnail (big-endian, 2 2 4 4 bytes) + the view + the thumbnail, both JPEG
    NO + broken | too_large
"""

from __future__ import annotations

import os
import resource
import struct
import sys
import warnings
from io import BytesIO

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from PIL.Image import Transpose

CPU_SECONDS = 5
MEMORY_BYTES = 512 * 1024 * 1024
PIXELS = 40_000_000
"""More than the cameras of telephones make; with four bytes each it leaves room beside the picture."""
VIEW, THUMBNAIL = 1600, 320
"""Pixels of the longer side at most: what fills a screen, and what stands in a line of a page."""

_BY_FORMAT = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",)}
_ORIENTATION = 0x0112
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""How to turn what the camera held otherwise (EXIF 2.32, tag Orientation)."""
_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Imported before files can no longer be opened; Pillow would look for them later."""
_NO_MORE_FILES = 3
"""Standard input, output and error are open; one more cannot be."""


def confine() -> None:
    """Give up everything that drawing a picture anew does not need."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))  # the first says so by SIGXCPU, the second kills
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: _NO_MORE_FILES,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def draw(body: bytes, form: str) -> bytes:
    """Draw a picture anew in both sizes; what a decoder cannot make anything of, whatever it says, is refused as broken."""
    try:
        with Image.open(BytesIO(body), formats=_BY_FORMAT[form]) as image:
            if image.width * image.height > PIXELS:
                return b"NOtoo_large"
            view = _open_upright(image)
    except MemoryError:
        return b"NOtoo_large"
    except Exception:  # noqa: BLE001 - decoders fail in many ways, and all say the same: it is refused, and who sent it is told
        return b"NObroken"
    small = view.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    large, little = _write(view, quality=82), _write(small, quality=75)
    return b"OK" + struct.pack(">HHII", *view.size, len(large), len(little)) + large + little


def _open_upright(image: Image.Image) -> Image.Image:
    """Decode no larger than is shown, turn as the camera was held, and put on white what can be seen through."""
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 0))
    image.thumbnail((VIEW, VIEW), reducing_gap=2.0)
    plain = _to_colours(image)
    upright = plain.transpose(turn) if turn is not None else plain
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    return canvas


def _to_colours(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _write(image: Image.Image, *, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def main() -> None:
    """Open the picture that comes in; its format, found by its content, is the argument."""
    Image.preinit()
    warnings.simplefilter("ignore")  # a picture's faults are no news
    body = sys.stdin.buffer.read()
    confine()
    sys.stdout.buffer.write(draw(body, sys.argv[1]))


if __name__ == "__main__":
    main()
