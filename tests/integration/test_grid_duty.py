"""Grid work in the running service: rounds and tasks come by themselves, once; a resident for whom a worker files hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from bot.control import carry_out
from routing.grid_tables import PatrolRound, PatrolSheetRow, SeasonPlanRow, SeasonTask
from routing.tables import Ticket
from store.outbox import OutboxMessage
from tests.integration.test_erasing import Town

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

COMMUNITY, GRID, WORKER = "LA-DL-LT-01", "LA-DL-LT-01-G1", "GW001"
PHONE = "13800001234"


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


def plan_work(session: Session) -> None:
    session.add(PatrolSheetRow(code="S", name="日常巡查", area=COMMUNITY, items=["路面"], rhythm="daily", days="all"))
    always = {"starts": "01-01", "ends": "12-31", "lead_days": 30}
    session.add(SeasonPlanRow(code="P", name="四季", areas=[GRID], items=["阀门"], **always))


async def test_rounds_and_tasks_come_once_and_what_is_left_undone_is_told(town: Town) -> None:
    await town.store.write(plan_work)
    town.now = town.now.astimezone(town.city.zone).replace(hour=9)

    async def count() -> list[int]:
        for _ in range(2):
            assert await town.app.duties.look_after_grids() == 0
        told = select(func.count()).where(OutboxMessage.notice == "desk_plan_undone")
        counts = (select(func.count()).select_from(PatrolRound), select(func.count()).select_from(SeasonTask), told)
        return [await town.store.read(lambda s, one=one: s.execute(one).scalar_one()) for one in counts]

    assert await count() == [4, 1, 0]
    town.now += timedelta(days=8)
    assert await count() == [8, 1, 1]


async def test_a_resident_for_whom_a_worker_files_hears_of_it(town: Town) -> None:
    await town.say(f"安泰花园2号楼垃圾没人收，我电话{PHONE}", sender="oResident00")
    arguments = {"grid": GRID, "actor": WORKER, "text": "安泰路8号门前路灯坏了", "phone": PHONE}
    filed = await carry_out(town.store, town.city, "patrol.file", arguments)

    def read(session: Session) -> Any:
        ticket = session.execute(select(Ticket).where(Ticket.number == filed["number"])).scalar_one()
        told = session.execute(select(OutboxMessage.target).where(OutboxMessage.notice == "proxy_filed")).scalars().all()
        return ticket.reporter_staff, ticket.source, told == [str(ticket.resident_id)]

    assert filed["resident_told"]
    assert await town.store.read(read) == (WORKER, "proxy", True)
