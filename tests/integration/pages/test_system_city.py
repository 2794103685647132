"""The operator's pages of what a city is made of: one row edited, tables imported after a look, grids merged after a plan, models put into service."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp import FormData
from sqlalchemy import select

from bot.city import CHANGES
from console.accounts import sessions
from console.pages import form_tokens
from console.pages.door import STAFF_COOKIE
from residents.erasing import Erasure
from routing.tables import AreaRow, DutyItemRow, GroupRow, ShiftRow, StaffRow, UnitRow
from store import models
from store.audit import AuditEntry
from store.clock import utcnow
from store.counters import current_number
from tests.api_door import POSTS
from tests.integration.test_api import count_queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages, Seen

SYSTEM = "/staff/system"
ORG = f"{SYSTEM}/org"
IMPORT = f"{SYSTEM}/import"
CHANGE = f"{ORG}/change"
OPERATOR = POSTS["operator"].code
ROOMS = (
    *(f"{ORG}?table={table}" for table in ("areas", "units", "staff")),
    *(f"{SYSTEM}/{room}" for room in ("duties", "groups", "rosters", "models", "retention", "retention?count=1")),
)


def edition_of(seen: Seen) -> str:
    found = re.search(r'name="edition" value="([0-9a-f]+)"', seen.text)
    assert found is not None
    return found[1]


async def first(pages: Pages, table: type) -> str:
    code: str = await pages.api.store.read(lambda s: s.scalars(select(table.code).order_by(table.code)).first())  # type: ignore[attr-defined]
    return code


async def acts(pages: Pages, *names: str) -> list[tuple[str, str, str]]:
    def read(session: Session) -> list[tuple[str, str, str]]:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id.desc()).limit(5))
        return [(row.actor, row.action, row.subject) for row in rows]

    return await pages.api.store.read(read)


async def changes(pages: Pages) -> int:
    return await pages.api.store.read(lambda s: current_number(s, CHANGES))


@pytest.mark.parametrize("path", ROOMS)
async def test_an_auditor_reads_what_the_city_is_made_of_and_changes_nothing(pages: Pages, path: str) -> None:
    seen = await pages.visit("auditor", path)

    assert seen.status == 200
    assert re.findall(r'<form[^>]*method="post" action="([^"]*)"', seen.text) == ["/staff/sign-out"]
    assert [word for word in (IMPORT, CHANGE) if f'href="{word}' in seen.text] == []


async def test_a_group_whose_notice_was_posted_is_noted_and_who_did_it_is_kept(pages: Pages) -> None:
    code, before = await first(pages, GroupRow), await changes(pages)
    address = f"{SYSTEM}/rows/groups/{code}"
    row = await pages.api.store.read(lambda s: s.get_one(GroupRow, code))
    edition = edition_of(await pages.visit("operator", address))
    turned = "no" if row.notice_posted else "yes"

    seen = await pages.visit("operator", address, form={"notice_posted": turned, "edition": edition})

    assert (seen.status, seen.location.startswith(f"{SYSTEM}/groups?")) == (303, True)
    after = await pages.api.store.read(lambda s: s.get_one(GroupRow, code))
    assert (after.notice_posted, after.name, after.grid, after.worker) == (turned == "yes", row.name, row.grid, row.worker)
    assert await acts(pages, "org.edit") == [(OPERATOR, "org.edit", f"groups:{code}")]
    assert await changes(pages) == before + 1


async def test_what_is_wrong_with_a_row_is_said_and_what_was_typed_stays(pages: Pages) -> None:
    code = await first(pages, StaffRow)
    address = f"{SYSTEM}/rows/staff/{code}"
    edition = edition_of(await pages.visit("operator", address))

    seen = await pages.visit("operator", address, form={"unit": "NOWHERE", "name": "赵新来", "edition": edition})

    assert (seen.status, "没有保存" in seen.text, 'value="NOWHERE"' in seen.text, 'value="赵新来"' in seen.text) == (
        422,
        True,
        True,
        True,
    )
    assert (await pages.api.store.read(lambda s: s.get_one(StaffRow, code))).unit != "NOWHERE"
    assert await acts(pages, "org.edit") == []


async def test_two_who_edit_the_same_row_do_not_overwrite_each_other(pages: Pages) -> None:
    code = await first(pages, UnitRow)
    address = f"{SYSTEM}/rows/units/{code}"
    edition = edition_of(await pages.visit("operator", address))
    assert (await pages.visit("operator", address, form={"name": "甲改的", "edition": edition})).status == 303

    seen = await pages.visit("operator", address, form={"name": "乙改的", "edition": edition})

    assert (seen.status, "别人改过这一条" in seen.text) == (409, True)
    assert (await pages.api.store.read(lambda s: s.get_one(UnitRow, code))).name == "甲改的"


@pytest.mark.parametrize("path", ["rows/staff/nobody", "rows/nothing/x", "rows/roster/x", "save/nothing"])
async def test_what_there_is_not_is_not_found(pages: Pages, path: str) -> None:
    assert (await pages.visit("operator", f"{SYSTEM}/{path}")).status == 404


@pytest.mark.parametrize("table", ["areas", "units", "staff", "groups", "duty-list", "roster"])
async def test_a_table_that_is_saved_can_be_imported_again_and_nothing_changes(pages: Pages, table: str) -> None:
    saved = await pages.visit("operator", f"{SYSTEM}/save/{table}")
    assert saved.status == 200
    rows = list(csv.reader(io.StringIO(saved.text.lstrip("\ufeff"))))
    assert rows[0][-1] == "mark"
    assert all(OPERATOR in row[-1] for row in rows[1:])
    assert await acts(pages, "table.save") == [(OPERATOR, "table.save", table)]

    def stand(session: Session) -> list[tuple[object, ...]]:
        kinds = {
            "areas": AreaRow,
            "units": UnitRow,
            "staff": StaffRow,
            "groups": GroupRow,
            "duty-list": DutyItemRow,
            "roster": ShiftRow,
        }
        kind = kinds[table].__table__
        return [tuple(row) for row in session.execute(select(kind).order_by(kind.c.code))]

    before = await pages.api.store.read(stand)
    seen = await pages.visit("operator", f"{IMPORT}/take", form={"table": table, "content": saved.text.lstrip("\ufeff")})

    assert (seen.status, await pages.api.store.read(stand)) == (303, before)


async def test_an_import_is_looked_at_first_and_changes_nothing_until_it_is_taken(pages: Pages) -> None:
    row = "code,name,role,unit\nNEW1,钱多多,unit_clerk,LT-01-JWH\n"

    seen = await pages.visit("operator", f"{IMPORT}/preview", form={"table": "staff", "content": row})
    assert (seen.status, "读到 <b>1</b> 行" in seen.text, "导入这 1 行" in seen.text) == (200, True, True)
    assert await pages.api.store.read(lambda s: s.get(StaffRow, "NEW1")) is None

    taken = await pages.visit("operator", f"{IMPORT}/take", form={"table": "staff", "content": row})
    assert (taken.status, taken.location) == (303, f"{IMPORT}?table=staff")
    assert (await pages.api.store.read(lambda s: s.get_one(StaffRow, "NEW1"))).name == "钱多多"
    assert await acts(pages, "import") == [(OPERATOR, "import", "staff")]


@pytest.mark.parametrize("step", ["preview", "take"])
async def test_a_table_with_a_bad_line_is_refused_whole_and_says_which(pages: Pages, step: str) -> None:
    content = "code,name,role,unit\nNEW1,钱多多,unit_clerk,LT-01-JWH\nNEW2,孙无处,unit_clerk,NOWHERE\n"

    seen = await pages.visit("operator", f"{IMPORT}/{step}", form={"table": "staff", "content": content})

    assert (seen.status, "第 3 行" in seen.text, "导入这" in seen.text) == (200 if step == "preview" else 422, True, False)
    assert await pages.api.store.read(lambda s: s.get(StaffRow, "NEW1")) is None


@pytest.mark.parametrize("form", [{}, {"table": "nothing", "content": "a"}, {"table": "staff", "content": ""}])
async def test_a_form_that_names_no_table_imports_nothing(pages: Pages, form: dict[str, str]) -> None:
    before = await changes(pages)

    assert (await pages.visit("operator", f"{IMPORT}/take", form=form)).status == 422
    assert await changes(pages) == before


async def send_file(pages: Pages, body: bytes, *, name: str = "staff.csv", table: str = "staff") -> tuple[int, str]:
    """Send a file to be looked at, as a browser does."""
    cookie = await pages.sign_in("operator")
    form = FormData({"csrf": form_tokens.mask(sessions.csrf_of(cookie)), "table": table})
    form.add_field("file", body, filename=name)
    headers = {"Cookie": f"{STAFF_COOKIE}={cookie}"}
    response = await pages.client.post(f"{pages.address}{IMPORT}/preview", data=form, headers=headers)
    return response.status, await response.text()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_file_as_excel_saves_it_is_read(pages: Pages, encoding: str) -> None:
    status, text = await send_file(pages, "code,name,role,unit\nNEW1,钱多多,unit_clerk,LT-01-JWH\n".encode(encoding))

    assert (status, "读到 <b>1</b> 行" in text, "NEW1,钱多多" in text) == (200, True, True)


async def test_a_workbook_is_no_text_and_says_what_to_do(pages: Pages) -> None:
    status, text = await send_file(pages, b"PK\x03\x04rest", name="staff.xlsx")

    assert (status, "另存为 CSV" in text) == (422, True)


async def test_grids_merge_only_after_the_plan_was_seen(pages: Pages) -> None:
    into, other = "LA-DL-LT-01-G1", "LA-DL-LT-01-G2"
    form = {"change": "merge_grids", "into": into, "others": other}

    def retired(session: Session) -> bool:
        return session.get_one(AreaRow, other).retired_at is not None

    seen = await pages.visit("operator", f"{CHANGE}/plan", form=form)
    assert (seen.status, "先看会怎样" in seen.text, "照这样办" in seen.text) == (200, True, True)
    assert await pages.api.store.read(retired) is False

    assert (await pages.visit("operator", f"{CHANGE}/do", form=form)).location == ORG
    assert await pages.api.store.read(retired) is True


async def test_a_plan_names_no_ticket(pages: Pages) -> None:
    number = (await pages.api.open(area="LA-DL-LT-01-G2")).ticket.number
    form = {"change": "merge_grids", "into": "LA-DL-LT-01-G1", "others": "LA-DL-LT-01-G2"}

    seen = await pages.visit("operator", f"{CHANGE}/plan", form=form)

    assert (seen.status, number in seen.text) == (200, False)


async def test_what_stands_against_a_change_is_said_and_nothing_is_done(pages: Pages) -> None:
    form = {"change": "retire_unit", "unit": "LT-01-JWH", "successor": "LT-01-JWH"}

    planned = await pages.visit("operator", f"{CHANGE}/plan", form=form)
    done = await pages.visit("operator", f"{CHANGE}/do", form=form)

    assert ("现在不能办" in planned.text, "照这样办" in planned.text, done.status) == (True, False, 409)
    assert (await pages.api.store.read(lambda s: s.get_one(UnitRow, "LT-01-JWH"))).retired_at is None


async def test_a_learned_version_is_put_into_service_and_taken_back(pages: Pages) -> None:
    def keep(session: Session) -> None:
        for _ in range(2):
            models.keep(session, "routing", b"x", figures={"learned": 40, "held_out": 0.5}, by="OP-1", now=utcnow())

    def serving(session: Session) -> int | None:
        found = models.find_serving(session, "routing")
        return found.version if found is not None else None

    await pages.api.store.write(keep)
    assert "0.500" in (await pages.visit("operator", f"{SYSTEM}/models")).text

    await pages.visit("operator", f"{SYSTEM}/models/use", form={"version": "2"})
    assert await pages.api.store.read(serving) == 2
    await pages.visit("operator", f"{SYSTEM}/models/back", form={})
    assert await pages.api.store.read(serving) is None
    assert [action for _, action, _ in await acts(pages, "models.use", "models.back")] == ["models.back", "models.use"]

    assert (await pages.visit("operator", f"{SYSTEM}/models/use", form={"version": "9"})).status == 409
    assert (await pages.visit("operator", f"{SYSTEM}/models/use", form={})).status == 422


async def test_what_was_erased_and_what_goes_tonight_is_counted_without_deleting(pages: Pages) -> None:
    def write(session: Session) -> None:
        session.add(
            Erasure(
                receipt="E-20260101-001",
                kind="due",
                mark="",
                asked_at=utcnow() - timedelta(days=1),
                done_at=utcnow(),
                counts={"messages": 7, "tickets": 0},
            )
        )

    await pages.api.store.write(write)

    seen = await pages.visit("auditor", f"{SYSTEM}/retention?count=1")

    assert ("E-20260101-001" in seen.text, "来信 7" in seen.text, "工单的话 0" in seen.text, "没有过期的" in seen.text) == (
        True,
        True,
        False,
        True,
    )


async def test_every_desk_stands_with_its_shifts_and_who_is_on_duty(pages: Pages) -> None:
    seen = await pages.visit("auditor", f"{SYSTEM}/rosters")

    desks = sorted(desk.name for desk in pages.api.city.org.desks.values())
    assert sorted(re.findall(r'<h2 id="d-[^"]*">([^<]*?) <span', seen.text)) == desks


async def test_no_list_asks_the_database_more_often_for_more_rows(pages: Pages) -> None:
    async def count(path: str) -> int:
        await pages.sign_in("operator")
        with count_queries() as asked:
            assert (await pages.visit("operator", path)).status == 200
        return len(asked)

    paths = [f"{ORG}?table=staff&words={words}" for words in ("", "GW001")] + [f"{SYSTEM}/groups", f"{SYSTEM}/groups?words=none"]
    found = [await count(path) for path in paths]

    assert len(set(found)) == 1
