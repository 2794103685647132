"""What leaves this room about a ticket: plain frozen values, for notices, pages, the command line and the conversation.

No sealed word is in them except a unit's reply, which is meant for the resident. The resident is a number; who that is, only `residents` knows.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import Any, Literal

import msgspec

from routing.terms import OPEN_STATUSES, Notice, Status

NOBODY = 0
"""The resident of a ticket whose resident was erased."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report came from: the inbox row, its channel, and the merged hotline it may have come over."""

    inbox_id: int | None
    channel: str
    origin_line: str = ""


class TicketFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as it stands. `unit_name` is the desk's while it waits there; `people` are the opener and all who joined."""

    number: str
    status: Status
    title: str
    summary: str
    kind: str
    reason: str
    tier: str
    hazard: str
    confidential: bool
    public_place: str
    area: str
    unit: str
    unit_name: str
    desk: str
    desk_name: str
    item: str
    assisting: tuple[str, ...]
    candidates: tuple[str, ...]
    why: tuple[str, ...]
    refused: tuple[str, ...]
    automatic: bool
    rehearsed: bool
    due_at: datetime
    due_basis: tuple[str, ...]
    opened_at: datetime
    dispatched_at: datetime | None
    replied_at: datetime | None
    concluded_at: datetime | None
    reply: str
    public_reply: str = ""
    """The reply as everybody but its opener reads it: the doors of homes masked."""
    rating: str
    redo_count: int
    resident_id: int
    people: tuple[int, ...]
    last_act: str
    acknowledged: bool
    version: int
    asked: str = ""
    """What of the rating is asked once more: solved, satisfied, contacted, or part (what is still open); "" if nothing is."""
    asked_at: datetime | None = None
    """When it was; of what a unit asked for it stays until something is added, also where the matter went on without."""
    reasked_at: datetime | None = None
    """When it was asked after, some time after it was mended; None once that is answered."""
    contacted: str = ""
    solved: str = ""
    satisfied: str = ""
    evaluated: str = ""
    reporter_staff: str = ""
    disputed: str = ""
    refused_staff: tuple[str, ...] = ()
    closed_at: datetime | None = None
    follows: str = ""
    standing: Literal["", "status"] = ""
    """status: these facts are for somebody who reported it for another and may see how far it is, no more."""
    handover: str = ""
    """The 转办摘要: what a unit reads of a confidential matter instead of the original."""
    handover_state: str = ""
    """How far it is: draft, doubted (the resident wants to talk about it first) or approved; "" where none is needed."""
    watcher: str = ""
    """The community that watches over the private unit that has it; "" for any other."""
    first_receiver: str = ""
    """首接: the person of the staff, or the desk, that took it in and stays answerable until the close."""
    resolved_level: str = ""
    handler: str = ""
    """经办人: who of the unit that has it worked on it last."""
    returns: int = 0
    merged_into: str = ""
    """While it is merged, the number of the ticket it goes on as: for the staff alone."""
    split_from: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something still has to happen."""
        return self.status in OPEN_STATUSES

    @property
    def at_desk(self) -> bool:
        """Whether the desk has it, not a unit."""
        return self.unit == self.desk

    @property
    def asked_reporter(self) -> str:
        """The grid worker who reported it and may be asked for what a unit lacks; "" for nobody, and of what is confidential or about somebody."""
        return "" if self.confidential or self.refused else self.reporter_staff

    @property
    def rating_asked_at(self) -> datetime | None:
        """When the resident was last asked about the result."""
        return max(filter(None, (self.replied_at, self.concluded_at, self.asked_at, self.reasked_at)), default=None)

    @property
    def awaits_rating(self) -> bool:
        """Whether the resident has been asked about the result."""
        return self.asks not in {"", "more"}

    @property
    def asks(self) -> str:
        """What its resident was asked last: more (what a unit cannot go on without), of the result: result, solved, satisfied, contacted, part, after; "" for nothing."""
        if self.status in {Status.REPLIED, Status.CONCLUDED}:
            return self.asked or "result"
        if self.asked_at is not None and self.status in {Status.WAITING, Status.SIGNED}:
            return "more"
        return "after" if self.status is Status.CLOSED and self.reasked_at is not None else ""


class EventFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One act that happened to a ticket, without anybody's words."""

    at: datetime
    act: str
    actor: str
    unit: str
    unit_name: str
    facts: dict[str, Any]
    clocks: tuple[tuple[str, int, str, str], ...] = ()
    """What it did to the clocks: which, which round, what, and the due time then (ISO 8601)."""


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What an act led to: the ticket now, and who was told. `done` False: nothing was done (urged often enough today)."""

    ticket: TicketFacts
    notices: tuple[Notice, ...] = ()
    done: bool = True
    event: int = 0
    """The event that was written; 0 for none."""


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report: a ticket of its own, or the one it joined (`joined_to`; `own` if that is the same resident's).

    `token` opens the ticket's page; it is given out this once and kept only hashed, so a joined report has none.
    """

    ticket: TicketFacts
    joined_to: str = ""
    own: bool = False
    token: str = ""
    notices: tuple[Notice, ...] = ()
