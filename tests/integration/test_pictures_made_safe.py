"""Whatever a stranger sends as a picture: it is drawn anew or refused, within its memory and its time, and the service stays what it was."""

from __future__ import annotations

import asyncio
import resource
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from console.media import decoder
from console.media.making import MOST_BYTES, Made, Maker, Unmade, find_form
from tests.pictures import make_picture, measure, open_picture

CANARY = b"Canary's phone"
HTML = b"<html><script>alert(1)</script></html>"
PNG = b"\x89PNG\r\n\x1a\n"
MOST_GROWTH = 48 * 1024
"""KiB by which the service may grow at its highest: a few pictures and what comes back, not their pixels."""


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def make_png(width: int, height: int, *, colours: int = 2, before: bytes = b"") -> bytes:
    """Make a PNG of one colour, as short as it can be for its size."""
    line = bytes(1 + width * (3 if colours == 2 else 1))
    packer = zlib.compressobj(9)
    data = b"".join([*(packer.compress(line) for _ in range(height)), packer.flush()])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0))
    return PNG + header + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


async def make(body: bytes) -> Made:
    made = await Maker().make(body)
    assert isinstance(made, Made), made
    return made


def write_program(folder: Path, source: str) -> Path:
    path = folder / "program.py"
    path.write_text(f"import os, resource, signal, struct, sys, time\nbody = sys.stdin.buffer.read()\n{source}\n")
    return path


# What is shown


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "P"), ("PNG", "RGBA"), ("WEBP", "RGB")]
)
async def test_a_picture_comes_out_as_it_looked_in_two_sizes(form: str, mode: str) -> None:
    made = await make(make_picture(2000, 1000, form=form, mode=mode))
    view, small = open_picture(made.view), open_picture(made.thumbnail)
    red, blue = view.crop((100, 400, 101, 401)).tobytes(), view.crop((1500, 400, 1501, 401)).tobytes()

    assert (view.format, view.mode, view.size, (made.width, made.height)) == ("JPEG", "RGB", (1600, 800), (1600, 800))
    assert (small.format, small.size) == ("JPEG", (320, 160))
    assert [max(red) == red[0], max(blue) == blue[2]] == [True, True]


async def test_a_small_picture_is_not_made_larger() -> None:
    made = await make(make_picture(40, 30))

    assert (measure(made.view), measure(made.thumbnail)) == ((40, 30), (40, 30))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_where_when_and_with_what_it_was_taken_is_gone(form: str) -> None:
    body = make_picture(form=form, text=CANARY)
    made = await make(body)

    assert CANARY in body
    for one in (made.view, made.thumbnail):
        shown = open_picture(one)
        assert (CANARY in one, b"Exif" in one, dict(shown.getexif()), "icc_profile" in shown.info, "comment" in shown.info) == (
            *(False, False, {}, False, False),
        )


async def test_a_picture_taken_on_its_side_stands_upright() -> None:
    """6: the camera was held so that the picture's left is the top; red was left, so it is on top now."""
    view = open_picture((await make(make_picture(400, 300, orientation=6))).view)
    top, bottom = view.crop((150, 50, 151, 51)).tobytes(), view.crop((150, 350, 151, 351)).tobytes()

    assert view.size == (300, 400)
    assert (top[0] > 150, bottom[2] > 150) == (True, True)


async def test_what_can_be_seen_through_is_white() -> None:
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    out = BytesIO()
    picture.save(out, "PNG")

    assert open_picture((await make(out.getvalue())).view).getpixel((10, 10)) == (255, 255, 255)


async def test_a_second_file_inside_a_picture_is_not_in_what_is_shown() -> None:
    picture = make_picture(text=HTML)
    for body in (picture, picture + HTML, picture + b"%PDF-1.7 " + HTML, make_png(9, 9, before=chunk(b"tEXt", b"a\0" + HTML))):
        made = await make(body)
        assert (HTML in body, b"script" in made.view + made.thumbnail, b"PDF" in made.view + made.thumbnail) == (True, False, False)


# What is refused


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (HTML + make_picture(), "wrong_type"),
        (b"%PDF-1.7\n" + make_picture(), "wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "wrong_type"),
        (b"GIF89a" + bytes(100), "wrong_type"),
        (b"", "wrong_type"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "heic"),
        (make_picture(400, 300)[:900], "broken"),
        (make_picture(400, 300, form="PNG")[:60], "broken"),
        (make_picture(400, 300, form="WEBP")[:60], "broken"),
        (b"\xff\xd8\xff" + HTML, "broken"),
        (PNG + HTML, "broken"),
        (b"\xff\xd8\xff" + bytes(MOST_BYTES), "too_large"),
    ],
    ids=["html", "pdf", "svg", "gif", "nothing", "heic", "cut jpeg", "cut png", "cut webp", "jpeg of html", "png of html", "11 MB"],
)
async def test_what_is_no_picture_of_ours_is_refused_by_its_content(body: bytes, reason: str) -> None:
    assert await Maker().make(body) == Unmade(reason)  # type: ignore[arg-type]  # one of its words


def test_a_picture_is_known_by_how_it_begins_and_by_nothing_else() -> None:
    forms = [find_form(make_picture(form=form)) for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")]

    assert forms == ["jpeg", "png", "webp", "", "", ""]


@pytest.mark.parametrize(
    "body",
    [
        make_png(20_000, 20_000, colours=0),
        PNG
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"")
        + chunk(b"IEND", b""),
        b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\1\x03\x11\1" + bytes(50),
    ],
    ids=["400 million pixels in 390 KB", "a header alone", "jpeg of 4 billion"],
)
async def test_a_picture_that_would_be_too_large_unpacked_never_is(body: bytes) -> None:
    assert await Maker().make(body) in (Unmade("too_large"), Unmade("broken"))


async def test_text_that_would_unpack_to_gigabytes_costs_nothing() -> None:
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9))
    made = await Maker().make(make_png(9, 9, before=bomb))

    assert made == Unmade("broken") or isinstance(made, Made)


async def test_the_largest_that_is_allowed_fits_into_its_memory() -> None:
    made = await make(make_png(8000, 5000))

    assert (made.width, made.height) == (1600, 1000)


# The process


def test_the_process_can_do_nothing_but_draw() -> None:
    """No file, no connection, no other process, no more memory: asked for inside, after it has given everything up."""
    program = f"""
import runpy, socket, os
confine = runpy.run_path({decoder.__file__!r})["confine"]
confine()
said = []
for name, work in {{
    "file": lambda: open("/etc/hostname"), "socket": socket.socket, "memory": lambda: bytearray({decoder.MEMORY_BYTES}), "pipe": os.pipe,
}}.items():
    try:
        work()
    except (OSError, MemoryError) as error:
        said.append(f"{{name}}:{{type(error).__name__}}")
print(*said)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, check=False, encoding="utf-8", timeout=30, env={}
    )

    assert done.stdout.split() == ["file:OSError", "socket:OSError", "memory:MemoryError", "pipe:OSError"]


async def test_the_process_is_given_no_environment_and_no_file_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEYING_SECURITY__MASTER_KEY", "1:secret")
    with (tmp_path / "open").open("w"):
        program = write_program(
            tmp_path,
            "secret = any('JIEYING' in name for name in os.environ) or len(os.listdir('/proc/self/fd')) > 4\n"
            "sys.stdout.write('NObroken' if not secret else 'NOtoo_large')",
        )
        assert await Maker(program=program).make(make_picture()) == Unmade("broken")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("time.sleep(60)", "too_slow"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "too_heavy"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("sys.exit(1)", "crashed"),
        ("sys.stdout.buffer.write(b'NOwhatever')", "crashed"),
        ("sys.stdout.buffer.write(b'OK' + struct.pack('>HHII', 9, 9, 4, 4) + b'<html>12')", "crashed"),
        ("sys.stdout.buffer.write(b'OK' + struct.pack('>HHII', 9999, 9, 4, 4) + bytes.fromhex('ffd8ff00') * 2)", "crashed"),
        ("while True: sys.stdout.buffer.write(bytes(65536))", "crashed"),
    ],
    ids=["asleep", "busy", "crash", "gave up", "nonsense", "no jpeg", "too wide", "flood"],
)
async def test_a_decoder_that_is_not_itself_any_more_is_a_refused_picture(tmp_path: Path, source: str, reason: str) -> None:
    maker = Maker(
        program=write_program(tmp_path, source), seconds=8.0 if reason == "too_heavy" else 3.0 if reason == "crashed" else 0.5
    )

    assert await maker.make(make_picture()) == Unmade(reason)  # type: ignore[arg-type]  # one of its words
    assert list_children() == []


async def test_a_hundred_at_once_are_opened_two_at_a_time_and_the_service_does_not_grow() -> None:
    maker, most = Maker(), 0
    body = make_png(2000, 2000)
    await maker.make(body)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work = asyncio.gather(*(maker.make(make_picture(16, 16)) for _ in range(96)), *(maker.make(body) for _ in range(4)))
    while not work.done():
        most = max(most, len(list_children()))
        await asyncio.sleep(0.005)
    made = await work

    assert {type(one) for one in made} == {Made}
    assert most == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH
    assert list_children() == []


def list_children() -> list[str]:
    found = [one.read_text().split() for one in Path("/proc/self/task").glob("*/children")]
    return [pid for pids in found for pid in pids if "decoder.py" in (read := read_command(pid)) or "program.py" in read]


def read_command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
