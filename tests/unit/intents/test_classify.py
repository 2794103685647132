from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from intents.actions import (
    Answer,
    AskSlot,
    CallBack,
    EntryFeedback,
    OfferChoice,
    OpenTicket,
    PlaceRef,
    RaiseEmergency,
    RateTicket,
    RecordMiss,
    ShowProgress,
    Tell,
    Urge,
    WithdrawTicket,
)
from intents.catalog import specs
from intents.classify import classify
from intents.danger import shipped_reader
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.actions import Action
    from intents.spec import Turn
    from knowledge_base.match import Answered, NeedsChoice

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
OPEN = TicketFacts(ticket="20250301001", title="路灯不亮", status="dispatched", opened_at=NOW - timedelta(days=3))
DONE = TicketFacts(
    ticket="20250301002", title="下水道堵塞", status="concluded", awaiting_rating=True, rating_asked_at=NOW - timedelta(hours=1)
)


def facts(*tickets: TicketFacts) -> ResidentFacts:
    return ResidentFacts(tickets=tickets, awaiting_rating=tuple(ticket.ticket for ticket in tickets if ticket.awaiting_rating))


def respond(turn: Turn) -> list[Action]:
    return specs()[classify(turn).code].respond(turn)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("楼下下水道又返水了，一屋子臭味", "report_problem"),
        ("路灯坏了怎么办", "report_problem"),
        ("能不能管管广场舞，天天吵到半夜", "report_problem"),
        ("为什么垃圾总没人清", "report_problem"),
        ("东苑小区门禁失灵好几天了", "report_problem"),
        ("驾校收了钱不退款", "complaint"),
        ("希望在河边加装护栏，孩子多不安全", "suggestion"),
        ("老年卡怎么办理", "ask_policy"),
        ("落户需要带什么", "ask_policy"),
        ("退休金从几月份开始涨？", "ask_policy"),
        ("居民医保断了可以补交吗", "ask_policy"),
        ("居民证明", "ask_policy"),
        ("怎么投诉乱收费", "help"),
        ("社区服务站地址在哪", "service_lookup"),
        ("派出所周末上班吗", "service_lookup"),
        ("那个", "help"),
        ("呃", "help"),
        ("你好呀", "small_talk"),
        ("好的，知道了", "thanks"),
        ("满意", "thanks"),
        ("你好，在吗", "small_talk"),
        ("不客气", "small_talk"),
        ("骗子", "upset"),
        ("我要去上访", "upset"),
        ("小区有人卖白粉", "report_violation"),
        ("什么破路灯，坏了三天", "report_problem"),
        ("你们几点下班", "help"),
        ("哪里能投诉噪音", "help"),
        ("被狗咬了怎么办", "report_problem"),
        ("替我表扬他", "praise"),
        ("替我夸夸他，老人不会用手机他一步步教", "praise"),
        ("替我妈表扬网格员小郑，他天天来看她", "praise"),
        ("我替我妈反映，她家水管漏了", "on_behalf"),
        ("老人卡坐公交要钱吗", "ask_policy"),
        ("我想找安泰社区居委会", "service_lookup"),
        ("1", "help"),
    ],
)
def test_without_context_the_words_decide(make_turn: Callable[..., Turn], text: str, code: str) -> None:
    assert classify(make_turn(text)).code == code


def test_a_question_that_an_entry_answers_is_answered(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    turn = make_turn("路灯坏了找哪个部门报修", decision=answered("K7"))

    assert respond(turn) == [Answer("K7")]


def test_a_report_is_not_answered_because_words_overlap(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    turn = make_turn("安泰路12号路灯坏了三天没人修", decision=answered("K7"))

    assert classify(turn).code == "report_problem"


def test_a_phrase_that_an_entry_answers_is_a_question(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    assert respond(make_turn("灵活就业参保", decision=answered("K3"))) == [Answer("K3")]


def test_a_near_tie_is_offered_as_a_choice(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    turn = make_turn("居住证怎么办", decision=choice(("K1", "居住证怎么办理"), ("K2", "居住证怎么续签")))

    assert respond(turn) == [OfferChoice(("K1", "K2"))]


def test_a_question_nobody_answers_is_kept_and_passed_on(make_turn: Callable[..., Turn]) -> None:
    miss, ticket = respond(make_turn("公园里的船怎么租"))

    assert miss == RecordMiss("公园里的船怎么租")
    assert isinstance(ticket, OpenTicket)
    assert (ticket.draft.reason, ticket.draft.kind, ticket.draft.text) == ("no_answer", "consult", "公园里的船怎么租")


@pytest.mark.parametrize(("text", "advice"), [("着火了怎么办", "emergency_fire"), ("有人溺水怎么救", "emergency_drowning")])
def test_what_to_do_in_a_danger_is_told_at_once_and_alarms_nobody(make_turn: Callable[..., Turn], text: str, advice: str) -> None:
    assert respond(make_turn(text)) == [Tell(advice)]


@pytest.mark.parametrize("text", ["家暴怎么取证", "去年楼里着火了，保险怎么赔"])
def test_a_private_or_past_danger_is_no_textbook_question(make_turn: Callable[..., Turn], text: str) -> None:
    assert not any(isinstance(action, Tell) for action in respond(make_turn(text)))


def test_a_long_letter_that_asks_and_reports_is_a_report(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    letter = (
        "您好，请问小区外墙保温层脱落应该由谁负责维修？我们楼从去年夏天起外墙皮一块一块往下掉，砸坏了两辆车，物业说维修基金不够，"
        "让业主自己出钱。我想咨询维修基金怎么申请使用，需要什么手续。楼下就是孩子们玩的地方，安全隐患很大，希望有关部门尽快派人来看看，"
        "督促物业先把危险的地方围起来。"
    )

    assert classify(make_turn(letter, decision=answered("K9"))).code == "report_problem"


def test_danger_outweighs_everything(make_turn: Callable[..., Turn], answered: Callable[..., Answered]) -> None:
    assert classify(make_turn("请问我家着火了怎么办", decision=answered("K5"), facts=facts(DONE))).code == "emergency"


def test_progress_of_the_only_ticket_or_of_all(make_turn: Callable[..., Turn]) -> None:
    assert respond(make_turn("进度", facts=facts(OPEN))) == [ShowProgress(OPEN.ticket)]
    assert respond(make_turn("进度", facts=facts(OPEN, DONE))) == [ShowProgress()]
    assert respond(make_turn(f"{DONE.ticket}怎么样了", facts=facts(OPEN, DONE))) == [ShowProgress(DONE.ticket)]


def test_why_is_nobody_here_urges_the_open_ticket(make_turn: Callable[..., Turn]) -> None:
    assert respond(make_turn("怎么还没来", facts=facts(OPEN))) == [Urge(OPEN.ticket, "怎么还没来")]
    assert respond(make_turn("怎么还没来")) == [ShowProgress()]


def test_a_long_complaint_about_waiting_without_a_ticket_is_a_report(make_turn: Callable[..., Turn]) -> None:
    assert classify(make_turn("东苑小区3号楼下水道堵了，物业怎么还没来修")).code == "report_problem"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("1", RateTicket(DONE.ticket, solved="yes")),
        ("２", RateTicket(DONE.ticket, solved="partly")),
        ("3", RateTicket(DONE.ticket, solved="no")),
        ("满意，谢谢", RateTicket(DONE.ticket, satisfied="yes")),
        ("没解决，还是堵", RateTicket(DONE.ticket, solved="no", text="没解决，还是堵")),
    ],
)
def test_a_result_that_was_asked_about_is_rated(make_turn: Callable[..., Turn], text: str, action: RateTicket) -> None:
    assert respond(make_turn(text, facts=facts(OPEN, DONE))) == [action]


@pytest.mark.parametrize("text", ["谢谢", "好的", "收到"])
def test_thanks_is_no_rating(make_turn: Callable[..., Turn], text: str) -> None:
    assert classify(make_turn(text, facts=facts(DONE))).code == "thanks"


def test_a_new_matter_is_no_rating(make_turn: Callable[..., Turn]) -> None:
    assert classify(make_turn("和平路36号门口的垃圾桶满了好几天，臭得很，麻烦来清一下", facts=facts(DONE))).code == "report_problem"


def test_another_matter_still_undone_is_no_rating_of_this_one(make_turn: Callable[..., Turn]) -> None:
    assert classify(make_turn("安泰路的垃圾还没清理，臭得很", facts=facts(DONE))).code == "report_problem"
    assert classify(make_turn("下水道还没清理", facts=facts(DONE))).code == "rate"


def asked(minutes_ago: int) -> ConversationState:
    return ConversationState(last_answer="K1", last_question="居住证怎么办", asked_at=NOW - timedelta(minutes=minutes_ago))


def test_a_number_answers_what_was_asked_last(make_turn: Callable[..., Turn]) -> None:
    after_rating = make_turn("1", facts=facts(DONE), state=asked(5))
    before_rating = make_turn("1", facts=facts(DONE), state=asked(90))

    assert respond(after_rating) == [EntryFeedback("K1", useful=True)]
    assert respond(before_rating) == [RateTicket(DONE.ticket, solved="yes")]


def test_an_old_answer_is_not_judged_by_a_number(make_turn: Callable[..., Turn]) -> None:
    assert classify(make_turn("1", state=asked(60 * 25))).code == "help"


def test_no_use_leads_to_people_with_the_question(make_turn: Callable[..., Turn]) -> None:
    verdict, ticket = respond(make_turn("没用", state=asked(1)))

    assert verdict == EntryFeedback("K1", useful=False, question="居住证怎么办")
    assert isinstance(ticket, OpenTicket)
    assert (ticket.draft.text, ticket.draft.reason, ticket.draft.kind) == ("居住证怎么办\n没用", "unhelpful_answer", "consult")


def test_withdrawing_needs_no_guess(make_turn: Callable[..., Turn]) -> None:
    assert respond(make_turn("撤回", facts=facts(OPEN))) == [WithdrawTicket(OPEN.ticket)]
    assert respond(make_turn("撤回")) == [ShowProgress()]


def test_who_wants_a_person_gets_one(make_turn: Callable[..., Turn]) -> None:
    (action,) = respond(make_turn("转人工，我电话13800001111"))

    assert isinstance(action, CallBack)
    assert (action.draft.reason, action.draft.phone) == ("asked_person", "13800001111")


def test_the_decision_explains_itself(make_turn: Callable[..., Turn]) -> None:
    found = classify(make_turn("楼下垃圾没人清"))
    *cues, learned = found.why

    assert cues == ["nuisance=垃圾", "demand=没人清", "matter=垃圾", "surroundings=yes"]
    assert learned.startswith("learned=")
    assert all(gram in "^楼下垃圾没人清$" for gram in learned.removeprefix("learned=").split("+"))
    assert found.margin > 0


def test_who_calls_for_police_or_doctor_gets_the_numbers(make_turn: Callable[..., Turn]) -> None:
    assert respond(make_turn("我要报警")) == [Tell("call_numbers")]
    assert respond(make_turn("叫救护车")) == [Tell("call_numbers")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("举报3号楼群租，不要说是我", "kept_secret"),
        ("3号楼网格员收红包", "kept_from_them"),
        ("表扬一下修路灯的师傅", "praise_passed_on"),
        ("3号楼下正在偷电瓶车", "also_police"),
        ("3号楼电压一高一低，家里老人用着制氧机", "also_life_support"),
    ],
)
def test_what_should_be_heard_with_the_receipt_is_said(make_turn: Callable[..., Turn], text: str, told: str) -> None:
    ticket, *said = respond(make_turn(text, point=PlaceRef(text="3号楼", areas=("G1",))))

    assert isinstance(ticket, OpenTicket)
    assert said == [Tell(told)]


def test_an_empty_question_is_asked_what_it_is_about(make_turn: Callable[..., Turn], choice: Callable[..., NeedsChoice]) -> None:
    (question,) = respond(make_turn("怎么办", decision=choice(("K1", "供暖几号开始"))))

    assert isinstance(question, AskSlot)
    assert question.slot == "matter"


@pytest.mark.parametrize(
    "text",
    [
        "停电一天了，家里老人用着制氧机",
        "我爸的呼吸机快没电了，小区停电了",
        "半夜跳闸，娃在家吸痰的机器停了",
        "停电三小时了，我妈在家做透析",
        "麻烦快点派人，八楼用呼吸机的老先生家没电",
    ],
)
def test_who_lives_by_a_machine_without_power_is_in_danger_whatever_was_learned_of_outages(
    make_turn: Callable[..., Turn], text: str
) -> None:
    turn = make_turn(text)
    learned = replace(turn, reading=shipped_reader().read(turn.text))

    for each in (turn, learned):
        (alarm,) = respond(each)
        assert isinstance(alarm, RaiseEmergency)
        assert (alarm.draft.tier, alarm.draft.hazard, alarm.draft.text) == ("red", "life_support", text)


@pytest.mark.parametrize(
    "text",
    [
        "要是停电了我妈的呼吸机怎么办",
        "明天停电，家里有呼吸机",
        "昨天停电呼吸机停了一会，现在来电了",
        "家里有制氧机，怕停电，备用电源怎么申请",
        "停电了，冰箱里的菜都坏了",
        "手机没电了，氧气机说明书打不开",
    ],
)
def test_an_outage_that_is_over_or_feared_or_of_a_telephone_is_no_danger_of_life(make_turn: Callable[..., Turn], text: str) -> None:
    assert not any(isinstance(action, RaiseEmergency) for action in respond(make_turn(text)))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("撤回{}", "withdraw"),
        ("取消〔{}〕", "withdraw"),
        ("{} 不用了", "withdraw"),
        ("催一下{}", "urge"),
        ("查 {}", "progress"),
        ("{}到哪一步了", "progress"),
    ],
)
def test_a_command_with_the_number_of_ones_own_ticket_is_never_guessed_at(
    make_turn: Callable[..., Turn], text: str, code: str
) -> None:
    decided = classify(make_turn(text.format(OPEN.ticket), facts=facts(OPEN, DONE)))

    assert (decided.code, "command=yes" in decided.why) == (code, True)


def test_more_than_a_command_is_read_as_a_whole(make_turn: Callable[..., Turn]) -> None:
    decided = classify(make_turn(f"撤回的时候说好给我打电话的，{OPEN.ticket}到现在没人打", facts=facts(OPEN)))

    assert "command=yes" not in decided.why


@pytest.mark.parametrize(
    ("text", "code"),
    [("<script>", "help"), ("window", "help"), ("asdfgh", "help"), ('<img src=x onerror="broken=1">', "report_problem")],
)
def test_what_holds_no_chinese_is_not_guessed_at_a_whole_sentence_may_be_a_matter(
    make_turn: Callable[..., Turn], text: str, code: str
) -> None:
    assert classify(make_turn(text)).code == code


def test_words_of_other_letters_that_are_known_still_speak(make_turn: Callable[..., Turn]) -> None:
    assert [classify(make_turn(text)).code for text in ("TD", "ok", "hello")] == ["stop_notices", "thanks", "small_talk"]
