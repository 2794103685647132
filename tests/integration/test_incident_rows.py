"""The rows of incidents: what one becomes that turns out to be another, who is counted, when what is remembered may be acted on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from routing import incident_rows
from routing.incident_rows import GatheringSettings
from routing.swelling import SwellingSettings
from routing.tables import Incident, IncidentMember, Ticket
from routing.terms import NOBODY
from store.base import Base
from tests.office import NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

teller = Teller()
context = build_context(teller)
SWELLING = SwellingSettings(burst_residents=2)


@pytest.fixture
async def store(store: Store) -> Store:
    teller.notices.clear()
    await store.write(lambda s: Base.metadata.create_all(s.connection()))
    await store.write(write_tickets)
    return store


def write_tickets(session: Session) -> None:
    """Write four tickets of four residents, at four places of one grid."""
    for number in range(1, 5):
        report_lamp(session, context, resident=number, place=f"柳树街{number}00号", now=NOON + timedelta(hours=number))


def place_all(session: Session, *incidents: int) -> None:
    """Put the tickets, in their order, into these incidents."""
    for ticket, incident in enumerate(incidents, start=1):
        incident_rows.place(session, ticket, incident_id=incident)


async def test_one_that_turns_out_to_be_another_brings_all_it_had(store: Store) -> None:
    def work(session: Session) -> None:
        place_all(session, 1, 2, 3)
        incident_rows.keep_apart(session, 3, 2)
        incident_rows.keep_apart(session, 2, 3)
        session.get_one(Incident, 2).raised_burst_at = NOON
        incident_rows.place(session, 4, incident_id=1, absorbed=[2])

    await store.write(work)

    assert await store.read(incident_rows.list_all_members) == {1: 1, 2: 1, 3: 3, 4: 1}
    assert await store.read(incident_rows.list_apart) == [(1, 3)]
    first, second = await store.read(lambda s: [s.get_one(Incident, number) for number in (1, 2)])
    assert (first.raised_burst_at, second.merged_into, second.residents) == (NOON, 1, 0)
    assert (await store.read(incident_rows.read_standing)).next_incident == 4


async def test_what_was_told_of_a_part_is_not_told_of_the_whole(store: Store) -> None:
    def work(session: Session) -> list[tuple[str, ...]]:
        place_all(session, 1, 1, 2, 2)
        looks = [(1, NOON), (1, NOON), (2, NOON)]
        told = [incident_rows.look(session, one, settings=SWELLING, now=at, context=context) for one, at in looks]
        first, second = (session.get_one(Incident, number) for number in (1, 2))
        incident_rows.absorb(session, first, second, by_hand=True)
        told.append(incident_rows.look(session, 1, settings=SWELLING, now=NOON, context=context))
        return [tuple(alarm.kind for alarm in alarms) for alarms in told]

    assert await store.write(work) == [("burst",), (), ("burst",), ()]
    assert [told for told in teller.take() if told[0] == "desk_burst"] == [("desk_burst", "D-desk")] * 2
    assert await store.read(lambda s: s.get_one(Incident, 1).residents) == 4


async def test_whoever_nobody_knows_is_one_person(store: Store) -> None:
    def work(session: Session) -> int:
        session.execute(update(Ticket).where(Ticket.id > 1).values(resident_id=NOBODY))
        place_all(session, 1, 1, 1, 1)
        incident = session.get_one(Incident, 1)
        incident_rows.count(session, incident, context=context)
        return incident.residents

    assert await store.write(work) == 2


async def test_what_is_remembered_is_acted_on_only_while_it_is_so(store: Store) -> None:
    def try_it(session: Session) -> list[bool]:
        before = incident_rows.read_standing(session)
        may = [incident_rows.may_place(session, ticket, standing=before) for ticket in (1, 99)]
        incident_rows.place(session, 1, incident_id=1)
        after = incident_rows.read_standing(session)
        may += [incident_rows.may_place(session, 2, standing=standing) for standing in (before, after)]
        may.append(incident_rows.may_place(session, 1, standing=after))
        incident_rows.leave(session, 1)
        return [*may, incident_rows.may_place(session, 2, standing=after)]

    assert await store.write(try_it) == [True, False, False, True, False, False]


async def test_what_was_taken_out_waits_no_more_and_is_in_nothing(store: Store) -> None:
    def work(session: Session) -> None:
        incident_rows.place(session, 1, incident_id=1)
        for ticket in (1, 2):
            incident_rows.leave(session, ticket)

    await store.write(work)

    settings = GatheringSettings()
    waiting = await store.read(lambda s: incident_rows.list_waiting(s, settings=settings, now=NOON, limit=9))
    assert [told.id for told in waiting] == [3, 4]
    assert await store.read(incident_rows.list_all_members) == {}
    rows = await store.read(
        lambda s: list(s.execute(select(IncidentMember.ticket_id).order_by(IncidentMember.ticket_id)).scalars())
    )
    assert rows == [1, 2]


@pytest.mark.parametrize(
    "values",
    [
        {"confidential": True},
        {"kind": "report"},
        {"kind": "praise"},
        {"reason": "asked_person"},
        {"hazard": "self_harm"},
        {"refused": ["P1"]},
        {"refused_staff": ["W1"]},
        {"summary": ""},
        {"status": "withdrawn"},
        {"opened_at": NOON - timedelta(days=400)},
    ],
)
async def test_what_may_not_be_read_with_others_does_not_wait(store: Store, values: dict[str, object]) -> None:
    await store.write(lambda s: s.execute(update(Ticket).where(Ticket.id == 2).values(**values)))

    waiting = await store.read(lambda s: incident_rows.list_waiting(s, settings=GatheringSettings(), now=NOON, limit=9))
    assert [told.id for told in waiting] == [1, 3, 4]


@pytest.mark.parametrize(("summary", "waits"), [("路灯坏了", False), ("路灯坏了好几天晚上出门什么都看不见请快来修一修", True)])
async def test_without_a_place_it_takes_more_words(store: Store, summary: str, *, waits: bool) -> None:
    await store.write(lambda s: s.execute(update(Ticket).where(Ticket.id == 2).values(area="", summary=summary)))

    waiting = await store.read(lambda s: incident_rows.list_waiting(s, settings=GatheringSettings(), now=NOON, limit=9))
    assert (2 in [told.id for told in waiting]) is waits
