from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.context import DeskSettings
from routing.terms import Status
from routing.watch import Clocks, due_at_desk, due_at_unit, find_due, next_look
from tests.office import Teller, build_context
from tests.town import GAS

SETTINGS = DeskSettings()
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOCKS = Clocks(
    status=Status.DISPATCHED,
    acknowledged=False,
    alarms=0,
    alarmed_at=None,
    since=NOON,
    due_at=NOON + 10 * HOUR,
    concluded_at=None,
    warned="",
    warned_at=None,
)
OVER = msgspec.structs.replace(CLOCKS, warned="overdue", warned_at=NOON + 10 * HOUR)
ASKED = msgspec.structs.replace(CLOCKS, status=Status.CONCLUDED, concluded_at=NOON, asked_at=NOON)
RED = msgspec.structs.replace(CLOCKS, alarmed_at=NOON)


@pytest.mark.parametrize(
    ("clocks", "hours"),
    [
        (CLOCKS, 8),
        (msgspec.structs.replace(CLOCKS, warned="due_soon"), 10),
        (OVER, 34),
        (msgspec.structs.replace(CLOCKS, status=Status.REPLIED), 8),
        (msgspec.structs.replace(CLOCKS, status=Status.CONCLUDED, concluded_at=NOON), 168),
        (RED, 1 / 12),
        (msgspec.structs.replace(RED, acknowledged=True), 8),
        (msgspec.structs.replace(RED, alarms=36), 1),
        (msgspec.structs.replace(RED, status=Status.REPLIED), 8),
        (msgspec.structs.replace(CLOCKS, status=Status.REVIEW), 8),
        (msgspec.structs.replace(CLOCKS, status=Status.CARRIED), 10),
        (msgspec.structs.replace(ASKED, asked="satisfied"), 24),
        (msgspec.structs.replace(ASKED, asked="part"), 1 / 2),
        (msgspec.structs.replace(CLOCKS, status=Status.CLOSED, reask_at=NOON + 30 * 24 * HOUR), 720),
    ],
)
def test_the_next_look_is_when_something_falls_due(clocks: Clocks, hours: float) -> None:
    moment = NOON + hours * HOUR

    assert next_look(clocks, settings=SETTINGS) == moment
    assert find_due(clocks, now=moment - timedelta(seconds=1), settings=SETTINGS) is None
    assert find_due(clocks, now=moment, settings=SETTINGS) is not None


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_what_is_over_is_never_looked_at(status: Status) -> None:
    over = msgspec.structs.replace(RED, status=status)

    assert next_look(over, settings=SETTINGS) is None
    assert find_due(over, now=NOON + 999 * HOUR, settings=SETTINGS) is None


def test_of_several_the_alarm_comes_first_then_the_heavier() -> None:
    assert find_due(RED, now=NOON + 99 * HOUR, settings=SETTINGS) == "alarm"
    assert find_due(CLOCKS, now=NOON + 99 * HOUR, settings=SETTINGS) == "overdue"
    assert find_due(CLOCKS, now=NOON + 9 * HOUR, settings=SETTINGS) == "due_soon"


@given(st.sampled_from(list(Status)), st.booleans(), st.sampled_from(["", "due_soon", "overdue"]), st.integers(0, 999))
def test_nothing_is_due_before_the_next_look(status: Status, red: bool, warned: str, hours: int) -> None:
    clocks = msgspec.structs.replace(
        CLOCKS,
        status=status,
        alarmed_at=NOON if red else None,
        warned=warned,
        warned_at=NOON if warned else None,
        concluded_at=NOON,
    )
    look = next_look(clocks, settings=SETTINGS)
    due = find_due(clocks, now=NOON + hours * HOUR, settings=SETTINGS)

    assert (due is not None) == (look is not None and look <= NOON + hours * HOUR)


def test_what_was_asked_once_more_settles_before_the_week_is_over() -> None:
    assert find_due(msgspec.structs.replace(ASKED, asked="contacted"), now=NOON + 999 * HOUR, settings=SETTINGS) == "settle"
    assert find_due(msgspec.structs.replace(ASKED, asked="part"), now=NOON + 999 * HOUR, settings=SETTINGS) == "part"


@given(st.integers(0, 60 * 24 * 30))
def test_an_alarm_never_falls_silent_before_somebody_has_it(minutes: int) -> None:
    """However often it rang, it rings again within the hour."""
    rung = msgspec.structs.replace(
        RED, alarms=minutes, alarmed_at=NOON + timedelta(minutes=minutes), warned="overdue", warned_at=NOON
    )
    look = next_look(rung, settings=SETTINGS)

    assert look is not None
    assert look <= NOON + timedelta(minutes=minutes) + HOUR


def test_a_desk_has_working_hours_or_minutes_for_what_is_urgent() -> None:
    calendar = build_context(Teller()).calendar
    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)

    normal = due_at_desk("none", now=friday, calendar=calendar, settings=SETTINGS)
    urgent = due_at_desk("orange", now=friday, calendar=calendar, settings=SETTINGS)

    assert normal.due_at.astimezone(UTC).isoformat() == "2026-03-09T02:00:00+00:00"
    assert (urgent.due_at, urgent.basis) == (friday + timedelta(minutes=30), ("term_desk_urgent|minutes=30",))


def test_a_unit_has_its_item_s_time_or_the_usual_days() -> None:
    calendar = build_context(Teller()).calendar
    item = msgspec.structs.replace(GAS, deadline_value=4, deadline_unit="hours", deadline_calendar="calendar")

    assert due_at_unit(item, now=NOON, calendar=calendar, settings=SETTINGS, next_day=True).due_at == NOON + 4 * HOUR
    usual = due_at_unit(None, now=NOON, calendar=calendar, settings=SETTINGS, next_day=True)
    assert usual.due_at.astimezone(UTC).isoformat() == "2026-03-09T09:30:00+00:00"
