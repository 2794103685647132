"""A matter as its resident reads it on a page: how far it is, who has it, what was answered, what they can do. Pure.

Who joined reads less than who opened it (routing.sight has decided that before). Of a confidential matter a page shows its number and how far it is,
whoever looks: a telephone is lent, a link is passed on.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING

import msgspec

from residents.masking import mask
from routing import lifecycle
from routing.terms import Status

if TYPE_CHECKING:
    from console.surroundings import CityView
    from routing.facts import TicketFacts
    from routing.register import Shown

_PROMISED = frozenset({Status.DISPATCHED, Status.SIGNED})
"""Only where a unit has it, a time is promised."""
_ALWAYS = ("add", "urge", "withdraw")
_WAITS, _OPEN, _OVER = range(3)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One matter in the list of one's own."""

    rank: tuple[int, float]
    number: str
    title: str
    status: str
    said: str
    unit_name: str
    opened_at: datetime | None
    due_at: datetime | None
    asks: str


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, in words."""

    at: datetime
    said: str


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """One matter with what can be done; what may not be shown is blank."""

    number: str
    title: str
    place: str
    status: str
    said: str
    unit_name: str
    at_desk: bool
    opened_at: datetime | None
    due_at: datetime | None
    reply: str
    replied_at: datetime | None
    confidential: bool
    joined: bool
    neighbours: int
    asks: str
    question: str
    events: tuple[Happened, ...]
    acts: tuple[str, ...]


def describe_line(ticket: TicketFacts, *, city: CityView, resident_id: int) -> Line:
    """Describe a matter for the list: first what waits for its resident, then what is open, then the rest, each the newest first."""
    asks = _ask(ticket, resident_id)
    rank = _WAITS if asks else _OPEN if ticket.is_open else _OVER
    secret = ticket.confidential
    return Line(
        rank=(rank, -ticket.opened_at.timestamp()),
        number=ticket.number,
        title="" if secret else mask(ticket.title),
        status=ticket.status.value,
        said=city.say_status(ticket.status),
        unit_name="" if secret else ticket.unit_name,
        opened_at=None if secret else ticket.opened_at,
        due_at=ticket.due_at if ticket.status in _PROMISED and not ticket.standing else None,
        asks=asks,
    )


def describe(shown: Shown, *, city: CityView, holder: int, question: str, by_link: bool) -> Matter:
    """Describe a matter for whoever opened or joined it (`holder`); whoever has only its link reads the reply without doors and numbers."""
    ticket = shown.ticket
    secret = ticket.confidential
    return Matter(
        number=ticket.number,
        title="" if secret else mask(ticket.title),
        place="" if secret else mask(ticket.public_place),
        status=ticket.status.value,
        said=city.say_status(ticket.status),
        unit_name="" if secret else ticket.unit_name,
        at_desk=ticket.at_desk,
        opened_at=None if secret else ticket.opened_at,
        due_at=ticket.due_at if ticket.status in _PROMISED and not ticket.standing else None,
        reply="" if secret else mask(ticket.public_reply) if by_link else ticket.reply,
        replied_at=None if secret else ticket.concluded_at or ticket.replied_at,
        confidential=secret,
        joined=ticket.resident_id != holder,
        neighbours=0 if secret else max(len(ticket.people) - 1, 0),
        asks=_ask(ticket, holder),
        question=question,
        events=() if secret else _tell(shown, city),
        acts=list_acts(ticket, holder),
    )


def list_acts(ticket: TicketFacts, holder: int) -> tuple[str, ...]:
    """List what its resident can do now, what is asked of them first; nothing for who may only see how far it is."""
    if ticket.standing:
        return ()
    allowed = lifecycle.list_allowed(ticket.status, "resident")
    asks = _ask(ticket, holder)
    first = ("after",) if asks == "after" else ("rate",) if "rate" in allowed else ()
    return (*first, *(act for act in _ALWAYS if act in allowed))


def _ask(ticket: TicketFacts, holder: int) -> str:
    """Say what is asked of somebody: what a unit lacks and how it is now, of the opener alone."""
    if ticket.standing or (ticket.asks in {"more", "after"} and ticket.resident_id != holder):
        return ""
    return ticket.asks


def _tell(shown: Shown, city: CityView) -> tuple[Happened, ...]:
    said = (Happened(at=event.at, said=city.say_event(event.act, event.unit_name)) for event in reversed(shown.events))
    return tuple(one for one in said if one.said)
