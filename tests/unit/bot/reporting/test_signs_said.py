"""What a sign was read from is said as people say it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.reporting.lists import say_sign
from routing.warning_signs import Sign


@pytest.mark.parametrize(
    ("days", "follows", "said"),
    [
        (0, "", "办结当天又重办"),
        (3, "", "办结后 3 天又重办"),
        (0, "20261101-0001", "〔20261101-0001〕办结当天又来反映"),
        (3, "20261101-0001", "〔20261101-0001〕办结后 3 天又来反映"),
    ],
)
def test_what_came_back_the_same_day_did_not_come_back_after_no_days(days: int, follows: str, said: str) -> None:
    sign = Sign(
        kind="back_soon", number="20261104-0001", at=datetime(2026, 11, 4, tzinfo=UTC), facts={"days": days, "follows": follows}
    )

    assert say_sign(sign) == said
