"""来电来访登记: what is told at the desk becomes what a message would become; who called is sealed, and who is accused does not see it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from residents import conversations
from residents.tables import Identity
from residents.web_lines import CHANNEL, sender_of
from routing.tables import Ticket
from routing.terms import NOBODY
from store.outbox import OutboxMessage
from tests.api_door import POSTS
from tests.page_door import at_hour, open_pages
from tests.page_resident import meet

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages, Seen

FILE = "/staff/desk/file"
DARK = {"text": "安泰花园3号楼的路灯坏了三天，没人修", "by": "phone", "told": "on"}
PHONE = "13800000001"


async def file(pages: Pages, role: str = "desk", **more: str) -> Seen:
    return await pages.visit(role, FILE, form=DARK | more)


async def ticket_of(pages: Pages, seen: Seen) -> Ticket:
    number = seen.location.rpartition("opened=")[2]
    return await pages.api.store.read(lambda s: s.scalars(select(Ticket).where(Ticket.number == number)).one())


async def test_what_is_told_on_the_telephone_goes_the_way_of_a_message(pages: Pages) -> None:
    seen = await file(pages)
    ticket = await ticket_of(pages, seen)

    assert (seen.status, seen.location) == (303, f"{FILE}?opened={ticket.number}")
    assert (ticket.channel, ticket.kind, ticket.area, ticket.reporter_staff) == (
        "phone",
        "help",
        "LA-DL-LT-01-G1",
        POSTS["desk"].code,
    )
    assert (ticket.status, pages.api.city.org.name_of(ticket.unit)) == ("dispatched", "东篱区路灯管理所")
    assert (ticket.resident_id, ticket.confidential) == (NOBODY, False)
    assert (
        f'<a class="number" href="/staff/tickets/{ticket.number}">{ticket.number}</a>'
        in (await pages.visit("desk", seen.location)).text
    )


async def test_where_no_place_is_said_the_community_counts(pages: Pages) -> None:
    ticket = await ticket_of(
        pages, await file(pages, text="路灯坏了三天，没人修", area="LA-DL-LT-02", by="visit", kind="complaint")
    )

    assert (ticket.channel, ticket.kind, ticket.area) == ("visit", "complaint", "LA-DL-LT-02")


async def test_whose_number_is_known_hears_of_it_and_an_unknown_number_is_kept_nowhere(pages: Pages) -> None:
    neighbour, now = await meet(pages), pages.api.clock()

    def give_number(session: Session) -> None:
        speaker = conversations.open_for(
            session, channel=CHANNEL, sender=sender_of(neighbour.cookie), place=conversations.PERSON, now=now
        )
        conversations.keep_identity(session, speaker, kind="phone", value=PHONE, now=now)

    await pages.api.store.write(give_number)
    before = await count_identities(pages)
    known, stranger = (
        await file(pages, phone=PHONE),
        await file(pages, phone="13899999999", text="和平里小区垃圾桶满了好几天没人清运"),
    )
    secret = await file(pages, phone=PHONE, secret="on", text="柳浪新村有人在楼道里堆纸箱")

    assert [(await ticket_of(pages, seen)).resident_id for seen in (known, stranger, secret)] == [
        neighbour.id,
        NOBODY,
        neighbour.id,
    ]
    assert await count_identities(pages) == before
    assert [read_flash(seen) for seen in (known, stranger, secret)] == ["desk_filed_told", "desk_filed", "desk_filed"]
    told = await pages.api.store.read(
        lambda s: s.scalars(select(OutboxMessage.facts).where(OutboxMessage.notice == "proxy_filed")).all()
    )
    assert [facts["number"] for facts in told] == [(await ticket_of(pages, known)).number]
    assert PHONE not in (await pages.visit("desk", known.location)).text


@pytest.mark.parametrize(("hour", "desk"), [(10, "LT-ZHS"), (22, "DL-ZHS")], ids=["day", "night"])
async def test_who_is_accused_on_the_telephone_does_not_see_it_and_a_danger_rings(
    demo_store: Store, demo_city: tuple[Path, City], hour: int, desk: str
) -> None:
    async with open_pages(demo_store, demo_city[1], clock=at_hour(demo_city[1], hour)) as pages:
        accused = await ticket_of(pages, await file(pages, text="安泰社区居委会乱收费，还骂人", kind="report"))
        danger = await ticket_of(pages, await file(pages, text="安泰花园2号楼燃气味很大，有人晕倒了"))

    assert (accused.confidential, accused.unit, danger.tier) == (True, desk, "red")
    assert [pages.api.city.org.name_of(code) for code in accused.refused][:1] == ["安泰社区居委会"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"told": ""}, "请先告诉来电来访的人"),
        ({"phone": "123"}, "电话不完整"),
        ({"area": "nowhere"}, "没有办成"),
        ({"by": "pigeon"}, "没有办成"),
        ({"by": ""}, "没有办成"),
    ],
)
async def test_what_cannot_be_filed_says_so_keeps_what_was_typed_and_opens_nothing(
    pages: Pages, given: dict[str, str], said: str
) -> None:
    before = await pages.api.store.read(lambda s: s.scalar(select(func.count(Ticket.id))))
    seen = await file(pages, place="楼门口", **given)

    assert (seen.status, said in seen.text, DARK["text"] in seen.text, 'value="楼门口"' in seen.text) == (422, True, True, True)
    assert await pages.api.store.read(lambda s: s.scalar(select(func.count(Ticket.id)))) == before


async def test_who_is_of_no_desk_files_nothing_here(pages: Pages) -> None:
    assert [(await file(pages, role)).status for role in ("unit_clerk", "grid_worker", "knowledge_editor", "operator")] == [403] * 4


async def count_identities(pages: Pages) -> int:
    return await pages.api.store.read(lambda s: s.scalar(select(func.count(Identity.id)))) or 0


def read_flash(seen: Seen) -> str:
    return re.findall(r"jieying_flash=([a-z_]+)", str(seen.headers["Set-Cookie"]))[0]
