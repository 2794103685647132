"""Turns that belong together: several matters in one, one matter in several, a word about a matter of before, a word for somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.actions import (
    AddToTicket,
    AllowProxy,
    Answer,
    AskSlot,
    CorrectTicket,
    Draft,
    OpenMatters,
    OpenTicket,
    Outcome,
    PlaceRef,
    RaiseEmergency,
    ShowProgress,
    Tell,
    Urge,
    WithdrawTicket,
)
from intents.behalf import read_allowance
from intents.dialogue import settle, step, timeout
from intents.matters import Clause, Topic
from intents.open_question import read_numbered
from intents.pieces import join_loose
from intents.spec import ProxyQuestion, ResidentFacts, TicketFacts
from intents.state import Choice, ConversationState, LastTurn
from knowledge_base.match import NoAnswer
from knowledge_base.places import PlaceMention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from intents.actions import Action
    from intents.spec import Decision, Turn
    from knowledge_base.match import Answered

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
NEW = ConversationState()
ANTAI = PlaceMention(text="安泰路12号", public="安泰路12号", name="安泰路", kind="road", number="12", areas=("G1",))
WENCHANG = PlaceMention(text="文昌路10号", public="文昌路10号", name="文昌路", kind="road", number="10", areas=("G2",))
GARDEN = PlaceMention(text="安泰花园3号楼", public="安泰花园3号楼", name="安泰花园", kind="estate", building="3", areas=("G1",))
LAMP = TicketFacts(ticket="20250304-0001", title="安泰路12号路灯不亮", status="dispatched", public_place="安泰路12号", area="G1")
WASTE = TicketFacts(ticket="20250304-0002", title="文昌路10号生活垃圾清运不及时", status="dispatched", public_place="文昌路10号")
DONE = replace(LAMP, ticket="20250201-0001", status="closed", closed_at=NOW - timedelta(days=20))
JUST_NOW = LastTurn(at=NOW - timedelta(seconds=20), tickets=(LAMP.ticket,))


def about(item: str) -> tuple[Topic, ...]:
    return (Topic(item=item, category=item[:2], score=30.0, confidence=0.9),)


@pytest.fixture
def tell(make_turn: Callable[..., Turn]) -> Callable[..., Turn]:
    """Give a turn of clauses, each with the duty item it is about ("" for none)."""

    def make(*parts: tuple[str, str], **known: Any) -> Turn:
        clauses = tuple(Clause(text=text, topics=about(item) if item else ()) for text, item in parts)
        return make_turn("".join(text for text, _ in parts), clauses=clauses, **known)

    return make


def list_drafts(actions: Iterable[Action]) -> list[Draft]:
    """List every draft that is opened or asked about, in order."""
    found: list[Draft] = []
    for action in actions:
        match action:
            case OpenMatters(drafts=drafts):
                found += drafts
            case AskSlot(draft=draft, more=more):
                found += (draft, *more)
            case OpenTicket(draft=draft) | RaiseEmergency(draft=draft):
                found.append(draft)
    return found


def test_each_matter_has_its_words_and_its_place(tell: Callable[..., Turn]) -> None:
    turn = tell(("安泰路12号路灯不亮，", "SZ-012"), ("另外文昌路10号垃圾没人清", "HJ-001"), media=2, places=(ANTAI, WENCHANG))
    (action,) = step(NEW, turn).actions

    assert isinstance(action, OpenMatters)
    assert action.numbers == (1, 2)
    assert [(draft.text, draft.place.text if draft.place else "", draft.media) for draft in action.drafts] == [
        ("安泰路12号路灯不亮", "安泰路12号", 2),
        ("文昌路10号垃圾没人清", "文昌路10号", 0),
    ]


def test_a_place_named_once_holds_for_what_follows_and_one_that_stands_alone_for_all(tell: Callable[..., Turn]) -> None:
    first = tell(("安泰路12号路灯不亮，", "SZ-012"), ("另外井盖也没了", "SZ-007"), places=(ANTAI,))
    last = tell(("路灯不亮，", "SZ-012"), ("另外井盖也没了，", "SZ-007"), ("安泰路12号", ""), places=(ANTAI,))

    for turn in (first, last):
        assert [draft.place.text if draft.place else "" for draft in list_drafts(step(NEW, turn).actions)] == ["安泰路12号"] * 2


def test_a_question_beside_a_report_is_answered_where_the_knowledge_base_is_sure(
    tell: Callable[..., Turn], answered: Callable[..., Answered]
) -> None:
    asked: list[str] = []

    def look_up(text: str) -> Decision:
        asked.append(text)
        return answered("K1", "居住证怎么办") if "居住证" in text else NoAnswer(None, "nothing_found")

    lamp = ("安泰路12号路灯不亮，", "SZ-012")
    sure = step(NEW, tell(lamp, ("另外居住证怎么办", "GA-001"), places=(ANTAI,), look_up=look_up))
    unsure = step(NEW, tell(lamp, ("另外无人机在哪里登记", "GA-002"), places=(ANTAI,), look_up=look_up))
    nobody = step(NEW, tell(lamp, ("另外居住证怎么办", "GA-001"), places=(ANTAI,)))

    assert [type(action) for action in sure.actions] == [OpenTicket, Answer]
    assert sure.actions[1] == Answer("K1", asked="居住证怎么办")
    assert sure.state.last_question == "居住证怎么办"
    assert [type(action) for action in unsure.actions] == [OpenMatters]
    assert [type(action) for action in nobody.actions] == [OpenMatters]
    assert asked == ["居住证怎么办", "无人机在哪里登记"]


def test_where_a_report_is_can_be_asked_beside_an_answer(tell: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    parts = (("路灯不亮，", "SZ-012"), ("另外居住证怎么办", "GA-001"))
    taken = step(NEW, tell(*parts, look_up=lambda _: answered("K1", "居住证怎么办")))

    assert [type(action) for action in taken.actions] == [Answer, AskSlot]
    assert (taken.state.slot, [draft.text for draft in taken.state.drafts]) == ("place", ["路灯不亮"])


def test_a_matter_that_its_own_words_correct_is_one(tell: Callable[..., Turn]) -> None:
    (action,) = step(NEW, tell(("安泰路12号停水了，", "GY-001"), ("不对，", ""), ("是停电了", "GY-002"), places=(ANTAI,))).actions

    assert isinstance(action, OpenTicket)
    assert (action.draft.text, action.draft.topic) == ("安泰路12号停水了，不对，是停电了", "安泰路12号停电了")


def test_what_has_no_place_is_asked_for_once_and_by_its_number(tell: Callable[..., Turn], make_turn: Callable[..., Turn]) -> None:
    taken = step(NEW, tell(("安泰路12号路灯不亮，", "SZ-012"), ("另外小区里半夜有人唱歌吵死了", "SQ-001"), places=(ANTAI,)))

    opened, asked = taken.actions
    assert isinstance(opened, OpenTicket)
    assert isinstance(asked, AskSlot)
    assert asked.numbers == (2,)
    (answered,) = step(taken.state, make_turn("第2件在安泰花园3号楼", places=(GARDEN,))).actions
    assert isinstance(answered, OpenTicket)
    assert answered.draft.place is not None
    assert answered.draft.place.text == "安泰花园3号楼"


def ask_two(tell: Callable[..., Turn]) -> ConversationState:
    return step(NEW, tell(("路灯不亮，", "SZ-012"), ("另外井盖也没了", "SZ-007"))).state


def test_one_answer_for_all_or_one_for_each(tell: Callable[..., Turn], make_turn: Callable[..., Turn]) -> None:
    both = step(ask_two(tell), make_turn("都在安泰路12号", places=(ANTAI,)))
    each = step(ask_two(tell), make_turn("第1件在安泰路12号，第2件在文昌路10号", places=(ANTAI, WENCHANG)))

    assert [draft.place.text for draft in list_drafts(both.actions) if draft.place] == ["安泰路12号"] * 2
    assert [draft.place.text for draft in list_drafts(each.actions) if draft.place] == ["安泰路12号", "文昌路10号"]


def test_one_of_two_is_dropped_and_the_other_goes_on_waiting(tell: Callable[..., Turn], make_turn: Callable[..., Turn]) -> None:
    dropped = step(ask_two(tell), make_turn("第2件不要了"))

    assert dropped.actions == (Tell("one_dropped", {"number": 2}),)
    assert [draft.text for draft in dropped.state.drafts] == ["路灯不亮"]
    assert step(ask_two(tell), make_turn("算了不用了")).state.drafts == ()


def test_nobody_answers_and_all_of_them_are_opened(tell: Callable[..., Turn]) -> None:
    (action,) = timeout(ask_two(tell), NOW + timedelta(minutes=30)).actions

    assert isinstance(action, OpenMatters)
    assert [(draft.text, draft.reason) for draft in action.drafts] == [("路灯不亮", "no_place"), ("井盖也没了", "no_place")]


def test_danger_goes_first_and_nothing_is_asked(tell: Callable[..., Turn]) -> None:
    alarm, rest = step(NEW, tell(("安泰花园3号楼着火了，", "AQ-001"), ("另外路灯也不亮", "SZ-012"), places=(GARDEN,))).actions

    assert isinstance(alarm, RaiseEmergency)
    assert alarm.draft.text == "安泰花园3号楼着火了"
    assert isinstance(rest, OpenTicket)
    assert (rest.draft.text, rest.draft.tier) == ("路灯也不亮", "none")


def test_a_group_opens_them_all_without_asking(tell: Callable[..., Turn]) -> None:
    turn = tell(("路灯不亮，", "SZ-012"), ("另外井盖也没了", "SZ-007"), scope="group")

    assert [draft.text for draft in list_drafts(step(NEW, turn).actions)] == ["路灯不亮", "井盖也没了"]


WORDS = ["路灯不亮", "井盖也没了", "垃圾没人清", "电梯坏了", "有人半夜唱歌吵死了", "安泰路12号", "希望尽快处理", "谢谢"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(["", "另外", "还有", "二是"]),
            st.sampled_from(WORDS),
            st.sampled_from(["", "SZ-012", "SZ-007", "HJ-001"]),
        ),
        min_size=1,
        max_size=7,
    ),
    knows_place=st.booleans(),
)
def test_no_word_of_a_message_is_lost(tell: Callable[..., Turn], parts: list[tuple[str, str, str]], knows_place: bool) -> None:
    known: dict[str, Any] = {"places": (ANTAI,)} if knows_place and any("安泰路" in word for _, word, _ in parts) else {}
    turn = tell(*((f"{lead}{word}，", item) for lead, word, item in parts), **known)
    kept = "\n".join(draft.text for draft in list_drafts(step(NEW, turn).actions))

    if kept:
        assert [word for _, word, _ in parts if word not in kept] == []


def test_a_piece_within_a_minute_is_added_and_a_later_one_stands_for_itself(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last=JUST_NOW)
    facts = ResidentFacts(tickets=(LAMP,))
    soon = step(state, make_turn("三天了", facts=facts))
    late = step(state, make_turn("晚上黑漆漆的没法走路", facts=facts, now=NOW + timedelta(seconds=41)))

    assert soon.actions == (AddToTicket(LAMP.ticket, "三天了"),)
    assert not isinstance(late.actions[0], AddToTicket)


def test_a_piece_about_another_thing_is_another_matter_with_the_place_it_shares(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last=JUST_NOW)
    facts = ResidentFacts(tickets=(LAMP,))
    turn = make_turn("旁边还有个井盖也没了", facts=facts, topics=about("SZ-007"), last_topics=about("SZ-012"))
    (action,) = step(state, turn).actions

    assert isinstance(action, OpenTicket)
    assert action.draft.place == PlaceRef(text="安泰路12号", public="安泰路12号", areas=("G1",))


@pytest.mark.parametrize("text", ["还有个井盖也坏了", "还有一个井盖坏了", "另外垃圾桶也满了，没人清"])
@pytest.mark.parametrize("since", [timedelta(seconds=20), timedelta(minutes=10), timedelta(days=3)])
def test_one_more_thing_is_a_matter_of_its_own_however_long_after(
    make_turn: Callable[..., Turn], text: str, since: timedelta
) -> None:
    last = LastTurn(at=NOW - since, tickets=(LAMP.ticket,))
    facts = ResidentFacts(tickets=(replace(LAMP, opened_at=NOW - since),))
    (action,) = step(msgspec.structs.replace(NEW, last=last), make_turn(text, facts=facts)).actions

    if since < timedelta(minutes=1):
        assert isinstance(action, OpenTicket)
        assert action.draft.place == PlaceRef(text="安泰路12号", public="安泰路12号", areas=("G1",))
    else:
        assert isinstance(action, AskSlot)
        assert action.slot == "place"
    assert action.draft.text == text


@pytest.mark.parametrize("text", ["还有一盏也不亮", "还有个情况忘了讲", "还有路灯也没修", "补充一下，井盖也坏了"])
def test_what_goes_on_about_the_same_thing_or_says_that_it_adds_is_added(make_turn: Callable[..., Turn], text: str) -> None:
    facts = ResidentFacts(tickets=(replace(LAMP, opened_at=NOW - timedelta(minutes=10)),))

    assert step(NEW, make_turn(text, facts=facts)).actions == (AddToTicket(LAMP.ticket, text),)


def test_a_request_about_a_place_of_its_own_never_goes_into_anothers_ticket(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last=JUST_NOW)
    facts = ResidentFacts(tickets=(LAMP,))
    elsewhere = step(state, make_turn("举报文昌路10号的老板乱收费", facts=facts, places=(WENCHANG,)))
    same = step(state, make_turn("没人管，我要投诉", facts=facts))

    assert not any(isinstance(action, AddToTicket) for action in elsewhere.actions)
    assert same.actions == (AddToTicket(LAMP.ticket, "没人管，我要投诉"),)


@pytest.mark.parametrize("text", ["谢谢", "好的", "进度", "怎么还没来", "就这样", "2", "转人工"])
def test_what_is_no_piece_is_not_added(make_turn: Callable[..., Turn], text: str) -> None:
    state = msgspec.structs.replace(NEW, last=JUST_NOW)
    taken = step(state, make_turn(text, facts=ResidentFacts(tickets=(LAMP,))))

    assert not any(isinstance(action, AddToTicket) for action in taken.actions)


def test_words_of_which_nothing_came_are_read_with_the_next(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last=LastTurn(at=NOW, text="我们小区"))

    assert join_loose(state, make_turn("电梯坏了三天", now=NOW + timedelta(seconds=30))) == "我们小区\n电梯坏了三天"
    assert join_loose(state, make_turn("电梯坏了三天", now=NOW + timedelta(seconds=90))) == ""
    assert join_loose(state, make_turn("好的", now=NOW + timedelta(seconds=30))) == ""


def test_a_door_is_read_together_with_the_place_before_it(make_turn: Callable[..., Turn]) -> None:
    place = Draft(text="安泰路", place=PlaceRef(text="安泰路"))
    waits = ConversationState(draft=place, slot="matter")

    assert join_loose(waits, make_turn("12号")) == "安泰路12号"
    assert join_loose(waits, make_turn("12号路灯不亮")) == ""
    assert join_loose(msgspec.structs.replace(waits, slot="place"), make_turn("12号")) == ""
    assert join_loose(msgspec.structs.replace(waits, draft=Draft(text="路灯不亮")), make_turn("12号")) == ""


def test_a_word_that_picks_is_not_read_together_with_the_question(make_turn: Callable[..., Turn]) -> None:
    choices = (Choice("K1", "柳塘街道便民服务中心"), Choice("K2", "石榴街道便民服务中心"))
    state = ConversationState(last=LastTurn(at=NOW), last_question="便民中心几点上班", choices=choices)

    assert join_loose(state, make_turn("柳塘", now=NOW + timedelta(seconds=20))) == ""


def test_a_correction_goes_to_every_ticket_of_the_last_message_that_says_it(make_turn: Callable[..., Turn]) -> None:
    other = replace(WASTE, public_place="安泰路12号")
    last = LastTurn(at=NOW - timedelta(seconds=30), tickets=(LAMP.ticket, other.ticket))
    right = PlaceRef(text="安泰路21号")
    turn = make_turn("不是安泰路12号，是安泰路21号", facts=ResidentFacts(tickets=(other, LAMP)), corrected=right)
    turn = replace(turn, state=msgspec.structs.replace(NEW, last=last))
    taken = step(turn.state, turn)

    assert taken.actions == tuple(
        CorrectTicket(number, turn.utterance.raw, "安泰路21号", right) for number in (LAMP.ticket, other.ticket)
    )


def test_a_correction_amends_what_waits(make_turn: Callable[..., Turn]) -> None:
    waiting = step(NEW, make_turn("路灯坏了")).state
    amended = step(waiting, make_turn("不是路灯，是红绿灯"))
    answered = step(waiting, make_turn("说错了，是安泰路21号的红绿灯", corrected=PlaceRef(text="安泰路21号")))

    assert amended.actions == (Tell("draft_corrected"),)
    assert [(draft.text, draft.topic) for draft in amended.state.drafts] == [("路灯坏了\n不是路灯，是红绿灯", "红绿灯坏了")]
    (draft,) = list_drafts(answered.actions)
    assert draft.place == PlaceRef(text="安泰路21号")


def test_which_ticket_is_corrected_is_asked_where_it_is_open(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(NEW, make_turn("地址写错了，是文昌路18号", facts=ResidentFacts(tickets=(WASTE, LAMP)))).actions

    assert isinstance(action, AskSlot)
    assert action.slot == "ticket"


def test_what_came_back_follows_the_old_ticket(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(NEW, make_turn("又坏了", facts=ResidentFacts(tickets=(DONE,)))).actions

    assert isinstance(action, OpenTicket)
    assert (action.draft.follows, action.draft.topic) == (DONE.ticket, DONE.title)
    assert action.draft.place == PlaceRef(text="安泰路12号", public="安泰路12号", areas=("G1",))


@pytest.mark.parametrize(
    ("text", "ticket"),
    [
        ("电梯又坏了", DONE),  # another thing
        ("又坏了", replace(DONE, closed_at=NOW - timedelta(days=91))),  # too long ago
        ("又坏了", replace(DONE, status="withdrawn")),
        ("还是没修好", replace(DONE, status="concluded", closed_at=None, awaiting_rating=True)),  # judges the result
    ],
)
def test_what_did_not_come_back_follows_nothing(make_turn: Callable[..., Turn], text: str, ticket: TicketFacts) -> None:
    awaiting = (ticket.ticket,) if ticket.awaiting_rating else ()
    taken = step(NEW, make_turn(text, facts=ResidentFacts(tickets=(ticket,), awaiting_rating=awaiting)))

    assert [draft.follows for draft in list_drafts(taken.actions)] in ([], [""])


def test_which_one_came_back_is_asked_and_picked_by_number_or_word(make_turn: Callable[..., Turn]) -> None:
    other = replace(WASTE, status="closed", closed_at=NOW - timedelta(days=3))
    facts = ResidentFacts(tickets=(other, DONE))
    asked = step(NEW, make_turn("老问题又来了", facts=facts))

    assert asked.state.tickets == (other.ticket, DONE.ticket)
    for text in ("2", "第二个", "路灯那个"):
        (draft,) = list_drafts(step(asked.state, make_turn(text, facts=facts)).actions)
        assert draft.follows == DONE.ticket
    (none,) = step(asked.state, make_turn("都不是", facts=facts)).actions
    assert isinstance(none, AskSlot)
    assert none.slot == "matter"


def test_pointing_shows_the_one_matter_or_asks_which(make_turn: Callable[..., Turn]) -> None:
    one = step(NEW, make_turn("那个呢", facts=ResidentFacts(tickets=(LAMP,))))
    two = step(NEW, make_turn("上次那件事", facts=ResidentFacts(tickets=(WASTE, LAMP))))

    assert one.actions == (ShowProgress(LAMP.ticket),)
    assert two.state.tickets == (WASTE.ticket, LAMP.ticket)
    assert step(two.state, make_turn("1", facts=ResidentFacts(tickets=(WASTE, LAMP)))).actions == (ShowProgress(WASTE.ticket),)


def test_what_is_still_so_is_urged(make_turn: Callable[..., Turn]) -> None:
    assert step(NEW, make_turn("还是没修", facts=ResidentFacts(tickets=(LAMP,)))).actions == (Urge(LAMP.ticket, "还是没修"),)


def test_the_one_just_told_is_taken_back(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last=LastTurn(at=NOW - timedelta(minutes=5), tickets=(LAMP.ticket,)))
    facts = ResidentFacts(tickets=(WASTE, LAMP))

    assert step(state, make_turn("刚才那个不要了", facts=facts)).actions == (WithdrawTicket(LAMP.ticket),)
    assert isinstance(step(NEW, make_turn("那个不要了", facts=facts)).actions[0], AskSlot)


def test_a_number_of_the_last_list_is_understood(make_turn: Callable[..., Turn]) -> None:
    listed = Outcome(name="told", tickets=(WASTE.ticket, LAMP.ticket), says=(Tell("progress_list"),))
    state, _ = settle(NEW, [listed])
    facts = ResidentFacts(tickets=(WASTE, LAMP))

    assert step(state, make_turn("2", facts=facts)).actions == (ShowProgress(LAMP.ticket),)
    assert step(state, make_turn("催一下1", facts=facts)).actions == (Urge(WASTE.ticket, "催一下1"),)
    assert step(state, make_turn("第二件不用了", facts=facts)).actions == (WithdrawTicket(LAMP.ticket),)


def test_more_of_an_answer_is_given_to_who_asks(make_turn: Callable[..., Turn]) -> None:
    state = msgspec.structs.replace(NEW, last_answer="K1")

    assert step(state, make_turn("更多")).actions == (Answer("K1", full=True),)
    assert step(NEW, make_turn("更多")).actions == (Tell("help"),)


@pytest.mark.parametrize(
    ("text", "who", "theirs", "own"),
    [
        ("替隔壁张奶奶反映，她家水管漏了，她电话13800001111", "隔壁张奶奶", "13800001111", ""),
        ("我替我妈反映，她家停水两天了，我的电话是13900002222", "我妈", "", "13900002222"),
        ("帮楼上独居的大爷报修，他家灯坏了", "楼上独居的大爷", "", ""),
    ],
)
def test_for_whom_and_whose_number(make_turn: Callable[..., Turn], text: str, who: str, theirs: str, own: str) -> None:
    (draft,) = list_drafts(step(NEW, make_turn(text)).actions)

    assert (draft.behalf, draft.behalf_phone, draft.phone) == (who, theirs, own)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("1", "all"), ("2", "status"), ("3", "none"), ("同意", "all"), ("不同意", "none"), ("只让他知道办到哪一步", "status"),
        ("谢谢", None), ("路灯坏了", None),
    ],
)  # fmt: skip
def test_what_the_reporter_may_see_is_said_by_number_or_in_words(text: str, allowed: str | None) -> None:
    assert read_allowance(text) == allowed


def test_a_number_answers_what_was_asked_last(make_turn: Callable[..., Turn]) -> None:
    question = ProxyQuestion(ticket=LAMP.ticket, asked_at=NOW - timedelta(minutes=3))
    later = replace(WASTE, status="concluded", awaiting_rating=True, rating_asked_at=NOW - timedelta(minutes=1))
    alone = ResidentFacts(tickets=(LAMP,), proxies=(question,))
    both = ResidentFacts(tickets=(LAMP, later), awaiting_rating=(later.ticket,), proxies=(question,))

    assert step(NEW, make_turn("2", facts=alone)).actions == (AllowProxy(LAMP.ticket, "status"),)
    assert not isinstance(step(NEW, make_turn("2", facts=both)).actions[0], AllowProxy)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("第1件在安泰路，第2件在和平路", {1: "安泰路", 2: "和平路"}),
        ("2.和平路20号", {}),
        ("1.安泰路 2.和平路", {1: "安泰路", 2: "和平路"}),
        ("都在安泰路12号", {}),
        ("12号楼", {}),
    ],
)
def test_an_answer_may_say_of_which_it_speaks(text: str, said: dict[int, str]) -> None:
    assert read_numbered(text) == said


MOVES = [
    "路灯坏了", "另外垃圾也没人清", "不是路灯，是红绿灯", "安泰路12号", "第2件不要了", "算了不用了", "又坏了", "那个", "都不是", "2", "好的", "不知道",
    "刚才那个不要了", "更多", "三天了", "我家着火了", "转人工", "谢谢",
]  # fmt: skip


COMMANDS = {"又坏了", "那个", "第2件不要了", "刚才那个不要了", "算了不用了"}
"""They say what to do with a matter; what they wait for is which."""


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 40), st.booleans()), min_size=1, max_size=9),
    tickets=st.sampled_from([(), (LAMP,), (WASTE, LAMP), (DONE,), (LAMP, DONE)]),
)
def test_no_sequence_of_turns_loses_a_draft(
    make_turn: Callable[..., Turn], tell: Callable[..., Turn], moves: list[tuple[str, int, bool]], tickets: tuple[TicketFacts, ...]
) -> None:
    """What waits is opened, still waits, or its writer was told that it is dropped."""
    state, now = ask_two(tell), NOW
    facts = ResidentFacts(tickets=tickets)
    for text, minutes, knows_place in moves:
        now += timedelta(minutes=minutes)
        waiting = [draft.text.splitlines()[0] for draft in state.drafts]
        turn = make_turn(text, now=now, facts=facts, places=(ANTAI,) if knows_place and "安泰路" in text else ())
        taken = step(state, turn)
        dropped = sum(isinstance(action, Tell) and action.text in {"one_dropped", "draft_dropped"} for action in taken.actions)
        kept = "\n".join(
            [draft.text for draft in (*list_drafts(taken.actions), *taken.state.drafts)]
            + [action.draft.text for action in taken.actions if hasattr(action, "draft")]
            + [action.text for action in taken.actions if isinstance(action, AddToTicket | CorrectTicket)]
            + [draft.place.text for draft in (*list_drafts(taken.actions), *taken.state.drafts) if draft.place]
        )
        lost = [words for words in waiting if words and words not in kept and words not in COMMANDS]
        assert not lost or dropped, (text, lost)
        assert taken.actions
        state = msgspec.json.decode(msgspec.json.encode(taken.state), type=ConversationState)
