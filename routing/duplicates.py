"""Is this the matter that a neighbour, or the same resident, has reported already? Pure scoring, and one query for what may be meant.

A neighbour joins only where others may see it (public space), at the same place, about the same item or in near words. Sharing a street
says nothing: a street has many lamps. In doubt a second ticket is opened, for a wrong join hides a matter.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import or_, select

from residents.masking import mask
from routing.evidence import cut_pairs, fold
from routing.tables import Ticket
from routing.terms import NOBODY, OPEN_STATUSES
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

_NEWEST = 50  # tickets of one grid within the window that are compared; more would be a storm, and the newest matter most

_COMPARED = 300  # characters of a letter that are compared: it says first what it is about


ASKED_PERSON = "asked_person"
"""The reason of a report whose resident wants to talk to somebody."""
_UNANSWERED = ("accepted", "dispatched", "signed")
"""Once a unit has answered, a neighbour's report says that it is not solved, or back: that is a ticket of its own."""


class DuplicateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When two reports are one matter."""

    days: int = 14
    """How long a neighbour's report can be the same matter: what is still open after two weeks is better seen as pressing again."""
    near_text: float = 0.44
    """Likeness (0..1) from which two texts about one place tell of one matter even if their duty items differ, the place itself left out. Two letters drawn
    at random have at most .24, two letters about one incident .19 in the middle: this errs towards a second ticket."""
    near_in_grid: float = 0.5
    """The same where only the grid is known to be one: more is asked of the words."""
    same_item_in_grid: float = 0.3
    """With the same duty item in one grid and no place against it, this much likeness will do."""
    own_repeat: float = 0.6
    """A resident who says the same again about an open ticket of their own adds to it."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What of a report or ticket is compared."""

    resident_id: int
    item: str
    """The duty item, if it is sure."""
    area: str
    place: str
    """The place key: "" where the place is no narrower than a street."""
    text: str
    public: bool
    """Whether it may join others' and others it: it lies in public space, tells of no danger, nobody accused, nothing confidential."""
    red: bool = False
    """Life in danger: joins nothing but the resident's own alarm."""
    call: bool = False
    """A wish to talk to a person: one that is open is enough, and nothing else stands for it."""


Because = Literal["same_words", "own_words", "place_and_item", "place_and_words", "grid_and_item", "grid_and_words"]


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """The ticket that tells of the same matter, and why: `own` is the resident's own, others are a neighbour's."""

    ticket_id: int
    own: bool
    score: float
    because: Because


def place_key(public_place: str) -> str:
    """Give the form in which places are compared; "" for a bare street, community or no place."""
    words = _words()
    key = fold(public_place).replace(" ", "")
    while (shorter := _cut(key, words["near_endings"])) != key:
        key = shorter
    bare = key.endswith(words["street_endings"]) and not key.endswith(words["estate_endings"])
    return "" if bare or len(key) < 2 else key  # noqa: PLR2004 - one character is no place


def likeness(one: str, other: str) -> float:
    """Compare two texts by their pairs of characters, 0..1: the share they have in common, of the shorter one where it is long enough."""
    first, second = _count_pairs(one), _count_pairs(other)
    smaller, larger = sorted((first.total(), second.total()))
    if not smaller:
        return 0.0
    common = (first & second).total()
    contained = 0.8 * common / smaller if smaller >= 8 else 0.0  # noqa: PLR2004 - a short line stands in any long letter by chance
    return max(2 * common / (smaller + larger), contained)


def compare(new: Matter, old: Matter, *, ticket_id: int, settings: DuplicateSettings) -> Near | None:
    """Decide whether two reports tell of one matter; None if not."""
    own = new.resident_id == old.resident_id != NOBODY
    elsewhere = bool(new.place and old.place and new.place != old.place)
    if own and (new.call or old.call):
        return Near(ticket_id=ticket_id, own=True, score=1.0, because="own_words") if new.call and old.call else None
    if elsewhere or not (new.red <= old.red if own else new.public and old.public and new.area and new.area == old.area):
        return None
    shared = new.place if new.place == old.place and not own else ""
    words = likeness(_leave_out(new.text, shared), _leave_out(old.text, shared))
    because = _find_reason(new, old, own=own, words=words, settings=settings)
    if because is None:
        return None
    return Near(ticket_id=ticket_id, own=own, score=words + (because == "place_and_item"), because=because)


def _find_reason(new: Matter, old: Matter, *, own: bool, words: float, settings: DuplicateSettings) -> Because | None:
    if own:
        return "own_words" if words >= settings.own_repeat else None
    same_item = bool(new.item) and new.item == old.item
    if new.place and old.place:
        return "place_and_item" if same_item else "place_and_words" if words >= settings.near_text else None
    if same_item and words >= settings.same_item_in_grid:
        return "grid_and_item"
    return "grid_and_words" if words >= settings.near_in_grid else None


def _leave_out(text: str, place: str) -> str:
    """Leave out the place that both name: that two texts name it makes them no more alike."""
    return fold(text).replace(place, " ") if place else text


@lru_cache(maxsize=64)  # one report is compared with up to 50 tickets
def _count_pairs(text: str) -> Counter[str]:
    return Counter(cut_pairs(fold(text[:_COMPARED])))


def choose(new: Matter, old: Iterable[tuple[int, Matter]], *, settings: DuplicateSettings) -> Near | None:
    """Choose the ticket that is nearest: the resident's own before a neighbour's, then the highest score, then the older one."""
    found = [near for ticket_id, matter in old if (near := compare(new, matter, ticket_id=ticket_id, settings=settings))]
    return min(found, key=lambda near: (not near.own, -near.score, near.ticket_id), default=None)


def find(session: Session, new: Matter, *, now: datetime, settings: DuplicateSettings) -> Near | None:
    """Find the open ticket that tells of the same matter; None if this one is new."""
    scope = [Ticket.resident_id == new.resident_id]
    if new.public and new.area:
        scope.append(Ticket.area == new.area)
    joinable = Ticket.public_space & Ticket.status.in_(_UNANSWERED)
    columns = (Ticket.id, Ticket.resident_id, Ticket.item, Ticket.area, Ticket.merge_key, Ticket.summary)
    rows = session.execute(
        select(*columns, joinable, Ticket.tier == "red", Ticket.reason == ASKED_PERSON, Ticket.key_id, Ticket.text)
        .where(Ticket.status.in_(sorted(OPEN_STATUSES)), Ticket.opened_at >= now - timedelta(days=settings.days))
        .where(or_(*scope))
        .order_by((Ticket.resident_id == new.resident_id).desc(), Ticket.id.desc())
        .limit(_NEWEST)
    )
    names = ("resident_id", "item", "area", "place", "text", "public", "red", "call")
    old = []
    for row in rows:
        matter = msgspec.convert(dict(zip(names, row[1:-2], strict=True)), Matter)
        if not matter.text and matter.resident_id == new.resident_id:
            matter = msgspec.structs.replace(matter, text=_open_words(session, row.key_id, row.text))
        old.append((row[0], matter))
    return choose(new, old, settings=settings)


def _open_words(session: Session, key_id: int, sealed: bytes) -> str:
    """Open the words of a resident's own confidential ticket, to compare them with what the same resident writes now."""
    try:
        return mask(open_key(session, key_id).open(sealed).decode())
    except KeyGone:
        return ""


def _cut(text: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        if len(text) > len(ending) + 1 and text.endswith(ending):
            return text.removesuffix(ending)
    return text


@cache
def _words() -> dict[str, tuple[str, ...]]:
    lexicon = tomllib.loads(resources.files("routing").joinpath("lexicons/duplicates.toml").read_text(encoding="utf-8"))
    return {name: tuple(sorted(words, key=len, reverse=True)) for name, words in lexicon.items()}
