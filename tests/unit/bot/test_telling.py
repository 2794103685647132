"""停止通知: every notice that residents get without asking is either spared or needed; a new one has to be put on one side."""

from __future__ import annotations

from bot.telling import SPARED
from routing.notice_table import KEYS, TOLD

NEEDED = {
    "replied": "an answer to what they reported",
    "concluded": "the result",
    "redo": "they are told that a result was not good enough",
    "redo_part": "the same, of a part",
    "reopened": "the same, at the desk",
    "declined": "where else they have to go",
    "split": "the numbers of what they reported",
    "separated": "the number of what they reported",
    "more_asked": "nothing goes on without their answer",
    "extended": "what they were promised is not kept, and why",
    "paused": "the same",
    "reviewed": "who decides about their dissatisfaction",
    "reassigned": "what was decided",
    "carried": "what was decided",
    "explained": "what was decided, and why",
}
"""Notice -> why it comes although somebody wants no notices."""


def list_unasked() -> set[str]:
    audiences = {"residents", "opener"}
    return {name for rows in TOLD.values() for who, name in rows if who in audiences}


def test_every_notice_to_residents_is_spared_or_needed() -> None:
    assert list_unasked() == SPARED | set(NEEDED)


def test_nothing_is_both() -> None:
    assert set(NEEDED) & SPARED == set()


def test_what_is_spared_is_a_notice() -> None:
    assert SPARED - set(KEYS) == set()
