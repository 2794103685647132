"""What is kept of a ticket's trail follows what becomes of it and of others: its words go, the one it comes back to is concluded again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from routing import desk, kept_signs, sign_rows, trail_folds, workloads
from routing.sight import OPERATOR
from routing.sign_rows import Period
from routing.tables import Ticket
from routing.trail_basis import make_basis
from routing.warning_signs import SignSettings
from store.keys import new_key
from tests.histories import START, Event, History, add_events, add_ticket
from tests.integration.test_erasing import Town
from tests.office import Teller, build_context

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from routing.trail_basis import Basis
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

DAY = timedelta(days=1)
ORG = build_context(Teller()).org
BASIS = make_basis(SignSettings(), org=ORG, duty_list=build_context(Teller()).duty_list, zone=ZoneInfo("Asia/Shanghai"))
WHOLE = Period(since=START - DAY, until=START + 60 * DAY)


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


def list_kept(session: Session, period: Period, basis: Basis) -> list[tuple[str, str, dict[str, Any]]]:
    """List what is kept, which is what the events say."""
    found = [
        (sign.kind, sign.number, sign.facts)
        for sign in kept_signs.list_signs(session, period, basis=basis, org=ORG, viewer=OPERATOR)
    ]
    plain = sign_rows.list_signs(session, period, basis=basis, keep=lambda _: True)
    assert sorted(found, key=str) == sorted(((sign.kind, sign.number, sign.facts) for sign in plain), key=str)
    return found


def write(session: Session, number: str, *acts: tuple[str, timedelta], follows: str | None = None) -> int:
    """Write a ticket that its unit has, with these acts; gives its id."""
    events = [Event(START + after, act, "signed", "D-works", {}) for act, after in acts]
    history = History(area="G1", channel="terminal", line="", source="", item="", kind="help", events=events)
    ticket = add_ticket(session, number, history, key_id=new_key(session).id)
    session.execute(update(Ticket).where(Ticket.id == ticket).values(follows=follows, refused=[], assisting=[]))
    add_events(session, [(ticket, event) for event in events])
    return ticket


async def test_whether_a_matter_is_back_soon_depends_on_when_the_first_was_concluded_last(store: Store) -> None:
    first = await store.write(
        lambda s: write(s, "T1", ("accept", 0 * DAY), ("dispatch", 0 * DAY), ("sign", DAY), ("conclude", 2 * DAY))
    )
    await store.write(lambda s: write(s, "T2", ("accept", 40 * DAY), follows="T1"))
    await store.write(lambda s: trail_folds.refresh_all(s, basis=BASIS))
    assert await store.read(lambda s: list_kept(s, WHOLE, BASIS)) == []

    await store.write(lambda s: add_events(s, [(first, Event(START + 30 * DAY, "conclude", "concluded", "D-works", {}))]))
    seen = [await store.read(lambda s: list_kept(s, WHOLE, BASIS))]
    await store.write(lambda s: trail_folds.refresh_all(s, basis=BASIS))
    seen.append(await store.read(lambda s: list_kept(s, WHOLE, BASIS)))

    assert seen == [[("back_soon", "T2", {"days": 10, "follows": "T1"})]] * 2


async def test_what_was_read_from_words_goes_with_them(town: Town) -> None:
    basis = town.city.make_basis()
    _, period = workloads.find_period(town.now.date(), town.city.zone)
    await town.say("安泰路12号门口路灯不亮")
    number = (await town.tickets())[0].number
    await town.act(desk.sign, number)
    town.now += timedelta(hours=1)
    await town.act(desk.conclude, number, text="已处理")
    await town.store.write(lambda s: trail_folds.refresh_all(s, basis=basis))
    before = await town.store.read(lambda s: list_kept(s, period, basis))

    await town.say("解决了，很满意，也联系过我")
    await town.erase()
    gone = await town.store.read(lambda s: list_kept(s, period, basis))
    await town.store.write(lambda s: trail_folds.refresh_all(s, basis=basis))

    assert [kind for kind, *_ in before] == ["hollow"]
    assert gone == await town.store.read(lambda s: list_kept(s, period, basis)) == []
    assert await town.store.read(lambda s: s.scalars(select(Ticket.number)).all()) == [number]
