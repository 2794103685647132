"""苗头、待裁定、月报、工作量: what a supervisor looks at and decides, and nobody who has no part in it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from routing import tally_rows, trail_folds
from routing.month_decisions import MonthDecision
from routing.tables import Ticket, TicketEvent
from store.clock import utcnow
from tests.api_door import POSTS, UNIT
from tests.integration.pages.test_figures_page import DAMP, fold, opened, rows_of
from tests.integration.test_api import count_queries, give

if TYPE_CHECKING:
    from tests.page_door import Pages, Seen

SIGNS, REVIEWS, MONTH, LOADS = (
    "/staff/figures/signs",
    "/staff/figures/reviews",
    "/staff/figures/month",
    "/staff/workloads",
)


async def hollow(pages: Pages, resident: int = 1) -> str:
    """A ticket that a unit concluded at once, without a word of what was done."""
    number = await opened(pages, resident=resident)
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    for act, body in (("sign", {}), ("reply", {"text": "已处理"}), ("conclude", {"text": "已处理"})):
        status, found = await pages.api.act("unit_clerk", number, act, body)
        assert (act, status) == (act, 200), found
    return number


async def disputed(pages: Pages, cause: str = "dispute", resident: int = 1) -> str:
    """A ticket that waits for the supervisor of the desk."""
    number = await opened(pages, resident=resident)

    def change(session: object) -> None:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()  # type: ignore[attr-defined]
        ticket.status, ticket.disputed, ticket.unit = "review", UNIT, ticket.desk
        session.add(  # type: ignore[attr-defined]
            TicketEvent(
                ticket_id=ticket.id,
                at=utcnow(),
                act=cause,
                actor="system",
                before="accepted",
                after="review",
                unit=ticket.desk,
                facts={},
            )
        )

    await pages.api.store.write(change)
    return number


def form_of(seen: Seen, number: str, act: str) -> dict[str, str]:
    part = seen.text.partition(f'action="/staff/tickets/{number}/{act}"')[2].partition("</form>")[0]
    return {name: html.unescape(value) for name, value in re.findall(r'name="(edition|back|query)" value="([^"]*)"', part)}


async def test_a_sign_names_its_ticket_and_can_be_supervised_there(pages: Pages) -> None:
    number = await hollow(pages)

    seen = await pages.visit("supervisor", SIGNS)
    chosen = await pages.visit("supervisor", f"{SIGNS}?tab=bounced")

    assert number in rows_of(seen)
    assert "办结的话说不清办了什么" in seen.text
    assert rows_of(chosen) == []
    sent = await pages.visit(
        "supervisor", f"/staff/tickets/{number}/supervise", form={**form_of(seen, number, "supervise"), "text": "办了什么？"}
    )
    assert (sent.status, sent.location.partition("?")[0]) == (303, SIGNS)


async def test_a_sign_about_somebody_is_not_shown_to_them(pages: Pages) -> None:
    number = await hollow(pages)
    about = {"refused_staff": [POSTS["supervisor"].code]}
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(**about)))

    for path in (SIGNS, f"{SIGNS}/save/csv"):
        assert number not in (await pages.visit("supervisor", path)).text
        assert number in (await pages.visit("desk", path)).text


@pytest.mark.parametrize(("cause", "acts"), [("dispute", {"arbitrate"}), ("escalate", {"reassign", "carry", "explain"})])
async def test_what_waits_for_a_decision_offers_the_ways_to_decide_to_who_decides(pages: Pages, cause: str, acts: set[str]) -> None:
    number = await disputed(pages, cause)

    offered = {
        role: set(re.findall(rf'action="/staff/tickets/{number}/(\w+)"', (await pages.visit(role, REVIEWS)).text))
        for role in ("supervisor", "desk")
    }

    assert offered == {"supervisor": acts, "desk": set()}


async def test_a_decision_is_made_on_the_list_and_the_list_comes_back(pages: Pages) -> None:
    number = await disputed(pages)
    org = pages.api.city.org
    form = form_of(await pages.visit("supervisor", REVIEWS), number, "arbitrate")
    other = next(one.code for one in org.units.values() if one.kind == org.units[UNIT].kind and one.code != UNIT and one.area)

    empty = await pages.visit("supervisor", f"/staff/tickets/{number}/arbitrate", form={**form, "unit": other, "text": ""})
    sent = await pages.visit(
        "supervisor", f"/staff/tickets/{number}/arbitrate", form={**form, "unit": UNIT, "text": "按属地归你们"}
    )

    assert empty.status == 422
    assert (sent.status, sent.location) == (303, REVIEWS)
    assert number not in rows_of(await pages.visit("supervisor", REVIEWS))


async def test_the_queries_of_the_review_list_do_not_grow_with_it(pages: Pages) -> None:
    counts = []
    for more in (1, 6):
        for resident in range(more):
            await disputed(pages, resident=10 * more + resident)
        await pages.visit("supervisor", REVIEWS)
        with count_queries() as seen:
            listed = await pages.visit("supervisor", REVIEWS)
        counts.append(len(seen))

    assert len(rows_of(listed)) == 7
    assert counts[0] == counts[1]


async def test_the_pack_of_a_month_is_shown_and_saved(pages: Pages) -> None:
    await opened(pages)
    await fold(pages)

    seen = await pages.visit("desk", f"{MONTH}?show=1")
    saved = await pages.visit("desk", f"{MONTH}/save/xlsx")

    assert "社情民意月报" in seen.text
    assert "<svg" in seen.text
    assert not re.search(r"<[^>]+ style=", seen.text)
    assert (saved.status, saved.headers["Content-Type"].partition(";")[0].rpartition(".")[2]) == (200, "sheet")
    assert (await pages.visit("desk", f"{MONTH}/save/csv")).status == 422
    assert (await pages.visit("desk", f"{MONTH}?month=2026-13")).status == 422
    assert (await pages.visit("desk", f"{MONTH}?month=2998-01&show=1")).status == 422


async def test_what_a_meeting_decided_is_written_down_and_settled_once(pages: Pages) -> None:
    now = f"{utcnow():%Y-%m}"
    area = pages.api.city.org.units[pages.api.city.desk].area
    given = {"month": now, "area": area, "what": "把三处路灯修好", "unit": UNIT, "due": "2099-01-31"}

    empty = await pages.visit("supervisor", f"{MONTH}/decide", form={**given, "what": " "})
    sent = await pages.visit("supervisor", f"{MONTH}/decide", form=given)
    seen = await pages.visit("supervisor", sent.location)
    number = await pages.api.store.read(lambda s: s.scalars(select(MonthDecision.id)).one())
    result = {"month": now, "area": area, "result": "都修好了", "state": "done"}
    done = await pages.visit("supervisor", f"{MONTH}/settle/{number}", form=result)
    again = await pages.visit("supervisor", f"{MONTH}/settle/{number}", form=result)

    assert (empty.status, sent.status, done.status, again.status) == (422, 303, 303, 422)
    assert given["unit"] in empty.text, "what was chosen stays"
    assert "把三处路灯修好" in seen.text
    assert "办成了" in (await pages.visit("supervisor", MONTH)).text
    for path in (f"{MONTH}/decide", f"{MONTH}/settle/{number}"):
        assert (await pages.visit("auditor", path, form=given)).status == 403


async def test_a_supervisor_reads_the_work_of_those_they_look_after_and_nobody_else_does(pages: Pages) -> None:
    numbers = [await hollow(pages, resident) for resident in (1, 2)]

    seen = await pages.visit("supervisor", LOADS)

    assert seen.status == 200
    for role in ("desk", "operator", "auditor", "unit_clerk", "grid_worker"):
        assert (role, (await pages.visit(role, LOADS)).status) == (role, 403)
    looked_after = UNIT in {code for code in pages.api.city.org.units if _looks_after(pages, code)}
    assert all((number in seen.text) == looked_after for number in numbers)


def _looks_after(pages: Pages, unit: str) -> bool:
    return any(one.code == POSTS["supervisor"].code for one in pages.api.city.org.supervisors_of(unit))


async def test_what_the_worker_has_read_is_shown_as_before_to_everybody(pages: Pages) -> None:
    about, sealed, *_ = [await hollow(pages, resident) for resident in (1, 2, 3)]
    for number, values in ((about, {"refused_staff": [POSTS["supervisor"].code]}), (sealed, {"confidential": True})):
        change = update(Ticket).where(Ticket.number == number).values(**values)
        await pages.api.store.write(lambda s, change=change: s.execute(change))
    asked = [
        (role, path)
        for role in ("supervisor", "desk")
        for path in (SIGNS, f"{SIGNS}?tab=hollow", f"{SIGNS}/save/csv", LOADS, f"{LOADS}/save/csv")
    ]
    before = [read_body(await pages.visit(role, path)) for role, path in asked]

    await pages.api.store.write(lambda s: trail_folds.refresh_all(s, basis=pages.api.city.reports.basis))

    assert [read_body(await pages.visit(role, path)) for role, path in asked] == before
    assert any(about in body for body in before)


def read_body(seen: Seen) -> str:
    """Give a page without the marks that differ from sign-in to sign-in, and without the minute at which it was asked for."""
    return re.sub(r'="[0-9a-f]{32,}"|\d\d:\d\d|刚刚|\d+分钟前', "", seen.text)


async def test_the_queries_of_signs_and_workloads_do_not_grow(pages: Pages) -> None:
    counts = []
    for more in (1, 4):
        for resident in range(more):
            await hollow(pages, resident=10 * more + resident)
        await pages.api.store.write(lambda s: trail_folds.refresh_all(s, basis=pages.api.city.reports.basis))
        for path in (SIGNS, LOADS):
            await pages.visit("supervisor", path)
            with count_queries() as seen:
                await pages.visit("supervisor", path)
            counts.append(len(seen))

    assert counts[:2] == counts[2:]


async def test_what_is_confidential_counts_for_nobody(pages: Pages) -> None:
    number = await hollow(pages)
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(confidential=True)))
    await pages.api.store.write(lambda s: tally_rows.refresh_all(s, now=utcnow(), zone=pages.api.city.zone))

    assert number not in (await pages.visit("supervisor", LOADS)).text
    assert DAMP not in (await pages.visit("supervisor", LOADS)).text
