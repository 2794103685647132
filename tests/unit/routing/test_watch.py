from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.context import DeskSettings
from routing.terms import Status
from routing.watch import Clocks, find_due, next_look

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
        (CLOCKS, 5),
        (msgspec.structs.replace(CLOCKS, warned="halfway"), 8),
        (msgspec.structs.replace(CLOCKS, warned="due_soon"), 10),
        (OVER, 34),
        (msgspec.structs.replace(CLOCKS, status=Status.REPLIED), 8),
        (msgspec.structs.replace(CLOCKS, status=Status.CONCLUDED, concluded_at=NOON), 168),
        (RED, 1 / 12),
        (msgspec.structs.replace(RED, acknowledged=True), 5),
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
    assert find_due(CLOCKS, now=NOON + 6 * HOUR, settings=SETTINGS) == "halfway"


def test_the_resident_s_clock_warns_twice_and_keeps_still_while_it_is_held_up() -> None:
    late = msgspec.structs.replace(
        CLOCKS, warned="overdue", warned_at=NOON + 999 * HOUR, opened_at=NOON, resident_due_at=NOON + 20 * HOUR
    )
    warned = msgspec.structs.replace(late, resident_warned="due_soon")

    assert find_due(late, now=NOON + 16 * HOUR, settings=SETTINGS) == "resident_due_soon"
    assert find_due(warned, now=NOON + 19 * HOUR, settings=SETTINGS) is None
    assert find_due(warned, now=NOON + 20 * HOUR, settings=SETTINGS) == "resident_overdue"
    told = msgspec.structs.replace(late, resident_warned="overdue")
    assert find_due(told, now=NOON + 99 * HOUR, settings=SETTINGS) is None
    waiting = msgspec.structs.replace(late, status=Status.WAITING, resume_at=NOON + 999 * HOUR)
    assert find_due(waiting, now=NOON + 99 * HOUR, settings=SETTINGS) is None


@given(st.sampled_from(list(Status)), st.booleans(), st.sampled_from(["", "halfway", "due_soon", "overdue"]), st.integers(0, 999))
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
