from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.pace import Pace


def test_as_many_as_allowed_then_the_time_to_wait() -> None:
    pace = Pace(limit=2, seconds=60)
    assert [pace.take(now) for now in (0.0, 10.0, 20.0, 59.0, 60.0, 61.0)] == [0.0, 0.0, 40.0, 1.0, 0.0, 9.0]


@pytest.mark.parametrize(("limit", "seconds"), [(0, 60), (-1, 60), (1, 0), (1, -1)])
def test_a_pace_of_nothing_is_refused(limit: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Pace(limit=limit, seconds=seconds)


@given(steps=st.lists(st.integers(0, 30), max_size=80), limit=st.integers(1, 6))
def test_no_span_holds_more_than_the_limit_and_waiting_helps(steps: list[int], limit: int) -> None:
    pace = Pace(limit=limit, seconds=60)
    now = 0.0
    taken: list[float] = []
    for step in steps:
        now += step
        wait = pace.take(now)
        if wait:
            now += wait
            assert pace.take(now) == 0.0
        taken.append(now)
    assert all(sum(start <= at < start + 60 for at in taken) <= limit for start in taken)
