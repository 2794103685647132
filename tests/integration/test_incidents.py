"""同一件事 in service: what comes in is put together after the answer, supervisors hear of it once, nothing that is sealed is ever in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select

from bot.app import App
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from routing import duty_list, secrecy
from routing.tables import Incident, IncidentMember, Ticket
from routing.triage import Triage
from store.audit import AuditEntry
from store.outbox import OutboxMessage
from tests.integration.test_erasing import Town

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

LIFT = (
    "和平里小区3号楼电梯又停了，老人下不了楼",
    "和平里3号楼的电梯坏了两天了没人修",
    "和平里小区3栋梯子又不动了，天天爬楼",
    "和平里3号楼电梯故障停运，抱着孩子爬楼",
)
"""Neighbours tell of one lift; some of them join a ticket that is there, some begin one."""
BINS = "和平里小区垃圾桶满了没人清运"
ELSEWHERE = "安泰花园5号楼电梯坏了没人修"
ACCUSED = "我要举报和平里3号楼小卖部卖假烟"
DESK, ABOVE, OTHER_DESK, WORKER = "SV003", "SV001", "SV004", "GW004"
"""The supervisors of the street, of the district, of another street; a grid worker of the place."""


@pytest.fixture
def town(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path) -> Any:
    city = demo_city[1]
    before = city.settings
    yield Town(demo_settings, demo_store, city, tmp_path)
    city.settings = before


async def tell(town: Town, *texts: str, first: int = 0) -> None:
    """Let another resident write each of these, then let the worker gather."""
    for number, text in enumerate(texts, start=first):
        await town.say(text, sender=f"oNeighbour{number:02}")
    await gather(town)


async def gather(town: Town) -> None:
    while await town.app.duties.gather_incidents():
        pass


def restart(town: Town) -> None:
    """Begin with nothing remembered, as a new process does."""
    town.app = App(town.settings, town.store, town.city, town.app.channels, clock=lambda: town.now)


async def read_groups(town: Town) -> dict[int, list[int]]:
    """Read the tickets of each incident, by their ids."""

    def read(session: Session) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for member in session.execute(select(IncidentMember).order_by(IncidentMember.ticket_id)).scalars():
            if member.incident_id is not None:
                groups.setdefault(member.incident_id, []).append(member.ticket_id)
        return groups

    return await town.store.read(read)


async def read_told(town: Town) -> list[tuple[str, str, str]]:
    """Read what supervisors were told: cause, audience and target."""
    statement = select(OutboxMessage).where(OutboxMessage.cause.startswith("incident:")).order_by(OutboxMessage.id)
    return await town.store.read(lambda s: [(row.cause, row.audience, row.target) for row in s.execute(statement).scalars()])


async def read_acts(town: Town) -> list[tuple[str, str, str]]:
    statement = select(AuditEntry).where(AuditEntry.action.startswith("incident.")).order_by(AuditEntry.id)
    return await town.store.read(lambda s: [(row.actor, row.action, row.subject) for row in s.execute(statement).scalars()])


async def read_incident(town: Town, number: int) -> tuple[int, str, str]:
    """Read how many residents are heard in an incident, of what and where."""
    return await town.store.read(lambda s: _describe(s.get_one(Incident, number)))


def _describe(incident: Incident) -> tuple[int, str, str]:
    return incident.residents, incident.item, incident.area


async def call(town: Town, name: str, **arguments: Any) -> Any:
    return await carry_out(town.store, town.city, f"incidents.{name}", arguments)


async def number_of(town: Town, ticket: int) -> str:
    return await town.store.read(lambda s: s.get_one(Ticket, ticket).number)


# --- what is put together, and what is told of it ---------------------------------------------------------------------------------------


async def test_neighbours_who_mean_one_thing_are_one_incident_and_its_supervisor_hears_of_it_once(town: Town) -> None:
    await tell(town, *LIFT[:3], BINS, ELSEWHERE)

    groups = await read_groups(town)
    assert [len(tickets) for tickets in groups.values()] == [2, 1, 1]
    first = next(iter(groups))
    assert await read_incident(town, first) == (3, "FW-020", "LA-DL-LT-01-G4")
    assert await read_told(town) == [(f"incident:{first}:burst", "desk", "LT-ZHS")]
    assert await read_acts(town) == [("system", "incident.raise", f"incident:{first}")]

    await tell(town, LIFT[3], first=10)
    await gather(town)
    assert (await read_incident(town, first))[0] == 4
    assert len(await read_told(town)) == 1


async def test_the_notice_says_what_where_how_many_and_which_tickets_and_no_more(town: Town) -> None:
    await tell(town, *LIFT[:3])
    statement = select(OutboxMessage).where(OutboxMessage.cause.startswith("incident:"))
    row = await town.store.read(lambda s: s.execute(statement).scalar_one())

    assert row.urgent is False
    facts = {name: row.facts[name] for name in ("item", "place", "count", "numbers")}
    numbers = "、".join([await number_of(town, ticket) for ticket in (1, 2)])
    assert facts == {"item": "电梯故障停运", "place": "和平里商户网格", "count": 3, "numbers": numbers}
    words = town.city.words.notify(row.notice, row.facts)
    assert "老人" not in words
    assert "3号楼" not in words


async def test_neighbours_who_joined_a_ticket_are_heard_too(town: Town) -> None:
    await tell(town, "安泰路12号路灯不亮")
    assert await read_told(town) == []
    await tell(town, "安泰路12号的路灯坏了好几天", "安泰路12号门口路灯黑漆漆", first=5)

    assert await read_groups(town) == {1: [1]}
    assert (await read_incident(town, 1))[0] == 3
    assert await read_told(town) == [("incident:1:burst", "desk", "LT-ZHS")]


async def test_what_comes_slowly_is_told_too(town: Town) -> None:
    for number in range(5):
        await tell(town, LIFT[number % 4], first=20 + number)
        town.now += timedelta(days=6)

    assert await read_told(town) == [("incident:1:slow_burn", "desk", "LT-ZHS")]


async def test_one_who_writes_again_and_again_swells_nothing(town: Town) -> None:
    for text in LIFT:
        await town.say(text)
    await gather(town)

    assert (await read_incident(town, 1))[0] == 1
    assert await read_told(town) == []


async def test_old_news_are_not_told(town: Town) -> None:
    for number, text in enumerate(LIFT):
        await town.say(text, sender=f"oNeighbour{number:02}")
    town.now += timedelta(days=10)
    await gather(town)

    assert (await read_incident(town, 1))[0] == 4
    assert await read_told(town) == []


async def test_a_few_words_without_a_place_are_put_together_with_nothing(town: Town) -> None:
    await tell(town, "路灯坏了")
    town.now += timedelta(hours=2)  # the question where is not answered: a ticket without a place
    await town.work()
    await gather(town)

    assert [(ticket.area, ticket.summary) for ticket in await town.tickets()] == [("", "路灯坏了")]
    assert await read_groups(town) == {}


# --- what is kept out -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [ACCUSED, "和平里3号楼有人家暴打老婆", "活着没意思，药我攒了一瓶，我在和平里3号楼"])
async def test_what_is_confidential_accuses_or_is_nobodys_business_is_in_no_incident(town: Town, words: str) -> None:
    await tell(town, words)

    assert len(await town.tickets()) == 1
    assert await read_groups(town) == {}


async def test_a_wish_to_be_called_back_tells_of_nothing(town: Town) -> None:
    await town.say("和平里小区的事说不清楚，我想找人工")
    town.now += timedelta(minutes=30)
    await town.app.duties.look_after_seats()
    await gather(town)

    assert [ticket.reason for ticket in await town.tickets()] == ["asked_person"]
    assert await read_groups(town) == {}


async def test_what_is_sealed_later_is_taken_out(town: Town) -> None:
    await tell(town, *LIFT[:2], BINS)
    assert await read_groups(town) == {1: [1, 2], 2: [3]}
    await town.act(secrecy.keep_secret, await number_of(town, 2))
    await gather(town)

    assert await read_groups(town) == {1: [1], 2: [3]}
    assert (await read_incident(town, 1))[0] == 1
    await tell(town, LIFT[3], first=10)
    assert [2 in tickets for tickets in (await read_groups(town)).values()] == [False, False]


async def test_who_was_erased_is_heard_in_no_incident_any_more(town: Town) -> None:
    await town.say(LIFT[0])
    await tell(town, LIFT[1])
    assert (await read_incident(town, 1))[0] == 2
    await town.erase()
    await gather(town)

    assert await read_groups(town) == {1: [2]}
    assert (await read_incident(town, 1))[0] == 1


# --- restarts, several processes --------------------------------------------------------------------------------------------------------


async def test_after_a_restart_it_goes_on_where_it_was(town: Town) -> None:
    await tell(town, *LIFT[:3], BINS)
    before = await read_groups(town)
    restart(town)
    await gather(town)
    assert await read_groups(town) == before

    await tell(town, LIFT[3].replace("3号楼", "3栋"), first=10)
    assert (await read_incident(town, 1))[0] == 4
    assert len(await read_told(town)) == 1


async def test_two_processes_go_on_from_what_the_other_did(town: Town) -> None:
    other = App(town.settings, town.store, town.city, town.app.channels, clock=lambda: town.now)
    await tell(town, LIFT[0])
    await town.say(LIFT[1], sender="oNeighbour50")
    while await other.duties.gather_incidents():
        pass
    await tell(town, BINS, first=60)

    assert await read_groups(town) == {1: [1, 2], 2: [3]}


async def test_what_fails_keeps_nothing_and_is_done_again(town: Town) -> None:
    """The city has no desk for a moment, so that nobody can be told: the ticket that swells the incident is not put into it either."""
    await tell(town, LIFT[0], LIFT[2])
    await town.say(LIFT[1], sender="oNeighbour30")
    whole = town.city.org
    try:
        town.city.org = msgspec.structs.replace(whole, desks={})
        assert await town.app.duties.gather_incidents() == 0
    finally:
        town.city.org = whole
    assert (await read_groups(town), await read_told(town)) == ({1: [1]}, [])

    await gather(town)
    assert await read_groups(town) == {1: [1, 2]}
    assert await read_told(town) == [("incident:1:burst", "desk", "LT-ZHS")]


async def test_another_duty_list_is_compared_by_itself(town: Town) -> None:
    """What a message is about is said by the places of items in the list: where these have moved, all is read anew."""
    await tell(town, LIFT[0])
    whole = town.city.triage
    items = [item for item in town.city.duty_list.valid_on(town.now.date()) if item.code != "HJ-001"]
    try:
        town.city.triage = Triage(duty_list.build(items), today=town.now.date())
        await tell(town, LIFT[1], first=40)
    finally:
        town.city.triage = whole

    assert await read_groups(town) == {1: [1, 2]}


# --- by hand ----------------------------------------------------------------------------------------------------------------------------


async def test_what_a_person_merged_stays_so(town: Town) -> None:
    await tell(town, LIFT[0], BINS)
    assert await call(town, "merge", incident=2, other=1, actor=DESK) == {"incident": 1}
    assert await read_groups(town) == {1: [1, 2]}
    assert await read_acts(town) == [(DESK, "incident.merge", "incident:1")]

    await tell(town, LIFT[1], first=10)
    restart(town)
    await tell(town, "和平里的垃圾桶又满了，臭得很", first=20)
    assert (await read_groups(town))[1][:2] == [1, 2]
    shown = await call(town, "show", incident=2)
    assert (shown["incident"], shown["by_hand"]) == (1, True)
    assert [cause for cause, *_ in await read_told(town)] == ["incident:1:burst"]


async def test_what_a_person_split_stays_so(town: Town) -> None:
    await tell(town, *LIFT[:2])
    second = await number_of(town, 2)
    assert await call(town, "split", incident=1, tickets=[second], actor=DESK) == {"incident": 1, "new": 2}
    assert await read_groups(town) == {1: [1], 2: [2]}
    assert await read_acts(town) == [(DESK, "incident.split", "incident:2")]

    for number in (10, 20):
        await tell(town, LIFT[3], first=number)
        restart(town)
    groups = await read_groups(town)
    assert (1 in groups[1], 2 in groups[2], set(groups)) == (True, True, {1, 2})

    assert await call(town, "merge", incident=1, other=2, actor=ABOVE) == {"incident": 1}
    await gather(town)
    assert set(await read_groups(town)) == {1}


async def test_somebody_sees_and_changes_what_they_may(town: Town) -> None:
    await tell(town, *LIFT[:3])

    for viewer in ("operator", DESK, ABOVE):
        assert [(one["incident"], one["residents"], one["count"]) for one in await call(town, "list", actor=viewer)] == [(1, 3, 2)]
    for viewer in (OTHER_DESK, WORKER, "nobody"):
        assert await call(town, "list", actor=viewer) == []
        with pytest.raises(CommandRefused) as unseen:
            await call(town, "show", incident=1, actor=viewer)
        with pytest.raises(CommandRefused) as kept:
            await call(town, "split", incident=1, tickets=[await number_of(town, 1)], actor=viewer)
        assert str(unseen.value) == str(kept.value) == fill("cli", "error_no_incident")
    shown = await call(town, "show", incident=1, actor=DESK)
    assert [ticket["number"] for ticket in shown["tickets"]] == [await number_of(town, ticket) for ticket in (1, 2)]


async def test_a_unit_that_has_one_of_the_tickets_sees_that_and_splits_nothing(town: Town) -> None:
    await tell(town, "安泰路12号路灯不亮", "安泰路12号的路灯坏了好几天")
    holder = (await town.tickets())[0].unit
    clerk = next(person.code for person in town.city.org.staff_of(unit=holder))

    assert (await call(town, "show", incident=1, actor=clerk))["count"] == 1
    with pytest.raises(CommandRefused) as refused:
        await call(town, "merge", incident=1, other=1, actor=clerk)
    assert str(refused.value) == fill("cli", "error_not_yours")


@pytest.mark.parametrize(
    ("name", "arguments", "key"),
    [
        ("show", {"incident": 9}, "no_incident"),
        ("merge", {"incident": 1, "other": 9, "actor": "operator"}, "no_incident"),
        ("split", {"incident": 1, "tickets": ["20200101-0001"], "actor": "operator"}, "not_split"),
        ("split", {"incident": 1, "tickets": [], "actor": "operator"}, "not_split"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(town: Town, name: str, arguments: dict[str, Any], key: str) -> None:
    await tell(town, *LIFT[:2])
    with pytest.raises(CommandRefused) as refused:
        await call(town, name, **arguments)

    assert str(refused.value) == fill("cli", f"error_{key}")
    assert await read_groups(town) == {1: [1, 2]}


async def test_an_incident_is_not_split_into_nothing(town: Town) -> None:
    await tell(town, *LIFT[:2])
    with pytest.raises(CommandRefused) as refused:
        await call(town, "split", incident=1, tickets=[await number_of(town, each) for each in (1, 2)], actor="operator")

    assert str(refused.value) == fill("cli", "error_not_split")
