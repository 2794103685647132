"""Early warnings in the running service: once a day, told once, and held where nobody has to be woken."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from routing import desk
from store.outbox import OutboxMessage
from tests.integration.test_erasing import Town

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

LAMPS = ("安泰路12号路灯不亮", "和平路20号路灯不亮", "文昌路10号路灯不亮")


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


def read_told(session: Session) -> list[tuple[str, dict[str, Any]]]:
    rows = session.execute(select(OutboxMessage).where(OutboxMessage.notice == "desk_early_warning").order_by(OutboxMessage.id))
    return [(row.target, row.facts) for row in rows.scalars()]


async def test_a_desk_is_told_once_of_how_many_its_supervisors_should_look_at(town: Town) -> None:
    town.now = town.now.astimezone(town.city.zone).replace(day=10, hour=9)
    for number, text in enumerate(LAMPS):
        await town.say(text, sender=f"oLamp{number}")
    numbers = [ticket.number for ticket in await town.tickets()]
    context = town.city.routing_context(tell=lambda _session, _notice: None)

    def conclude(session: Session) -> None:
        for number in numbers:
            desk.sign(session, number, actor="UC008", now=town.now, context=context)
            desk.conclude(
                session, number, text="灯泡换了三只，夜里去看过", actor="UC008", now=town.now + timedelta(days=15), context=context
            )

    assert len(numbers) == len(LAMPS)
    await town.store.write(conclude)
    month = f"{town.now:%Y-%m}"
    town.now += timedelta(days=16)

    for _ in range(2):
        assert await town.app.duties.warn_early() == 0
    town.now += timedelta(days=1)
    assert await town.app.duties.warn_early() == 0

    assert await town.store.read(read_told) == [("DL-ZHS", {"month": month, "count": 2})]


async def test_a_quiet_month_is_told_to_nobody(town: Town) -> None:
    assert await town.app.duties.warn_early() == 0
    assert await town.store.read(read_told) == []
