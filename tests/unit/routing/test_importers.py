from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from routing import org_rows
from routing.importers import ImportRefused, Problem, ProblemKey, discover
from routing.org_rows import ImportCounts
from routing.shapes import read_outlines
from routing.tables import DutyItemRow, PlaceTableRow, ShiftRow, UnitRow
from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
CITY = ROOT / "bot/seed_city"
ORDER = ("areas", "units", "staff", "roster", "places", "groups", "emergency")
SPECS = discover()
DUTY = "code,name,words,level,lead,deadline_value\n"


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def city(session: Session) -> Session:
    for name in ORDER:
        bring_in(session, name, CITY / f"{name}.csv")
    return session


def bring_in(session: Session, name: str, path: Path) -> ImportCounts:
    return SPECS[name].apply(session, SPECS[name].preview(session, path))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_every_importer_is_found() -> None:
    assert set(SPECS) == {*ORDER, "area-shapes", "building-content", "calendar", "duty-list", "patrol-sheets", "season-plans"}


def test_the_demo_city_comes_in_and_a_second_time_changes_nothing(city: Session) -> None:
    again = [bring_in(city, name, CITY / f"{name}.csv") for name in ORDER]

    assert [(counts.created, counts.changed, counts.removed) for counts in again] == [(0, 0, 0)] * len(ORDER)
    chart = org_rows.load_org(city)
    assert chart.desk_for("LA-DL-LT-01-G1").code == "LT-ZHS"
    assert chart.gaps(chart.desk_for("LA-DL-LT-01-G1")) == ()
    assert chart.grid_worker_of("LA-DL-LT-01-G1") is not None
    assert {place.property_unit for place in org_rows.load_places(city) if place.name == "安泰花园"} == {"WY-01"}


def test_outlines_come_in_by_area_and_a_second_time_changes_nothing(city: Session, tmp_path: Path) -> None:
    path = CITY / "area_shapes.csv"
    square = "POLYGON((1 1,2 1,2 2,1 1))"

    assert bring_in(city, "area-shapes", path).created == len(org_rows.load_org(city).areas) - 1  # all but the city
    assert bring_in(city, "area-shapes", path) == ImportCounts(unchanged=53)
    assert bring_in(city, "area-shapes", write(tmp_path / "new.csv", f'code,wkt\nLA-DL,"{square}"\n')) == ImportCounts(changed=1)
    assert read_outlines(city, ["LA-DL", "LA"]) == {"LA-DL": [[[[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]]]]}


def test_the_shipped_duty_list_stands_until_a_city_has_its_own(session: Session, tmp_path: Path) -> None:
    shipped = org_rows.load_duty_list(session)
    own = write(tmp_path / "own.csv", f"{DUTY}A-1,路灯,灯坏|灯灭,street,路灯照明,3\n")

    assert len(shipped.items) >= 165
    assert bring_in(session, "duty-list", own) == ImportCounts(created=1)
    assert [(item.code, item.words, item.deadline_value) for item in org_rows.load_duty_list(session).items.values()] == [
        ("A-1", ("灯坏", "灯灭"), 3)
    ]


def test_a_changed_duty_item_bears_the_list_s_next_version(session: Session, tmp_path: Path) -> None:
    rows = "A-1,路灯,灯坏,street,路灯照明,3\nA-2,井盖,井盖,street,市政养护,3\n"
    path = write(tmp_path / "own.csv", DUTY + rows)

    assert bring_in(session, "duty-list", path) == ImportCounts(created=2)
    assert bring_in(session, "duty-list", path) == ImportCounts(unchanged=2)
    write(path, DUTY + rows.removesuffix("3\n") + "1\n")
    assert bring_in(session, "duty-list", path) == ImportCounts(changed=1, unchanged=1)
    assert dict(session.execute(select(DutyItemRow.code, DutyItemRow.list_version)).all()) == {"A-1": 1, "A-2": 2}


def test_the_shipped_duty_list_comes_in_whole(session: Session) -> None:
    files = sorted((ROOT / "routing/duty_lists").glob("*.csv"))
    shipped = org_rows.load_duty_list(session)

    assert sum(bring_in(session, "duty-list", path).created for path in files) == len(shipped.items)
    assert org_rows.load_duty_list(session) == shipped


def test_a_road_cut_anew_loses_its_old_stretches(city: Session, tmp_path: Path) -> None:
    others = city.execute(select(func.count()).where(PlaceTableRow.name != "安泰路")).scalar_one()
    path = write(tmp_path / "places.csv", "name,kind,area\n安泰路,road,LA-DL-LT-01-G1\n")

    assert bring_in(city, "places", path) == ImportCounts(created=1, removed=3)
    assert city.execute(select(PlaceTableRow.area).where(PlaceTableRow.name == "安泰路")).scalars().all() == ["LA-DL-LT-01-G1"]
    assert city.execute(select(func.count()).where(PlaceTableRow.name != "安泰路")).scalar_one() == others


def test_a_desk_s_new_roster_takes_the_place_of_the_old(city: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "roster.csv", "desk,from,to,days,staff\nLT-ZHS,08:00,20:00,1-7,DK007\n")

    assert bring_in(city, "roster", path) == ImportCounts(created=1, removed=2)
    assert city.execute(select(ShiftRow.ends).where(ShiftRow.desk == "LT-ZHS")).scalars().all() == ["20:00"]
    assert city.execute(select(func.count()).where(ShiftRow.desk == "DL-ZHS")).scalar_one() == 6


def test_who_has_left_is_on_no_chart(city: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "staff.csv", "code,name,role,unit,area,active\nGW001,郑育才,grid_worker,LT-01-JWH,LA-DL-LT-01-G1,no\n")

    assert bring_in(city, "staff", path).changed == 1
    assert org_rows.load_org(city).grid_worker_of("LA-DL-LT-01-G1") is None


def test_the_city_s_own_days_stand_over_the_country_s(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "calendar.csv", "date,kind,name\n2026-03-03,holiday,三月三\n")
    zone = ZoneInfo("Asia/Shanghai")

    assert org_rows.load_calendar(session, zone=zone).works_on(date(2026, 3, 3))
    bring_in(session, "calendar", path)
    assert not org_rows.load_calendar(session, zone=zone).works_on(date(2026, 3, 3))


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("areas", "code,name\nX,东\n", Problem(1, "missing_column", {"column": "level"})),
        ("areas", "code,name,level\nX,,city\n", Problem(2, "empty", {"column": "name"})),
        (
            "areas",
            "code,name,level\nX,东,town\n",
            Problem(2, "bad_choice", {"column": "level", "value": "town", "choices": "grid, community, street, district, city"}),
        ),
        ("areas", "code,name,level,parent\nX,东,city,Y\n", Problem(2, "unknown_area", {"column": "parent", "code": "Y"})),
        ("areas", "code,name,level,parent\nX,东,city,X\n", Problem(2, "circle", {"code": "X"})),
        (
            "patrol-sheets",
            "code,name,area,items,rhythm,hours\nX,夜间巡查,LA,井盖,daily,夜里\n",
            Problem(2, "bad_hours", {"column": "hours", "value": "夜里"}),
        ),
        (
            "areas",
            "code,name,level,households\nX,东,city,很多\n",
            Problem(2, "bad_number", {"column": "households", "value": "很多"}),
        ),
        ("areas", "code,name,level\nX,东,city\n\nX,西,city\n", Problem(4, "duplicate_code", {"code": "X", "line": "2"})),
        ("areas", "code,name,level\nX,东,city,1\n", Problem(2, "too_many_cells")),
        ("units", "code,name,kind,area\nX,东,police,Y\n", Problem(2, "unknown_area", {"column": "area", "code": "Y"})),
        (
            "units",
            "code,name,kind,area,private\nX,东,police,LA,也许\n",
            Problem(2, "bad_choice", {"column": "private", "value": "也许", "choices": "yes, no"}),
        ),
        ("staff", "code,name,role,unit\nX,东,desk,Y\n", Problem(2, "unknown_unit", {"column": "unit", "code": "Y"})),
        (
            "roster",
            "desk,from,to,days,staff\nLT-JDB,08:00,09:00,1,DK001\n",
            Problem(2, "not_a_desk", {"column": "desk", "code": "LT-JDB"}),
        ),
        (
            "roster",
            "desk,from,to,days,staff\nLT-ZHS,08:00,09:00,1,X\n",
            Problem(2, "unknown_staff", {"column": "staff", "code": "X"}),
        ),
        (
            "places",
            "name,kind,area,property_unit\n院,estate,LA,X\n",
            Problem(2, "unknown_unit", {"column": "property_unit", "code": "X"}),
        ),
        ("groups", "id,name,grid\nX,群,Y\n", Problem(2, "unknown_area", {"column": "grid", "code": "Y"})),
        ("emergency", "code,name,number\nfire,火警,\n", Problem(2, "empty", {"column": "number"})),
        ("calendar", "date,kind\n昨天,holiday\n", Problem(2, "bad_date", {"column": "date", "value": "昨天"})),
        (
            "duty-list",
            f"{DUTY}A-1,路灯,灯坏,street,路灯照明,0\n",
            Problem(2, "bad_item", {"error": "deadline_value must be at least 1"}),
        ),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_comes_in(
    city: Session, tmp_path: Path, name: str, text: str, problem: Problem
) -> None:
    before = city.execute(select(func.count()).select_from(UnitRow)).scalar_one()
    preview = SPECS[name].preview(city, write(tmp_path / "bad.csv", text))

    assert preview.problems == (problem,)
    with pytest.raises(ImportRefused):
        SPECS[name].apply(city, preview)
    assert city.execute(select(func.count()).select_from(UnitRow)).scalar_one() == before


def test_a_shift_that_cannot_be_read_says_what_is_wrong(city: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "bad.csv", "desk,from,to,days,staff\nLT-ZHS,8点,09:00,1,DK001\n")
    (problem,) = SPECS["roster"].preview(city, path).problems

    assert (problem.line, problem.key, "8点" in problem.facts["error"]) == (2, "bad_shift", True)


def test_what_is_no_table_is_a_problem_of_the_file(session: Session, tmp_path: Path) -> None:
    for path in (write(tmp_path / "empty.csv", ""), tmp_path / "missing.csv"):
        assert [(problem.line, problem.key) for problem in SPECS["areas"].preview(session, path).problems] == [(0, "unreadable")]


def test_columns_that_are_not_used_are_listed(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "areas.csv", "code,name,level,mayor\nX,东,city,某\n")

    assert SPECS["areas"].preview(session, path).unused == ("mayor",)


def test_every_problem_has_a_text() -> None:
    texts = tomllib.loads((ROOT / "bot/texts.toml").read_text(encoding="utf-8"))["import_city"]

    assert set(texts) == set(get_args(ProblemKey))
    known = {"error", "column", "value", "choices", "code", "line", "successor", "most", "name"}
    assert {name for text in texts.values() for _, name, _, _ in Formatter().parse(text) if name} <= known
