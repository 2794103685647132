"""A fire has a door: the alarm brings it to each person on duty in private, and nobody else reads it on any way."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels.webhook import WebhookSettings
from bot.commands import outbox as sends
from bot.telling import Telling
from knowledge_base.text import skim
from residents import bindings
from routing import desk, forgetting, secrecy, supervision
from routing.facts import Origin
from routing.tables import Ticket
from routing.terms import Report
from store.audit import AuditEntry
from store.keys import drop_key
from store.outbox import OutboxMessage
from store.shredding import Shredder
from tests.dialogue_phone import PhoneChannel
from tests.integration.test_doors_masked import Town, alone, list_tickets, read_plain

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""A Monday: DK007 is on duty at the street's desk, DK008 stands in."""
MINUTE = timedelta(minutes=1)
DOOR, BUILDING = "安泰花园3号楼2单元501", "安泰花园3号楼"
FIRE = f"{DOOR}着火了，有人在里面"


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    """The demo city with a robot in the staff's group."""
    found = copy(demo_city[1])
    channels = found.settings.channels | {"webhook": WebhookSettings(url="https://example.invalid/?key=k")}
    found.settings = msgspec.structs.replace(found.settings, channels=channels)
    return found


def shout(session: Session, city: City, **changes: Any) -> str:
    """Report a fire behind a door."""
    bindings.bind(session, staff="DK007", channel="wechat_mp", sender="o-7", now=NOW)
    report = Report(
        text=FIRE, place=DOOR, public_place=BUILDING, tier="red", hazard="fire", areas=("LA-DL-LT-01-G1",), place_name="安泰花园"
    )
    return desk.open_ticket(
        session,
        report=msgspec.structs.replace(report, **changes),
        resident_id=1,
        origin=Origin(inbox_id=None, channel="terminal"),
        context=city.routing_context(tell=Telling(city, now=NOW)),
        now=NOW,
        utterance=skim(FIRE),
    ).ticket.number


async def ring_again(store: Store, city: City, *, at: datetime = NOW + 5 * MINUTE) -> None:
    """Do what is due some minutes later."""
    context = city.routing_context(tell=Telling(city, now=at))
    for one in await store.read(lambda s: supervision.due(s, now=at)):
        await store.write(lambda s, one=one: supervision.warn(s, one, now=at, context=context))


def read_told(session: Session, city: City) -> list[tuple[str, str, str]]:
    """Read what is sent: the notice, to whom, and where it says the matter is."""
    rows = session.execute(select(OutboxMessage).order_by(OutboxMessage.id)).scalars().all()
    return [
        (row.notice, row.target, place)
        for row in rows
        for text in [sends._words_of(session, city, row)]
        for place in [next((line.removeprefix("地点：") for line in text.split("\n") if line.startswith("地点：")), "")]
    ]


def read_openings(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    rows = session.execute(select(AuditEntry).where(AuditEntry.action == "unseal").order_by(AuditEntry.id)).scalars()
    return [(row.actor, row.subject, row.facts) for row in rows]


async def test_each_on_duty_reads_the_door_and_the_desks_group_the_building(demo_store: Store, city: City) -> None:
    number = await demo_store.write(lambda s: shout(s, city))
    await ring_again(demo_store, city)

    assert await demo_store.read(lambda s: read_told(s, city)) == [
        ("desk_waiting", "LT-ZHS", ""),
        ("red_alarm", "LT-ZHS", BUILDING),
        ("staff_alarm", "DK007", DOOR),
        ("red_alarm", "LT-ZHS", BUILDING),
        ("staff_alarm", "DK007", DOOR),
        ("staff_alarm", "DK008", DOOR),
    ]
    opened = ("system", f"ticket:{number}", {"kind": "place", "reason": "alarm"})
    assert await demo_store.read(read_openings) == [opened, opened], "one opening for each ring, however many it rang"


async def test_whoever_reads_the_door_is_not_told_how_to_open_it(demo_store: Store, city: City) -> None:
    await demo_store.write(lambda s: shout(s, city))

    def read(session: Session) -> dict[str, bool]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.cause.startswith("alarm:"))).scalars()
        return {row.notice: "tickets original" in sends._words_of(session, city, row) for row in rows}

    assert await demo_store.read(read) == {"red_alarm": True, "staff_alarm": False}


async def test_no_other_way_out_shows_the_door(demo_settings: Settings, demo_store: Store, city: City) -> None:
    town = Town(demo_settings, demo_store, city)
    await town.say(FIRE, "m:1")
    await ring_again(demo_store, city, at=datetime(2026, 11, 23, 1, 5, tzinfo=UTC))
    (number,) = [ticket.number for ticket in await demo_store.read(list_tickets)]
    told = await demo_store.read(lambda s: read_told(s, city))
    assert {place for notice, _, place in told if notice == "staff_alarm"} == {DOOR}

    def hear_others(session: Session) -> str:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.notice != "staff_alarm")).scalars().all()
        return "\n".join(sends._words_of(session, city, row) for row in rows)

    def list_all(session: Session, actor: str) -> str:
        states = ("pending", "sending", "sent", "failed", "unknown", "held", "shown")
        return str([sends.list_sends(session, city, now=NOW, state=state, actor=actor) for state in states])

    ways = {
        "rows": await demo_store.read(read_plain),
        "notices": await demo_store.read(hear_others),
        **{f"sends {one}": await demo_store.read(lambda s, one=one: list_all(s, one)) for one in ("operator", "DK007", "DK003")},
        "list": str(await town.do("list")),
        "export": str(await town.do("export")),
        "shown": str(await town.do("show", number=number)),
    }
    assert {way for way, text in ways.items() if alone("501").search(text)} == set()
    assert BUILDING in ways["sends operator"]


async def test_a_list_shows_the_building_where_the_door_would_not_be_found_by_masking(demo_store: Store, city: City) -> None:
    await demo_store.write(lambda s: shout(s, city, place=f"{BUILDING}东头老裁缝铺阁楼"))

    sent = await demo_store.read(lambda s: str(sends.list_sends(s, city, now=NOW, state="pending", actor="operator")))
    assert ("阁楼" in sent, BUILDING in sent) == (False, True)
    assert ("staff_alarm", "DK007", f"{BUILDING}东头老裁缝铺阁楼") in await demo_store.read(lambda s: read_told(s, city))


async def test_a_number_or_name_beside_the_door_stays_masked(demo_store: Store, city: City) -> None:
    await demo_store.write(lambda s: shout(s, city, place=f"{DOOR}，我叫钱有余，电话13900001234"))

    places = [place for notice, _, place in await demo_store.read(lambda s: read_told(s, city)) if notice == "staff_alarm"]
    assert places == [f"{DOOR}，我叫〔姓名〕，电话〔电话〕"]


@pytest.mark.parametrize(
    "changes",
    [
        {"confidential": True},
        {"kind": "report"},
        {"about": ("柳塘街道安泰社区居委会",), "text": f"{FIRE}，投诉柳塘街道安泰社区居委会不管"},
        {"hazard": "self_harm"},
        {"hazard": "suicide_attempt"},
        {"hazard": "family_violence"},
        {"hazard": "child"},
    ],
    ids=["confidential", "report", "about", "self_harm", "suicide_attempt", "family_violence", "child"],
)
async def test_of_what_is_sealed_no_alarm_opens_anything(demo_store: Store, city: City, changes: dict[str, Any]) -> None:
    await demo_store.write(lambda s: shout(s, city, **changes))
    await ring_again(demo_store, city)

    assert await demo_store.read(read_openings) == []
    told = await demo_store.read(lambda s: [sends._words_of(s, city, row) for row in s.execute(select(OutboxMessage)).scalars()])
    assert [text for text in told if alone("501").search(text)] == []


async def test_of_a_matter_about_somebody_alone_no_alarm_opens_anything(demo_store: Store, city: City) -> None:
    def start(session: Session) -> None:
        shout(session, city)
        session.execute(select(Ticket)).scalar_one().refused_staff = ["DK009"]

    await demo_store.write(start)
    before = await demo_store.read(read_openings)
    await ring_again(demo_store, city)

    assert await demo_store.read(read_openings) == before
    later = (await demo_store.read(lambda s: read_told(s, city)))[3:]
    assert [place for notice, _, place in later if notice == "staff_alarm"] == [BUILDING, BUILDING]


async def test_what_is_sealed_later_loses_the_door_it_had_told(demo_store: Store, city: City) -> None:
    number = await demo_store.write(lambda s: shout(s, city))
    context = city.routing_context(tell=Telling(city, now=NOW))
    await demo_store.write(lambda s: secrecy.keep_secret(s, number, actor="operator", now=NOW + MINUTE, context=context))
    await ring_again(demo_store, city)

    told = await demo_store.read(lambda s: [sends._words_of(s, city, row) for row in s.execute(select(OutboxMessage)).scalars()])
    assert [text for text in told if alone("501").search(text)] == []
    assert "failed" in str(await demo_store.read(lambda s: sends.list_sends(s, city, now=NOW, state="failed", actor="operator")))


@pytest.mark.parametrize("gone", ["key", "erased"])
async def test_where_the_words_are_gone_the_alarm_has_the_building(demo_store: Store, city: City, gone: str) -> None:
    def forget(session: Session) -> None:
        ticket = session.execute(select(Ticket)).scalar_one()
        if gone == "key":
            drop_key(session, ticket.key_id)
            return
        context = city.routing_context(tell=Telling(city, now=NOW))
        forgetting.forget_person(
            session, resident_id=1, words="（已删）", shredder=Shredder(session), now=NOW + MINUTE, context=context
        )

    await demo_store.write(lambda s: shout(s, city))
    await demo_store.write(forget)
    before = await demo_store.read(lambda s: (read_told(s, city), read_openings(s)))
    await ring_again(demo_store, city)

    later = (await demo_store.read(lambda s: read_told(s, city)))[len(before[0]) :]
    assert {place for notice, _, place in later if notice == "staff_alarm"} == {BUILDING}
    assert await demo_store.read(read_openings) == before[1], "nothing was opened"


@pytest.mark.parametrize("about", [{"staff": ["DK007"]}, {"units": ["LT-ZHS"]}], ids=["person", "desk"])
async def test_whom_it_turns_out_to_be_about_loses_the_door_they_were_rung_with(
    demo_store: Store, city: City, about: dict[str, list[str]]
) -> None:
    number = await demo_store.write(lambda s: shout(s, city))
    context = city.routing_context(tell=Telling(city, now=NOW))
    await demo_store.write(lambda s: secrecy.keep_from(s, number, **about, actor="operator", now=NOW + MINUTE, context=context))

    def read(session: Session) -> list[tuple[str, str]]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.target == "DK007")).scalars().all()
        return [(row.state, "501" if alone("501").search(sends._words_of(session, city, row)) else "") for row in rows]

    assert await demo_store.read(read) == [("failed", "")]


async def test_a_place_that_is_said_afterwards_is_in_the_next_alarm_and_goes_with_its_message(
    demo_settings: Settings, demo_store: Store, city: City
) -> None:
    town = Town(demo_settings, demo_store, city)
    start = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    clock = [start]
    phone = PhoneChannel("wechat_mp", reply_limit=2048, windows={})
    town.app = App(demo_settings, demo_store, city, {"wechat_mp": phone}, clock=lambda: clock[-1])
    await town.say("老人摔倒了起不来", "m:1")
    clock.append(start + MINUTE)
    await town.say(DOOR, "m:2")
    await ring_again(demo_store, city, at=start + 5 * MINUTE)
    rung = [place for notice, _, place in await demo_store.read(lambda s: read_told(s, city)) if notice == "staff_alarm"]
    assert (rung[0], set(rung[1:])) == ("", {DOOR})

    assert await town.app.receiver.recall("wechat_mp", "m:2")
    await ring_again(demo_store, city, at=start + 10 * MINUTE)

    later = [place for notice, _, place in await demo_store.read(lambda s: read_told(s, city)) if notice == "staff_alarm"]
    assert (set(later[len(rung) :]), (await demo_store.read(list_tickets))[0].summary) == ({BUILDING}, "老人摔倒了起不来")
    assert DOOR not in str(later)
