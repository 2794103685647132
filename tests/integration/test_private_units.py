"""What is promised of matters that a property company has, on both databases: what it reads, who watches it, and where its refusal goes."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from routing import desk, listing, register, secrecy, supervision
from routing.returning import return_ticket
from routing.sight import Viewer
from routing.terms import Status
from tests.office import LAMP_OUT, NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MANAGER = "WY-9"

teller = Teller()
_context = build_context(teller)
_staff = {**_context.org.staff, MANAGER: msgspec.structs.replace(_context.org.staff["LAMP-1"], code=MANAGER, unit="P2")}
context = dataclasses.replace(
    _context,
    org=msgspec.structs.replace(_context.org, staff=_staff),
    routing=msgspec.structs.replace(_context.routing, private_refusal="路灯照明"),
)


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def with_company(session: Session) -> str:
    number = report_lamp(session, context, reason="no_phone").ticket.number
    desk.dispatch(session, number, unit="P2", item="WY-1", actor="DESK-1", now=NOON, context=context)
    teller.notices.clear()
    return number


async def test_it_reads_the_summary_and_the_public_place_and_no_more(store: Store) -> None:
    number = await store.write(with_company)

    seen = await store.read(lambda s: register.show(s, number, org=context.org, viewer=Viewer("staff", MANAGER)).ticket)
    assert (seen.summary, seen.public_place, seen.why, seen.resident_id) == (LAMP_OUT, "柳树街12号", (), 0)
    original = await store.write(
        lambda s: secrecy.open_original(s, number, reason="上门维修", actor=MANAGER, now=NOON + HOUR, context=context)
    )
    assert (original.text, original.place, original.added) == (LAMP_OUT, "柳树街12号3单元501", ())


async def test_the_community_watches_its_clock(store: Store) -> None:
    number = await store.write(with_company)
    due = await store.read(lambda s: register.show(s, number, org=context.org).ticket.due_at)

    told: list[tuple[str, str]] = []
    now = NOON
    while now <= due + HOUR:
        for one in await store.read(lambda s, now=now: supervision.due(s, now=now)):
            await store.write(lambda s, now=now, one=one: supervision.warn(s, one, now=now, context=context))
        now += HOUR
    told = [each for each in teller.take() if each[0].startswith("unit_watched")]
    assert told == [("unit_watched_due_soon", "C1-jwh"), ("unit_watched_overdue", "C1-jwh")]


async def test_what_it_refuses_comes_to_the_street_with_the_department_proposed_as_lead(store: Store) -> None:
    number = await store.write(with_company)

    acted = await store.write(
        lambda s: return_ticket(s, number, reason="remit", text="不在合同里", actor=MANAGER, now=NOON + DAY, context=context)
    )

    assert (acted.ticket.status, acted.ticket.desk, acted.ticket.unit) == (Status.ACCEPTED, "S1-desk", "S1-desk")
    events = await store.read(lambda s: register.show(s, number, org=context.org).events)
    assert [event.facts["suggested"] for event in events if event.act == "return"] == ["D-works"]


async def test_another_unit_s_refusal_proposes_nobody(store: Store) -> None:
    number = await store.write(lambda s: report_lamp(s, context).ticket.number)

    await store.write(
        lambda s: return_ticket(s, number, reason="area", text="不归我们", actor="LAMP-1", now=NOON + DAY, context=context)
    )

    events = await store.read(lambda s: register.show(s, number, org=context.org).events)
    assert [event.facts["suggested"] for event in events if event.act == "return"] == [""]
    assert [line.number for line in (await store.read(lambda s: listing.list_tickets(s, org=context.org, now=NOON))).lines] == [
        number
    ]
