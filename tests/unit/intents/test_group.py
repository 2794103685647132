from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intents.actions import Answer, OpenTicket, Outcome, RaiseEmergency, RecordMiss, Stay, Tell, Urge
from intents.dialogue import settle, step
from intents.group import PUBLIC_TEXTS
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn
    from knowledge_base.match import Answered, NeedsChoice

NEW = ConversationState()
RECEIPT = Tell("group_receipt")
OPEN = TicketFacts(ticket="20250301001", title="路灯不亮", status="dispatched")
DONE = TicketFacts(ticket="20250301002", status="concluded", awaiting_rating=True)


def test_public_knowledge_is_answered_in_public(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    assert step(NEW, make_turn("居住证怎么办理", scope="group", decision=answered("K1"))).actions == (Answer("K1"),)


def test_a_report_is_opened_without_a_question_and_without_details(make_turn: Callable[..., Turn]) -> None:
    ticket, heard = step(NEW, make_turn("路灯坏了", scope="group")).actions

    assert isinstance(ticket, OpenTicket)
    assert ticket.draft.reason == "no_place"
    assert heard == RECEIPT


def test_a_choice_is_not_offered_in_public(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    decision = choice(("K1", "居住证怎么办理"), ("K2", "居住证怎么续签"))
    ticket, heard = step(NEW, make_turn("居住证怎么弄", scope="group", decision=decision)).actions

    assert isinstance(ticket, OpenTicket)
    assert (ticket.draft.reason, heard) == ("unclear_question", RECEIPT)


def test_an_unanswered_question_is_passed_on(make_turn: Callable[..., Turn]) -> None:
    actions = step(NEW, make_turn("公园里的船怎么租", scope="group")).actions

    assert [type(action) for action in actions] == [RecordMiss, OpenTicket, Tell]


@pytest.mark.parametrize("text", ["进度", "撤回", "满意", "", "帮助", "你好"])
def test_of_tickets_and_ratings_a_group_hears_only_the_receipt(make_turn: Callable[..., Turn], text: str) -> None:
    facts = ResidentFacts(tickets=(OPEN, DONE), awaiting_rating=(DONE.ticket,))

    assert step(NEW, make_turn(text, scope="group", facts=facts)).actions == (RECEIPT,)


def test_urging_is_done_silently(make_turn: Callable[..., Turn]) -> None:
    actions = step(NEW, make_turn("怎么还没来修", scope="group", facts=ResidentFacts(tickets=(OPEN,)))).actions

    assert actions == (Urge(OPEN.ticket, "怎么还没来修"), RECEIPT)


def test_what_is_not_addressed_to_us_is_left_alone_unless_it_is_danger(make_turn: Callable[..., Turn]) -> None:
    assert step(NEW, make_turn("路灯坏了", scope="group", addressed=False)).actions == (Stay(),)
    alarm, _ = step(NEW, make_turn("楼道里电动车起火了", scope="group", addressed=False)).actions
    forwarded, _ = step(NEW, make_turn("路灯坏了", scope="group", addressed=False, role="grid_worker")).actions

    assert isinstance(alarm, RaiseEmergency)
    assert isinstance(forwarded, OpenTicket)


def test_thanks_needs_no_answer_in_a_group(make_turn: Callable[..., Turn]) -> None:
    assert step(NEW, make_turn("谢谢", scope="group")).actions == (Stay(),)


def test_public_danger_gives_the_numbers_to_all(make_turn: Callable[..., Turn]) -> None:
    alarm, heard = step(NEW, make_turn("楼道里电动车起火了", scope="group")).actions

    assert isinstance(alarm, RaiseEmergency)
    assert heard == Tell("emergency_group", {"hazard": "fire"})


@pytest.mark.parametrize("text", ["我不想活了", "老公正在打我", "我孩子走丢了", "昨天老公又打我了"])
def test_private_distress_is_handled_in_silence(make_turn: Callable[..., Turn], text: str) -> None:
    done, heard = step(NEW, make_turn(text, scope="group")).actions

    assert isinstance(done, RaiseEmergency | OpenTicket)
    assert done.draft.confidential is True
    assert heard == Stay()


def test_private_distress_is_not_answered_from_the_knowledge_base(
    make_turn: Callable[..., Turn], answered: Callable[..., Answered]
) -> None:
    actions = step(NEW, make_turn("昨天老公又打我了，怎么办理离婚？", scope="group", decision=answered("K4"))).actions

    assert actions[-1] == Stay()
    assert Answer("K4") not in actions


def test_settling_lets_nothing_private_through_and_nothing_twice() -> None:
    state = ConversationState(scope="group")
    outcomes = [
        Outcome(name="ticket", ticket="20250304001", says=(Tell("ticket_opened", {"ticket": "20250304001"}), RECEIPT)),
        Outcome(name="told", says=(RECEIPT,)),
        Outcome(name="told", says=(Tell("progress_one"),)),
    ]

    assert settle(state, outcomes)[1] == [RECEIPT]
    assert {"answer_group", "answer_group_undated", "emergency_group", "group_receipt"} == PUBLIC_TEXTS
