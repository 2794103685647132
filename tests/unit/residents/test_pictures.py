from __future__ import annotations

import struct
import zlib
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residents.pictures import strip_metadata

CANARY = b"GPS 30.1000N 120.1000E Canary's phone"


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
COLOURS = segment(0xE2, b"ICC_PROFILE\0\1\1profile")
TABLES = segment(0xDB, bytes(65))
SCAN = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56\xff\x00"
SECOND_SCAN = segment(0xC4, bytes(20)) + segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x78\x9a"
EOI = b"\xff\xd9"
CLEAN = b"\xff\xd8" + JFIF + COLOURS + TABLES + SCAN + SECOND_SCAN + EOI

HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0"))
END = chunk(b"IEND", b"")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CLEAN_PNG = SIGNATURE + HEADER + chunk(b"gAMA", b"\0\0\xb1\x8f") + PIXELS + END


def test_a_jpeg_loses_exif_comments_and_other_makers_notes_and_nothing_else() -> None:
    told = segment(0xE1, b"Exif\0\0" + CANARY) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CANARY)
    notes = segment(0xE2, b"MPF\0" + CANARY) + segment(0xED, b"Photoshop 3.0\0" + CANARY) + segment(0xFE, CANARY)
    picture = b"\xff\xd8" + JFIF + told + COLOURS + notes + TABLES + SCAN + SECOND_SCAN + EOI

    assert strip_metadata(picture) == CLEAN


@pytest.mark.parametrize(("mark", "order"), [(b"II*\0", "little"), (b"MM\0*", "big")])
def test_how_the_camera_was_held_stays_and_nothing_beside_it(mark: bytes, order: Literal["little", "big"]) -> None:
    """Without it the picture would lie on its side."""

    def number(value: int, length: int = 2) -> bytes:
        return value.to_bytes(length, order)

    camera = number(0x0110) + number(2) + number(4, 4) + b"Can\0"
    held = number(0x0112) + number(3) + number(1, 4) + number(6) + b"\0\0"
    exif = b"Exif\0\0" + mark + number(8, 4) + number(2) + camera + held + number(0, 4) + CANARY
    kept = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06" + bytes(6)
    picture = b"\xff\xd8" + segment(0xE1, exif) + TABLES + SCAN + EOI

    assert strip_metadata(picture) == b"\xff\xd8" + segment(0xE1, kept) + TABLES + SCAN + EOI
    assert strip_metadata(strip_metadata(picture)) == strip_metadata(picture)


def test_what_stands_behind_the_picture_goes() -> None:
    assert strip_metadata(CLEAN + b"ftypmp42" + CANARY) == CLEAN


def test_a_picture_without_anything_to_tell_stays_as_it_is() -> None:
    assert strip_metadata(CLEAN) == CLEAN
    assert strip_metadata(CLEAN_PNG) == CLEAN_PNG


def test_a_png_loses_exif_text_and_time() -> None:
    told = b"".join(chunk(kind, CANARY) for kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"))
    picture = SIGNATURE + HEADER + chunk(b"gAMA", b"\0\0\xb1\x8f") + told + PIXELS + END + CANARY

    assert strip_metadata(picture) == CLEAN_PNG


@pytest.mark.parametrize("body", [b"", b"\xff\xd8 no marker", b"#!AMR\n" + CANARY, b"RIFF", b"\xff", b"text"])
def test_what_is_no_such_picture_comes_back_as_it_is(body: bytes) -> None:
    assert strip_metadata(body) == body


@given(st.integers(min_value=2))
def test_a_picture_that_was_cut_short_tells_nothing_either(length: int) -> None:
    picture = b"\xff\xd8" + JFIF + TABLES + segment(0xE1, b"Exif\0\0" + CANARY)

    assert CANARY not in strip_metadata(picture[: min(length, len(picture))])


@given(st.binary(max_size=200))
def test_any_bytes_are_survived_and_stripping_twice_changes_nothing_more(rest: bytes) -> None:
    for start in (b"\xff\xd8\xff", SIGNATURE):
        once = strip_metadata(start + rest)

        assert strip_metadata(once) == once
