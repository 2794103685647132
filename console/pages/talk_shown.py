"""A talk as the chat page shows it: its lines with links, and as buttons what the last one lets its reader answer. Pure.

What is said is made for every channel, so the answers it lets one give stand in its words: `回复 1 已解决，2 部分解决`, `是请回1，不是请回0`,
`回“进度”`, or a list of numbered lines under `回复数字`. They are read from there; where nothing is found the reader types, as in WeChat.
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal

import msgspec

from residents.made_pictures import Picture  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from residents.web_lines import Line, Talk

_MOST = 9
"""Buttons under one line at most; those that go by a word, at most three."""
_WORDS = 3
_LABEL = 14
"""Characters of a button."""
_NUMBERED = re.compile(r"(?:回复|回)\s*([0-9]{1,2}) ([^，。；、\n]{1,24})((?:，[0-9]{1,2} [^，。；、\n]{1,24})*)")
_FURTHER = re.compile(r"，([0-9]{1,2}) ([^，。；、\n]{1,24})")
_PLEASE = re.compile(r"([^，。；、！？\n]{1,10})(?:请|就)回([0-9]{1,2})")
_LISTED = re.compile(r"^([0-9]{1,2})\. (.+)$", re.MULTILINE)
_ASKS_NUMBER = re.compile(r"回复?数字|回个数字")
_QUOTED = re.compile(r"回复?“([^”，。\n]{1,8})”")
_NOTICE = "〔告知〕"
"""Where the notice of what becomes of one's words begins: it names what can always be asked for, such as to be erased."""
_LINK = re.compile(r"https?://[!-~]+?(?=[.,;:!?)\]]*(?:[^!-~]|$))")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that can be given by a button: what it sends, and what stands on it."""

    send: str
    label: str


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of a line: its words, and where they lead if they are a link."""

    text: str
    href: str = ""


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its links; only the last one of a talk has choices, and only if it is ours."""

    id: str
    side: Literal["me", "us"]
    parts: tuple[Part, ...]
    at: datetime
    pictures: int = 0
    """Those that cannot be shown (yet)."""
    shown: tuple[Picture, ...] = ()
    coming: int = 0
    """Those of them that will be there in some seconds."""
    choices: tuple[Choice, ...] = ()


class ShownTalk(msgspec.Struct, frozen=True, kw_only=True):
    """Lines, the oldest first; the cursor behind them; whether there are older ones that are not shown."""

    lines: tuple[ShownLine, ...]
    after: str
    has_older: bool = False


def show_talk(talk: Talk) -> ShownTalk:
    """Show a talk."""
    last = len(talk.lines) - 1
    lines = tuple(_show_line(line, is_last=number == last) for number, line in enumerate(talk.lines))
    return ShownTalk(lines=lines, after=str(talk.cursor), has_older=talk.has_older)


def write_talk(talk: Talk) -> bytes:
    """Write a talk as JSON for the page's script."""
    return msgspec.json.encode(show_talk(talk))


def find_choices(text: str) -> tuple[Choice, ...]:
    """Find the answers that a line lets its reader give, in its order, each once."""
    found: dict[str, str] = {}
    text = text.partition(_NOTICE)[0]
    for send, label in (*_find_listed(text), *_find_numbered(text), *_find_words(text)):
        found.setdefault(send, label if len(label) <= _LABEL else label[: _LABEL - 1] + "…")
    return tuple(Choice(send=send, label=label) for send, label in found.items())[:_MOST]


def split_links(text: str) -> tuple[Part, ...]:
    """Split a line into words and links; put together again it is the same."""
    parts: list[Part] = []
    at = 0
    for match in _LINK.finditer(text):
        if match.start() > at:
            parts.append(Part(text=text[at : match.start()]))
        parts.append(Part(text=match[0], href=match[0]))
        at = match.end()
    if at < len(text) or not parts:
        parts.append(Part(text=text[at:]))
    return tuple(parts)


def _show_line(line: Line, *, is_last: bool) -> ShownLine:
    ours = line.side == "us"
    return ShownLine(
        id=line.id,
        side=line.side,
        parts=split_links(line.text) if ours else (Part(text=line.text),),
        at=line.at,
        pictures=line.pictures - len(line.shown),
        shown=line.shown,
        coming=line.coming,
        choices=find_choices(line.text) if ours and is_last else (),
    )


def _find_listed(text: str) -> Iterator[tuple[str, str]]:
    if _ASKS_NUMBER.search(text):
        yield from ((match[1], match[2]) for match in _LISTED.finditer(text))


def _find_numbered(text: str) -> Iterator[tuple[str, str]]:
    if match := _NUMBERED.search(text):
        yield match[1], match[2]
        yield from ((more[1], more[2]) for more in _FURTHER.finditer(match[3]))
    yield from ((match[2], match[1]) for match in _PLEASE.finditer(text))


def _find_words(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[1]) for match in _QUOTED.finditer(text)][:_WORDS]
