"""A warning that waited for the morning is called off where it does not hold any more; nothing else ever is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from routing import applying, desk, supervision
from routing.tables import Ticket
from store import outbox
from store.outbox import OutboxMessage
from tests.office import NOON, build_context, report_lamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.terms import Notice
    from store.engine import Store

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LAMP = {"actor": "LAMP-1"}


def keep(session: Session, notice: Notice, /) -> None:
    """Keep every notice for the morning."""
    values = {"audience": notice.audience, "target": notice.target, "channel": "webhook", "notice": notice.key}
    outbox.put(session, cause=notice.cause, facts={}, now=NOON, due_at=NOON + 99 * DAY, **values)


context = build_context(keep)  # type: ignore[arg-type] # any Teller will do


def watch(session: Session, *, until: str) -> datetime:
    """Let supervision look, hour by hour, until it has warned of this; give when."""
    now = NOON
    while True:
        now += HOUR
        for one in supervision.due(session, now=now):
            supervision.warn(session, one, now=now, context=context)
        if session.execute(select(Ticket.warned)).scalar_one() == until:
            return now


def read_warnings(session: Session) -> list[tuple[str, str, str | None]]:
    rows = session.execute(select(OutboxMessage).where(OutboxMessage.audience == "unit").order_by(OutboxMessage.id)).scalars()
    return [(row.notice, row.state, row.error) for row in rows if row.notice not in {"unit_dispatched", "unit_assist"}]


def conclude(session: Session, number: str, now: datetime) -> None:
    desk.conclude(session, number, text="已换灯泡", now=now, context=context, **LAMP)


def give_back(session: Session, number: str, now: datetime) -> None:
    desk.return_ticket(session, number, reason="area", text="不归我们", now=now, context=context, **LAMP)


def prolong(session: Session, number: str, now: datetime) -> None:
    due_at = session.execute(select(Ticket.due_at)).scalar_one()
    applying.apply_for(session, number, kind="extension", until=due_at + 9 * DAY, text="等配件", now=now, context=context, **LAMP)
    applying.decide(session, number, granted=True, actor="operator", now=now, context=context)


def sign(session: Session, number: str, now: datetime) -> None:
    desk.sign(session, number, now=now, context=context, **LAMP)


def note(session: Session, number: str, now: datetime) -> None:
    desk.note(session, number, text="已经派人去看", now=now, context=context, **LAMP)


OFF = ("unit_halfway", "failed", "overtaken")


@pytest.mark.parametrize("act", [conclude, give_back, prolong])
async def test_a_warning_that_does_not_hold_any_more_is_called_off(store: Store, act: Callable[..., None]) -> None:
    def work(session: Session) -> list[tuple[str, str, str | None]]:
        number = report_lamp(session, context).ticket.number
        now = watch(session, until="halfway")
        assert read_warnings(session) == [("unit_halfway", "pending", None)]
        act(session, number, now + timedelta(minutes=1))
        return read_warnings(session)

    assert OFF in await store.write(work)


@pytest.mark.parametrize("act", [sign, note])
async def test_a_warning_that_still_holds_stays(store: Store, act: Callable[..., None]) -> None:
    def work(session: Session) -> list[tuple[str, str, str | None]]:
        number = report_lamp(session, context).ticket.number
        act(session, number, watch(session, until="halfway") + timedelta(minutes=1))
        return read_warnings(session)

    assert await store.write(work) == [("unit_halfway", "pending", None)]


async def test_a_later_warning_calls_off_the_earlier_and_being_late_is_always_told(store: Store) -> None:
    def work(session: Session) -> list[tuple[str, str, str | None]]:
        number = report_lamp(session, context).ticket.number
        conclude(session, number, watch(session, until="overdue") + timedelta(minutes=1))
        return read_warnings(session)

    assert await store.write(work) == [OFF, ("unit_due_soon", "failed", "overtaken"), ("unit_overdue", "pending", None)]


async def test_what_has_left_is_not_touched_and_results_are_never_called_off(store: Store) -> None:
    def work(session: Session) -> set[tuple[str, str]]:
        number = report_lamp(session, context).ticket.number
        now = watch(session, until="halfway")
        session.execute(update(OutboxMessage).where(OutboxMessage.notice == "unit_halfway").values(state="sending"))
        conclude(session, number, now + timedelta(minutes=1))
        desk.close(session, number, actor="operator", now=now + timedelta(minutes=2), context=context)
        rows = session.execute(select(OutboxMessage)).scalars()
        return {(row.notice, row.state) for row in rows if row.notice in {"dispatched", "unit_halfway", "concluded", "closed"}}

    assert await store.write(work) == {
        ("dispatched", "pending"), ("unit_halfway", "sending"), ("concluded", "pending"), ("closed", "pending"),
    }  # fmt: skip
