"""What a turn's message became, and what of the message that asked: every message gets exactly one outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handling import TOLD, end_turn, forget_words, is_same_question
from intents.actions import Draft, Outcome, PlaceRef
from intents.state import Choice, ConversationState

NAMES = ("emergency", "ticket", "joined", "to_desk", "asked", "choice", "answered", "told", "ignored")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
outcomes = st.lists(st.builds(Outcome, name=st.sampled_from(NAMES), ticket=st.sampled_from(["", "20261123-0001"])), max_size=4)


def named(*names: str) -> list[Outcome]:
    return [Outcome(name=name, ticket=f"t-{name}") for name in names]


@given(outcomes)
def test_without_an_open_question_the_most_obliging_outcome_is_the_messages(found: list[Outcome]) -> None:
    ends = end_turn(found, settles=False)
    assert ends.asked is None
    assert ends.own.name == min((outcome.name for outcome in found), key=NAMES.index, default="ignored")


@given(outcomes)
def test_an_answer_gives_the_first_outcome_to_the_message_that_asked(found: list[Outcome]) -> None:
    ends = end_turn(found, settles=True)
    first = found[0] if found else TOLD
    assert ends.asked == (None if first.name == "asked" else first)
    rest = found[1:] or [msgspec.structs.replace(TOLD, ticket=first.ticket)]
    assert ends.own.name == min((outcome.name for outcome in rest), key=NAMES.index)


@pytest.mark.parametrize(
    ("found", "asked", "own"),
    [
        (["ticket"], "ticket", "told"),
        (["to_desk", "asked"], "to_desk", "asked"),
        (["ticket", "emergency"], "ticket", "emergency"),
        (["asked"], None, "told"),
        ([], "told", "told"),
    ],
)
def test_what_becomes_of_both(found: list[str], asked: str | None, own: str) -> None:
    ends = end_turn(named(*found), settles=True)
    assert (ends.asked.name if ends.asked else None, ends.own.name) == (asked, own)


def ask(text: str, *, minutes: int = 30, media: int = 0) -> ConversationState:
    return ConversationState(draft=Draft(text=text, media=media), slot="place", open_until=NOW + timedelta(minutes=minutes))


def test_a_question_stays_the_same_while_its_draft_waits() -> None:
    assert is_same_question(ask("路灯坏了"), ask("路灯坏了，晚上黑漆漆的", media=2)) is True


@pytest.mark.parametrize("after", [ConversationState(), ask("路灯坏了", minutes=31)], ids=["none", "time"])
def test_another_question_is_another(after: ConversationState) -> None:
    assert is_same_question(ask("路灯坏了"), after) is False


def test_a_recall_leaves_nothing_but_another_messages_question() -> None:
    state = msgspec.structs.replace(
        ask("路灯坏了"), choices=(Choice("A", "q"),), last_answer="A", last_question="q", place=PlaceRef(text="x"), place_until=NOW
    )
    assert forget_words(state, keeps_question=True) == ask("路灯坏了")
    assert forget_words(state, keeps_question=False) == ConversationState()
