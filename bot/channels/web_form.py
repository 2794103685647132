"""What a browser sends from the chat page: whose browser it is, the words, the key of the message, pictures; read up to its limits.

    Refused      what is sent cannot be taken: the HTTP status, and the key of the sentence that says what to do (texts.toml [web])

The key says when the message was written and which one it is, `<milliseconds since 1970, base 36>-<random>`: the same form sent twice is one
message. Fields come in the order of the page, the words first, so that they can be shown again where a picture behind them is refused.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.channels.xml import clean_text

if TYPE_CHECKING:
    from aiohttp.multipart import MultipartReader

TEXT_LIMIT = 4000
"""Characters of a message: some pages of a letter."""
FORM_BYTES = 64 * 1024
"""A form without pictures."""
PICTURES = 3
"""Pictures of one message: near, from afar, and one more."""

_FORM_SECONDS = 15.0
_KEY = re.compile(r"([0-9a-z]{6,9})-([A-Za-z0-9_-]{8,64})")
_BEGINNINGS = {"jpeg": (b"\xff\xd8\xff",), "png": (b"\x89PNG\r\n\x1a\n",)}
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
_FIELD_BYTES = 32 * 1024
_CODE = 64
"""Characters of a code: those of ours are shorter."""
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_BROKEN = (
    *(ValueError, RuntimeError, RuntimeWarning, AssertionError),
    *(HttpProcessingError, web.RequestPayloadError, ConnectionError),
)
"""aiohttp's ways of saying that a body is broken: each was seen with a form whose bytes were changed, or stands in its multipart.py."""


class Refused(Exception):
    """What is sent cannot be taken."""

    def __init__(self, status: int, code: str, *, after: int = 0, **facts: object) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.after = after
        self.facts = facts


class Form(msgspec.Struct, kw_only=True):
    """One filled-in form: its words, the key of the message, and its pictures (bytes, format)."""

    text: str = ""
    key: str = ""
    code: str = ""
    """The code of the door, building or card by which the page was opened; "" for none."""
    pictures: list[tuple[bytes, str]] = []

    @property
    def written_at(self) -> datetime:
        """When it was written, by its key. Refused (400) for what is no key."""
        found = _KEY.fullmatch(self.key)
        if found is None:
            raise Refused(400, "bad_key")
        return datetime.fromtimestamp(int(found[1], 36) / 1000, tz=UTC)

    def check(self) -> None:
        """Refuse (400, 413) what says nothing, too much, or is no message of the page."""
        self.text = clean_text(self.text).replace("\r\n", "\n").strip()
        _ = self.written_at
        if not self.text and not self.pictures:
            raise Refused(400, "empty")
        if len(self.text) > TEXT_LIMIT:
            raise Refused(413, "too_long", limit=TEXT_LIMIT)


def is_foreign(request: web.Request) -> bool:
    """Tell whether a form was not sent from a page of ours, as far as the browser says."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    return site not in {None, "same-origin", "none"} or (origin is not None and urlsplit(origin).netloc != request.host)


def find_format(body: bytes) -> str:
    """Name the format of a picture by how it begins: jpeg, png, webp; "" for anything else."""
    if _WEBP.match(body):
        return "webp"
    return next((name for name, beginnings in _BEGINNINGS.items() if body.startswith(beginnings)), "")


async def read_form(request: web.Request, form: Form, *, picture_bytes: int, picture_seconds: float) -> None:
    """Read a form into `form`, as far as it goes; Refused (400, 408, 413, 415) where it cannot be taken."""
    has_pictures = request.content_type == _MULTIPART
    if request.content_type not in (_URLENCODED, _MULTIPART):
        raise Refused(415, "no_form")
    cap = FORM_BYTES + PICTURES * picture_bytes if has_pictures else FORM_BYTES
    if (request.content_length or 0) > cap:
        raise Refused(413, "picture_too_large" if has_pictures else "too_long", limit=_limit(picture_bytes, has_pictures))
    try:
        async with asyncio.timeout(picture_seconds if has_pictures else _FORM_SECONDS):
            if has_pictures:
                await _read_parts(await request.multipart(), form, picture_bytes=picture_bytes)
            else:
                await _read_plain(request, form)
    except TimeoutError:
        raise Refused(408, "too_slow") from None
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "too_long", limit=TEXT_LIMIT) from None
    except _BROKEN:
        raise Refused(400, "broken_off") from None


def _limit(picture_bytes: int, has_pictures: bool) -> int:
    return picture_bytes // 1024 // 1024 if has_pictures else TEXT_LIMIT


async def _read_plain(request: web.Request, form: Form) -> None:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > FORM_BYTES:
            raise Refused(413, "too_long", limit=TEXT_LIMIT)
    for name, value in parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=100):
        _take_field(form, name, value)


async def _read_parts(reader: MultipartReader, form: Form, *, picture_bytes: int) -> None:
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            raise Refused(400, "broken_off")
        if part.filename is None:
            _take_field(
                form, part.name or "", (await _read_part(part, limit=_FIELD_BYTES, code="too_long")).decode(errors="replace")
            )
        elif part.name == "picture":
            body = await _read_part(part, limit=picture_bytes, code="picture_too_large")
            if body:  # a field that was left empty sends an empty file
                _take_picture(form, body)


async def _read_part(part: Any, *, limit: int, code: str) -> bytes:
    body = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        body += chunk
        if len(body) > limit:
            raise Refused(413, code, limit=TEXT_LIMIT if code == "too_long" else limit // 1024 // 1024)
    return bytes(body)


def _take_field(form: Form, name: str, value: str) -> None:
    if name == "text":
        form.text = value
    elif name == "key":
        form.key = value.strip()
    elif name == "code":
        form.code = value.strip()[:_CODE]


def _take_picture(form: Form, body: bytes) -> None:
    form_of_it = find_format(body)
    if not form_of_it:
        raise Refused(400, "wrong_type")
    if len(form.pictures) == PICTURES:
        raise Refused(413, "too_many_pictures", limit=PICTURES)
    form.pictures.append((body, form_of_it))
