"""Hundreds of random lives of real tickets, on both databases: what the table promises holds for the rows, the events and what residents hear."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from routing import (
    applying,
    arbitrating,
    checking,
    completing,
    cooperating,
    declining,
    desk,
    following,
    history,
    merging,
    overseeing,
    raising,
    rating,
    returning,
    review,
    secrecy,
    supervision,
    timing,
    transferring,
)
from routing.errors import TicketError
from routing.lifecycle import TRANSITIONS
from routing.rating import Verdict
from routing.tables import Ticket, TicketEvent
from routing.terms import OPEN_STATUSES, Status
from tests.office import NOON, Teller, build_context, report_lamp
from tests.property.test_lifecycles import HOLDER_OF, HOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from store.engine import Store

LIVES, MANY_LIVES = 40, 300
ACTS = 14
TRIES = 3
MOVING_SHARE = 0.7
SOME = 18
"""So many different acts even few lives hold."""
UNITS = ("D-works", "S1-law", "S1-office")
CLERKS = {"D-works": "LAMP-1", "S1-law": "LAW-1", "S1-desk": "DESK-1", "D-desk": "TOP-1"}
WORDS = ("看过了", "还差一点", "已经修好", "不归我们管")

teller = Teller()
context = build_context(teller)


class Life:
    """One ticket and what chance has people do with it."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session = session
        self.chance = random.Random(seed)
        self.now = NOON + timedelta(days=seed % 200, hours=seed % 24)
        self.resident = 1 + seed * 3
        self.number = self._open(self.resident)
        self.done = Counter[str]()

    def _open(self, resident: int) -> str:
        reason = self.chance.choice(("no_phone", "", ""))
        opened = report_lamp(self.session, context, resident=resident, now=self.now, reason=reason, place=f"柳树街{resident}号")
        return opened.ticket.number

    def ticket(self) -> Ticket:
        return self.session.execute(select(Ticket).where(Ticket.number == self.number)).scalar_one()

    def holder(self) -> str:
        return CLERKS.get(self.ticket().unit, "operator")

    def step(self) -> None:
        """Do something after a while; of what may not be done another is tried."""
        self.now += timedelta(minutes=self.chance.choice((1, 45, 300, 1_500, 6_000)))
        for _ in range(TRIES):
            moving = self.chance.random() < MOVING_SHARE
            names = [name for name in ACTIONS if (name in MOVING) == moving and self._may(name)]
            if names and self._try(name := self.chance.choice(names), ACTIONS[name]):
                break
        self.check()

    def _may(self, name: str) -> bool:
        """Tell whether the table knows this act from here; others are tried now and then all the same."""
        rows = [row for row in TRANSITIONS if row.act == name]
        return not rows or self.chance.random() < 0.05 or any(self.ticket().status in row.sources for row in rows)

    def _try(self, name: str, act: Callable[[Life, dict[str, Any]], None]) -> bool:
        """Do something that may or may not be allowed; what is not must leave everything as it was."""
        before = self._picture()
        inner = self.session.begin_nested()
        try:
            act(self, {"now": self.now, "context": context})
        except TicketError:
            inner.rollback()
            self.session.expire_all()
            assert self._picture() == before, name
            return False
        inner.commit()
        self.done[name] += 1
        return True

    def _picture(self) -> list[tuple[Any, ...]]:
        ticket = self.ticket()
        rows = self.session.execute(select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id)).scalars().all()
        return [(ticket.status, ticket.unit, ticket.due_at, ticket.redo_count, len(rows))]

    def check(self) -> None:
        """Check what is promised of every ticket, whatever was done."""
        ticket = self.ticket()
        status = Status(ticket.status)
        runs = timing.list_runs(self.session, ticket)
        holding = [run for run in runs if run.is_running and run.kind in HOLDERS]
        assert ticket.unit in context.org.units
        assert ticket.first_receiver
        assert (ticket.look_at is not None) >= (status in OPEN_STATUSES)
        if status in HOLDER_OF:
            assert {run.kind for run in holding} == HOLDER_OF[status], ticket.last_act
        if holding:
            assert [run.due_at for run in holding] == [ticket.due_at], ticket.last_act
        residents = [run for run in runs if run.kind == "resident"]
        assert residents[0].started_at == ticket.opened_at
        assert ticket.resident_due_at == next((run.due_at for run in residents if run.is_running), None)
        assert (status in {Status.WAITING, Status.PAUSED}) == (ticket.resume_at is not None)
        self._check_events(ticket, [(run.kind, run.round, run.result, run.due_at) for run in runs])

    def _check_events(self, ticket: Ticket, runs: list[tuple[str, int, str, datetime]]) -> None:
        """Check that the events alone tell what every clock shows: figures are counted from them."""
        told: dict[tuple[str, int], tuple[str, datetime]] = {}
        rows = self.session.execute(
            select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        ).scalars()
        status = ""
        for event in rows:
            assert event.before == (status or event.before), event.act
            status = event.after
            for kind, number, what, due in event.facts.get("clocks", ()):
                result = {"stop:met": "met", "stop:late": "late", "void": "void"}.get(what, "running")
                told[kind, number] = (result, datetime.fromisoformat(due))
        assert status == ticket.status
        assert told == {(kind, number): (result, due) for kind, number, result, due in runs}


def _words(life: Life) -> str:
    return life.chance.choice(WORDS)


def _resident(life: Life, call: Callable[..., object], common: dict[str, Any], **more: object) -> None:
    call(life.session, life.number, resident_id=life.resident, **common, **more)


def _staff(life: Life, call: Callable[..., object], common: dict[str, Any], actor: str = "", **more: object) -> None:
    call(life.session, life.number, actor=actor or life.holder(), **common, **more)


def _look(life: Life, common: dict[str, Any]) -> None:
    """Let the worker look, whenever that is due."""
    ticket = life.ticket()
    if ticket.look_at is not None and ticket.look_at <= life.now:
        supervision.warn(life.session, ticket.id, **common)


def _merge(life: Life, common: dict[str, Any]) -> None:
    other = life._open(life.resident + 1)
    _staff(life, merging.merge, common, actor="TOP-1", into=other)


def _apply(life: Life, common: dict[str, Any]) -> None:
    """Apply for more time or for a pause; every other time it is decided at once."""
    kind = life.chance.choice(("extension", "pause"))
    _staff(life, applying.apply_for, common, kind=kind, until=life.ticket().due_at + timedelta(days=3), text=_words(life))
    if life.chance.random() < 0.5:
        _decide(life, common)
        life.done["decide"] += 1


def _decide(life: Life, common: dict[str, Any]) -> None:
    _staff(life, applying.decide, common, granted=life.chance.random() < 0.6, text=_words(life), actor="TOP-1")


ACTIONS: dict[str, Callable[[Life, dict[str, Any]], None]] = {
    "dispatch": lambda life, c: _staff(life, desk.dispatch, c, unit=life.chance.choice(UNITS), actor="TOP-1"),
    "sign": lambda life, c: _staff(life, desk.sign, c),
    "return": lambda life, c: _staff(life, returning.return_ticket, c, reason="remit", text=_words(life)),
    "transfer": lambda life, c: _staff(
        life, transferring.transfer, c, unit=life.chance.choice(UNITS), text=_words(life), actor="TOP-1"
    ),
    "arbitrate": lambda life, c: _staff(
        life, arbitrating.arbitrate, c, unit=life.chance.choice(UNITS), text=_words(life), actor="TOP-1"
    ),
    "reassign": lambda life, c: _staff(life, review.reassign, c, unit=life.chance.choice(UNITS), text=_words(life), actor="TOP-1"),
    "carry": lambda life, c: _staff(life, review.carry, c, text=_words(life), actor="TOP-1"),
    "explain": lambda life, c: _staff(life, review.explain, c, text=_words(life), actor="TOP-1"),
    "progress": lambda life, c: _staff(life, review.report_progress, c, text=_words(life)),
    "decline": lambda life, c: _staff(life, declining.decline, c, route="litigation", text=_words(life), actor="TOP-1"),
    "reply": lambda life, c: _staff(life, desk.reply, c, text=_words(life)),
    "conclude": lambda life, c: _staff(life, desk.conclude, c, text=_words(life)),
    "close": lambda life, c: _staff(life, desk.close, c, actor="TOP-1"),
    "ask_more": lambda life, c: _staff(life, completing.ask_more, c, text=_words(life)),
    "add": lambda life, c: _resident(life, following.add, c, text=_words(life)),
    "urge": lambda life, c: _resident(life, following.urge, c),
    "withdraw": lambda life, c: _resident(life, following.withdraw, c),
    "apply": _apply,
    "decide": _decide,
    "resume": lambda life, c: _staff(life, completing.resume, c),
    "task": lambda life, c: _staff(life, cooperating.give_task, c, unit=life.chance.choice(UNITS), text=_words(life)),
    "task_reply": lambda life, c: _staff(
        life, cooperating.answer_task, c, text=_words(life), actor=life.chance.choice(sorted(CLERKS.values()))
    ),
    "raise": lambda life, c: _staff(life, raising.raise_ticket, c, text=_words(life), actor="TOP-1"),
    "merge": _merge,
    "unmerge": lambda life, c: _staff(life, merging.unmerge, c, actor="TOP-1"),
    "supervise": lambda life, c: _staff(life, overseeing.oversee, c, kind="supervise", text=_words(life), actor="TOP-1"),
    "answer": lambda life, c: _staff(life, overseeing.answer, c, text=_words(life)),
    "verify": lambda life, c: _staff(life, checking.verify, c, found=life.chance.choice(("done", "not_done")), actor="TOP-1"),
    "follow_up": lambda life, c: _staff(
        life, checking.follow_up, c, verdict=Verdict(solved=life.chance.choice(("yes", "no"))), actor="TOP-1"
    ),
    "rate": lambda life, c: _resident(
        life, rating.rate, c, verdict=Verdict(solved=life.chance.choice(("yes", "partly", "no", "no", "no")))
    ),
    "seal": lambda life, c: _staff(life, secrecy.keep_secret, c, actor="TOP-1"),
    "look": _look,
}
"""What people and the worker do, by a word of ours; lambdas so that each reads the ticket as it then stands."""

MOVING = frozenset(
    {
        "dispatch",
        "return",
        "conclude",
        "reply",
        "rate",
        "arbitrate",
        "reassign",
        "explain",
        "carry",
        "progress",
        "ask_more",
        "apply",
        "decide",
        "resume",
        "add",
    }
)
"""What drives a life on; the rest ends it soon, or changes little."""


def live(session: Session, seed: int) -> Life:
    life = Life(session, seed)
    life.check()
    for _ in range(ACTS):
        life.step()
    return life


@pytest.mark.deep_on_postgres
async def test_whatever_is_done_a_ticket_has_an_owner_and_a_due_time(store: Store, request: pytest.FixtureRequest) -> None:
    many = MANY_LIVES if request.config.getoption("--deep") else LIVES
    done = Counter[str]()
    for seed in range(many):
        done += (await store.write(lambda s, seed=seed: live(s, seed))).done

    assert len(done) >= (len(ACTIONS) if many == MANY_LIVES else SOME), set(ACTIONS) - set(done)
    reached = set(await store.read(lambda s: s.execute(select(TicketEvent.act).distinct()).scalars().all()))
    assert reached <= {row.act for row in TRANSITIONS}


async def test_nobody_is_left_untold_of_a_conclusion(store: Store) -> None:
    def conclude(session: Session, seed: int) -> None:
        life = Life(session, seed)
        while life.ticket().status in OPEN_STATUSES and life.done["conclude"] == 0:
            teller.notices.clear()
            life.step()
        if not life.done["conclude"]:
            return
        people = {str(person) for person in history.read_facts(session, life.ticket(), org=context.org).people}
        told = {notice.target for notice in teller.notices if notice.key == "concluded"}
        assert life.ticket().status == Status.CONCLUDED
        assert told == people

    for seed in range(12):
        await store.write(lambda s, seed=seed: conclude(s, seed))
