"""经办: what each of the staff and each unit did with tickets, and what became of it, read from their events alone. Pure.

dispatched              派单、转办: gave it to a unit
signed, concluded       签收、办结
on_time                 办结 before the unit's time was over
overdue                 超期: the unit's time, or the desk's, was over first
returned                退单: given back
came_back               被退: what they had dispatched was given back
redone                  重办: what they had concluded had to be done again, in whole or in part
late_extension, hollow  the signs of these names (routing.warning_signs)

Each deed names who did it (a staff code; "" for nobody, the system or the operator) and the unit that had the ticket then.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal

import msgspec

from routing.warning_signs import ACTS as SIGN_ACTS
from routing.warning_signs import GIVES, REDOS, detect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from routing.warning_signs import Moment, SignSettings, Trail

DeedKind = Literal[
    "dispatched", "signed", "concluded", "on_time", "overdue", "returned", "came_back", "redone", "late_extension", "hollow"
]

ACTS = (*SIGN_ACTS, "warn")
"""Acts that deeds are read from."""
_WORKS = ("sign", "reply", "progress", "conclude", "ask_more", "ask_extension", "ask_pause")
"""Acts by which somebody has it in hand."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing done, or left undone."""

    kind: DeedKind
    number: str
    at: datetime
    unit: str
    actor: str


class _Walk:
    """What is known of a ticket at a point of its trail."""

    def __init__(self) -> None:
        self.giver = self.handler = ""
        self.is_late = False
        self.done_by: tuple[str, str] | None = None
        """Who concluded it last, and for which unit, until it had to be done again."""


def list_deeds(trail: Trail, *, staff: Collection[str], settings: SignSettings) -> tuple[Deed, ...]:
    """List what was done with a ticket, in the order in which it was. `staff` are the codes of those who can have done it."""
    found = list(_walk(trail, staff))
    for sign in detect(trail, settings=settings, level_of={}):
        if sign.kind in {"late_extension", "hollow"}:
            actor = sign.actor if sign.actor in staff else ""
            kind: DeedKind = "hollow" if sign.kind == "hollow" else "late_extension"
            found.append(Deed(kind=kind, number=trail.number, at=sign.at, unit=sign.unit, actor=actor))
    return tuple(sorted(found, key=lambda deed: deed.at))


def _walk(trail: Trail, staff: Collection[str]) -> Iterator[Deed]:
    walk = _Walk()
    for moment in trail.moments:
        actor = moment.actor if moment.actor in staff else ""
        for kind, who, unit in _read(moment, actor, walk):
            yield Deed(kind=kind, number=trail.number, at=moment.at, unit=unit, actor=who)
        if moment.act in _WORKS:
            walk.handler = actor or walk.handler


def _read(moment: Moment, actor: str, walk: _Walk) -> Iterable[tuple[DeedKind, str, str]]:
    """Read one event: what was done by it, by whom, for which unit."""
    found: list[tuple[DeedKind, str, str]] = []
    if moment.act in REDOS and walk.done_by is not None:
        found.append(("redone", *walk.done_by))
        walk.done_by = None
    if moment.act in GIVES:
        found.append(("dispatched", actor, ""))
    match moment.act:
        case "sign":
            found.append(("signed", actor, moment.unit))
        case "warn" if moment.facts.get("warning") == "overdue" and not walk.is_late:
            found.append(("overdue", walk.handler, moment.unit))
            walk.is_late = True
        case "conclude":
            found += [("concluded", actor, moment.unit), *_judge(moment, actor, walk)]
            walk.done_by = (actor, moment.unit)
        case "return" if not moment.facts.get("corrected"):
            found += [("returned", actor, str(moment.facts.get("from", ""))), ("came_back", walk.giver, "")]
    if moment.act in {*GIVES, *REDOS, "return"}:
        walk.is_late, walk.handler = False, ""
    if moment.act in GIVES:
        walk.giver = actor
    return found


def _judge(moment: Moment, actor: str, walk: _Walk) -> list[tuple[DeedKind, str, str]]:
    """Say of a conclusion whether it came in time: by the clock of the unit, which its event stopped."""
    ends = {what for kind, _, what, _ in moment.facts.get("clocks", ()) if kind == "unit"}
    if "stop:met" in ends:
        return [("on_time", actor, moment.unit)]
    if "stop:late" in ends and not walk.is_late:
        walk.is_late = True
        return [("overdue", actor, moment.unit)]
    return []
