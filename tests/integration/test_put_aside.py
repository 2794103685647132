"""What a duty cannot do is put aside after a few tries: an operator hears of it once, doctor names it, the others go on."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.app import App
from bot.doctor.city import check_waiting, read_city
from bot.doctor.finding import wrong
from bot.texts import fill
from residents import bursts
from residents.bursts import Burst
from store import audit, failures
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BROKEN, SOUND = 404, 7
"""A burst of a conversation that is not there can never be put together."""


@pytest.fixture
def app(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> App:
    return App(demo_settings, demo_store, demo_city[1], {}, clock=lambda: NOW)


def write_bursts(session: Session, *conversations: int) -> None:
    session.add_all(Burst(conversation_id=one, since=NOW, due_at=NOW) for one in conversations)


def list_alarms(session: Session) -> list[tuple[str, str, bool]]:
    statement = select(OutboxMessage).where(OutboxMessage.cause.startswith("aside:")).order_by(OutboxMessage.id)
    return [(row.cause, row.notice, row.urgent) for row in session.execute(statement).scalars()]


async def test_after_so_many_failures_it_is_put_aside_and_an_operator_alarmed_once(app: App) -> None:
    most = app.settings.worker.most_failures
    await app.store.write(lambda s: write_bursts(s, BROKEN))
    for _ in range(most - 1):
        assert await app.duties.put_bursts_together() == 0
    assert await app.store.read(failures.list_aside) == []
    for _ in range(most):
        assert await app.duties.put_bursts_together() == 0

    assert await app.store.read(failures.list_aside) == [("burst", BROKEN, "NoResultFound")]
    assert await app.store.read(list_alarms) == [(f"aside:burst:{BROKEN}", "duty_aside", True)]
    actions = await app.store.read(lambda s: s.execute(select(audit.AuditEntry.action, audit.AuditEntry.subject)).all())
    assert [tuple(one) for one in actions if one[0] == "put_aside"] == [("put_aside", f"burst:{BROKEN}")]
    facts = await app.store.read(partial(read_city, zone=ZoneInfo("Asia/Shanghai")))
    assert wrong("duties_aside", count=1, names=f"{fill('doctor', 'duty_burst')} {BROKEN}（NoResultFound）") in check_waiting(facts)


async def test_others_go_on_and_what_succeeds_leaves_nothing(app: App) -> None:
    def is_sound(session: Session, *, one: int) -> None:
        if one == BROKEN:
            raise ValueError
        bursts.take(session, one, now=NOW)

    works = {one: partial(is_sound, one=one) for one in (BROKEN, SOUND)}
    for _ in range(app.settings.worker.most_failures + 2):
        assert await app.duties.rounds.each(works, what="burst") == 1
    assert await app.store.read(lambda s: failures.of_duty(s, "burst")) == {BROKEN: True}

    await app.duties.rounds.each({SOUND: works[SOUND]}, what="burst")
    assert await app.store.read(lambda s: failures.of_duty(s, "burst")) == {}, "it is not due any more"


async def test_a_start_gives_it_one_more_try_without_another_alarm(app: App) -> None:
    await app.store.write(lambda s: write_bursts(s, BROKEN))
    for _ in range(app.settings.worker.most_failures):
        await app.duties.put_bursts_together()
    await app.duties.take_over()
    assert await app.store.read(failures.list_aside) == []
    await app.duties.put_bursts_together()

    assert await app.store.read(failures.list_aside) == [("burst", BROKEN, "NoResultFound")]
    assert len(await app.store.read(list_alarms)) == 1


async def test_trouble_of_the_store_is_no_works_fault(app: App) -> None:
    def fail(_session: Session) -> None:
        raise OperationalError("SELECT", {}, ConnectionRefusedError())

    for _ in range(app.settings.worker.most_failures):
        with pytest.raises(OperationalError):
            await app.duties.rounds.each({1: fail}, what="burst")

    assert await app.store.read(lambda s: failures.of_duty(s, "burst")) == {}
