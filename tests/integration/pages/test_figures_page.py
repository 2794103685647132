"""数据: every number leads to its tickets, nothing is listed that somebody may not see, and what is saved is no formula and says who saved it."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from console.pages.figure_span import find_period
from routing import tally_rows
from routing.tables import Ticket
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import ELSEWHERE, GRID, POSTS, UNIT
from tests.integration.test_api import count_queries, give

if TYPE_CHECKING:
    from tests.page_door import Pages, Seen

FIGURES, TICKETS = "/staff/figures", "/staff/figures/tickets"
LONG = {"period": "own", "from": "2020-01-01", "to": "2099-12-31"}
DAMP = "楼道里的杂物没人清，堆到了门口"


def address(path: str, **asked: str) -> str:
    return f"{path}?{urlencode(LONG | asked)}"


def rows_of(seen: Seen) -> list[str]:
    return re.findall(r'data-row="([^"]+)"', seen.text)


async def fold(pages: Pages) -> None:
    await pages.api.store.write(lambda s: tally_rows.refresh_all(s, now=utcnow(), zone=pages.api.city.zone))


async def opened(pages: Pages, **facts: Any) -> str:
    return (await pages.api.open(facts.pop("text", DAMP), **facts)).ticket.number


@pytest.mark.parametrize("area", [GRID, "LA-DL-LT"])
async def test_the_area_that_is_looked_at_stays_chosen_when_something_else_is_changed(pages: Pages, area: str) -> None:
    """A grid is no choice of the list: it is reached by its link, and then it is one."""
    seen = await pages.visit("supervisor", address(FIGURES, area=area))

    chosen = re.findall(r'<option value="([^"]*)" selected>', seen.text.partition('id="area"')[2].partition("</select>")[0])
    assert chosen == [area]


async def test_the_number_on_the_page_leads_to_its_tickets(pages: Pages) -> None:
    numbers = [await opened(pages, resident=resident) for resident in (1, 2)]
    await fold(pages)

    seen = await pages.visit("supervisor", address(FIGURES))
    links = [
        html.unescape(found) for found in re.findall(r'href="(/staff/figures/tickets\?[^"]+)" aria-label="受理 2 件"', seen.text)
    ]
    listed = await pages.visit("supervisor", links[0])

    assert (seen.status, listed.status) == (200, 200)
    assert sorted(rows_of(listed)) == sorted(numbers)
    assert "这段时间受理的工单，一件也不减。" in seen.text


async def test_the_same_colour_says_the_same_in_every_part_of_the_map(pages: Pages) -> None:
    """The only open matter of one community is not as dark as the four of the other."""
    for resident, area in enumerate(("LA-DL-LT-01-G1", *("LA-DL-LT-02-G1",) * 4), start=1):
        await opened(pages, resident=resident, area=area)
    await fold(pages)

    seen = await pages.visit("supervisor", address(FIGURES))
    shown = re.findall(r'class="shade shade-(\d)" data-area="([^"]+)" data-shade="(\d)".*?<b>(\d+)</b>', seen.text)
    assert {(area, shade, again, count) for shade, area, again, count in shown if count != "0"} == {
        ("LA-DL-LT-01-G1", "1", "1", "1"),
        ("LA-DL-LT-02-G1", "4", "4", "4"),
    }


async def test_a_part_that_is_chosen_lists_that_part(pages: Pages) -> None:
    late, calm = [await opened(pages, resident=resident) for resident in (1, 2)]
    await pages.api.store.write(lambda s: give(s, late, UNIT))
    await pages.api.store.write(
        lambda s: s.execute(update(Ticket).where(Ticket.number == calm).values(status="accepted", unit=pages.api.city.desk))
    )
    status, said = await pages.api.act("desk", calm, "decline", {"route": "litigation", "text": "请向法院提起诉讼"})
    assert status == 200, said
    await fold(pages)

    shown = {
        side: rows_of(await pages.visit("desk", address(TICKETS, figure="closed_rate", side=side)))
        for side in ("count", "of", "rest", "declined")
    }

    assert shown == {"count": [], "of": [late], "rest": [late], "declined": [calm]}


async def test_whoever_is_accused_finds_it_in_no_list(pages: Pages) -> None:
    mine = await opened(pages)
    about = await opened(pages, resident=2)
    await pages.api.store.write(
        lambda s: s.execute(update(Ticket).where(Ticket.number == about).values(refused_staff=[POSTS["desk"].code]))
    )
    await fold(pages)

    for path in (TICKETS, f"{TICKETS}/save/csv"):
        seen = await pages.visit("desk", address(path))
        assert (mine in seen.text, about in seen.text) == (True, False), path
    assert about in (await pages.visit("supervisor", address(TICKETS))).text


async def test_of_a_confidential_matter_a_list_tells_its_number_alone(pages: Pages) -> None:
    number = await opened(pages, text="楼上阑珊家半夜吵", confidential=True)
    await fold(pages)

    for path in (TICKETS, f"{TICKETS}/save/csv"):
        seen = await pages.visit("SV001", address(path))
        assert (number in seen.text, "阑珊" in seen.text) == (True, False), path


async def test_who_may_not_read_a_confidential_matter_does_not_learn_from_a_list_how_it_went(pages: Pages) -> None:
    number = await opened(pages, confidential=True)
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(tier="red")))
    await fold(pages)

    for path in (TICKETS, f"{TICKETS}/save/csv"):
        assert number not in (await pages.visit("SV001", address(path))).text
    assert (await pages.visit("grid_worker", address(TICKETS))).status == 403


async def test_another_streets_desk_reads_neither_the_figures_nor_the_list(pages: Pages) -> None:
    number = await opened(pages)
    await fold(pages)
    org = pages.api.city.org
    other = next(one.code for one in org.staff.values() if one.role == "desk" and one.unit == org.desk_for(ELSEWHERE).code)

    assert (await pages.visit(other, address(FIGURES, area=GRID))).status == 403
    assert (await pages.visit(other, address(TICKETS, area=GRID))).status == 403
    assert number not in (await pages.visit(other, address(TICKETS))).text


async def test_what_is_saved_is_no_formula_names_who_saved_it_and_is_kept(pages: Pages) -> None:
    number = await opened(pages)
    await pages.api.store.write(
        lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(title="=1+1", public_place="@SUM(A1)"))
    )
    await fold(pages)

    seen = await pages.visit("desk", address(f"{TICKETS}/save/csv"))
    saved = await pages.api.store.read(lambda s: s.scalars(select(AuditEntry).where(AuditEntry.action == "figures.save")).one())

    cells = [cell for row in csv.reader(io.StringIO(seen.text.lstrip("\ufeff"))) for cell in row]
    assert {"'=1+1", "'@SUM(A1)"} <= set(cells)
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "-"))] == []
    assert cells[-1].startswith(POSTS["desk"].code)
    assert (saved.actor, saved.facts["figure"], saved.facts["count"]) == (POSTS["desk"].code, "received", 1)


async def test_the_figures_are_saved_as_a_workbook_with_how_they_are_counted(pages: Pages) -> None:
    await opened(pages)
    await fold(pages)

    response = await pages.client.get(
        f"{pages.address}{address(f'{FIGURES}/save/xlsx')}", headers={"Cookie": f"jieying_staff={await pages.sign_in('desk')}"}
    )
    with ZipFile(io.BytesIO(await response.read())) as book:
        words = book.read("xl/sharedStrings.xml").decode()

    assert "办结率" in words
    assert "受理 − 撤回" in words
    assert POSTS["desk"].code in words
    assert (await pages.visit("desk", address(f"{FIGURES}/save/pdf"))).status == 422


async def test_a_ticket_is_supervised_from_the_list_and_the_same_list_comes_back(pages: Pages) -> None:
    number = await opened(pages)
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    await fold(pages)
    seen = await pages.visit("supervisor", address(TICKETS, figure="closed_rate", side="rest"))
    row = seen.text.partition(f'data-row="{number}"')[2].partition("</li>")[0]
    form = {name: html.unescape(value) for name, value in re.findall(r'name="(edition|back|query)" value="([^"]*)"', row)}

    sent = await pages.visit("supervisor", f"/staff/tickets/{number}/supervise", form={**form, "text": "请说清什么时候清完"})
    again = await pages.visit("supervisor", sent.location)

    assert (sent.status, sent.location.partition("?")[0]) == (303, TICKETS)
    assert rows_of(again) == rows_of(seen) == [number]
    assert "督办" in (await pages.visit("supervisor", f"/staff/tickets/{number}")).text


async def test_the_sums_that_lag_behind_are_said_to(pages: Pages) -> None:
    await opened(pages)
    before = await pages.visit("desk", FIGURES)
    await fold(pages)

    assert "还没算进来" in before.text
    assert "还没算进来" not in (await pages.visit("desk", FIGURES)).text


async def test_the_number_of_queries_does_not_grow_with_the_tickets(pages: Pages) -> None:
    await opened(pages)
    await fold(pages)
    asked = [address(FIGURES), address(TICKETS)]
    counts: list[list[int]] = []
    for more in (0, 12):
        for resident in range(more):
            await opened(pages, resident=10 + resident)
        await fold(pages)
        counts.append([])
        for path in asked:
            await pages.visit("desk", path)
            with count_queries() as seen:
                assert (await pages.visit("desk", path)).status == 200
            counts[-1].append(len(seen))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query",
    [
        "?period=week", "?from=yesterday", "?period=own&from=2026-02-01&to=2026-01-01", "?from=0001-01-01", "?area=nowhere",
        "?unit=nothing", "?group=nothing", "?figure=nothing", "?figure=received&side=of", "?figure=kb_hit_rate", "?cursor=x",
    ],
)  # fmt: skip
async def test_an_address_that_means_nothing_is_refused(pages: Pages, query: str) -> None:
    assert (await pages.visit("desk", TICKETS + query)).status == 422


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [("month", (2024, 2, 1), (2024, 2, 29)), ("quarter", (2024, 1, 1), (2024, 3, 31)), ("year", (2024, 1, 1), (2024, 12, 31))],
)
def test_a_period_has_its_first_and_its_last_day(period: Any, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert find_period(period, date(2024, 2, 10)) == (date(*first), date(*last))


def test_a_december_ends_with_the_year() -> None:
    assert find_period("month", date(2025, 12, 31)) == (date(2025, 12, 1), date(2025, 12, 31))
    assert find_period("quarter", date(2025, 12, 31)) == (date(2025, 10, 1), date(2025, 12, 31))
