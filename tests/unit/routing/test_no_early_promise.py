"""No receipt names a time limit before a unit has the ticket: whoever has not got it yet has promised nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from routing.lifecycle import TRANSITIONS
from routing.notice_table import KEYS, TOLD
from routing.terms import Status

TEXTS = tomllib.loads((Path(__file__).parents[3] / "bot/texts.toml").read_text(encoding="utf-8"))
PROMISE = re.compile(
    r"\{(?:due_at|until_at)\}|[0-9一二三四五六七两几半]+个?(?:工作日|小时|分钟|天)(?:之|以)?内|(?:今天|明天|当天|尽快)答复"
)
READERS = {"residents", "opener", "reporter"}
DESK_CALLS = frozenset({"callback_with_phone", "seat_call_back", "seat_call_back_phone", "seat_off_hours", "seat_nobody"})
"""Here the desk says by when it rings back: it has the matter itself, and it is the one who does it."""


def promises(section: str) -> set[str]:
    return {key for key, text in TEXTS[section].items() if PROMISE.search(text)}


def lands(act: str) -> set[Status]:
    """Where an act leaves a ticket."""
    rows = [row for row in TRANSITIONS if row.act == act]
    return {status for row in rows for status in ({row.to} if row.to is not None else row.sources)}


TIMED = sorted(
    {(act, key) for act, rows in TOLD.items() for who, key in rows if who in READERS and PROMISE.search(TEXTS["notice"][key])}
)


def test_there_are_promises_to_look_at() -> None:
    assert {act for act, _ in TIMED} >= {"dispatch", "arbitrate", "redo", "extend"}


@pytest.mark.parametrize(("act", "key"), TIMED)
def test_a_notice_that_names_a_time_names_who_keeps_it_and_follows_no_act_that_leaves_it_at_the_desk(act: str, key: str) -> None:
    assert "{unit}" in TEXTS["notice"][key]
    assert lands(act) & {Status.ACCEPTED, Status.DECLINED, Status.MERGED, Status.WITHDRAWN} == set()


@pytest.mark.parametrize(
    "act", sorted({row.act for row in TRANSITIONS if row.to is Status.ACCEPTED} & set(TOLD) | {"accept", "split", "parted"})
)
def test_what_is_said_while_the_desk_has_it_names_no_time(act: str) -> None:
    said = {key for who, key in TOLD.get(act, ()) if who in READERS}
    assert said & promises("notice") == set()


def test_a_time_in_an_answer_is_that_of_a_unit_that_is_named_or_the_desk_s_own_call() -> None:
    assert {key for key in promises("say") - DESK_CALLS if "{unit}" not in TEXTS["say"][key]} == {"progress_due"}
    assert promises("say") >= DESK_CALLS


def test_what_a_promise_looks_like_is_known() -> None:
    assert [bool(PROMISE.search(text)) for text in ("三天内答复您", "5个工作日内", "{due_at}前", "2小时之内", "尽快答复")] == [
        True
    ] * 5
    assert [bool(PROMISE.search(text)) for text in ("已受理，正在安排", "有结果马上告诉您", "第2天", "110")] == [False] * 4
    assert {"due_at"} <= set(KEYS["dispatched"])
