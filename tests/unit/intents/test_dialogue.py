from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.actions import (
    AddToTicket,
    Answer,
    AskSlot,
    EntryFeedback,
    OfferChoice,
    OpenTicket,
    Outcome,
    PlaceRef,
    RaiseEmergency,
    RateTicket,
    RecordMiss,
    SeekPerson,
    ShowProgress,
    Tell,
    Urge,
    WithdrawTicket,
)
from intents.dialogue import settle, step, timeout
from intents.open_question import pick_choice
from intents.spec import ResidentFacts, TicketFacts
from intents.state import Choice, ConversationState, DialogueSettings
from knowledge_base.places import PlaceMention

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn
    from knowledge_base.match import Answered, NeedsChoice

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
NEW = ConversationState()
ANTAI = PlaceMention(text="安泰路12号", public="安泰路12号", name="安泰路", kind="road", number="12", areas=("G1",))
FIRST = TicketFacts(ticket="20250301001", title="路灯不亮", status="dispatched", opened_at=NOW - timedelta(days=3))
SECOND = TicketFacts(ticket="20250302007", title="下水道堵塞", status="dispatched", opened_at=NOW - timedelta(days=2))
FRESH = TicketFacts(ticket="20250304001", title="垃圾成堆", status="accepted", opened_at=NOW - timedelta(minutes=3))


@pytest.fixture
def waiting(make_turn: Callable[..., Turn]) -> ConversationState:
    """A conversation that was asked where the broken lamp is."""
    return step(NEW, make_turn("路灯坏了三天了")).state


def test_a_report_with_a_place_is_opened_at_once(make_turn: Callable[..., Turn]) -> None:
    taken = step(NEW, make_turn("安泰路12号门口路灯坏了三天", places=(ANTAI,)))

    (action,) = taken.actions
    assert isinstance(action, OpenTicket)
    assert action.draft.place == PlaceRef(text="安泰路12号", public="安泰路12号", areas=("G1",), name="安泰路", kind="road")
    assert (action.draft.text, action.draft.time, action.draft.reason) == ("安泰路12号门口路灯坏了三天", "三天", "")
    assert msgspec.structs.replace(taken.state, last=None) == NEW


def test_a_report_without_a_place_is_asked_for_it(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(NEW, make_turn("路灯坏了三天了"))

    (action,) = taken.actions
    assert isinstance(action, AskSlot)
    assert action.slot == "place"
    assert (waiting.slot, waiting.asked, waiting.open_until) == ("place", ("place",), NOW + timedelta(minutes=30))


def test_a_matter_without_a_spot_is_not_asked_for_one(make_turn: Callable[..., Turn]) -> None:
    (action,) = step(NEW, make_turn("公司拖欠我两个月工资")).actions

    assert isinstance(action, OpenTicket)
    assert action.draft.reason == ""


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("安泰路12号", "安泰路12号", ""),
        ("就在小区门口", "就在小区门口", ""),
        ("垃圾站旁边那个", "垃圾站旁边那个", ""),
        ("不知道", None, "no_place"),
        ("就这样吧", None, "no_place"),
        ("反正你们自己查", None, "no_place"),
    ],
)
def test_an_answer_completes_the_draft(
    make_turn: Callable[..., Turn], waiting: ConversationState, text: str, place: str | None, reason: str
) -> None:
    taken = step(waiting, make_turn(text, places=(ANTAI,) if ANTAI.text in text else ()))

    (action,) = taken.actions
    assert isinstance(action, OpenTicket)
    assert (action.draft.place.text if action.draft.place else None) == place
    assert action.draft.reason == reason
    assert action.draft.text.startswith("路灯坏了三天了")
    assert taken.state.draft is None


def test_a_location_completes_the_draft(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    point = PlaceRef(text="安泰路", latitude=30.0, longitude=120.0)
    (action,) = step(waiting, make_turn(kind="location", point=point)).actions

    assert isinstance(action, OpenTicket)
    assert action.draft.place == point


def test_what_is_said_with_the_answer_is_not_lost(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    action, promise = step(waiting, make_turn("安泰路12号，电话13800001111，请替我保密", places=(ANTAI,))).actions

    assert promise == Tell("kept_secret")
    assert isinstance(action, OpenTicket)
    assert action.draft.text == "路灯坏了三天了\n安泰路12号，电话13800001111，请替我保密"
    assert (action.draft.phone, action.draft.confidential) == ("13800001111", True)


@pytest.mark.parametrize("text", ["好的", "嗯嗯", "好的，稍等", "我看看"])
def test_a_nod_leaves_the_question_open_and_asks_nothing(
    make_turn: Callable[..., Turn], waiting: ConversationState, text: str
) -> None:
    taken = step(waiting, make_turn(text, now=NOW + timedelta(minutes=5)))

    assert taken.actions == (Tell("still_open"),)
    assert taken.state == waiting


@pytest.mark.parametrize("text", ["在哪里？", "什么意思", "要地址干什么", "怎么发定位"])
def test_who_asks_back_is_told_why_we_ask(make_turn: Callable[..., Turn], waiting: ConversationState, text: str) -> None:
    taken = step(waiting, make_turn(text))

    assert taken.actions == (Tell("why_place"),)
    assert taken.state == waiting


@pytest.mark.parametrize("text", ["不知道", "没有了", "就这些", "好的"])
def test_a_word_that_adds_nothing_is_not_added(make_turn: Callable[..., Turn], text: str) -> None:
    (action,) = step(NEW, make_turn(text, facts=ResidentFacts(tickets=(FRESH,)))).actions

    assert isinstance(action, Tell)


def test_another_matter_opens_the_waiting_draft_first(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(waiting, make_turn("还有安泰路12号垃圾好几天没人清了", places=(ANTAI,)))

    first, second = taken.actions
    assert isinstance(first, OpenTicket)
    assert isinstance(second, OpenTicket)
    assert (first.draft.text, first.draft.reason) == ("路灯坏了三天了", "no_place")
    assert second.draft.place is not None


def test_another_intent_opens_the_waiting_draft_first(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(waiting, make_turn("我上次反映的事处理得怎么样了", facts=ResidentFacts(tickets=(FIRST,))))

    first, second = taken.actions
    assert isinstance(first, OpenTicket)
    assert second == ShowProgress(FIRST.ticket)


def test_the_waiting_draft_can_be_taken_back(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(waiting, make_turn("算了，不反映了"))

    assert taken.actions == (Tell("draft_dropped"),)
    assert taken.state.draft is None


def test_wanting_a_person_takes_the_matter_along(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    (action,) = step(waiting, make_turn("转人工")).actions

    assert isinstance(action, SeekPerson)
    assert (action.draft.text, action.draft.reason) == ("路灯坏了三天了\n转人工", "asked_person")


def test_danger_opens_the_waiting_draft_and_raises_the_alarm(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    first, second = step(waiting, make_turn("楼道里电动车起火了快来人")).actions

    assert isinstance(first, OpenTicket)
    assert isinstance(second, RaiseEmergency)
    assert (second.draft.tier, second.draft.hazard) == ("red", "fire")


def test_an_unanswered_draft_becomes_a_ticket_when_its_time_is_over(waiting: ConversationState) -> None:
    early = timeout(waiting, NOW + timedelta(minutes=29))
    late = timeout(waiting, NOW + timedelta(minutes=30))

    assert (early.actions, early.state) == ((), waiting)
    (action,) = late.actions
    assert isinstance(action, OpenTicket)
    assert action.draft.reason == "no_place"
    assert late.state.draft is None
    assert timeout(late.state, NOW + timedelta(days=1)).actions == ()


def test_a_late_message_finds_the_draft_opened(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(waiting, make_turn("谢谢", now=NOW + timedelta(minutes=31)))

    assert [type(action) for action in taken.actions] == [OpenTicket, Tell]
    assert taken.state.draft is None


def test_how_long_a_question_stays_open_is_a_setting(make_turn: Callable[..., Turn]) -> None:
    state = step(NEW, make_turn("路灯坏了三天了", settings=DialogueSettings(question_minutes=5))).state

    assert state.open_until == NOW + timedelta(minutes=5)


def offered(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> ConversationState:
    decision = choice(("K1", "居住证怎么办理"), ("K2", "居住证怎么续签"), ("K3", "居住证丢了怎么补"))
    taken = step(NEW, make_turn("居住证怎么弄", decision=decision))
    assert taken.actions == (OfferChoice(("K1", "K2", "K3")),)
    return taken.state


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("2", "K2"),
        ("２", "K2"),
        ("第二个", "K2"),
        ("选3", "K3"),
        ("居住证怎么办理", "K1"),
        ("我问的是居住证丢了怎么补", "K3"),
        ("续签", "K2"),
        ("我是续签的", "K2"),
        ("要问的是怎么补", "K3"),
    ],
)
def test_a_choice_is_picked_by_number_or_words(
    make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice], text: str, entry: str
) -> None:
    taken = step(offered(make_turn, choice), make_turn(text))

    assert taken.actions == (Answer(entry, picked_for="居住证怎么弄"),)
    assert taken.state.choices == ()
    assert taken.state.last_question == "居住证怎么弄"


def test_a_number_that_was_not_offered_is_asked_again(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    state = offered(make_turn, choice)

    assert step(state, make_turn("第五个")).actions == (OfferChoice(("K1", "K2", "K3")),)
    assert step(state, make_turn("第五个")).state == state
    assert step(state, make_turn("五个人在安泰路12号打架", places=(ANTAI,))).actions != (OfferChoice(("K1", "K2", "K3")),)


@pytest.mark.parametrize("text", ["我是居住证的", "我是的", "我们家是别的"])
def test_words_that_fit_all_or_none_pick_nothing(
    make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice], text: str
) -> None:
    assert pick_choice(make_turn(text).text, offered(make_turn, choice).choices) == ""


def test_none_of_the_choices_leads_to_people(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    miss, ticket = step(offered(make_turn, choice), make_turn("都不是")).actions

    assert miss == RecordMiss("居住证怎么弄")
    assert isinstance(ticket, OpenTicket)
    assert (ticket.draft.text, ticket.draft.reason) == ("居住证怎么弄", "no_answer")


def test_a_choice_is_forgotten_by_another_message(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    taken = step(offered(make_turn, choice), make_turn("安泰路12号路灯坏了", places=(ANTAI,)))

    assert [type(action) for action in taken.actions] == [OpenTicket]
    assert taken.state.choices == ()


def test_a_choice_is_not_picked_after_its_time(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    taken = step(offered(make_turn, choice), make_turn("2", now=NOW + timedelta(minutes=31)))

    assert taken.actions == (Tell("help"),)


def test_a_rating_asked_after_the_choice_takes_the_number(
    make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]
) -> None:
    done = TicketFacts(ticket="20250301002", status="concluded", awaiting_rating=True, rating_asked_at=NOW + timedelta(minutes=1))
    facts = ResidentFacts(tickets=(done,), awaiting_rating=(done.ticket,))
    taken = step(offered(make_turn, choice), make_turn("2", now=NOW + timedelta(minutes=2), facts=facts))

    assert taken.actions == (RateTicket(done.ticket, solved="partly"),)


def test_which_ticket_is_asked_once_and_picked(make_turn: Callable[..., Turn]) -> None:
    facts = ResidentFacts(tickets=(SECOND, FIRST))
    taken = step(NEW, make_turn("撤回", facts=facts))

    (action,) = taken.actions
    assert isinstance(action, AskSlot)
    assert (action.slot, taken.state.tickets) == ("ticket", (SECOND.ticket, FIRST.ticket))
    for text in ("2", "第二个", "301001", "路灯那个"):
        assert step(taken.state, make_turn(text, facts=facts)).actions == (WithdrawTicket(FIRST.ticket),)


def test_the_ticket_to_urge_is_picked_too(make_turn: Callable[..., Turn]) -> None:
    facts = ResidentFacts(tickets=(SECOND, FIRST))
    state = step(NEW, make_turn("怎么还没来修", facts=facts)).state

    assert step(state, make_turn("1", facts=facts)).actions == (Urge(SECOND.ticket, "1"),)


def test_a_voice_goes_to_the_desk_to_be_heard(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    (alone,) = step(NEW, make_turn(kind="voice", media=1)).actions
    (joined,) = step(waiting, make_turn(kind="voice", media=1)).actions

    assert isinstance(alone, OpenTicket)
    assert (alone.draft.text, alone.draft.reason, alone.draft.media) == ("", "voice_only", 1)
    assert isinstance(joined, OpenTicket)
    assert (joined.draft.text, joined.draft.reason, joined.draft.media) == ("路灯坏了三天了", "voice_only", 1)


def test_a_voice_that_came_with_words_is_read(make_turn: Callable[..., Turn]) -> None:
    assert step(NEW, make_turn("进度", kind="voice", media=1)).actions == (ShowProgress(),)


def test_a_lone_picture_is_asked_about_once_and_stays_with_the_matter(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn(kind="image", media=1))
    (question,) = asked.actions
    assert isinstance(question, AskSlot)
    assert question.slot == "matter"

    told = step(asked.state, make_turn("井盖没了，好吓人", now=NOW + timedelta(minutes=5)))
    assert told.actions == (Tell("ask_place"),)
    assert told.state.open_until == asked.state.open_until

    (action,) = step(told.state, make_turn("安泰路12号", places=(ANTAI,))).actions
    assert isinstance(action, OpenTicket)
    assert (action.draft.text, action.draft.media) == ("井盖没了，好吓人\n安泰路12号", 1)
    assert action.draft.place is not None

    (action,) = step(told.state, make_turn("不知道")).actions
    assert isinstance(action, OpenTicket)
    assert (action.draft.media, action.draft.reason) == (1, "no_place")


@pytest.mark.parametrize("text", ["我要投诉", "有问题要反映", "你好，我想反映一个事情", "投诉！没人管", "我电话13800001111"])
def test_who_only_begins_is_asked_what_it_is_about(make_turn: Callable[..., Turn], text: str) -> None:
    (question,) = step(NEW, make_turn(text)).actions

    assert isinstance(question, AskSlot)
    assert question.slot == "matter"


def test_a_greeting_leaves_the_question_what_it_is_about_open(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn(kind="image", media=1))
    greeted = step(asked.state, make_turn("在吗"))

    assert greeted.actions == (Tell("small_talk"),)
    assert greeted.state == asked.state


def test_what_waited_without_words_is_opened_before_another_wish_is_met(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn("安泰路12号", places=(ANTAI,)))
    dropped = step(asked.state, make_turn("撤回", facts=ResidentFacts(tickets=(FRESH, FIRST)))).actions
    opened = step(asked.state, make_turn("进度", facts=ResidentFacts(tickets=(FIRST,)))).actions

    assert dropped == (Tell("draft_dropped"),)
    assert isinstance(opened[0], OpenTicket)
    assert opened[1] == ShowProgress(FIRST.ticket)


def test_a_second_picture_and_a_location_join_the_first(make_turn: Callable[..., Turn]) -> None:
    point = PlaceRef(text="安泰路", areas=("G1",))
    state = step(NEW, make_turn(kind="image", media=1)).state
    second = step(state, make_turn(kind="image", media=1))
    third = step(second.state, make_turn(kind="location", point=point))
    (action,) = step(third.state, make_turn("井盖没了")).actions

    assert (second.actions, third.actions) == ((Tell("photo_kept"),), (Tell("place_kept"),))
    assert third.state.open_until == state.open_until
    assert isinstance(action, OpenTicket)
    assert (action.draft.media, action.draft.place, action.draft.reason) == (2, point, "")


def test_an_unexplained_picture_becomes_a_ticket(make_turn: Callable[..., Turn]) -> None:
    (action,) = timeout(step(NEW, make_turn(kind="image", media=1)).state, NOW + timedelta(minutes=30)).actions

    assert isinstance(action, OpenTicket)
    assert (action.draft.reason, action.draft.media) == ("no_matter", 1)


def test_pictures_words_and_places_join_a_ticket_opened_minutes_ago(make_turn: Callable[..., Turn]) -> None:
    facts = ResidentFacts(tickets=(FRESH, FIRST))
    point = PlaceRef(text="安泰路")

    assert step(NEW, make_turn(kind="image", media=1, facts=facts)).actions == (AddToTicket(FRESH.ticket, "", None, 1),)
    assert step(NEW, make_turn(kind="location", point=point, facts=facts)).actions == (AddToTicket(FRESH.ticket, "", point),)
    assert step(NEW, make_turn("是在后门那边", facts=facts)).actions == (AddToTicket(FRESH.ticket, "是在后门那边"),)


def test_a_location_is_remembered_for_what_is_reported_next(make_turn: Callable[..., Turn]) -> None:
    point = PlaceRef(text="安泰路", areas=("G1",))
    kept = step(NEW, make_turn(kind="location", point=point))
    (soon,) = step(kept.state, make_turn("路灯坏了", now=NOW + timedelta(minutes=29))).actions
    (late,) = step(kept.state, make_turn("路灯坏了", now=NOW + timedelta(minutes=31))).actions

    assert kept.actions == (Tell("place_kept"),)
    assert isinstance(soon, OpenTicket)
    assert soon.draft.place == point
    assert isinstance(late, AskSlot)


def test_a_bare_place_is_asked_what_is_there(make_turn: Callable[..., Turn]) -> None:
    taken = step(NEW, make_turn("安泰路12号", places=(ANTAI,)))
    (question,) = taken.actions
    (action,) = step(taken.state, make_turn("路灯坏了")).actions

    assert isinstance(question, AskSlot)
    assert question.slot == "matter"
    assert isinstance(action, OpenTicket)
    assert (action.draft.text, action.draft.place and action.draft.place.areas) == ("路灯坏了", ("G1",))


def test_a_place_before_its_matter_is_kept_and_the_matter_still_waited_for(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn("我想反映个事")).state
    placed = step(asked, make_turn("安泰路12号", places=(ANTAI,)))
    (action,) = step(placed.state, make_turn("路灯坏了")).actions

    assert placed.actions == (Tell("place_kept"),)
    assert placed.state.slot == "matter"
    assert placed.state.open_until == asked.open_until
    assert isinstance(action, OpenTicket)
    assert (action.draft.text, action.draft.place and action.draft.place.areas) == ("路灯坏了", ("G1",))


def test_a_matter_together_with_its_place_is_not_asked_for_again(make_turn: Callable[..., Turn]) -> None:
    asked = step(NEW, make_turn("我想反映个事")).state
    (action,) = step(asked, make_turn("安泰路12号路灯坏了", places=(ANTAI,))).actions

    assert isinstance(action, OpenTicket)
    assert action.draft.place is not None


def test_the_announcement_of_a_question_is_no_matter(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    asked = step(NEW, make_turn("想问一下")).state
    complaint = step(NEW, make_turn("我要投诉")).state
    question = make_turn("居住证怎么办", decision=answered("K1", "居住证怎么办"))

    assert asked.slot == "matter"
    assert step(asked, question).actions == (Answer("K1"),)
    assert [type(action) for action in step(complaint, question).actions] == [OpenTicket, Answer]


def test_a_remembered_location_is_used_for_one_matter(make_turn: Callable[..., Turn]) -> None:
    kept = step(NEW, make_turn(kind="location", point=PlaceRef(text="安泰路", areas=("G1",))))

    assert step(kept.state, make_turn("路灯坏了")).state.place is None


@pytest.mark.parametrize(
    ("event", "key", "tell"),
    [
        ("subscribe", "", Tell("welcome")),
        ("subscribe", "qrscene_D17", Tell("welcome")),
        ("SCAN", "D17", Tell("welcome")),
    ],
)
def test_who_comes_is_welcomed(make_turn: Callable[..., Turn], event: str, key: str, tell: Tell) -> None:
    assert step(NEW, make_turn(kind="event", event=event, event_key=key)).actions == (tell,)


def test_where_a_code_was_scanned_is_the_place_of_the_one_matter_that_follows(make_turn: Callable[..., Turn]) -> None:
    door = PlaceRef(text="安泰花园3号楼501", public="安泰花园3号楼", areas=("G1",), scanned="door")
    greeted = step(NEW, make_turn(kind="event", event="SCAN", event_key="D17", scanned=door))
    opened = step(greeted.state, make_turn("楼道灯不亮了，上下楼看不见"))
    draft = next(action.draft for action in opened.actions if isinstance(action, OpenTicket))

    assert greeted.actions == (Tell("scan_welcome", {"place": "安泰花园3号楼501"}),)
    assert (draft.place, draft.by_code) == (door, True)
    assert opened.state.place is None


def test_a_written_place_goes_before_that_of_the_code_and_the_writer_still_came_by_it(make_turn: Callable[..., Turn]) -> None:
    door = PlaceRef(text="安泰花园3号楼501", public="安泰花园3号楼", areas=("G1",), scanned="door")
    opened = step(NEW, make_turn("路灯坏了", scanned=door, point=PlaceRef(text="杏花里", areas=("G2",))))
    draft = next(action.draft for action in opened.actions if isinstance(action, OpenTicket))

    assert (draft.place, draft.by_code) == (PlaceRef(text="杏花里", areas=("G2",)), True)


def test_a_card_welcomes_and_says_no_place(make_turn: Callable[..., Turn]) -> None:
    card = PlaceRef(text="安泰一格", areas=("G1",), scanned="worker")
    greeted = step(NEW, make_turn(kind="event", event="SCAN", event_key="W17", scanned=card))

    assert greeted.actions == (Tell("card_welcome", {"place": "安泰一格"}),)
    assert make_turn("路灯坏了", scanned=card).place() is None


def test_other_events_are_silent_and_change_nothing(make_turn: Callable[..., Turn], waiting: ConversationState) -> None:
    taken = step(waiting, make_turn(kind="event", event="VIEW", event_key="https://lanan.example"))

    assert [type(action).__name__ for action in taken.actions] == ["Stay"]
    assert taken.state == waiting


def test_settling_remembers_the_answer_and_says_danger_first() -> None:
    outcomes = [
        Outcome(name="to_desk", says=(Tell("ticket_at_desk"),), ticket="1"),
        Outcome(name="emergency", says=(Tell("emergency_fire"),), ticket="2"),
        Outcome(name="answered", says=(Tell("answer"),), entry="K1"),
    ]
    state, says = settle(NEW, outcomes)

    assert state.last_answer == "K1"
    assert [tell.text for tell in says] == ["emergency_fire", "ticket_at_desk", "answer"]


def test_a_matter_against_the_grid_worker_names_him(make_turn: Callable[..., Turn]) -> None:
    action, promise = step(NEW, make_turn("举报安泰社区网格员乱收费", places=(ANTAI,))).actions

    assert promise == Tell("kept_from_them")
    assert isinstance(action, OpenTicket)
    assert (action.draft.kind, action.draft.confidential, action.draft.about) == ("report", True, ("网格员",))


TEXTS = [
    "路灯坏了", "安泰路12号", "不知道", "好的", "进度", "撤回", "怎么还没来", "1", "2", "3", "转人工", "居住证怎么办", "没用", "满意", "谢谢", "你好",
    "我家着火了", "垃圾好几天没人清", "举报网格员收钱", "", "？", "都不是", "补充一下是3单元", "我不想活了", "停水了",
]  # fmt: skip
MOVES = st.tuples(
    st.sampled_from(TEXTS),
    st.sampled_from(["text", "image", "voice", "location", "event", "other"]),
    st.integers(0, 45),
    st.booleans(),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(MOVES, min_size=1, max_size=8),
    tickets=st.sampled_from([(), (FIRST,), (FRESH, FIRST)]),
    scope=st.sampled_from(["person", "group"]),
)
def test_any_conversation_keeps_its_promises(
    make_turn: Callable[..., Turn], moves: list[Any], tickets: tuple[TicketFacts, ...], scope: str
) -> None:
    state, now = NEW, NOW
    for text, kind, minutes, knows_place in moves:
        now += timedelta(minutes=minutes)
        known: dict[str, Any] = {"places": (ANTAI,)} if knows_place and kind == "text" else {}
        turn = make_turn(text, kind=kind, now=now, scope=scope, facts=ResidentFacts(tickets=tickets), **known)
        taken = step(state, turn)

        assert taken.actions, "every message has an outcome"
        questions = [action for action in taken.actions if isinstance(action, AskSlot)]
        assert len(questions) <= 1
        if questions and state.draft is not None and questions[0].draft.text != state.draft.text:
            assert isinstance(taken.actions[0], OpenTicket), "a question about other words only after the old draft was opened"
        assert (taken.state.draft is None) or (taken.state.open_until is not None and now < taken.state.open_until)
        assert any(isinstance(action, RaiseEmergency) for action in taken.actions) == (turn.reading.tier == "red")
        if scope == "group":
            assert (taken.state.draft, questions) == (None, [])
        state = msgspec.json.decode(msgspec.json.encode(taken.state), type=ConversationState)
        assert state == taken.state
    assert timeout(state, now + timedelta(days=1)).state.draft is None


def test_choices_survive_being_kept(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    state = offered(make_turn, choice)

    assert msgspec.json.decode(msgspec.json.encode(state), type=ConversationState).choices[0] == Choice("K1", "居住证怎么办理")


def test_an_answer_is_judged_once_and_then_the_number_is_free(
    make_turn: Callable[..., Turn], answered: Callable[..., Answered]
) -> None:
    done = TicketFacts(ticket="20250301002", status="concluded", awaiting_rating=True, rating_asked_at=NOW - timedelta(hours=1))
    facts = ResidentFacts(tickets=(done,), awaiting_rating=(done.ticket,))
    state, _ = settle(step(NEW, make_turn("居住证怎么办", decision=answered("K1"))).state, [Outcome(name="answered", entry="K1")])
    first = step(state, make_turn("1", facts=facts, now=NOW + timedelta(minutes=1)))
    second = step(first.state, make_turn("1", facts=facts, now=NOW + timedelta(minutes=2)))

    assert first.actions == (EntryFeedback("K1", useful=True),)
    assert second.actions == (RateTicket(done.ticket, solved="yes"),)
