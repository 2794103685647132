"""Signs that figures look better than the work: each is found on its trail, and not on the one that only resembles it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.terms import Level
from routing.warning_signs import Moment, SignSettings, Trail, detect, is_boilerplate

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SETTINGS = SignSettings()
LEVELS = {"W": Level.DISTRICT, "C": Level.COMMUNITY}
DONE = "已到现场更换灯泡两个，晚上复查已亮"


def at(hours: float, act: str, *, unit: str = "W", text: str | None = None, **facts: Any) -> Moment:
    return Moment(at=START + hours * HOUR, act=act, unit=unit, text=text, facts=facts)


def find(*moments: Moment, **more: Any) -> list[str]:
    signs = detect(Trail(number="N", moments=moments, **more), settings=SETTINGS, level_of=LEVELS)
    assert all(sign.number == "N" for sign in signs)
    return [sign.kind for sign in signs]


def test_the_usual_way_shows_no_sign() -> None:
    usual = (at(0, "accept"), at(0.5, "dispatch"), at(2, "sign"), at(30, "conclude", text=DONE), at(40, "close"))

    assert find(*usual, allowed=(Level.STREET, Level.DISTRICT)) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("complaint", "consult", ["relabelled"]),
        ("report", "help", ["relabelled"]),
        ("consult", "complaint", []),
        ("help", "help", []),
    ],
)
def test_a_milder_kind_is_a_sign_a_graver_one_is_none(before: str, after: str, found: list[str]) -> None:
    assert find(at(0, "accept"), at(1, "kind", before=before, kind=after)) == found


@pytest.mark.parametrize(
    ("moments", "found"),
    [
        ((at(0, "dispatch"), at(0.2, "conclude", text=DONE)), ["hollow"]),
        ((at(0, "dispatch"), at(0.1, "sign"), at(0.2, "conclude", text=DONE)), []),
        ((at(0, "dispatch"), at(0.6, "conclude", text=DONE)), []),
        ((at(0, "dispatch"), at(9, "sign"), at(30, "conclude", text="您好，您反映的问题已处理，感谢您的理解和支持！")), ["hollow"]),
        ((at(0, "dispatch"), at(1, "sign"), at(5, "redo"), at(5.1, "conclude", text=DONE)), ["hollow"]),
    ],
)
def test_concluding_without_an_act_or_without_a_word_is_a_sign(moments: tuple[Moment, ...], found: list[str]) -> None:
    assert find(*moments) == found


@pytest.mark.parametrize(("hours_left", "found"), [(23, ["late_extension"]), (25, []), (-1, [])])
def test_an_extension_asked_for_at_the_last_moment_is_a_sign(hours_left: float, found: list[str]) -> None:
    due = (START + 100 * HOUR).isoformat()
    given = at(0, "dispatch", clocks=[["unit", 1, "start", due], ["resident", 1, "start", START.isoformat()]])

    assert find(given, at(1, "sign"), at(100 - hours_left, "ask_extension")) == found


def test_only_a_unit_s_own_returns_bounce_a_ticket() -> None:
    once, corrected = at(2, "return", **{"from": "C"}), at(3, "return", **{"from": "W", "corrected": True})

    assert find(once, corrected) == []
    assert find(once, corrected, at(9, "return", **{"from": "C"})) == ["bounced"]


@pytest.mark.parametrize(
    ("unit", "allowed", "found"),
    [
        ("C", (Level.STREET, Level.DISTRICT), ["sent_below"]),
        ("C", (Level.COMMUNITY,), []),
        ("C", (), []),
        ("W", (Level.STREET,), []),
        ("P", (Level.STREET,), []),
    ],
)
def test_work_below_every_level_that_is_allowed_is_a_sign(unit: str, allowed: tuple[Level, ...], found: list[str]) -> None:
    assert find(at(0, "dispatch", unit=unit), allowed=allowed) == found


@pytest.mark.parametrize(("days", "found"), [(14, ["back_soon"]), (16, [])])
def test_a_redo_soon_after_the_end_is_a_sign(days: int, found: list[str]) -> None:
    assert find(at(0, "dispatch"), at(5, "sign"), at(6, "conclude", text=DONE), at(6 + 24 * days, "redo")) == found


@pytest.mark.parametrize(("days", "found"), [(3, ["back_soon"]), (40, [])])
def test_a_new_report_of_the_same_soon_after_the_end_is_a_sign(days: int, found: list[str]) -> None:
    assert find(at(0, "accept"), follows="M", follows_ended=START - timedelta(days=days)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "已处理",
        "已收悉，已转相关部门办理。",
        "您好，感谢您的监督，我局高度重视，将尽快妥善处理！",
        "已派人现场查看",
        "已通知物业尽快处理",
    ],
)
def test_words_that_every_reply_says_say_nothing(text: str) -> None:
    assert is_boilerplate(text, least=SETTINGS.said_least)


@pytest.mark.parametrize(
    "text", [DONE, "路灯线路被挖断，已接通并试亮", "井盖已更换，周边路面修补完", "灯泡已更换。", "换了一只灯头，已经亮了。"]
)
def test_what_was_done_says_something(text: str) -> None:
    assert not is_boilerplate(text, least=SETTINGS.said_least)
