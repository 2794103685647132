"""A unit that asked its resident for more reads the answer on the ticket's page, masked; nobody else reads it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from routing import completing, following, rating, secrecy
from routing.rating import Verdict
from tests.api_door import UNIT
from tests.integration.pages.test_desk_page import change
from tests.integration.test_api import give

if TYPE_CHECKING:
    from tests.page_door import Pages

ANSWER = "是东门那根灯杆，我住3号楼2单元501，我叫王秀英，电话13912345678"
HIDDEN = ("单元501", "王秀英", "13912345678")


async def ask_and_add(pages: Pages) -> str:
    """Have a unit ask a resident, who answers; gives the ticket's number."""
    number = (await pages.api.open("路灯坏了三天")).ticket.number
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    now = pages.api.clock()
    context = pages.api.city.context(now=now)
    await pages.api.store.write(
        lambda s: completing.ask_more(s, number, text="是哪一根灯杆？", actor="API-unit_clerk", now=now, context=context)
    )
    await pages.api.store.write(lambda s: following.add(s, number, resident_id=1, text=ANSWER, now=now, context=context))
    return number


async def read(pages: Pages, role: str, number: str) -> str:
    return (await pages.visit(role, f"/staff/tickets/{number}")).text


@pytest.mark.parametrize("role", ["unit_clerk", "desk"])
async def test_whoever_has_it_reads_what_was_asked_and_answered_masked(pages: Pages, role: str) -> None:
    number = await ask_and_add(pages)

    seen = await read(pages, role, number)

    assert seen.index("是哪一根灯杆？") < seen.index("是东门那根灯杆")
    assert [word for word in HIDDEN if word in seen] == []


async def test_what_is_still_undone_is_read_too(pages: Pages) -> None:
    number = await ask_and_add(pages)
    await change(pages, number, status="concluded")
    now = pages.api.clock()
    context = pages.api.city.context(now=now)
    await pages.api.store.write(
        lambda s: rating.rate(
            s, number, resident_id=1, verdict=Verdict(solved="partly"), part="后面那根还不亮", now=now, context=context
        )
    )

    seen = await read(pages, "unit_clerk", number)

    assert seen.count("后面那根还不亮") == 1


async def test_who_only_assists_does_not_read_it(pages: Pages) -> None:
    number = await ask_and_add(pages)
    await change(pages, number, unit="DL-LDZM", assisting=[UNIT])

    seen = await pages.visit("unit_clerk", f"/staff/tickets/{number}")

    assert (seen.status, "东门那根" in seen.text, "是哪一根" in seen.text) == (200, False, False)


@pytest.mark.parametrize("role", ["unit_clerk", "desk"])
async def test_of_a_confidential_matter_nothing_is_read(pages: Pages, role: str) -> None:
    number = await ask_and_add(pages)
    now = pages.api.clock()
    context = pages.api.city.context(now=now)
    await pages.api.store.write(lambda s: secrecy.keep_secret(s, number, actor="operator", now=now, context=context))

    seen = await read(pages, role, number)

    assert ("东门那根" in seen, "是哪一根" in seen) == (False, False)


@pytest.mark.parametrize(("unit", "read_by_it"), [("WY-01", True), ("WY-02", False)])
async def test_a_private_unit_reads_the_answer_to_its_question_only_while_it_has_the_matter(
    pages: Pages, unit: str, *, read_by_it: bool
) -> None:
    number = await ask_and_add(pages)
    await change(pages, number, unit=unit, assisting=["WY-01"])

    seen = await pages.visit("UC092", f"/staff/tickets/{number}")

    assert (seen.status, "东门那根" in seen.text) == (200, read_by_it)
    assert [word for word in HIDDEN if word in seen.text] == []
