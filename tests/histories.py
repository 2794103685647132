"""Random histories of tickets as their events tell them, and the rows that hold them: what the figures are tested on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from routing.tables import Ticket, TicketEvent
from store.keys import new_key

if TYPE_CHECKING:
    import random

    from sqlalchemy.orm import Session

START = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Midnight in the city."""
DAYS = 20
UNITS = ("U1", "U2", "U3")
DESK = "DESK"
_ROUND_2 = 2


@dataclass
class Event:
    """One event before it is written."""

    at: datetime
    act: str
    after: str
    unit: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class History:
    """A ticket and its events."""

    area: str
    channel: str
    line: str
    source: str
    item: str
    kind: str
    events: list[Event]


def write_history(rng: random.Random) -> History:
    """Make up a history: mostly the usual way, with everything that can happen beside it."""
    at = START + timedelta(minutes=rng.randrange(DAYS * 24 * 60))
    writer = _Writer(rng, at)
    writer.accept()
    for _ in range(rng.randrange(14)):
        writer.act()
    return History(
        area=rng.choice(("G1", "G2", "")),
        channel=rng.choice(("wechat_mp", "terminal")),
        line=rng.choice(("", "12345")),
        source=rng.choice(("", "scan")),
        item=rng.choice(("SZ-1", "ZF-1", "")),
        kind=rng.choice(("help", "complaint")),
        events=writer.events,
    )


class _Writer:
    """Walks a ticket through its acts."""

    def __init__(self, rng: random.Random, at: datetime) -> None:
        self.rng, self.at = rng, at
        self.events: list[Event] = []
        self.status, self.unit = "accepted", DESK
        self.round, self.clock, self.due = 1, "running", at
        self.held: str | None = None

    def put(self, act: str, *, status: str = "", unit: str = "", clocks: tuple[str, ...] = (), **facts: Any) -> None:
        self.status, self.unit = status or self.status, unit or self.unit
        if clocks:
            facts["clocks"] = [["unit", 1, "start", self.at.isoformat()], *([*self._name(what)] for what in clocks)]
        self.events.append(Event(self.at, act, self.status, self.unit, facts))

    def _name(self, what: str) -> list[Any]:
        return ["resident", self.round, what, self.due.isoformat()]

    def accept(self) -> None:
        self.due = self.at + timedelta(days=self.rng.choice((1, 5)))
        clocks = () if self.rng.random() < 0.1 else ("start",)
        self.clock = "running" if clocks else "over"
        self.put("accept", clocks=clocks, follows=self.rng.choice(("", "", "20260101-0001")))

    def act(self) -> None:
        self.at += timedelta(minutes=self.rng.randrange(1, 60 * 40))
        getattr(self, f"_from_{self.status}", self._from_over)()

    def beside(self) -> None:
        """Do something that leaves the status alone."""
        match self.rng.randrange(7):
            case 0:
                self.put("join")
            case 6:
                self.put("separate", **{self.rng.choice(("into", "from")): "20260102-0001"})
            case 1:
                self.put("note")
            case 2 if self.clock == "running" and self.round == 1:
                self.due += timedelta(days=2)
                self.put("extend", clocks=("extend",))
            case 3 if self.clock != "over":
                self.due += timedelta(hours=7)
                self.put("recount", clocks=("recount",))
            case 4:
                self.put("follow_up", contacted=self.rng.choice(("", "yes")), solved="", satisfied="yes")
            case _:
                self.put("warn")

    def _end_clock(self) -> tuple[str, ...]:
        if self.clock == "over":
            return ()
        self.clock = "over"
        return ("stop:met" if self.at <= self.due else "stop:late",)

    def _from_accepted(self) -> None:
        match self.rng.randrange(9):
            case 0:
                self.clock = "over"
                self.put("withdraw", status="withdrawn", clocks=("void",))
            case 1:
                self.put("decline", status="declined", clocks=self._end_clock(), route=self.rng.choice(("malicious", "court")))
            case 2:
                self.put("merge", status="merged", clocks=("void",))
                self.clock = "over"
            case 3:
                self.beside()
            case _:
                self.put("dispatch", status="dispatched", unit=self.rng.choice(UNITS))

    def _from_dispatched(self) -> None:
        had = self.unit
        match self.rng.randrange(9):
            case 0:
                self.put("return", status="accepted", unit=DESK, **{"from": had, "reason": "remit"})
            case 1:
                self.put("return", status="accepted", unit=DESK, **{"from": had, "corrected": True})
            case 2:
                self.put("transfer", unit=self.rng.choice(UNITS), **{"from": had})
            case 3 if self.clock == "running":
                self.clock = "held"
                self.put("pause", status="paused", clocks=("pause",))
            case 4:
                self.put("reply", status="replied", level=self.rng.choice(("", "city")))
            case 5:
                self.beside()
            case _:
                self.put(
                    "conclude",
                    status="concluded",
                    clocks=self._end_clock(),
                    level=self.rng.choice(("community", "street", "district")),
                )

    def _from_paused(self) -> None:
        if self.rng.random() < 0.5:
            self.beside()
            return
        self.clock = "running"
        self.due += timedelta(days=1)
        self.put("resume", status="dispatched", clocks=("resume",))

    def _from_replied(self) -> None:
        self._answered()

    def _from_concluded(self) -> None:
        self._answered()

    def _answered(self) -> None:
        match self.rng.randrange(7):
            case 3:
                self.put("close", status="closed", clocks=self._end_clock(), contacted="", solved="", satisfied="")
            case 0:
                ended = self._end_clock()
                self.put("redo", status="dispatched", clocks=ended)
                self.round += 1
                self.clock = "running"
                self.put("urge", clocks=("start",))
            case 1:
                self.beside()
            case 2:
                self.put("explain", status="closed", clocks=self._end_clock(), contacted="", solved="no", satisfied="no")
            case _:
                self.put(
                    "close",
                    status="closed",
                    clocks=self._end_clock(),
                    contacted=self.rng.choice(("", "yes", "no")),
                    solved=self.rng.choice(("", "yes", "partly", "no")),
                    satisfied=self.rng.choice(("", "yes", "basic", "no")),
                )

    def _from_closed(self) -> None:
        if self.rng.random() < 0.4:
            self.put("after", well=self.rng.random() < 0.5)
        else:
            self.put("follow_up", contacted=self.rng.choice(("", "no")), solved=self.rng.choice(("", "yes")), satisfied="")

    def _from_over(self) -> None:
        self.put("note")


def add_ticket(session: Session, number: str, history: History, *, key_id: int) -> int:
    """Write a ticket's row as figures need it, without events; gives its id."""
    received = history.events[0].at
    ticket = Ticket(
        number=number, token_hash=number, resident_id=1, inbox_id=None, channel=history.channel, origin_line=history.line,
        source=history.source, kind=history.kind, title="", summary="", key_id=key_id, text=new_key(session).seal(b""),
        area=history.area, public_space=True, confidential=False, tier="none", status=history.events[-1].after,
        unit=history.events[-1].unit, desk=DESK, item=history.item, automatic=True, due_at=received, opened_at=received,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    return ticket.id


def add_events(session: Session, events: list[tuple[int, Event]]) -> None:
    """Write events in this order."""
    if not events:
        return
    rows = [
        {
            "ticket_id": ticket, "at": event.at, "act": event.act, "actor": "system", "before": "", "after": event.after,
            "unit": event.unit, "item": "", "how": "", "facts": event.facts, "text": None,
        }
        for ticket, event in events
    ]  # fmt: skip
    session.execute(insert(TicketEvent), rows)
    session.flush()
