"""The pages of codes: what a scan shows and what it never shows, the operator's list, and the sheet that is printed."""

from __future__ import annotations

import copy
import re
import secrets
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from bot.channels.web import WebSettings
from bot.control import CommandRefused, carry_out
from residents import conversations
from routing import codes
from routing.cells import make_code
from routing.code_tables import BuildingContent, CodeScan, PlaceCode
from routing.codes import Target
from routing.tables import StaffRow
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import GRID, POSTS
from tests.page_door import open_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages, Seen

LIST = "/staff/system/codes"
URL = "https://codes.example"
BUILDING = Target(kind="building", area=GRID, name="安泰花园", building="3号楼")
DOOR = Target(kind="door", area=GRID, name="安泰花园", building="3号楼", door="2单元501")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"


@pytest.fixture
def reachable(demo_city: tuple[Path, City]) -> City:
    """The demo city with an address under which residents reach it."""
    city = copy.copy(demo_city[1])
    server = msgspec.structs.replace(city.settings.server, public_url=f"{URL}/")
    city.settings = msgspec.structs.replace(city.settings, server=server)
    return city


@pytest.fixture
async def printing(demo_store: Store, reachable: City) -> AsyncIterator[Pages]:
    async with open_pages(demo_store, reachable) as opened:
        yield opened


async def make(pages: Pages, *targets: Target, note: str = "") -> list[str]:
    def write(session: Session) -> list[str]:
        made = codes.make(session, targets, note=note, by="OP-1", now=utcnow(), org=pages.api.city.org)
        return [codes.sign_code(session, row) for row in made.codes]

    return await pages.api.store.write(write)


async def read_codes(pages: Pages) -> list[tuple[str, str, bool, bool]]:
    def read(session: Session) -> list[tuple[str, str, bool, bool]]:
        rows = session.scalars(select(PlaceCode).order_by(PlaceCode.id))
        return [(row.kind, row.label, row.printed_at is not None, row.revoked_at is not None) for row in rows]

    return await pages.api.store.read(read)


async def count_scans(pages: Pages) -> int:
    return sum(await pages.api.store.read(lambda s: list(s.scalars(select(CodeScan.count)))))


def links(seen: Seen) -> list[str]:
    main = seen.text.partition("<main")[2].partition("</main>")[0]
    return re.findall(r'href="([^"]*)"', main)


@pytest.fixture
async def chatting(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    """The pages of a city whose chat page is on."""
    city = copy.copy(demo_city[1])
    channels = {**city.settings.channels, "web": WebSettings(enabled=True)}
    city.settings = msgspec.structs.replace(city.settings, channels=channels)
    async with open_pages(demo_store, city) as opened:
        yield opened


async def test_a_scan_shows_the_place_the_worker_and_four_doors_without_signing_in(chatting: Pages) -> None:
    pages = chatting
    [code] = await make(pages, BUILDING)
    seen = await pages.visit("", f"/c/{code}")

    assert seen.status == 200
    assert "<h1>安泰花园3号楼</h1>" in seen.text
    assert f"网格员 <b>{POSTS['grid_worker'].name}</b>" in seen.text
    assert links(seen) == [f"/chat?code={code}", "/faq", "/faq?kind=service", "/my"]
    assert await count_scans(pages) == 1


async def test_where_the_chat_page_is_off_a_scan_leads_nowhere_that_is_not_there(pages: Pages) -> None:
    [code] = await make(pages, BUILDING)

    for path in (f"/c/{code}", "/c/forged"):
        seen = await pages.visit("", path)
        assert "/chat" not in seen.text
        assert 'href="tel:12345"' in seen.text


async def test_the_work_phone_can_be_called_and_a_private_one_is_kept_nowhere(demo_store: Store, pages: Pages) -> None:
    def give(session: Session) -> None:
        for row in session.scalars(select(StaffRow).where(StaffRow.area == GRID)):
            row.work_phone = "0900-6100777"

    await demo_store.write(give)
    city = pages.api.city
    staff = {
        code: msgspec.structs.replace(one, work_phone="0900-6100777") if one.area == GRID else one
        for code, one in city.org.staff.items()
    }
    city.org = msgspec.structs.replace(city.org, staff=staff)
    [code] = await make(pages, BUILDING)

    assert "tel:0900-6100777" in links(await pages.visit("", f"/c/{code}"))
    assert "phone" not in StaffRow.__table__.columns


async def test_a_door_code_shows_nobody_who_lives_there(demo_store: Store, pages: Pages) -> None:
    """Somebody whose home is known as this very door, with a phone and a matter of their own, is on no page that the code opens."""

    def settle(session: Session) -> None:
        speaker = conversations.open_for(session, channel="terminal", sender="oCanary", place="person", now=utcnow())
        conversations.keep_identity(session, speaker, kind="home", value="安泰花园3号楼2单元501", now=utcnow())
        conversations.keep_identity(session, speaker, kind="phone", value="13900001111", now=utcnow())

    await demo_store.write(settle)
    await pages.api.open("安泰花园3号楼2单元501的周大妈家漏水", place="安泰花园3号楼2单元501")
    [door] = await make(pages, DOOR)
    seen = await pages.visit("", f"/c/{door}")

    assert "<h1>安泰花园3号楼2单元501</h1>" in seen.text
    assert [word for word in ("周大妈", "漏水", "13900001111", "1111", "oCanary") if word in seen.text] == []


async def test_what_was_imported_for_a_building_is_shown_and_runs_nothing(demo_store: Store, pages: Pages) -> None:
    def write(session: Session) -> None:
        for position, (building, title) in enumerate((("", "便民维修"), ("3号楼", HOSTILE), ("4号楼", "别的楼"))):
            values = {"estate": "安泰花园", "building": building, "title": title}
            more = {"kind": "service", "text": HOSTILE, "phone": "", "position": position}
            session.add(BuildingContent(code=make_code(*values.values()), **values, **more))

    await demo_store.write(write)
    [code] = await make(pages, BUILDING)
    seen = await pages.visit("", f"/c/{code}")

    assert [title in seen.text for title in ("便民维修", "别的楼")] == [True, False]
    assert "#services" in links(seen)
    assert [word in seen.text for word in ("<script>alert", "<img src=x", "49")] == [False, False, False]


async def test_a_revoked_and_a_forged_code_lead_kindly_to_the_front_door_and_are_not_counted(pages: Pages) -> None:
    [code] = await make(pages, BUILDING)
    await pages.api.store.write(lambda s: codes.revoke(s, 1, by="OP-1", now=utcnow()))
    revoked = await pages.visit("", f"/c/{code}")
    forged = [
        await pages.visit("", f"/c/{one}") for one in ("x", "A" * 24, "a" * 64, *(secrets.token_urlsafe(18) for _ in range(50)))
    ]

    assert (revoked.status, "<h1>这个码已经停用</h1>" in revoked.text, links(revoked)) == (410, True, ["tel:12345", "/"])
    assert "安泰花园" not in revoked.text
    assert {(one.status, "<h1>这个码认不出来</h1>" in one.text) for one in forged} == {(404, True)}
    assert links(forged[1]) == ["tel:12345", "/"]
    assert await count_scans(pages) == 0


async def test_an_operator_makes_filters_and_revokes(pages: Pages) -> None:
    made = await pages.visit("operator", f"{LIST}/make", form={"area": GRID, "kind": "building"})
    again = await pages.visit("operator", f"{LIST}/make", form={"area": GRID, "kind": "building"})
    doors = {"area": GRID, "name": "安泰花园", "building": "3号楼", "doors": "2单元501\n2单元502", "note": HOSTILE[:60]}
    await pages.visit("operator", f"{LIST}/make", form=doors)
    rows = await read_codes(pages)
    shown = await pages.visit("operator", f"{LIST}?kind=door")
    revoked = await pages.visit("operator", f"{LIST}/revoke", form={"code": str(len(rows))})

    assert (made.status, made.location, again.status) == (303, f"{LIST}?area={GRID}", 303)
    assert [row for row in rows if row[0] == "door"] == [
        ("door", "安泰花园3号楼2单元501", False, False),
        ("door", "安泰花园3号楼2单元502", False, False),
    ]
    assert (shown.text.count("门牌码</td>"), shown.text.count("楼栋码</td>"), "<script>alert" in shown.text) == (2, 0, False)
    assert revoked.status == 303
    assert (await read_codes(pages))[-1] == ("door", "安泰花园3号楼2单元502", False, True)
    assert "2单元502" not in (await pages.visit("operator", f"{LIST}?kind=door")).text
    assert "2单元502" in (await pages.visit("operator", f"{LIST}?kind=door&state=revoked")).text


async def test_what_is_wrong_with_a_form_is_said_and_what_was_typed_stays(pages: Pages) -> None:
    nowhere = await pages.visit("operator", f"{LIST}/make", form={"area": "nowhere", "name": "安泰花园", "building": "3号楼"})
    long = await pages.visit("operator", f"{LIST}/make", form={"area": GRID, "name": "长" * 61})
    kind = await pages.visit("operator", f"{LIST}?kind=palace")
    number = await pages.visit("operator", f"{LIST}/revoke", form={"code": "1 OR 1"})
    none = await pages.visit("operator", f"{LIST}/revoke", form={"code": "99"})

    assert (nowhere.status, "没有区域 nowhere" in nowhere.text, 'value="安泰花园"' in nowhere.text) == (422, True, True)
    assert [one.status for one in (long, kind, number, none)] == [422, 422, 422, 404]
    assert await read_codes(pages) == []


async def test_an_auditor_looks_and_changes_nothing(pages: Pages) -> None:
    await make(pages, BUILDING)
    seen = await pages.visit("auditor", LIST)

    assert (seen.status, "安泰花园3号楼" in seen.text, f"{LIST}/make" in seen.text, f"{LIST}/revoke" in seen.text) == (
        200,
        True,
        False,
        False,
    )
    assert (await pages.visit("auditor", f"{LIST}/revoke", form={"code": "1"})).status == 403


async def test_without_an_address_nothing_is_printed_and_the_reason_is_said(pages: Pages) -> None:
    await make(pages, BUILDING)
    sheet = await pages.visit("operator", f"{LIST}/print")

    assert (sheet.status, "还没有设置居民打开网页用的网址" in sheet.text) == (422, True)
    assert f"{LIST}/print" not in (await pages.visit("operator", LIST)).text


async def test_a_sheet_holds_eight_cards_a_page_each_with_its_own_code_and_no_door_of_another(printing: Pages) -> None:
    pages = printing
    doors = [msgspec.structs.replace(DOOR, door=f"1单元{floor}01") for floor in range(1, 10)]
    made = await make(pages, *doors, BUILDING)
    await pages.api.store.write(lambda s: codes.revoke(s, 10, by="OP-1", now=utcnow()))
    sheet = await pages.visit("operator", f"{LIST}/print?area={GRID}")

    assert sheet.status == 200
    assert (sheet.text.count('class="page"'), sheet.text.count('class="one"'), sheet.text.count("<svg")) == (2, 9, 9)
    assert len(set(re.findall(r"<svg.*?</svg>", sheet.text, re.DOTALL))) == 9
    assert [word in sheet.text for word in ("style=", "<script", "onload", "安泰花园3号楼</h2>")] == [False, False, False, False]
    assert len(made) == 10

    noted = await pages.visit("operator", f"{LIST}/printed", form={"code": "1\n2\n10"})
    assert noted.status == 303
    assert [printed for _, _, printed, _ in await read_codes(pages)] == [True, True, *[False] * 8]
    assert (await pages.visit("operator", f"{LIST}/print?state=unprinted")).text.count('class="one"') == 7


async def test_the_command_line_prints_a_file_that_stands_alone(
    printing: Pages, reachable: City, demo_city: tuple[Path, City]
) -> None:
    await make(printing, BUILDING, DOOR)
    store = printing.api.store
    result = await carry_out(store, reachable, "codes.print", {"kind": "door", "actor": "operator"})

    assert (result["count"], result["html"].count("<svg"), "@page" in result["html"]) == (1, 1, True)
    assert [word in result["html"] for word in ("<link", "<script", "<form", "src=")] == [False, False, False, False]
    assert [printed for _, _, printed, _ in await read_codes(printing)] == [False, True]
    with pytest.raises(CommandRefused, match="还没有设置居民打开网页用的网址"):
        await carry_out(store, demo_city[1], "codes.print", {"actor": "operator"})


async def test_what_an_operator_did_is_in_the_audit(pages: Pages) -> None:
    await pages.visit("operator", f"{LIST}/make", form={"area": GRID, "name": "安泰花园", "building": "3号楼"})
    await pages.visit("operator", f"{LIST}/revoke", form={"code": "1"})
    done = await pages.api.store.read(
        lambda s: [(one.actor, one.action) for one in s.scalars(select(AuditEntry).where(AuditEntry.action.startswith("code.")))]
    )

    assert done == [(POSTS["operator"].code, "code.make"), (POSTS["operator"].code, "code.revoke")]
