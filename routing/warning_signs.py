"""苗头: what makes figures look better than the work was. Each sign names its ticket; somebody has to look, nothing is decided by it. Pure.

relabelled      改轻了类型: the kind of request was changed to a milder one
hollow          没见动作就办结: concluded at once with nothing done on the way, or with words that say nothing
late_extension  临期申请延期: an extension asked for shortly before the time was over
bounced         多次退单
sent_below      下派: given to a unit below every level that the duty item may be given to
back_soon       结了又来: done again, or reported again, soon after it was concluded
"""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SignKind = Literal["relabelled", "hollow", "late_extension", "bounced", "sent_below", "back_soon"]
Count = Annotated[int, msgspec.Meta(ge=1)]

_LEVELS = tuple(Level)
_MILDNESS = ("report", "complaint", "help", "suggestion", "consult", "praise")
"""Kinds of request, the heaviest duty first: an accusation has to be looked into, praise only passed on."""
GIVES = ("dispatch", "transfer", "arbitrate", "reassign")
REDOS = ("redo", "redo_part", "reopen", "reassign", "escalate")
_WORKS = ("sign", "reply", "progress", "task_reply", "verify", "ask_more", "pause")
"""Acts that show somebody was at it between a dispatch and its end."""
ACTS = (*GIVES, *REDOS, *_WORKS, "accept", "kind", "conclude", "close", "explain", "return", "ask_extension")
"""Acts that signs are read from; clocks stand on several of them."""
_WORDLESS = re.compile(r"\W+")


class SignSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When something is a sign."""

    hollow_minutes: Count = 30
    """Concluded sooner after its dispatch than anybody could have gone there."""
    said_least: Count = 4
    """A result in fewer characters than this, without what every reply says, tells nothing of what was done."""
    extension_hours: Count = 24
    """Asked for within so many hours before the time is over: whoever needs longer knows it a day before."""
    returns: Count = 2
    """So often returned: the duty list or somebody's reading of it is wrong."""
    back_days: Count = 15
    """Back within so many days after it was concluded: it was hardly done."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An event as signs are read from it; `text` is what was written, where that is looked at."""

    at: datetime
    act: str
    actor: str = ""
    unit: str = ""
    facts: dict[str, Any] = {}
    text: str | None = None


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket's events in order. `follows_ended` is when the ticket that it comes back to was concluded."""

    number: str
    moments: tuple[Moment, ...]
    allowed: tuple[Level, ...] = ()
    follows: str = ""
    follows_ended: datetime | None = None


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """A sign: on which ticket, when, at which unit, and what it was read from (codes and counts).

    `actor` is whose act it was read from, where one act is enough for it: for the eyes of their supervisor, never for a list that others read.
    """

    kind: SignKind
    number: str
    at: datetime
    unit: str = ""
    actor: str = ""
    facts: dict[str, str | int] = {}


def detect(trail: Trail, *, settings: SignSettings, level_of: Mapping[str, Level]) -> tuple[Sign, ...]:
    """Find the signs of a ticket, in the order in which they came. `level_of` gives the level of units that stand on one."""
    found = [
        *_find_relabelled(trail),
        *_find_hollow(trail, settings),
        *_find_late_extensions(trail, settings),
        *_find_bounced(trail, settings),
        *_find_sent_below(trail, level_of),
        *_find_back_soon(trail, settings),
    ]
    return tuple(sorted(found, key=lambda sign: (sign.at, sign.kind)))


def is_boilerplate(text: str, *, least: int) -> bool:
    """Tell whether a reply says fewer than `least` characters beside what every reply says."""
    rest = _WORDLESS.sub("", text)
    for phrase in _load_phrases():
        rest = rest.replace(phrase, "")
    return len(rest) < least


@cache
def _load_phrases() -> tuple[str, ...]:
    """Read the phrases, the longest first."""
    text = resources.files("routing").joinpath("lexicons/boilerplate.toml").read_text(encoding="utf-8")
    phrases: list[str] = tomllib.loads(text)["phrases"]
    return tuple(sorted(phrases, key=len, reverse=True))


def _find_relabelled(trail: Trail) -> Iterable[Sign]:
    for moment in trail.moments:
        before, after = moment.facts.get("before", ""), moment.facts.get("kind", "")
        if moment.act == "kind" and _mildness(after) > _mildness(before):
            yield Sign(
                kind="relabelled", number=trail.number, at=moment.at, unit=moment.unit, facts={"before": before, "after": after}
            )


def _mildness(kind: str) -> int:
    """Rank a kind of request; an unknown one is the mildest of all."""
    return _MILDNESS.index(kind) if kind in _MILDNESS else len(_MILDNESS)


def _find_hollow(trail: Trail, settings: SignSettings) -> Iterable[Sign]:
    given: datetime | None = None
    worked = False
    for moment in trail.moments:
        if moment.act in {*GIVES, "redo", "redo_part"}:
            given, worked = moment.at, False
        elif moment.act in _WORKS:
            worked = True
        elif moment.act == "conclude":
            took = None if given is None else int((moment.at - given) / timedelta(minutes=1))
            empty = moment.text is not None and is_boilerplate(moment.text, least=settings.said_least)
            if empty or (took is not None and took < settings.hollow_minutes and not worked):
                facts: dict[str, str | int] = {"minutes": -1 if took is None else took, "says_nothing": int(empty)}
                yield Sign(kind="hollow", number=trail.number, at=moment.at, unit=moment.unit, actor=moment.actor, facts=facts)


def _find_late_extensions(trail: Trail, settings: SignSettings) -> Iterable[Sign]:
    due: datetime | None = None
    for moment in trail.moments:
        if moment.act == "ask_extension" and due is not None:
            hours = (due - moment.at) / timedelta(hours=1)
            if 0 <= hours <= settings.extension_hours:
                yield Sign(
                    kind="late_extension",
                    number=trail.number,
                    at=moment.at,
                    unit=moment.unit,
                    actor=moment.actor,
                    facts={"hours": int(hours)},
                )
        for kind, _, _, until in moment.facts.get("clocks", ()):
            if kind == "unit" and until:
                due = datetime.fromisoformat(until)


def _find_bounced(trail: Trail, settings: SignSettings) -> Iterable[Sign]:
    back = [moment for moment in trail.moments if moment.act == "return" and not moment.facts.get("corrected")]
    if len(back) >= settings.returns:
        unit = back[-1].facts.get("from", "")
        yield Sign(kind="bounced", number=trail.number, at=back[-1].at, unit=unit, facts={"times": len(back)})


def _find_sent_below(trail: Trail, level_of: Mapping[str, Level]) -> Iterable[Sign]:
    if not trail.allowed:
        return
    lowest = min(_LEVELS.index(level) for level in trail.allowed)
    for moment in trail.moments:
        level = level_of.get(moment.unit)
        if moment.act in GIVES and level is not None and _LEVELS.index(level) < lowest:
            yield Sign(kind="sent_below", number=trail.number, at=moment.at, unit=moment.unit, facts={"level": level.value})


def _find_back_soon(trail: Trail, settings: SignSettings) -> Iterable[Sign]:
    ended: tuple[datetime, str] | None = None
    within = timedelta(days=settings.back_days)
    if trail.follows_ended is not None and trail.moments and trail.moments[0].at - trail.follows_ended <= within:
        first = trail.moments[0]
        days = (first.at - trail.follows_ended).days
        yield Sign(kind="back_soon", number=trail.number, at=first.at, facts={"days": days, "follows": trail.follows})
    for moment in trail.moments:
        if moment.act == "conclude":
            ended = (moment.at, moment.unit)
        elif moment.act in REDOS and ended is not None:
            if moment.at - ended[0] <= within:
                facts: dict[str, str | int] = {"days": (moment.at - ended[0]).days, "follows": ""}
                yield Sign(kind="back_soon", number=trail.number, at=moment.at, unit=ended[1], facts=facts)
            ended = None
