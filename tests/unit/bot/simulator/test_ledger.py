from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from bot.simulator.ledger import ApiCall, Count, Delivery, Ledger, Push, Result

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def push(ledger: Ledger, message_id: str, openid: str = "oA") -> None:
    ledger.note_push(Push(message_id=message_id, openid=openid, kind="text", at=NOW))


def deliver(ledger: Ledger, message_id: str, result: Result, text: str | None = None, number: int = 1) -> Delivery:
    return ledger.note_delivery(Delivery(message_id=message_id, number=number, at=NOW, result=result, text=text))


def test_who_has_taken_what() -> None:
    ledger = Ledger()
    results: list[Result] = ["success", "reply", "cut", "broken", "refused", "lost"]
    for result in results:
        push(ledger, result)
        deliver(ledger, result, result)
    push(ledger, "under way")
    assert ledger.acknowledged() == {"success", "reply"}
    assert ledger.unacknowledged() == {"cut", "broken", "refused", "lost", "under way"}


def test_only_the_first_reply_is_seen() -> None:
    ledger = Ledger()
    push(ledger, "1")
    deliveries = [deliver(ledger, "1", "lost", "甲"), deliver(ledger, "1", "reply", "甲"), deliver(ledger, "1", "reply", "甲")]
    assert [one.shown for one in deliveries] == [False, True, False]
    assert (ledger.seen("oA"), ledger.doubled(), ledger.contradicted()) == (["甲"], [], set())


def test_different_words_for_the_same_push_are_found_even_if_one_was_not_seen() -> None:
    ledger = Ledger()
    push(ledger, "1")
    deliver(ledger, "1", "lost", "甲")
    deliver(ledger, "1", "reply", "乙")
    assert (ledger.contradicted(), ledger.seen("oA")) == ({"1"}, ["乙"])


def test_answers_are_counted_by_push_and_doubled_ones_found() -> None:
    ledger = Ledger()
    push(ledger, "1")
    deliver(ledger, "1", "reply", "甲")
    ledger.note_sent("oA", "甲", way="active", at=NOW)
    push(ledger, "2")
    ledger.note_sent("oA", "甲", way="active", at=NOW)
    push(ledger, "3", "oB")
    ledger.note_sent("oB", "乙", way="template", at=NOW)
    assert ledger.counts() == {"1": Count(1, 1), "2": Count(0, 1), "3": Count(0, 1)}
    assert ledger.doubled() == [("oA", "甲")]
    assert [ledger.seen(openid) for openid in ("oA", "oB", "oC")] == [["甲", "甲", "甲"], ["乙"], []]


def test_calls_whose_answer_was_lost() -> None:
    ledger = Ledger()
    for code, answered in ((0, True), (0, False), (45015, False)):
        ledger.note_call(ApiCall(path="/send", at=NOW, code=code, openid="oA", answered=answered))
    assert [(one.code, one.answered) for one in ledger.unanswered("/send")] == [(0, False)]
    assert ledger.unanswered("/other") == []


def test_the_file_has_every_record(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    push(ledger, "1")
    deliver(ledger, "1", "reply", "好")
    ledger.note_call(ApiCall(path="/send", at=NOW, code=0))
    lines = [msgspec.json.decode(line) for line in (tmp_path / "ledger.jsonl").read_bytes().splitlines()]
    ledger.close()
    assert [line["what"] for line in lines] == ["push", "delivery", "seen", "call"]
    assert (lines[1]["shown"], lines[2]["text"]) == (True, "好")


async def test_news_wakes_all_who_wait() -> None:
    ledger = Ledger()
    waiting = [asyncio.create_task(ledger.wait_for_news(5)) for _ in range(2)]
    await asyncio.sleep(0)
    ledger.note_sent("oA", "甲", way="active", at=NOW)
    assert await asyncio.gather(*waiting) == [True, True]
    assert await ledger.wait_for_news(0.01) is False
