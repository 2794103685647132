"""全部工单 in order: what is due first, what changed last; page by page without a gap, and never more than somebody may see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from routing.tables import Ticket
from routing.terms import OPEN_STATUSES
from store.clock import utcnow
from tests.api_door import ELSEWHERE, UNIT
from tests.integration.test_api import copy_ticket, count_queries, give

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

LIST = "/staff/tickets"


async def change(pages: Pages, number: str, **values: Any) -> None:
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(**values)))


async def walk(pages: Pages, role: str, query: str) -> list[str]:
    """Follow a list page by page; gives the numbers in its order."""
    found: list[str] = []
    address = f"{LIST}?{query}"
    while address:
        text = (await pages.visit(role, address)).text
        found += re.findall(r'<span class="number">([^<]+)</span>', text)
        following = re.search(r'href="(\?[^"]*cursor=[^"]*)"', text)
        address = f"{LIST}{following[1]}".replace("&amp;", "&") if following else ""
    return found


async def fill(pages: Pages, count: int = 75) -> list[str]:
    """Make many tickets of one unit, pairs of which are due and changed at the same moment; gives their numbers by id."""
    number = (await pages.api.open()).ticket.number
    now = utcnow()

    def write(session: Session) -> list[str]:
        give(session, number, UNIT)
        session.flush()
        copies = copy_ticket(session, number, count)
        session.flush()
        for at, copied in enumerate(copies):
            row = session.scalars(select(Ticket).where(Ticket.number == copied)).one()
            row.due_at = now + timedelta(hours=(at * 7 % count) // 2)
            row.updated_at = now - timedelta(hours=(at * 11 % count) // 2)
        return [number, *copies]

    return await pages.api.store.write(write)


async def sorted_by(pages: Pages, order: str) -> list[str]:
    by = (Ticket.due_at, Ticket.id) if order == "due" else (Ticket.updated_at.desc(), Ticket.id.desc())
    open_ones = Ticket.status.in_([str(one) for one in OPEN_STATUSES])
    return list(await pages.api.store.read(lambda s: s.scalars(select(Ticket.number).where(open_ones).order_by(*by)).all()))


@pytest.mark.parametrize("role", ["desk", "unit_clerk", "grid_worker", "auditor"])
@pytest.mark.parametrize("order", ["due", "changed"])
async def test_open_tickets_come_in_order_page_by_page_without_a_gap(pages: Pages, role: str, order: str) -> None:
    numbers = await fill(pages)
    await change(pages, numbers[3], status="closed")

    found = await walk(pages, role, f"order={order}")

    assert found == await sorted_by(pages, order)
    assert numbers[3] not in found


@pytest.mark.parametrize("order", ["due", "changed"])
async def test_an_order_keeps_the_filter_and_a_file_keeps_both(pages: Pages, order: str) -> None:
    numbers = await fill(pages, 8)
    await change(pages, numbers[2], status="signed")
    await change(pages, numbers[5], status="signed")

    found = await walk(pages, "desk", f"status=signed&order={order}")
    saved = (await pages.visit("desk", f"{LIST}/save/csv?status=signed&order={order}")).text
    other = await walk(pages, "desk", f"unit={UNIT}&order={order}")

    wanted = [one for one in await sorted_by(pages, order) if one in {numbers[2], numbers[5]}]
    assert found == wanted
    assert re.findall(r"^(\d{8}-\d{4}),", saved, re.MULTILINE) == wanted
    assert set(other) == set(numbers)


async def test_of_what_ended_there_is_no_order_but_the_newest(pages: Pages) -> None:
    numbers = await fill(pages, 4)
    for number in numbers[:3]:
        await change(pages, number, status="closed")

    seen = await pages.visit("desk", f"{LIST}?status=closed&order=due")

    assert await walk(pages, "desk", "status=closed&order=due") == numbers[2::-1]
    assert "先到期的在前" not in seen.text


@pytest.mark.parametrize("order", ["due", "changed"])
async def test_nothing_is_in_an_order_that_somebody_may_not_see(pages: Pages, order: str) -> None:
    worker = "API-grid_worker"
    about = (await pages.api.open("网格员柏舟态度不好", about=(worker,), kind="complaint")).ticket.number
    away = (await pages.api.open("楼道里的杂物没人清", resident=5, area=ELSEWHERE)).ticket.number
    plain = (await pages.api.open("路灯坏了", resident=6)).ticket.number
    for number in (about, plain):
        await pages.api.store.write(lambda s, number=number: give(s, number, UNIT))

    untold = {about} if order == "changed" else set()  # of what is confidential no list says when it changed
    for role in ("grid_worker", "unit_clerk", "desk", "supervisor", "auditor"):
        newest = await walk(pages, role, "")
        assert (role, set(await walk(pages, role, f"order={order}"))) == (role, set(newest) - untold)
    assert await walk(pages, "grid_worker", f"order={order}") == [plain]
    assert away not in await walk(pages, "unit_clerk", f"order={order}")


async def test_when_something_happened_to_a_confidential_matter_is_not_told_by_its_place(pages: Pages) -> None:
    numbers = await fill(pages, 4)
    await change(pages, numbers[1], confidential=True)

    changed = await walk(pages, "desk", "order=changed")

    assert (numbers[1] in changed, numbers[1] in await walk(pages, "desk", "order=due")) == (False, True)
    assert len(changed) == len(numbers) - 1


async def test_an_order_that_there_is_not_is_refused(pages: Pages) -> None:
    assert (await pages.visit("desk", f"{LIST}?order=random")).status == 422
    assert (await pages.visit("desk", f"{LIST}?order=due&cursor=nonsense")).status == 422


@pytest.mark.parametrize("order", ["due", "changed"])
async def test_an_order_asks_no_more_of_the_database_with_more_rows(pages: Pages, order: str) -> None:
    await pages.sign_in("desk")
    first = (await pages.api.open("井盖松了")).ticket.number
    counts = []
    for _ in range(2):
        with count_queries() as asked:
            await pages.visit("desk", f"{LIST}?order={order}")
        counts.append(len(asked))
        if len(counts) == 1:
            await pages.api.store.write(lambda s: copy_ticket(s, first, 90))

    assert counts[0] == counts[1]
