"""A time limit is said as a clerk says it: by when, or within how many minutes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined

from console.pages.spoken import FILTERS

NOW = datetime(2026, 11, 4, 10, tzinfo=UTC)
_TAG = re.compile(r"<[^>]+>")


def say_limit(at: datetime) -> str:
    pages = Environment(loader=PackageLoader("console.pages"), autoescape=True, undefined=StrictUndefined)
    pages.filters |= FILTERS
    said = pages.from_string('{% from "parts/moment.html" import by %}{{ by(at, now) }}').render(at=at, now=NOW)
    return _TAG.sub("", said).strip()


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(minutes=29), "29分钟内"),
        (timedelta(seconds=10), "1分钟内"),
        (timedelta(hours=5), "今天 15:00 前"),
        (timedelta(minutes=-20), "09:40 前"),
        (timedelta(days=-1), "昨天 10:00 前"),
    ],
)
def test_a_limit_is_never_said_with_two_directions(away: timedelta, said: str) -> None:
    assert say_limit(NOW + away) == said
