from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.simulator.tokens import EXPIRED, INVALID, MISSING, TOO_MANY, TOO_SOON, Tokens

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def test_the_same_token_until_its_last_five_minutes_then_both_are_good() -> None:
    tokens = Tokens()
    first = tokens.issue(force=False, now=NOW)
    later = NOW + timedelta(seconds=6899)
    assert (first.code, first.seconds, tokens.issue(force=False, now=later).token) == (0, 7200, first.token)
    last = NOW + timedelta(seconds=6900)
    second = tokens.issue(force=False, now=last)
    assert (second.token != first.token, second.seconds) == (True, 7200)
    assert [tokens.judge(one.token, now=last) for one in (first, second)] == [0, 0]
    assert [tokens.judge(one.token, now=NOW + timedelta(seconds=7200)) for one in (first, second)] == [EXPIRED, 0]


def test_force_kills_the_old_one() -> None:
    tokens = Tokens()
    first = tokens.issue(force=False, now=NOW)
    second = tokens.issue(force=True, now=NOW)
    assert [tokens.judge(one.token, now=NOW) for one in (first, second)] == [EXPIRED, 0]


def test_force_is_for_once_in_30_seconds_and_20_a_day() -> None:
    tokens = Tokens()
    forced = [tokens.issue(force=True, now=NOW + timedelta(seconds=30 * number)).code for number in range(21)]
    assert forced == [0] * 20 + [TOO_MANY]
    assert tokens.issue(force=True, now=NOW + timedelta(seconds=30 * 19 + 29)).code == TOO_SOON
    assert tokens.issue(force=True, now=NOW + timedelta(days=1)).code == 0


def test_other_tokens_are_none() -> None:
    tokens = Tokens()
    assert [tokens.judge(token, now=NOW) for token in ("", "made up")] == [MISSING, INVALID]
