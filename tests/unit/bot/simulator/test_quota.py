from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.simulator.pushes import make_event, make_image, make_text
from bot.simulator.quota import OUTSIDE, USED_UP, Quota, Trigger, find_trigger

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def spend(quota: Quota, times: int, *, after: timedelta = timedelta()) -> list[int]:
    return [quota.spend(now=NOW + after) for _ in range(times)]


def test_nobody_is_written_to_unasked() -> None:
    assert spend(Quota(), 1) == [OUTSIDE]


def test_a_message_opens_48_hours_for_five() -> None:
    quota = Quota()
    quota.open("message", now=NOW)
    assert spend(quota, 6) == [0, 0, 0, 0, 0, USED_UP]
    assert spend(quota, 1, after=timedelta(hours=48)) == [OUTSIDE]


def test_48_hours_end() -> None:
    quota = Quota()
    quota.open("message", now=NOW)
    assert spend(quota, 1, after=timedelta(hours=48, seconds=-1)) == [0]
    assert spend(quota, 1, after=timedelta(hours=48)) == [OUTSIDE]


@pytest.mark.parametrize("trigger", ["menu", "subscribe", "scan"])
def test_a_tap_opens_a_minute_for_three(trigger: Trigger) -> None:
    quota = Quota()
    quota.open(trigger, now=NOW)
    assert spend(quota, 4) == [0, 0, 0, USED_UP]
    assert spend(quota, 1, after=timedelta(minutes=1)) == [OUTSIDE]


def test_the_shorter_window_is_spent_first_and_both_count() -> None:
    quota = Quota()
    quota.open("message", now=NOW)
    quota.open("menu", now=NOW)
    assert spend(quota, 3) == [0, 0, 0]
    assert spend(quota, 6, after=timedelta(minutes=2)) == [0, 0, 0, 0, 0, USED_UP]


def test_a_new_message_starts_anew_and_leaving_ends_all() -> None:
    quota = Quota()
    quota.open("message", now=NOW)
    spend(quota, 5)
    quota.open("message", now=NOW)
    assert (spend(quota, 1), quota.is_following) == ([0], True)
    quota.close()
    assert (spend(quota, 1), quota.is_following) == ([OUTSIDE], False)


def test_what_opens_what() -> None:
    assert [find_trigger(fields) for fields in (make_text("a"), make_image("m"))] == ["message", "message"]
    events = ["CLICK", "scancode_push", "scancode_waitmsg", "subscribe", "SCAN", "VIEW", "unsubscribe", "LOCATION"]
    assert [find_trigger(make_event(event)) for event in events] == ["menu", "menu", "menu", "subscribe", "scan", None, None, None]
