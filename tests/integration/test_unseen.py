"""A matter about everybody who could decide on it must not vanish: the doctor names its number, and nothing else of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.app import App
from bot.channels import Inbound
from bot.doctor.city import check_waiting, read_city
from bot.doctor.finding import wrong
from residents.ledger import WECHAT_WINDOWS
from routing.tables import Ticket
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.doctor.finding import Finding
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LAMP = "安泰路12号门口路灯坏了三天，晚上黑漆漆的"


@pytest.fixture
def app(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> App:
    phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
    return App(demo_settings, demo_store, demo_city[1], {"wechat_mp": phone}, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("about", "people", "status", "is_unseen"),
    [
        ("", "", "dispatched", False),
        ("unit", "", "dispatched", False),
        ("desk", "", "dispatched", False),
        ("top", "", "dispatched", True),
        ("top", "", "closed", False),
        ("", "all", "dispatched", True),
        ("", "one", "dispatched", False),
    ],
)
async def test_a_ticket_that_no_desk_may_see_is_named(app: App, about: str, people: str, status: str, *, is_unseen: bool) -> None:
    city = app.city
    reply = await app.receiver.receive(Inbound(channel="wechat_mp", key="m:1", sender="oA", kind="text", sent_at=NOW, text=LAMP))
    ticket = await app.store.read(lambda s: s.query(Ticket.desk, Ticket.unit).one())
    refused = {"": [], "unit": [ticket.unit], "desk": [ticket.desk], "top": [city.org.top_desk().code]}[about]
    seated = sorted(one.code for one in city.org.staff.values() if one.unit in {desk.code for desk in city.org.desks.values()})
    staff = {"": [], "one": seated[:1], "all": seated}[people]
    await app.store.write(lambda s: s.execute(update(Ticket).values(refused=refused, refused_staff=staff, status=status)))

    found: list[Finding] = check_waiting(await app.store.read(lambda s: read_city(s, zone=ZoneInfo("Asia/Shanghai"))))
    assert (wrong("tickets_unseen", count=1, names=reply.ticket) in found) is is_unseen
    assert all("路灯" not in one.words for one in found)
