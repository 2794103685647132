from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.commands import discover
from bot.demo.past import Act, Bring, lay_out, load_past, read_span
from routing.grid_rounds import DueRound, PatrolSheet, list_rounds

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City

PAST = load_past()
ZONE = ZoneInfo("Asia/Shanghai")
TITLES = [matter.title for matter in PAST.matters]
NOWS = (
    datetime(2026, 11, 22, 16, 0, tzinfo=UTC),  # midnight in Shanghai
    datetime(2026, 11, 23, 2, 30, tzinfo=UTC),
    datetime(2027, 3, 1, 15, 59, tzinfo=UTC),  # the last minute of a day
)


@pytest.mark.parametrize("now", NOWS, ids=str)
def test_all_of_it_is_over_when_the_demonstration_begins_and_spans_weeks(now: datetime) -> None:
    happenings = lay_out(PAST, now=now, zone=ZONE)

    assert [one.matter.title for one in happenings if one.at > now] == []
    assert now - happenings[0].at > timedelta(weeks=4)
    assert [one.at for one in happenings] == sorted(one.at for one in happenings)


def test_it_is_the_same_every_time() -> None:
    assert lay_out(load_past(), now=NOWS[0], zone=ZONE) == lay_out(load_past(), now=NOWS[0], zone=ZONE)


def test_every_matter_has_a_title_of_its_own_and_a_beginning() -> None:
    assert len(TITLES) == len(set(TITLES))
    assert [matter.title for matter in PAST.matters if bool(matter.at) == bool(matter.ago)] == []
    assert [matter.title for matter in PAST.matters if not (matter.text or matter.steps)] == []
    assert PAST.followed in TITLES


def test_staff_act_by_commands_that_exist_on_tickets_that_exist() -> None:
    steps = [step for matter in PAST.matters for step in matter.steps]
    acts = [step for step in (*steps, *(step for ending in PAST.endings.values() for step in ending)) if isinstance(step, Act)]
    named = {value[1:] for act in acts for value in act.given.values() if isinstance(value, str) and value.startswith("@")}

    assert {act.name for act in acts} - set(discover()) == set()
    assert {act.pick for act in acts if act.pick} - set(discover()) == set()
    assert named - set(TITLES) == set()
    assert {matter.ending for matter in PAST.matters if matter.ending} == set(PAST.endings)


@pytest.mark.parametrize("words", ["", "3", "2w", "-1h", "1.5h"])
def test_a_span_that_says_no_length_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=words or "^$"):
        read_span(words)


def test_a_span_says_minutes_hours_or_days() -> None:
    assert [read_span(words) for words in ("20m", "3h", "2d")] == [timedelta(minutes=20), timedelta(hours=3), timedelta(days=2)]


@pytest.mark.parametrize("ahead", range(7))
def test_whoever_goes_a_round_has_one_to_go_on_every_day_of_the_week(seeded_city: tuple[Path, City], ahead: int) -> None:
    """The demonstration broke off on Fridays and Saturdays: three weeks before them the sheet for working days had no round."""
    city = seeded_city[1]
    happenings = lay_out(PAST, now=NOWS[1] + timedelta(days=ahead), zone=ZONE)
    tables = [one.step for one in happenings if isinstance(one.step, Bring) and one.step.table == "patrol-sheets"]
    sheets = [_read_sheet(row) for table in tables for row in csv.DictReader(io.StringIO(table.text.strip()))]
    gone: set[tuple[str, str, date, int]] = set()

    for one in happenings:
        if isinstance(one.step, Act) and one.step.pick == "patrol.due":
            grid = city.org.staff[one.step.by].area
            due = list_rounds(sheets, org=city.org, now=one.at, calendar=city.calendar)
            left = [each for each in map(_name_round, due) if each not in gone and each[1] == grid]
            assert left, one
            gone.add(left[0])


def _read_sheet(row: dict[str, str]) -> PatrolSheet:
    return PatrolSheet(
        code=row["code"],
        name=row["name"],
        area=row["area"],
        items=tuple(row["items"].split("|")),
        rhythm=row["rhythm"],  # type: ignore[arg-type]
        days=row["days"],  # type: ignore[arg-type]
        hours=row["hours"],
    )


def _name_round(one: DueRound) -> tuple[str, str, date, int]:
    return one.sheet, one.area, one.day, one.turn
