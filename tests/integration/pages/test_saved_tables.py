"""Lists that are saved: a file holds what its list shows and nothing else, no cell is a formula, who saved it stands in it and in the audit."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from routing import codes
from routing.codes import Target
from routing.tables import Ticket
from store import inbox, outbox
from store.audit import AuditEntry
from store.clock import utcnow
from store.inbox import InboxMessage
from store.outbox import OutboxMessage
from tests.api_door import ELSEWHERE, GRID, POSTS, UNIT
from tests.integration.test_api import copy_ticket, count_queries, give

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

SYSTEM = "/staff/system"
LISTS = (
    ("desk", "/staff/desk", "tab=wait", "desk"),
    ("desk", "/staff/tickets", "", "tickets"),
    ("unit_clerk", "/staff/mine", "tab=sign", "mine"),
    ("grid_worker", "/staff/tickets", "", "tickets"),
    ("operator", f"{SYSTEM}/outbox", "list=unknown", "outbox"),
    ("operator", f"{SYSTEM}/quarantine", "", "quarantine"),
    ("operator", f"{SYSTEM}/codes", "", "codes"),
    ("operator", f"{SYSTEM}/users", "", "users"),
    ("operator", f"{SYSTEM}/channels", "", "channels"),
    ("auditor", f"{SYSTEM}/audit", "", "audit"),
)
"""Role, list, what of it, and what the audit calls it."""
HOSTILE = ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "\r=1")
STARTS = ("=", "+", "-", "@", "\t", "\r")


def address(path: str, form: str, query: str) -> str:
    return f"{path}/save/{form}?{query}"


async def fetch(pages: Pages, role: str, path: str, query: str = "") -> list[list[str]]:
    """Save a list as CSV; gives its rows."""
    seen = await pages.visit(role, address(path, "csv", query))
    assert seen.status == 200, seen.text
    return list(csv.reader(io.StringIO(seen.text.lstrip("\ufeff"), newline="")))


async def fetch_workbook(pages: Pages, role: str, path: str, query: str = "") -> list[object]:
    """Save a list as a workbook; gives its cells, formulas as such."""
    cookie = {"Cookie": f"jieying_staff={await pages.sign_in(role)}"}
    async with pages.client.get(f"{pages.address}{address(path, 'xlsx', query)}", headers=cookie) as response:
        assert response.status == 200
        book = load_workbook(io.BytesIO(await response.read()))
    assert [cell.coordinate for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


async def plant(pages: Pages) -> None:
    """Put something into every list, hostile wherever somebody can write."""
    first = (await pages.api.open()).ticket.number
    at_unit = (await pages.api.open("公园长椅坏了", resident=99)).ticket.number

    def write(session: Session) -> None:
        now, org = utcnow(), pages.api.city.org
        numbers = copy_ticket(session, first, len(HOSTILE))
        for number, text in zip(numbers, HOSTILE, strict=True):
            row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
            row.title, row.public_place, row.status, row.unit, row.tier = text, text, "accepted", row.desk, "none"
        give(session, at_unit, UNIT)
        session.execute(update(Ticket).where(Ticket.number == at_unit).values(title=HOSTILE[0]))
        targets = [Target(area=GRID, kind="building", name=text, building="1号楼") for text in HOSTILE]
        codes.make(session, targets, note="=note", by="@by", now=now, org=org)
        for count, text in enumerate(HOSTILE):
            outbox.put(session, cause=f"c{count}", now=now, audience="staff", target=text, channel=text, notice=text)
            kept = inbox.remember(session, channel=text, key=f"k{count}", body=b"{}", now=now)
            inbox.quarantine(session, kept.id, reason=text, now=now)
        session.execute(update(OutboxMessage).where(OutboxMessage.cause.startswith("c")).values(state="unknown", error=HOSTILE[3]))

    await pages.api.store.write(write)


@pytest.mark.parametrize(("role", "path", "query", "subject"), LISTS)
async def test_no_cell_of_a_file_is_a_formula_and_who_saved_it_stands_in_it_and_in_the_audit(
    pages: Pages, role: str, path: str, query: str, subject: str
) -> None:
    await plant(pages)
    code = POSTS[role].code

    rows = await fetch(pages, role, path, query)
    cells = await fetch_workbook(pages, role, path, query)

    assert [cell for row in rows for cell in row if cell.startswith(STARTS)] == []
    assert rows[-1][0].startswith(f"{code} 于 ")
    assert str(cells[0]).startswith(f"{code} 于 ")
    assert len(rows) > 4, "the list is not empty"
    entries = await pages.api.store.read(
        lambda s: s.execute(
            select(AuditEntry.actor, AuditEntry.subject, AuditEntry.facts).where(AuditEntry.action.endswith(".save"))
        ).all()
    )
    [as_csv, as_workbook] = [(one.actor, one.subject, one.facts["form"]) for one in entries]
    assert (as_csv, as_workbook) == ((code, subject, "csv"), (code, subject, "xlsx"))
    assert entries[0].facts["count"] == len(rows) - 4


@pytest.mark.parametrize(("path", "query"), [("/staff/desk", "tab=wait"), ("/staff/tickets", "")])
async def test_hostile_words_stay_readable(pages: Pages, path: str, query: str) -> None:
    await plant(pages)

    cells = {cell for row in await fetch(pages, "desk", path, query) for cell in row}

    assert {f"'{text}" for text in HOSTILE} <= cells


async def test_a_file_holds_what_the_list_shows_and_nothing_that_its_reader_may_not_see(pages: Pages) -> None:
    worker = POSTS["grid_worker"].code
    secret = (await pages.api.open("网格员柏舟收了红包格外阑珊", confidential=True, about=(worker,), kind="report")).ticket.number
    about = (await pages.api.open("网格员柏舟态度不好格外阑珊", resident=3, about=(worker,), kind="complaint")).ticket.number
    plain = (await pages.api.open("路灯坏了", resident=4)).ticket.number
    away = (await pages.api.open("楼道里的杂物没人清格外阑珊", resident=5, area=ELSEWHERE)).ticket.number
    for number in (about, plain):
        await pages.api.store.write(lambda s, number=number: give(s, number, UNIT))

    async def read(role: str, path: str, query: str = "") -> set[str]:
        rows = await fetch(pages, role, path, query)
        shown = (await pages.visit(role, f"{path}?{query}")).text
        found = {row[0] for row in rows[2:-2]}
        assert found == {number for number in (secret, about, plain, away) if number in shown}, (role, path)
        return found

    assert await read("grid_worker", "/staff/tickets") == {plain}
    assert await read("unit_clerk", "/staff/mine", "tab=sign") <= {plain, about}
    assert plain in await read("desk", "/staff/tickets")
    for role, path in (("grid_worker", "/staff/tickets"), ("unit_clerk", "/staff/mine")):
        text = str(await fetch(pages, role, path, "tab=sign"))
        assert [word for word in ("格外阑珊", away, secret) if word in text] == []


async def test_a_file_follows_the_filter_of_its_list(pages: Pages) -> None:
    first, second = (await pages.api.open()).ticket.number, (await pages.api.open("井盖坏了", resident=2)).ticket.number
    await pages.api.store.write(lambda s: give(s, second, UNIT))
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == first).values(status="closed")))

    rows = await fetch(pages, "desk", "/staff/tickets", "status=closed")

    assert [row[0] for row in rows[2:-2]] == [first]
    assert (await pages.visit("desk", "/staff/tickets/save/csv?status=nonsense")).status == 422


async def test_a_confidential_matter_is_a_number_in_a_file(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(confidential=True)))

    [row] = [row for row in await fetch(pages, "desk", "/staff/tickets") if row[:1] == [number]]

    assert [row[at] for at in (1, 2, 4, 5, 6, 10)] == ["", "", "", "", "", "0"]
    assert row[11] == "是"


async def test_numbers_of_people_are_masked_in_a_file(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number
    said = "找张先生13812345678"
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(title=said)))

    text = str(await fetch(pages, "desk", "/staff/tickets"))

    assert number in text
    assert "13812345678" not in text


async def test_a_send_about_a_hidden_matter_is_saved_without_its_number_and_its_reader(pages: Pages) -> None:
    operator = POSTS["operator"].code
    number = (await pages.api.open("操作员柏舟泄露了我的电话", about=(operator,), kind="complaint")).ticket.number

    def write(session: Session) -> None:
        session.execute(update(Ticket).where(Ticket.number == number).values(refused_staff=[operator]))
        outbox.put(
            session,
            cause="h",
            now=utcnow(),
            audience="unit",
            target=UNIT,
            channel="email",
            notice="replied",
            facts={"number": number},
        )
        session.execute(update(OutboxMessage).where(OutboxMessage.cause == "h").values(state="unknown", error="SendUnknown 0"))

    await pages.api.store.write(write)

    [row] = [row for row in await fetch(pages, "operator", f"{SYSTEM}/outbox", "list=unknown") if "已答复" in row]
    assert (row[2:5], row[6], row[8]) == (["单位", "", "邮件"], "", "平台没有应答")
    assert await fetch_workbook(pages, "auditor", f"{SYSTEM}/audit", f"subject={number}") != []
    assert number not in str((await fetch(pages, "operator", f"{SYSTEM}/audit"))[:-2])


async def test_only_csv_and_workbooks_are_made_and_a_refused_one_is_not_in_the_audit(pages: Pages) -> None:
    for role, path, query, _ in LISTS:
        assert (path, (await pages.visit(role, address(path, "exe", query))).status) == (path, 422)

    kept = await pages.api.store.read(lambda s: s.scalars(select(AuditEntry).where(AuditEntry.action.endswith(".save"))).all())
    assert kept == []


async def test_a_whole_table_of_the_city_is_saved_in_words(pages: Pages) -> None:
    cookie = {"Cookie": f"jieying_staff={await pages.sign_in('operator')}"}
    async with pages.client.get(f"{pages.address}{SYSTEM}/save/areas/xlsx", headers=cookie) as response:
        book = load_workbook(io.BytesIO(await response.read()))

    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[2][:3] == ["编码", "名称", "层级"]
    assert {row[2] for row in rows[3:]} <= {"网格", "社区", "街道", "区县", "市"}


@pytest.mark.parametrize(("role", "path", "query", "subject"), LISTS[4:7])
async def test_what_a_file_asks_of_the_database_does_not_grow_with_its_rows(
    pages: Pages, role: str, path: str, query: str, subject: str
) -> None:
    await pages.sign_in(role)
    counts = []
    for _ in range(2):
        with count_queries() as asked:
            await fetch(pages, role, path, query)
        counts.append(len(asked))
        await plant(pages) if len(counts) == 1 else None

    assert (subject, counts[1] - counts[0] <= 1) == (subject, True), counts


async def test_what_was_put_away_is_saved_apart(pages: Pages) -> None:
    await plant(pages)
    await pages.api.store.write(
        lambda s: s.execute(update(InboxMessage).where(InboxMessage.error == HOSTILE[0]).values(outcome="ignored"))
    )

    waiting = await fetch(pages, "operator", f"{SYSTEM}/quarantine")
    away = await fetch(pages, "operator", f"{SYSTEM}/quarantine", "list=put_away")

    assert (len(waiting) - 4, len(away) - 4) == (len(HOSTILE) - 1, 1)
