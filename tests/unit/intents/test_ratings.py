from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.actions import AcknowledgeAlarm, AnswerAfter, OpenTicket, RateTicket, Tell
from intents.classify import classify
from intents.dialogue import step
from intents.ratings import list_ratings, read_rating, says_something
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.actions import Action
    from intents.spec import Turn

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
LAMP = TicketFacts(
    ticket="20250301-0001",
    title="安泰路12号路灯不亮",
    status="concluded",
    public_place="安泰路12号",
    awaiting_rating=True,
    asks="result",
    rating_asked_at=NOW - timedelta(hours=1),
)
WASTE = replace(LAMP, ticket="20250301-0002", title="文昌路10号生活垃圾清运不及时", rating_asked_at=NOW - timedelta(hours=2))


def awaiting(*tickets: TicketFacts) -> ResidentFacts:
    """Tickets whose result was asked about, the one asked last first."""
    return ResidentFacts(tickets=tickets, awaiting_rating=tuple(ticket.ticket for ticket in tickets if ticket.awaiting_rating))


def act(turn: Turn) -> tuple[Action, ...]:
    return step(ConversationState(), turn).actions


@pytest.mark.parametrize(
    ("text", "contacted", "solved", "satisfied"),
    [
        ("联系了，没解决，不满意", "yes", "no", "no"),
        ("联系了,解决了,满意", "yes", "yes", "yes"),
        ("没人联系我，不过修好了", "no", "yes", ""),
        ("电话打过了，就是没解决", "yes", "no", ""),
        ("没接到电话，也没修好", "no", "no", ""),
        ("已经解决了", "", "yes", ""),
        ("没有完全解决", "", "partly", ""),
        ("只修了一半", "", "partly", ""),
        ("解决了，不满意", "", "yes", "no"),
        ("基本满意", "", "", "basic"),
        ("还行吧", "", "", "basic"),
        ("五星好评", "", "", "yes"),
        ("只给一星", "", "", "no"),
        ("暖气热了", "", "yes", ""),
        ("不漏了", "", "yes", ""),
        ("等了一个星期", "", "", ""),
        ("两分钟就来了", "", "", ""),
        ("好的！", "", "", ""),
        ("行。", "", "", ""),
        ("非常满意", "", "", "yes"),
        ("灯亮了，师傅来过电话", "yes", "yes", ""),
        ("还是老样子", "", "no", ""),
        ("白修了", "", "no", ""),
        ("敷衍", "", "", "no"),
        ("1", "", "yes", ""),
        ("２", "", "partly", ""),
        ("3", "", "no", ""),
        ("1，满意", "", "yes", "yes"),
        ("3。没人来过", "no", "no", ""),
        ("选2", "", "partly", ""),
        ("谢谢", "", "", ""),
        ("好的", "", "", ""),
        ("辛苦了", "", "", ""),
        ("一般", "", "", ""),
        ("4", "", "", ""),
        ("3号楼", "", "", ""),
        ("12号门口", "", "", ""),
    ],
)
def test_each_answer_is_read_by_itself(
    make_turn: Callable[..., Turn], text: str, contacted: str, solved: str, satisfied: str
) -> None:
    found = read_rating(make_turn(text).text, LAMP)

    assert (found.contacted, found.solved, found.satisfied) == (contacted, solved, satisfied)


@pytest.mark.parametrize(
    ("asks", "text", "expected"),
    [
        ("satisfied", "1", RateTicket(LAMP.ticket, satisfied="yes")),
        ("satisfied", "2", RateTicket(LAMP.ticket, satisfied="basic")),
        ("satisfied", "3", RateTicket(LAMP.ticket, satisfied="no")),
        ("contacted", "2", RateTicket(LAMP.ticket, contacted="no")),
        ("contacted", "3", RateTicket(LAMP.ticket)),
        ("solved", "2", RateTicket(LAMP.ticket, solved="partly")),
        ("satisfied", "满意，联系过", RateTicket(LAMP.ticket, contacted="yes", satisfied="yes")),
    ],
)
def test_a_number_answers_what_was_asked_last(asks: str, text: str, expected: RateTicket) -> None:
    assert read_rating(text, replace(LAMP, asks=asks)) == expected


@given(st.sampled_from(["", "1", "2", "3"]), st.text(alphabet="谢您好的嗯收到辛苦了知道明白，。！ ", max_size=12))
def test_courtesy_never_rates(number: str, words: str) -> None:
    """Thanks and nods alone say nothing of a result, whatever they are put together of."""
    found = read_rating(words, LAMP)

    assert not found.satisfied
    assert not found.contacted
    assert number or not found.solved or "好了" in words


def test_a_bare_number_belongs_to_the_result_asked_about_last(make_turn: Callable[..., Turn]) -> None:
    assert list_ratings(make_turn("1", facts=awaiting(LAMP, WASTE))) == (RateTicket(LAMP.ticket, solved="yes"),)
    assert list_ratings(make_turn("1", facts=awaiting(WASTE, LAMP))) == (RateTicket(WASTE.ticket, solved="yes"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("垃圾还没清，没解决", {WASTE.ticket: ("no", "")}),
        ("路灯修好了，满意", {LAMP.ticket: ("yes", "yes")}),
        ("路灯修好了，满意，垃圾没解决，不满意", {LAMP.ticket: ("yes", "yes"), WASTE.ticket: ("no", "no")}),
        ("垃圾清理干净了，路灯还是不亮", {LAMP.ticket: ("no", ""), WASTE.ticket: ("yes", "")}),
        ("20250301-0002 没解决", {WASTE.ticket: ("no", "")}),
        ("两件都解决了，满意", {LAMP.ticket: ("yes", "yes"), WASTE.ticket: ("yes", "yes")}),
        ("都没解决", {LAMP.ticket: ("no", ""), WASTE.ticket: ("no", "")}),
    ],
)
def test_of_several_matters_each_is_rated_by_its_name(
    make_turn: Callable[..., Turn], text: str, expected: dict[str, tuple[str, str]]
) -> None:
    found = list_ratings(make_turn(text, facts=awaiting(LAMP, WASTE)))

    assert {rating.ticket: (rating.solved, rating.satisfied) for rating in found} == expected
    assert [rating.more for rating in found] == [True] * (len(found) - 1) + [False]


@pytest.mark.parametrize("text", ["解决了吗", "路灯修好了吗？", "什么时候能修好", "好的，谢谢"])
def test_a_question_or_a_nod_rates_nothing(make_turn: Callable[..., Turn], text: str) -> None:
    assert list_ratings(make_turn(text, facts=awaiting(LAMP))) == ()


@pytest.mark.parametrize("text", ["一般", "一般般吧", "凑合", "三星"])
def test_what_is_neither_good_nor_bad_is_asked_back(make_turn: Callable[..., Turn], text: str) -> None:
    assert act(make_turn(text, facts=awaiting(LAMP))) == (Tell("rate_unclear", {"ticket": LAMP.ticket, "title": LAMP.title}),)


def test_words_beyond_the_answers_are_kept(make_turn: Callable[..., Turn]) -> None:
    (half,) = list_ratings(make_turn("解决了一半，后门那盏还黑着", facts=awaiting(LAMP)))
    (bare,) = list_ratings(make_turn("部分解决", facts=awaiting(LAMP)))

    assert (half.solved, half.part) == ("partly", "解决了一半，后门那盏还黑着")
    assert (bare.solved, bare.part, bare.text) == ("partly", "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("后门那盏还没亮", RateTicket(LAMP.ticket, solved="partly", part="后门那盏还没亮")),
        ("不知道", RateTicket(LAMP.ticket, solved="partly")),
        ("3", RateTicket(LAMP.ticket, solved="no")),
        ("其实没解决", RateTicket(LAMP.ticket, solved="no", text="其实没解决")),
        ("都好了", RateTicket(LAMP.ticket, solved="yes")),
    ],
)
def test_what_is_still_open_is_taken_as_it_is_said(make_turn: Callable[..., Turn], text: str, expected: RateTicket) -> None:
    assert act(make_turn(text, facts=awaiting(replace(LAMP, asks="part")))) == (expected,)


def test_another_matter_is_not_what_is_still_open(make_turn: Callable[..., Turn]) -> None:
    turn = make_turn("文昌路10号垃圾好几天没人收了", facts=awaiting(replace(LAMP, asks="part")))
    assert not any(isinstance(action, RateTicket) for action in act(turn))


MENDED = replace(LAMP, status="closed", asks="after", area="G1", closed_at=NOW - timedelta(days=30))


@pytest.mark.parametrize("text", ["1", "还好", "还好着呢", "一直都挺好", "没再坏过", "好的，谢谢", "挺好的"])
def test_what_is_still_well_is_only_written_down(make_turn: Callable[..., Turn], text: str) -> None:
    assert act(make_turn(text, facts=awaiting(MENDED))) == (AnswerAfter(MENDED.ticket, well=True),)


def test_a_bare_two_reports_it_again_under_its_old_number(make_turn: Callable[..., Turn]) -> None:
    answer, opened = act(make_turn("2", facts=awaiting(MENDED)))

    assert answer == AnswerAfter(MENDED.ticket, well=False)
    assert isinstance(opened, OpenTicket)
    assert (opened.draft.follows, opened.draft.text) == (MENDED.ticket, "又坏了：安泰路12号路灯不亮")
    assert opened.draft.place is not None
    assert opened.draft.place.areas == ("G1",)


def test_what_came_back_in_words_follows_the_old_ticket_too(make_turn: Callable[..., Turn]) -> None:
    actions = act(make_turn("好了没几天又不亮了", facts=awaiting(MENDED)))
    assert [action.draft.follows for action in actions if isinstance(action, OpenTicket)] == [MENDED.ticket]


@pytest.mark.parametrize("text", ["收到", "收到，我马上去", "我来处理", "已经在路上了"])
def test_whoever_was_rung_takes_it_up_in_a_word(make_turn: Callable[..., Turn], text: str) -> None:
    rung = ResidentFacts(alarms=("20250301-0009", "20250301-0007"))
    assert act(make_turn(text, facts=rung)) == (AcknowledgeAlarm("20250301-0009"),)
    assert classify(make_turn(text)).code != "acknowledge"


@pytest.mark.parametrize("text", ["没收到", "什么情况", "地址在哪里"])
def test_other_words_take_up_nothing(make_turn: Callable[..., Turn], text: str) -> None:
    rung = ResidentFacts(alarms=("20250301-0009",))
    assert not any(isinstance(action, AcknowledgeAlarm) for action in act(make_turn(text, facts=rung)))


def test_an_empty_rating_says_nothing() -> None:
    assert not says_something(RateTicket(LAMP.ticket))
    assert says_something(RateTicket(LAMP.ticket, contacted="no"))
