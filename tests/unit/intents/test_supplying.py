"""What a unit asked a resident for is taken from whatever they write next, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from intents.actions import (
    AddToTicket,
    AskSlot,
    OpenTicket,
    PlaceRef,
    RaiseEmergency,
    RecordMiss,
    ShowProgress,
    Tell,
    Urge,
    WithdrawTicket,
)
from intents.dialogue import step
from intents.matters import Topic
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState
from knowledge_base.places import PlaceMention

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.actions import Action
    from intents.spec import Turn
    from knowledge_base.match import Answered

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
NEW = ConversationState()
LAMP = TicketFacts(
    ticket="20250301001",
    title="安泰路12号路灯不亮",
    status="waiting",
    public_place="安泰路12号",
    opened_at=NOW - timedelta(days=3),
    asks="more",
    more_asked_at=NOW - timedelta(hours=5),
)
DRAIN = replace(
    LAMP, ticket="20250302007", title="文昌路10号下水道堵塞", public_place="文昌路10号", more_asked_at=NOW - timedelta(hours=2)
)
ASKED = ResidentFacts(tickets=(LAMP,))
BOTH = ResidentFacts(tickets=(DRAIN, LAMP))
ELSEWHERE = PlaceMention(text="文昌路3号", public="文昌路3号", name="文昌路", kind="road", number="3", areas=("G2",))
HERE = PlaceMention(text="安泰路12号", public="安泰路12号", name="安泰路", kind="road", number="12", areas=("G1",))


def act(turn: Turn) -> tuple[Action, ...]:
    return step(NEW, turn).actions


@pytest.mark.parametrize(
    "text",
    [
        "编号是1203",
        "1203",
        "3",
        "东边那一盏，杆子上写着柳-17",
        "不知道",
        "说不清，天太黑了没看见",
        "我电话13800001111，到了打我",
        "就是12号门口左手边那个",
        "晚上七点以后我在家",
        "灯杆上没有编号，路灯就在公交站牌旁边，还是不亮",
        "哪个编号？",
        "在哪里看编号",
        "多谢师傅，编号1203",
        "有没有编号我也不知道",
        "差不多两米宽",
    ],
)
def test_whatever_may_be_the_answer_goes_to_the_matter(make_turn: Callable[..., Turn], text: str) -> None:
    assert act(make_turn(text, facts=ASKED, places=(HERE,) if "12号" in text else ())) == (
        AddToTicket(
            LAMP.ticket,
            text,
            PlaceRef(text="安泰路12号", public="安泰路12号", areas=("G1",), name="安泰路", kind="road") if "12号" in text else None,
        ),
    )


@pytest.mark.parametrize(
    ("known", "added"),
    [
        ({"kind": "image", "media": 1}, AddToTicket(LAMP.ticket, "", None, 1)),
        ({"kind": "voice", "media": 1}, AddToTicket(LAMP.ticket, "", None, 1)),
        ({"kind": "location", "point": PlaceRef(text="安泰路14号")}, AddToTicket(LAMP.ticket, "", PlaceRef(text="安泰路14号"))),
    ],
)
def test_so_does_what_has_no_words(make_turn: Callable[..., Turn], known: dict[str, Any], added: AddToTicket) -> None:
    assert act(make_turn(facts=ASKED, **known)) == (added,)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("文昌路3号下水道堵了，污水漫出来", OpenTicket),
        ("另外一件事，楼下垃圾好几天没人收", AskSlot),
        ("进度", ShowProgress),
        ("催一下", Urge),
        ("撤回", WithdrawTicket),
        ("谢谢", Tell),
        ("怎么还没人来", Urge),
        ("不用了已经修好了", WithdrawTicket),
        ("请问医保怎么报销", RecordMiss),
        ("好的", Tell),
        ("着火了，楼里有人", RaiseEmergency),
    ],
)
def test_what_is_something_else_is_not_swallowed(make_turn: Callable[..., Turn], text: str, kind: type) -> None:
    actions = act(make_turn(text, facts=ASKED, places=(ELSEWHERE,) if "文昌路" in text else ()))

    assert [type(action) for action in actions][:1] == [kind]
    assert not any(isinstance(action, AddToTicket) for action in actions)


def test_a_question_that_is_known_is_answered(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    actions = act(make_turn("居住证怎么办", facts=ASKED, decision=answered("K1", "居住证怎么办")))

    assert not any(isinstance(action, AddToTicket) for action in actions)


def test_trouble_of_another_duty_item_is_a_matter_of_its_own(make_turn: Callable[..., Turn]) -> None:
    drain = (Topic(item="PS-1", category="排水", score=9.0, confidence=0.9),)
    lamp = (Topic(item="ZM-1", category="照明", score=9.0, confidence=0.9),)
    turn = make_turn("地漏一直返水，臭得很", facts=ASKED)

    assert not any(isinstance(one, AddToTicket) for one in act(replace(turn, topics=drain, last_topics=lamp)))
    assert act(replace(turn, topics=lamp, last_topics=lamp)) == (AddToTicket(LAMP.ticket, "地漏一直返水，臭得很"),)


def test_of_two_that_wait_it_asks_which_and_lists_no_other(make_turn: Callable[..., Turn]) -> None:
    other = TicketFacts(ticket="20250303001", title="垃圾成堆", status="dispatched", opened_at=NOW - timedelta(days=1))
    facts = ResidentFacts(tickets=(other, DRAIN, LAMP))
    asked = step(NEW, make_turn("编号是1203", facts=facts))

    (action,) = asked.actions
    assert isinstance(action, AskSlot)
    assert (action.slot, action.among, asked.state.tickets) == ("ticket", (DRAIN.ticket, LAMP.ticket), (DRAIN.ticket, LAMP.ticket))
    assert step(asked.state, make_turn("2", facts=facts)).actions == (AddToTicket(LAMP.ticket, "编号是1203"),)


def test_a_picture_for_one_of_two_is_asked_about_and_kept(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn(facts=BOTH, kind="image", media=1))

    assert step(asked.state, make_turn("1", facts=BOTH)).actions == (AddToTicket(DRAIN.ticket, "", None, 1),)


@pytest.mark.parametrize(("text", "ticket"), [("路灯编号是1203", LAMP), ("下水道井盖是圆的", DRAIN)])
def test_of_two_that_wait_the_one_that_is_named_is_meant(make_turn: Callable[..., Turn], text: str, ticket: TicketFacts) -> None:
    assert act(make_turn(text, facts=BOTH)) == (AddToTicket(ticket.ticket, text),)


def test_what_was_asked_for_long_ago_is_no_longer_waited_for(make_turn: Callable[..., Turn]) -> None:
    old = ResidentFacts(tickets=(replace(LAMP, more_asked_at=NOW - timedelta(days=8)),))

    assert not any(isinstance(one, AddToTicket) for one in act(make_turn("东边那盏", facts=old)))


def test_a_number_answers_what_was_asked_later(make_turn: Callable[..., Turn]) -> None:
    done = TicketFacts(
        ticket="20250228001",
        title="垃圾成堆",
        status="concluded",
        awaiting_rating=True,
        asks="result",
        rating_asked_at=NOW - timedelta(hours=1),
    )
    facts = ResidentFacts(tickets=(LAMP, done), awaiting_rating=(done.ticket,))
    earlier = replace(done, rating_asked_at=NOW - timedelta(hours=9))

    assert not any(isinstance(one, AddToTicket) for one in act(make_turn("1", facts=facts)))
    assert act(make_turn("1", facts=replace(facts, tickets=(LAMP, earlier)))) == (AddToTicket(LAMP.ticket, "1"),)


def test_a_group_adds_nothing(make_turn: Callable[..., Turn]) -> None:
    actions = act(make_turn("东边那盏", facts=ASKED, scope="group"))

    assert not any(isinstance(one, AddToTicket) for one in actions)
