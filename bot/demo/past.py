"""What happened in the made-up city before the demonstration begins: matters over some weeks, read from past.toml, which staff can change.

A matter begins some days and so many hours before now, and its steps follow one another; how matters usually go on stands under `endings`.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

FILE = "past.toml"

_SPAN = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Say(msgspec.Struct, frozen=True, kw_only=True, tag="say", tag_field="do", forbid_unknown_fields=True):
    """Somebody writes: to the official account, or in a group (then `to_us` says whether the bot was spoken to)."""

    text: str
    after: str = "0m"
    who: str = ""
    """Who writes, if it is not whose matter it is."""
    group: str = ""
    to_us: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True, tag="act", tag_field="do", forbid_unknown_fields=True):
    """The staff act: a command (bot.commands) with its arguments; one of a ticket gets the matter's number."""

    name: str
    after: str = "0m"
    by: str = "unit"
    """Who acts: unit, desk or supervisor of the ticket as it stands, or the code of a post."""
    given: dict[str, str | bool | int | list[str | dict[str, Any]]] = {}
    """A text that is @title names that matter's ticket; {day+14} is a day from now on, {month-1} the month before."""
    pick: str = ""
    """A command that lists: the act is about the first it lists for whoever acts."""


class Bring(msgspec.Struct, frozen=True, kw_only=True, tag="bring", tag_field="do", forbid_unknown_fields=True):
    """The operator imports a table (or knowledge) whose rows are `text`; days in it are as in an act."""

    table: str
    text: str
    after: str = "0m"


class Lose(msgspec.Struct, frozen=True, kw_only=True, tag="lose", tag_field="do", forbid_unknown_fields=True):
    """The next message to a resident may have arrived or not."""

    after: str = "0m"


class Garble(msgspec.Struct, frozen=True, kw_only=True, tag="garble", tag_field="do", forbid_unknown_fields=True):
    """A message comes that nobody can read."""

    text: str
    after: str = "0m"


Step = Say | Act | Bring | Lose | Garble


class Matter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One matter from its first word on. It begins `days` before today at `at` by the city's clock, or just `ago`."""

    title: str
    who: str = ""
    days: int = 0
    at: str = ""
    ago: str = ""
    text: str = ""
    """The first word; without it the steps are all there is."""
    ending: str = ""
    """How it goes on then, one of the endings; {reply} and {result} in it are this matter's."""
    reply: str = ""
    result: str = ""
    group: str = ""
    steps: tuple[Step, ...] = ()

    def begin(self, *, now: datetime, zone: ZoneInfo) -> datetime:
        """Give when it begins."""
        if self.ago:
            return now - read_span(self.ago)
        day = now.astimezone(zone).date() - timedelta(days=self.days)
        return datetime.combine(day, time.fromisoformat(self.at), zone)


class Past(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    followed: str
    """The matter whose progress page a newcomer is shown."""
    endings: dict[str, tuple[Step, ...]]
    matters: tuple[Matter, ...]


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One step at its moment."""

    at: datetime
    matter: Matter
    step: Step


def load_past() -> Past:
    """Read the file; msgspec.ValidationError names what is wrong in it."""
    return msgspec.toml.decode(files("bot.demo").joinpath(FILE).read_bytes(), type=Past)


def lay_out(past: Past, *, now: datetime, zone: ZoneInfo) -> list[Happening]:
    """Put all steps of all matters in the order in which they happened."""
    return sorted(
        (one for matter in past.matters for one in _follow(matter, past.endings, now=now, zone=zone)), key=lambda one: one.at
    )


def read_span(words: str) -> timedelta:
    """Read a span: 20m, 3h, 2d. ValueError for any other."""
    found = _SPAN.fullmatch(words)
    if found is None:
        raise ValueError(words)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _follow(matter: Matter, endings: Mapping[str, tuple[Step, ...]], *, now: datetime, zone: ZoneInfo) -> Iterator[Happening]:
    at = matter.begin(now=now, zone=zone)
    first = (Say(text=matter.text, group=matter.group),) if matter.text else ()
    usual = endings[matter.ending] if matter.ending else ()
    for step in (*first, *matter.steps, *usual):
        at += read_span(step.after)
        yield Happening(at=at, matter=matter, step=step)
