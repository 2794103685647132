"""Excerpts of a group as WeChat really gives them when they are copied, forwarded or mailed: who (by number, never by name), when, what.

    张三 2026/11/21 19:03          copied on a computer, on Android, or mailed from a phone: a head line, then what was said, on one line or more
    —————  2026-11-21  —————       mailed: the day stands alone, heads have the time only
    张三: 灯坏了                     a merged forward as text, or copied by hand: a line each
    「张三：灯坏了」⏎ - - - -        a quoted reply: the quoted words are somebody else's, and older

What has no such form is no excerpt. Names are read to tell people apart and are then gone, also where somebody is called by name.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.hearing import is_office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CLOCK = r"(?P<half>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)?\s*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_DAY = r"(?:(?P<year>[0-9]{4})[-/.年])?(?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?"
_NEAR = r"(?:今天|昨天|前天|(?:星期|周)[一二三四五六日天])"
_HEAD = re.compile(rf"^(?P<name>\S.{{0,31}}?)[:：]?\s+(?:{_DAY}|{_NEAR})?\s*{_CLOCK}\s*$")
_ALONE = re.compile(rf"^(?:[-—–─\s]*)(?:{_DAY}|{_NEAR})?\s*(?:{_CLOCK})?(?:[-—–─\s]*)$")
_INLINE = re.compile(r"^(?P<name>[^\s:：「」\[\]][^:：「」\n]{0,19})[:：]\s*(?P<text>\S.*)$")
_NAME_ALONE = re.compile(r"^(?P<name>[^\s:：「」\[\]][^:：「」\n]{0,19})[:：]\s*$")
_QUOTE = re.compile(r"「(?P<name>[^:：「」\n]{1,20})[:：](?P<text>[^」]*)」\s*\n(?:\s*[-—]\s*){3,}\n?")
_TITLE = re.compile(r"^(?:\[?(?:群聊的)?聊天记录\]?|.{1,40}的聊天记录|Dear[:：]?|以下是.{0,60}(?:聊天记录|记录).{0,20})$")
_FIELDS = frozenset({"时间", "地点", "地址", "内容", "事项", "诉求", "电话", "手机", "姓名", "联系人", "联系方式", "备注", "标题", "主题", "附件", "反映", "问题", "情况", "描述", "来源", "编号", "答", "问", "注", "http", "https"})  # fmt: skip
"""Words before a colon that head a form, not somebody's words."""
_PICTURES = frozenset({"[图片]", "[视频]"})
_NOON = 12
_LEAST = 2
"""Lines without a time that make an excerpt; one alone could be anything that has a colon in it."""


class PastedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One message of an excerpt: who (numbered from 0 in the order of speaking), what, and when, counted from the midnight of the first day.

    Where no time stands, a message comes a second after the one before.
    """

    who: int
    text: str
    at: timedelta
    picture: bool = False
    """It is a picture or video and nothing else; `text` is empty."""
    office: bool = False
    """Whoever wrote bears a name of the property company or the community."""


class _Draft(msgspec.Struct):
    name: str
    at: timedelta | None
    lines: list[str]


def read(raw: str, *, label: Callable[[int], str] = lambda who: f"#{who + 1}") -> tuple[PastedLine, ...]:
    """Read an excerpt; empty if it is none. `label` is what a speaker is called where the words name them."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2005", " ").replace("\xa0", " ")
    quote = _QUOTE.match(text.strip())
    if quote is not None:
        return _read_quote(quote, text.strip()[quote.end() :], label)
    lines = [line.strip() for line in text.split("\n")]
    messages = list(_read_heads(lines)) or list(_read_inline(lines))
    said = [(one, words) for one in messages if (words := _drop_quotes("\n".join(one.lines)).strip())]
    if len(said) < (_LEAST if messages[:1] and messages[0].at is None else 1):
        return ()
    names = list(dict.fromkeys(one.name for one, _ in said))
    found: list[PastedLine] = []
    for one, words in said:
        last = found[-1].at if found else timedelta()
        at = last + timedelta(seconds=1) if one.at is None else max(one.at, last)
        picture = words in _PICTURES
        text = "" if picture else _hide(words, names, label)
        found.append(PastedLine(who=names.index(one.name), text=text, at=at, picture=picture, office=is_office(one.name)))
    return tuple(found)


def _read_heads(lines: list[str]) -> Iterator[_Draft]:
    """Read heads with a time, each followed by what was said until the next head; nothing if there are none."""
    clock = _Clock()
    current: _Draft | None = None
    for line in lines:
        if (head := _HEAD.match(line)) and head["name"].strip() not in _FIELDS:
            if current is not None:
                yield current
            current = _Draft(head["name"].strip(), clock.read(head), [])
        elif (alone := _ALONE.match(line)) and (alone["month"] or alone["hour"]):
            clock.turn(alone)
        elif line and current is not None and not _TITLE.match(line):
            current.lines.append(line)
    if current is not None:
        yield current


def _read_inline(lines: list[str]) -> Iterator[_Draft]:
    """Read `name: words` lines (or a name alone, the words below it); what follows without a name goes on with the last one."""
    found: list[_Draft] = []
    for line in lines:
        if not line or _TITLE.match(line) or _ALONE.match(line):
            continue
        if match := _INLINE.match(line) or _NAME_ALONE.match(line):
            if match["name"].strip().lower() in _FIELDS:
                return
            words = match.groupdict().get("text")
            found.append(_Draft(match["name"].strip(), None, [words] if words else []))
        elif found:
            found[-1].lines.append(line)
        else:
            return
    if len(found) >= _LEAST:
        yield from found


def _read_quote(quote: re.Match[str], answer: str, label: Callable[[int], str]) -> tuple[PastedLine, ...]:
    """Read a quoted reply that was copied alone: the words that were quoted, and the answer if there is one."""
    first = PastedLine(who=0, text=_hide(quote["text"].strip(), [quote["name"].strip()], label), at=timedelta())
    words = answer.strip()
    return (first, PastedLine(who=1, text=words, at=timedelta(seconds=1))) if words and not words.startswith("@") else (first,)


def _drop_quotes(text: str) -> str:
    return _QUOTE.sub("", text)


def _hide(text: str, names: list[str], label: Callable[[int], str]) -> str:
    """Put the labels in place of the names, the longest first: 3-502王姐 before 王姐."""
    for name in sorted(names, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, label(names.index(name)))
    return text


class _Clock:
    """Reads times of day in the order in which they stand, and counts the days."""

    def __init__(self) -> None:
        self._days = 0
        self._last: tuple[int, int] | None = None

    def turn(self, found: re.Match[str]) -> None:
        """Take over the day of a line that has nothing else."""
        if found["month"]:
            day = (int(found["month"]), int(found["day"]))
            self._days += self._last is not None and day != self._last
            self._last = day

    def read(self, found: re.Match[str]) -> timedelta:
        """Give the moment of a head, from the first day's midnight."""
        self.turn(found)
        hour = int(found["hour"])
        if found["half"] in {"下午", "傍晚", "晚上"} and hour < _NOON:
            hour += _NOON
        return timedelta(days=self._days, hours=hour, minutes=int(found["minute"]), seconds=int(found["second"] or 0))
