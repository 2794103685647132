"""What a pack that is read out at a meeting keeps silent about: those it is about, or who must not hear of it, may sit there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.control import carry_out
from bot.reporting.pack import Pack
from bot.reporting.page import write_page
from bot.texts import fill
from routing.terms import Level
from tests.integration.test_month_pack import DAY, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

APRIL = datetime(2026, 4, 3, 2, tzinfo=UTC)
SECRETS: dict[str, dict[str, Any]] = {
    "confidential": {"confidential": True},
    "accusation": {"kind": "report"},
    "about a unit": {"refused": ["DL-LDZM"]},
    "about a person": {"refused_staff": ["GW001"]},
    "violence at home": {"hazard": "family_violence"},
}


async def make(store: Store, city: City, **asked: str) -> dict[str, Any]:
    assert await carry_out(store, city, "report.refresh", {})
    found: Pack = msgspec.convert(await carry_out(store, city, "report.month", {"month": "2026-04"} | asked), Pack)
    return {section.key: section for section in found.sections} | {"pack": found}


@pytest.mark.parametrize("secret", SECRETS)
async def test_what_nobody_there_may_hear_of_is_counted_and_named_in_no_list(
    demo_store: Store, demo_city: tuple[Path, City], secret: str
) -> None:
    city = demo_city[1]

    def write(session: Session) -> None:
        writer = Writer(session, city)
        for number in range(4):
            ticket = writer.add(APRIL, place="梧桐巷7号", title="窗外争吵不停", resident=20 + number, **SECRETS[secret])
            writer.put(ticket, APRIL + DAY, "return", "accepted", "SZ-ZHS", **{"from": "DL-LDZM"})
            writer.put(ticket, APRIL + DAY, "return", "accepted", "SZ-ZHS", **{"from": "DL-LDZM"})
        for solved in ("no", "yes"):
            ticket = writer.add(APRIL, place="梧桐巷7号", title="窗外争吵不停", resident=30, **SECRETS[secret])
            writer.conclude(ticket, APRIL + timedelta(minutes=5), solved=solved, text="已处理")

    await demo_store.write(write)
    pack = await make(demo_store, city)
    page = write_page(pack["pack"])

    assert pack["volumes"].rows[0][1] == 6
    assert [
        row for key in ("places", "words", "overdue", "unhappy", "signs", "inspect", "problems") for row in pack[key].rows
    ] == []
    assert [word for word in ("梧桐巷", "争吵", "M001", "M005", "M006") if word in page] == []


async def test_signs_of_a_confidential_matter_name_its_unit_to_nobody(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]

    def write(session: Session) -> None:
        writer = Writer(session, city)
        for secret in (True, False):
            writer.conclude(writer.add(APRIL, place="", confidential=secret), APRIL + timedelta(minutes=5), text="已处理")

    await demo_store.write(write)
    alarms = await carry_out(demo_store, city, "report.alarms", {"month": "2026-04"})

    assert [(one["number"], one["unit"]) for one in alarms] == [("M001", ""), ("M002", "DL-LDZM")]


async def test_lists_say_the_community_and_not_the_grid(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    grid = next(area for area in city.org.areas.values() if area.level is Level.GRID)
    community = city.org.areas[grid.parent].name

    def write(session: Session) -> None:
        writer = Writer(session, city)
        for resident in (1, 2):
            writer.add(APRIL, place="梧桐巷7号", resident=resident, area=grid.code)

    await demo_store.write(write)
    pack = await make(demo_store, city)

    assert [row[2] for row in pack["overdue"].rows] == [community, community]
    assert [row[:2] for row in pack["places"].rows] == [(fill("report", "place_of_few"), community)]


async def test_what_few_answered_or_wrote_of_is_no_share_and_no_name(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    few, enough = (item.code for item in list(city.duty_list.items.values())[:2])

    def write(session: Session) -> None:
        writer = Writer(session, city)
        for number in range(3):
            ticket = writer.add(APRIL, place="", resident=number, item=enough)
            if number:
                writer.conclude(ticket, APRIL + DAY)
        writer.add(APRIL, place="", resident=9, item=few)

    await demo_store.write(write)
    pack = await make(demo_store, city)
    said = {row[0]: row[1] for row in pack["figures"].rows}
    small = fill("report", "few_answered", {"few": 3})

    assert [row[:2] for row in pack["grew"].rows] == [(city.duty_list.item(enough).name, 3)]
    assert [said[fill("report", f"name_{name}")] for name in ("contact_rate", "resolved_rate", "closed_rate")] == [
        small,
        small,
        "2/4 = 50.00 %",
    ]


async def test_what_does_not_fit_on_a_list_is_said(demo_store: Store, demo_city: tuple[Path, City]) -> None:
    city = demo_city[1]
    most = city.settings.report.most_rows

    def write(session: Session) -> None:
        writer = Writer(session, city)
        for number in range(most + 2):
            writer.add(APRIL, place="", resident=number)

    await demo_store.write(write)
    overdue = (await make(demo_store, city))["overdue"]

    assert len(overdue.rows) == most
    assert overdue.note.endswith(fill("report", "note_cut", {"count": most + 2, "most": most}))
