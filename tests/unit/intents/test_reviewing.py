from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from intents.actions import ConfirmDraft, DropDraft, ShowDrafts, TakePaste
from intents.reviewing import WaitingDraft, review
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from intents.actions import Action

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ONE = (WaitingDraft(id=7, shown_at=NOW),)
TWO = (*ONE, WaitingDraft(id=8, shown_at=NOW + timedelta(minutes=1)))


def answer(text: str, waiting: tuple[WaitingDraft, ...] = ONE, **facts: datetime) -> Action | None:
    return review(text, normalize(text), waiting=waiting, **facts)


@pytest.mark.parametrize("text", ["1", "１", "一", "建单", "是的", "确认", "是。"])
def test_a_number_or_a_word_confirms(text: str) -> None:
    assert answer(text) == ConfirmDraft(7)


@pytest.mark.parametrize("text", ["2", "不是", "不用", "删掉", "算了"])
def test_a_number_or_a_word_drops(text: str) -> None:
    assert answer(text) == DropDraft(7)


@pytest.mark.parametrize("text", ["3", "建单并回群里", "回群"])
def test_the_third_answer_wants_the_sentence_for_the_group_too(text: str) -> None:
    assert answer(text) == ConfirmDraft(7, receipt=True)


@pytest.mark.parametrize("text", ["路灯坏了，安泰路12号", "谢谢", "进度", "4", "11", "不是3号楼，是5号楼"])
def test_everything_else_is_like_anybodys(text: str) -> None:
    assert answer(text) is None


def test_of_several_a_bare_answer_asks_which() -> None:
    assert answer("1", TWO) == ShowDrafts(unclear=True)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("8 建单", ConfirmDraft(8)),
        ("第7条 不是", DropDraft(7)),
        ("8号建单", ConfirmDraft(8)),
        ("8-1", ConfirmDraft(8)),
        ("7，回群", ConfirmDraft(7, receipt=True)),
        ("9 建单", None),
        ("8 路灯坏了", None),
    ],
)
def test_the_number_of_a_draft_says_which(text: str, action: Action | None) -> None:
    assert answer(text, TWO) == action


def test_nothing_waits_nothing_is_meant() -> None:
    assert [answer(text, ()) for text in ("1", "2", "7 建单", "草稿")] == [None, None, None, ShowDrafts()]


def test_a_bare_answer_belongs_to_what_was_asked_last() -> None:
    assert answer("1", asked_at=NOW + timedelta(minutes=1)) is None
    assert answer("1", asked_at=NOW - timedelta(minutes=1)) == ConfirmDraft(7)


def test_an_excerpt_is_taken_as_one() -> None:
    raw = "王姐 2026/11/21 19:03\n北门灯坏了"

    assert answer(raw) == TakePaste(raw)
