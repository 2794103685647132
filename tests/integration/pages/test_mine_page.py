"""我的工单: a unit finds what it has to do, by its due time, signs by one press, and answers in words that were looked at."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from routing.tables import Ticket, TicketEvent
from routing.track_tables import TicketSupervision, TicketTask
from store.clock import utcnow
from tests.api_door import POSTS, UNIT
from tests.integration.pages.test_desk_page import change, counts_of, form_of, read, rows_of
from tests.integration.test_api import copy_ticket, count_queries, give

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

MINE = "/staff/mine"
GOOD = "柳树街的路灯是线路老化引起的，已于11月20日更换线路，当晚试过恢复照明。"


async def given(pages: Pages, text: str = "路灯坏了三天，晚上很黑", *, resident: int = 1, **values: Any) -> str:
    """Open a ticket that the clerk's unit has to sign."""
    number = (await pages.api.open(text, resident=resident)).ticket.number
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    if values:
        await change(pages, number, **values)
    return number


async def id_of(pages: Pages, number: str) -> int:
    return await pages.api.store.read(lambda s: s.scalars(select(Ticket.id).where(Ticket.number == number)).one())


async def owe(pages: Pages, number: str, table: type[Any], **values: Any) -> None:
    ticket = await id_of(pages, number)

    def write(session: Session) -> None:
        now = utcnow()
        event = session.scalars(select(TicketEvent.id).where(TicketEvent.ticket_id == ticket)).first()
        session.add(table(ticket_id=ticket, unit=UNIT, state="open", asked_event=event, asked_at=now, due_at=now, **values))

    await pages.api.store.write(write)


@pytest.mark.parametrize("role", ["unit_clerk", "liaison"])
async def test_one_press_signs_and_comes_back_to_the_list(pages: Pages, role: str) -> None:
    number = await given(pages)
    seen = await pages.visit(role, f"{MINE}?tab=sign")

    sent = await pages.visit(role, f"/staff/tickets/{number}/sign", form=form_of(seen, number))

    assert (sent.status, sent.location) == (303, f"{MINE}?tab=sign")
    assert (await read(pages, number))[0] == "signed"


@pytest.mark.parametrize(
    ("tab", "changes"),
    [
        ("sign", {}),
        ("work", {"status": "signed"}),
        ("work", {"status": "carried"}),
        ("held", {"status": "waiting"}),
        ("held", {"status": "paused"}),
        ("answered", {"status": "replied"}),
        ("answered", {"status": "concluded"}),
    ],
)
async def test_each_ticket_stands_where_it_says_what_is_to_be_done(pages: Pages, tab: str, changes: dict[str, Any]) -> None:
    before = counts_of(await pages.visit("unit_clerk", MINE))
    number = await given(pages, **changes)

    found = {name: rows_of(await pages.visit("unit_clerk", f"{MINE}?tab={name}")) for name in before}

    assert [name for name, rows in found.items() if number in rows] == [tab]
    after = counts_of(await pages.visit("unit_clerk", MINE))
    assert {name: after[name] - before[name] for name in before} == {name: int(name == tab) for name in before}


async def test_the_list_opens_where_there_is_something_to_do(pages: Pages) -> None:
    number = await given(pages, status="signed")

    assert number in rows_of(await pages.visit("unit_clerk", MINE))


async def test_a_task_stands_under_tasks_though_another_unit_has_the_ticket(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number
    other = next(code for code in pages.api.city.org.units if code not in {UNIT, pages.api.city.desk})
    await change(pages, number, unit=other, status="signed", assisting=[UNIT])
    await owe(pages, number, TicketTask)

    seen = await pages.visit("unit_clerk", f"{MINE}?tab=tasks")

    assert number in rows_of(seen)
    assert f"/staff/tickets/{number}?do=task_reply#acts" in seen.text
    assert (await pages.visit("unit_clerk", f"/staff/tickets/{number}?do=task_reply")).text.count('id="task_reply-text"') == 1


async def test_a_task_is_read_and_answered_on_the_tickets_page_by_who_was_asked_alone(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number
    lead = next(one.code for one in pages.api.city.org.staff.values() if one.role == "unit_clerk" and one.unit != UNIT)
    await change(pages, number, unit=pages.api.city.org.staff[lead].unit, status="signed", assisting=[])
    etag = (await pages.visit(lead, f"/staff/tickets/{number}")).edition
    sent = await pages.visit(
        lead, f"/staff/tickets/{number}/task", form={"unit": UNIT, "text": "请看看楼里有没有断电，住户13812345678", "edition": etag}
    )
    assert sent.status == 303

    asked = await pages.visit("unit_clerk", f"/staff/tickets/{number}")
    answered = await pages.visit(
        "unit_clerk", f"/staff/tickets/{number}/task_reply", form={"text": "楼里没断电", "edition": asked.edition}
    )

    assert "请看看楼里有没有断电，住户〔电话〕" in asked.text
    assert "楼里有没有断电" not in (await pages.visit(lead, f"/staff/tickets/{number}")).text
    assert answered.status == 303
    assert "task_reply-text" not in (await pages.visit("unit_clerk", f"/staff/tickets/{number}")).text


async def test_what_a_supervisor_asks_stands_under_supervision_until_it_is_answered(pages: Pages) -> None:
    number = await given(pages, status="signed")
    await owe(pages, number, TicketSupervision, kind="supervise", by="SV001")
    assert number in rows_of(await pages.visit("unit_clerk", f"{MINE}?tab=asked"))

    await pages.api.store.write(lambda s: s.execute(update(TicketSupervision).values(state="answered")))

    assert number not in rows_of(await pages.visit("unit_clerk", f"{MINE}?tab=asked"))


async def test_another_units_tickets_and_those_about_oneself_are_not_there(pages: Pages) -> None:
    before = counts_of(await pages.visit("unit_clerk", MINE))
    other = await given(pages, resident=31)
    elsewhere = next(code for code in pages.api.city.org.units if code not in {UNIT, pages.api.city.desk})
    await change(pages, other, unit=elsewhere)
    about = await given(pages, "居委会的人不办事", resident=32, refused_staff=[POSTS["unit_clerk"].code])

    found = [rows_of(await pages.visit("unit_clerk", f"{MINE}?tab={name}")) for name in before]

    assert {other, about}.isdisjoint(number for rows in found for number in rows)
    assert counts_of(await pages.visit("unit_clerk", MINE)) == before


async def test_the_number_of_queries_does_not_grow_with_the_list(pages: Pages) -> None:
    number = await given(pages)
    await pages.visit("unit_clerk", MINE)
    with count_queries() as few:
        await pages.visit("unit_clerk", MINE)
    await pages.api.store.write(lambda s: copy_ticket(s, number, 29))
    with count_queries() as many:
        seen = await pages.visit("unit_clerk", MINE)

    assert len(rows_of(seen)) >= 30
    assert len(many) == len(few)


# The answer is looked at before it goes


async def answer(pages: Pages, number: str, text: str, **more: str) -> Any:
    seen = await pages.visit("unit_clerk", f"/staff/tickets/{number}?do=reply")
    form = {"text": text, "edition": seen.edition, **more}
    return await pages.visit("unit_clerk", f"/staff/tickets/{number}/reply", form=form)


def despite_of(text: str) -> str:
    found = re.search(r'name="despite" value="(\w+)"', text)
    return found[1] if found else ""


async def test_an_answer_that_says_what_was_done_goes_at_once(pages: Pages) -> None:
    number = await given(pages, status="signed")

    assert (await answer(pages, number, GOOD)).status == 303
    assert (await read(pages, number))[0] == "replied"


async def test_an_answer_that_says_nothing_is_shown_again_and_goes_with_a_second_press(pages: Pages) -> None:
    number = await given(pages, status="signed")

    first = await answer(pages, number, "您好，已处理完毕。")
    despite = despite_of(first.text)
    second = await answer(pages, number, "您好，已处理完毕。", despite=despite)

    assert (first.status, second.status) == (422, 303)
    assert "您好，已处理完毕。</textarea>" in first.text
    assert "仍然发出" in first.text


async def test_a_second_press_is_about_the_same_words(pages: Pages) -> None:
    number = await given(pages, status="signed")
    despite = despite_of((await answer(pages, number, "已处理完毕。")).text)

    sent = await answer(pages, number, "已办结。", despite=despite)

    assert sent.status == 422
    assert (await read(pages, number))[0] == "signed"


async def test_a_phone_number_never_goes_whatever_is_pressed(pages: Pages) -> None:
    number = await given(pages, status="signed")
    text = f"{GOOD}有事打13812345678。"

    first = await answer(pages, number, text)
    despite = despite_of(first.text)
    second = await answer(pages, number, text, despite=despite or "0" * 16)

    assert (first.status, despite, second.status) == (422, "", 422)
    assert (await read(pages, number))[0] == "signed"


async def test_texts_to_begin_with_are_there_for_the_kind_of_unit_without_any_script(pages: Pages) -> None:
    number = await given(pages, status="signed")

    seen = await pages.visit("unit_clerk", f"/staff/tickets/{number}?do=reply&template=0")
    wrong = await pages.visit("unit_clerk", f"/staff/tickets/{number}?do=reply&template=99")

    kind = pages.api.city.org.units[UNIT].kind.value
    assert (kind, "上门了解过" in seen.text) == ("community", True)
    assert re.search(r"您反映的〔什么事〕[^<]+</textarea>", seen.text)
    assert (wrong.status, "〔什么事〕" in wrong.text.partition("<textarea")[2].partition("</textarea>")[0]) == (200, False)


async def test_what_is_due_long_ago_is_said_to_be_late(pages: Pages) -> None:
    await given(pages, status="signed", due_at=utcnow() - timedelta(days=2))

    assert "已超时" in (await pages.visit("unit_clerk", f"{MINE}?tab=work")).text
