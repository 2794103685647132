"""When an incident is raised: several residents in few days, or several over weeks; residents are counted, not messages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from routing.swelling import Alarm, SwellingSettings, find_alarms

DAY = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - times of a file have no zone either
SETTINGS = SwellingSettings()


def voices(*said: tuple[str, float]) -> list[tuple[str, datetime]]:
    """Make voices of who spoke on which day."""
    return [(resident, DAY + timedelta(days=days)) for resident, days in said]


def test_three_residents_in_three_days_are_a_burst() -> None:
    assert find_alarms(7, voices(("甲", 0), ("乙", 1), ("丙", 2.5)), settings=SETTINGS) == (
        Alarm(kind="burst", cluster=7, residents=3, since=DAY),
    )


def test_five_residents_over_weeks_are_a_slow_burn() -> None:
    slow = voices(("甲", 0), ("乙", 9), ("丙", 20), ("丁", 33), ("戊", 47))
    assert find_alarms(7, slow, settings=SETTINGS) == (Alarm(kind="slow_burn", cluster=7, residents=5, since=DAY),)


def test_what_burns_slowly_and_then_bursts_is_both() -> None:
    both = voices(("甲", 0), ("乙", 20), ("丙", 40), ("丁", 40.5), ("戊", 41))
    assert [(alarm.kind, alarm.residents) for alarm in find_alarms(7, both, settings=SETTINGS)] == [("burst", 3), ("slow_burn", 5)]


@pytest.mark.parametrize(
    "said",
    [
        (),
        (("甲", 0), ("乙", 1)),
        (("甲", 0), ("甲", 1), ("甲", 2), ("乙", 2)),
        (("甲", 0), ("乙", 2), ("丙", 5)),
        tuple(("甲", 3.0 * day) for day in range(20)),
        (("甲", 0), ("乙", 30), ("丙", 60), ("丁", 90), ("戊", 120)),
    ],
)
def test_fewer_or_the_same_or_too_far_apart_raise_nothing(said: tuple[tuple[str, float], ...]) -> None:
    assert find_alarms(7, voices(*said), settings=SETTINGS) == ()


def test_the_order_in_which_voices_come_does_not_matter() -> None:
    said = voices(("甲", 0), ("乙", 1), ("丙", 2))
    assert find_alarms(1, said[::-1], settings=SETTINGS) == find_alarms(1, said, settings=SETTINGS)
