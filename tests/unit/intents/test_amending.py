"""Corrections: what was wrong, what is right, and that the last one counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.actions import CorrectTicket, Draft, Tell
from intents.amending import rewrite, take_correction
from intents.retelling import Correction, read_correction, retell, retell_midway
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

DOORS = ["3号楼", "5号楼", "6号楼", "12栋", "21号", "东门"]


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("不是3号楼，是5号楼", "3号楼", "5号楼"),
        ("说错了，是安泰路21号", "", "安泰路21号"),
        ("地址写错了，应该是文昌路10号", "", "文昌路10号"),
        ("是5号楼，不是3号楼", "3号楼", "5号楼"),
        ("我搞错了，不是路灯，是红绿灯", "路灯", "红绿灯"),
        ("路灯不亮，在安泰路12号，不对，是安泰路21号", "", "安泰路21号"),
        ("刚才说错了，是东门哈", "", "东门"),
    ],
)
def test_a_correction_is_read(text: str, wrong: str, right: str) -> None:
    assert read_correction(normalize(text)) == Correction(wrong=wrong, right=right)


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了",
        "不是我不想说，是没人听",
        "是不是要带身份证",
        "证上的名字登记错了，怎么改",
        "谢谢",
        "他不是物业的人，" * 10 + "是外面的人",
    ],
)
def test_what_corrects_nothing_is_no_correction(text: str) -> None:
    found = read_correction(normalize(text))

    assert found is None or not found.right.startswith(("3", "5"))


@given(st.lists(st.sampled_from(DOORS), min_size=1, max_size=5))
def test_a_correction_of_a_correction_ends_at_the_last(doors: list[str]) -> None:
    place = "安泰花园3号楼"
    for door in doors:
        found = read_correction(normalize(f"说错了，是{door}"))
        assert found is not None
        place = rewrite(place, found)

    assert place.endswith(doors[-1])


@given(st.lists(st.sampled_from(DOORS), min_size=2, max_size=4, unique=True))
def test_of_several_corrections_in_one_message_the_last_counts(doors: list[str]) -> None:
    found = read_correction(normalize("说错了" + "".join(f"，是{door}" for door in doors)))

    assert found is not None
    assert found.right == doors[-1]


@pytest.mark.parametrize(
    ("place", "wrong", "right", "after"),
    [
        ("安泰花园3号楼", "3号楼", "5号楼", "安泰花园5号楼"),
        ("安泰花园3号楼", "", "5号楼", "安泰花园5号楼"),
        ("安泰路12号", "", "21号", "安泰路21号"),
        ("安泰花园", "", "5号楼", "安泰花园5号楼"),
        ("安泰花园3号楼2单元", "", "4单元", "安泰花园3号楼4单元"),
        ("安泰花园3号楼", "", "文昌路10号", "文昌路10号"),
        ("", "", "5号楼", "5号楼"),
    ],
)
def test_a_place_is_rewritten_where_it_was_wrong(place: str, wrong: str, right: str, after: str) -> None:
    assert rewrite(place, Correction(wrong=wrong, right=right)) == after


def test_a_matter_is_told_anew() -> None:
    assert retell("路灯坏了三天", Correction(wrong="路灯", right="红绿灯")) == "红绿灯坏了三天"
    assert retell("路灯坏了", Correction(right="安泰路12号的红绿灯")) == "红绿灯坏了"
    assert retell("路灯坏了", Correction(right="安泰路21号")) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("安泰花园停水了，哦不对，是停电了", "安泰花园停电了"),
        ("路灯不亮，说错了，是红绿灯不亮", "红绿灯不亮"),
        ("路灯不亮，在安泰路12号，不对，是安泰路21号", ""),
        ("停水了，不对，是停电了，另外垃圾没人清", ""),
        ("停水了，停电了", ""),
        ("物业说停水不是他们管", ""),
    ],
)
def test_a_matter_corrected_in_the_same_breath_is_one_matter(text: str, told: str) -> None:
    assert retell_midway(normalize(text)) == told


LAMP = TicketFacts(ticket="20250301-0001", title="安泰路12号路灯不亮", status="dispatched", public_place="安泰路12号")
LIFT = TicketFacts(ticket="20250301-0002", title="安泰花园3号楼电梯故障停运", status="dispatched", public_place="安泰花园3号楼")


def _wait_for_a_pick(turn: Turn, *, intent: str, text: str) -> ConversationState:
    """Give a conversation that has been asked which of two tickets is meant."""
    return ConversationState(
        draft=Draft(text=text),
        slot="ticket",
        intent=intent,
        asked=("ticket",),
        tickets=(LAMP.ticket, LIFT.ticket),
        asked_at=turn.now,
        open_until=turn.now + timedelta(minutes=30),
    )


@pytest.mark.parametrize("intent", ["add_to_ticket", "correct", "urge"])
def test_what_waits_for_a_pick_stays_when_it_is_corrected(make_turn: Callable[..., Turn], intent: str) -> None:
    turn = make_turn("说错了，是东门", facts=ResidentFacts(tickets=(LAMP, LIFT)))
    state = _wait_for_a_pick(turn, intent=intent, text="补充一下，灯在西门边上")

    step = take_correction(state, turn)

    assert step is not None
    assert step.actions == (Tell("draft_corrected_ticket"),)
    assert step.state.draft is not None
    assert step.state.draft.text == "补充一下，灯在西门边上\n说错了，是东门"
    assert (step.state.slot, step.state.tickets, step.state.open_until) == ("ticket", state.tickets, state.open_until)


def test_a_correction_of_another_ticket_leaves_open_what_waits_for_a_pick(make_turn: Callable[..., Turn]) -> None:
    turn = make_turn(f"{LIFT.ticket}说错了，是5号楼", facts=ResidentFacts(tickets=(LAMP, LIFT)))
    state = _wait_for_a_pick(turn, intent="add_to_ticket", text="补充一下，里面还有异响")

    step = take_correction(state, turn)

    assert step is not None
    assert [action.ticket for action in step.actions if isinstance(action, CorrectTicket)] == [LIFT.ticket]
    assert step.state == state
