from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.confidence import read_regressions
from knowledge_base.match import Answered, Entry, MatchSettings, NeedsChoice, NoAnswer, decide, is_delicate, is_sure, weigh
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable

    from knowledge_base.match import Decision, Match
    from knowledge_base.text import Segmenter

TODAY = date(2026, 5, 1)
CHAIN = ("G1", "C1", "S1", "city")

BASE = (
    Entry(
        code="rent",
        question="公租房怎么申请",
        phrasings=("申请公租房要什么材料", "低收入家庭怎么租政府的房子"),
        answer="到街道窗口",
    ),
    Entry(code="dog", question="养狗要不要办证", phrasings=("犬证在哪里办",), answer="到派出所"),
    Entry(code="card", question="社保卡丢了怎么补办", answer="到银行网点"),
    Entry(code="fund", question="公积金怎么提取", answer="网上提取"),
    Entry(code="old", question="老年人优待证怎么办", answer="到社区"),
    Entry(code="waste", question="建筑垃圾怎么清运", answer="预约清运"),
    Entry(code="nurse", kind="service_item", question="护士执业注册", answer="材料：毕业证"),
    Entry(
        code="steps",
        kind="policy",
        question="既有住宅加装电梯管理办法",
        answer="本单元三分之二以上业主同意方可加装电梯，出资比例由业主协商，市财政每台补贴十五万元，补贴在竣工验收后发放。",
    ),
)


def build(segmenter: Segmenter, entries: Iterable[Entry] = BASE) -> Matcher:
    matcher = Matcher()
    for entry in entries:
        matcher.put(entry, segmenter)
    return matcher


def ask(matcher: Matcher, segmenter: Segmenter, question: str, areas: tuple[str, ...] = CHAIN) -> Decision:
    matches = matcher.match(segmenter.read(question))
    return decide(matches, entries=matcher.entries, today=TODAY, areas=areas, settings=matcher.settings, city="city")


def name(decision: Decision) -> str | tuple[str, ...]:
    """Give the code that answers, the codes to choose from, or why nothing answers."""
    match decision:
        case Answered(match=found):
            return found.code
        case NeedsChoice(matches=found):
            return tuple(match.code for match in found)
        case NoAnswer(why=why):
            return f"no: {why}"


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("公租房怎么申请？", "rent"),
        ("请问公租房要怎么申请", "rent"),
        ("犬证在哪里办理", "dog"),
        ("社保卡丢了咋补办", "card"),
        ("社宝卡丢了怎么补办", "card"),
        ("护士执业注册要什么材料", "nurse"),
        ("加装电梯财政补贴多少，验收后什么时候发放补贴", "steps"),
    ],
)
def test_a_question_gets_the_entry_it_means(segmenter: Segmenter, question: str, code: str) -> None:
    assert name(ask(build(segmenter), segmenter, question)) == code


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "怎么办", "你好", "楼下烧烤摊又占道了", "电梯坏了三天没人修", "结婚证怎么补办"]
)
def test_what_no_entry_holds_is_not_answered(segmenter: Segmenter, question: str) -> None:
    assert not isinstance(ask(build(segmenter), segmenter, question), Answered)


@pytest.mark.parametrize("question", ["", "？？", "😀"])
def test_nothing_said_finds_nothing(segmenter: Segmenter, question: str) -> None:
    assert ask(build(segmenter), segmenter, question) == NoAnswer(None, "nothing_found")


def test_the_wording_that_came_nearest_is_named(segmenter: Segmenter) -> None:
    best = build(segmenter).match(segmenter.read("犬证在哪里办"))[0]

    assert (best.code, best.question, best.phrasing) == ("dog", "养狗要不要办证", "犬证在哪里办")
    assert best.likeness == 1.0


def test_an_entry_needs_nothing_but_its_question(segmenter: Segmenter) -> None:
    bare = [Entry(code=entry.code, question=entry.question) for entry in BASE]

    assert name(ask(build(segmenter, bare), segmenter, "公积金怎么提取")) == "fund"


def test_an_entry_answers_from_its_put_on_until_it_is_removed(segmenter: Segmenter) -> None:
    matcher = build(segmenter)
    matcher.put(Entry(code="wed", question="结婚证怎么补办", answer="到婚姻登记处"), segmenter)
    assert name(ask(matcher, segmenter, "结婚证怎么补办")) == "wed"

    matcher.remove("wed")

    assert not isinstance(ask(matcher, segmenter, "结婚证怎么补办"), Answered)
    assert matcher.entry("wed") is None
    assert len(matcher) == len(BASE)


def test_two_entries_that_are_equally_near_are_offered(segmenter: Segmenter) -> None:
    twins = (
        Entry(code="buy", question="买房提取公积金怎么办理", answer="带购房合同"),
        Entry(code="hire", question="租房提取公积金怎么办理", answer="带租房合同"),
    )

    assert name(ask(build(segmenter, (*BASE[4:], *twins)), segmenter, "提取公积金怎么办理")) == ("buy", "hire")


def test_word_for_word_beats_what_is_merely_near(segmenter: Segmenter) -> None:
    twins = (
        Entry(code="buy", question="买房提取公积金怎么办理", answer="带购房合同"),
        Entry(code="hire", question="租房提取公积金怎么办理", answer="带租房合同"),
    )

    assert name(ask(build(segmenter, (*BASE[4:], *twins)), segmenter, "租房提取公积金怎么办理")) == "hire"


def test_two_entries_that_say_the_same_need_no_choice(segmenter: Segmenter) -> None:
    twins = (
        Entry(code="x", question="犬证怎么年审", answer="到派出所"),
        Entry(code="y", question="犬证怎么年审", answer="到派出所"),
    )

    assert name(ask(build(segmenter, (*BASE[4:], *twins)), segmenter, "犬证怎么年审")) == "x"


def test_one_question_with_two_answers_is_a_choice(segmenter: Segmenter) -> None:
    twins = (
        Entry(code="x", question="犬证怎么年审", answer="到派出所"),
        Entry(code="y", question="犬证怎么年审？", answer="到社区"),
    )

    assert name(ask(build(segmenter, (*BASE[4:], *twins)), segmenter, "犬证怎么年审")) == ("y", "x")


def test_no_more_is_offered_than_fits(segmenter: Segmenter) -> None:
    many = [Entry(code=f"x{at}", question="犬证怎么年审", answer=f"办法{at}") for at in range(5)]

    assert name(ask(build(segmenter, many), segmenter, "犬证怎么年审")) == ("x0", "x1", "x2")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"valid_to": date(2026, 4, 30)}, "no: expired"),
        ({"valid_from": date(2026, 5, 2)}, "no: not_yet_valid"),
        ({"status": "retired"}, "no: retired"),
        ({"area": "S2"}, "no: other_area"),
    ],
)
@pytest.mark.parametrize("code", ["rent", "steps"])
def test_what_may_not_answer_does_not_and_nothing_farther_takes_its_place(
    segmenter: Segmenter, code: str, facts: dict[str, object], why: str
) -> None:
    entries = [msgspec.structs.replace(entry, **facts) if entry.code == code else entry for entry in BASE]
    question = {"rent": "公租房怎么申请", "steps": "加装电梯财政补贴多少，验收后什么时候发放补贴"}[code]

    assert name(ask(build(segmenter, entries), segmenter, question)) == why


def test_the_valid_edition_answers_in_place_of_the_expired_one(segmenter: Segmenter) -> None:
    old = Entry(code="rent-2020", question="公租房怎么申请", answer="旧办法", valid_to=date(2025, 12, 31))

    assert name(ask(build(segmenter, (*BASE, old)), segmenter, "公租房怎么申请")) == "rent"


AREAS = (
    Entry(code="wide", question="犬证怎么年审", answer="到派出所"),
    Entry(code="street", question="犬证怎么年审？", answer="到街道", area="S1"),
    Entry(code="grid", question="犬证怎么年审", answer="到网格", area="G1"),
    Entry(code="other", question="犬证怎么年审", answer="到别的街道", area="S2"),
)


@pytest.mark.parametrize(
    ("areas", "code"),
    [
        (CHAIN, "grid"),
        (("G2", "C1", "S1", "city"), "street"),
        (("G9", "C9", "S9", "city"), "wide"),
        (("G3", "C3", "S2", "city"), "other"),
        ((), "wide"),
    ],
)
def test_the_narrowest_area_answers_and_the_whole_city_where_nobody_knows(
    segmenter: Segmenter, areas: tuple[str, ...], code: str
) -> None:
    assert name(ask(build(segmenter, (*BASE[4:], *AREAS)), segmenter, "犬证怎么年审", areas)) == code


def test_what_holds_somewhere_only_is_offered_to_those_whose_area_nobody_knows(segmenter: Segmenter) -> None:
    assert name(ask(build(segmenter, (*BASE[4:], AREAS[1])), segmenter, "犬证怎么年审", ())) == ("street",)


def test_an_entry_removed_since_the_match_does_not_answer(segmenter: Segmenter) -> None:
    matcher = build(segmenter)
    matches = matcher.match(segmenter.read("公租房怎么申请"))
    matcher.remove("rent")

    decision = decide(matches, entries=matcher.entries, today=TODAY, areas=(), settings=matcher.settings)

    assert name(decision) == "no: retired"


def test_a_leader_without_rivals_is_not_sure_for_that(segmenter: Segmenter) -> None:
    alone = [entry for entry in BASE if entry.code == "steps"]

    assert not isinstance(ask(build(segmenter, alone), segmenter, "电梯几点有人来修"), Answered)


QUESTIONS = st.lists(
    st.sampled_from(["公租房", "申请", "犬证", "怎么", "办", "公积金", "提取", "补贴", "电梯", "护士", "，", "坏了"]), max_size=8
)


@settings(deadline=None)
@given(parts=QUESTIONS)
def test_confidence_is_a_share_and_the_order_is_by_it(segmenter: Segmenter, parts: list[str]) -> None:
    matches = build_once(segmenter).match(segmenter.read("".join(parts)))

    assert all(0.0 <= match.confidence <= 1.0 for match in matches)
    assert [match.confidence for match in matches] == sorted((match.confidence for match in matches), reverse=True)


@settings(deadline=None)
@given(parts=QUESTIONS, gone=st.sets(st.sampled_from([entry.code for entry in BASE])))
def test_no_one_who_may_not_answer_is_ever_answered_or_offered(segmenter: Segmenter, parts: list[str], gone: set[str]) -> None:
    matches = build_once(segmenter).match(segmenter.read("".join(parts)))
    entries = {entry.code: entry for entry in BASE if entry.code not in gone}

    named = name(decide(matches, entries=entries, today=TODAY, areas=CHAIN, settings=MatchSettings()))

    assert not gone & ({named} if isinstance(named, str) else set(named))


def test_weighing_again_among_fewer_changes_nothing_but_the_confidence(segmenter: Segmenter) -> None:
    matcher = build(segmenter)
    matches = matcher.match(segmenter.read("公积金怎么申请提取"))

    def plain(match: Match) -> Match:
        return msgspec.structs.replace(match, confidence=0.0)

    again = weigh(matches[:1], entries=matcher.entries, settings=matcher.settings)

    assert [plain(match) for match in again] == [plain(matches[0])]


_built: list[Matcher] = []


def build_once(segmenter: Segmenter) -> Matcher:
    """Build the base once for the many examples of a property."""
    if not _built:
        _built.append(build(segmenter))
    return _built[0]


@pytest.mark.parametrize(
    ("question", "delicate"),
    [("公租房补贴多少钱", True), ("最晚几天内要办", True), ("什么条件能领", True), ("公租房怎么申请", False), ("", False)],
)
def test_money_entitlement_and_deadlines_are_delicate(question: str, delicate: bool) -> None:
    assert is_delicate(question) is delicate


def test_a_delicate_question_takes_more_to_be_answered(segmenter: Segmenter) -> None:
    matcher = build(segmenter)
    top = matcher.match(segmenter.read("公租房怎么申请"))[0]
    between = read_regressions()["question"]
    confidence = (between.threshold(0.95) + between.threshold(0.98)) / 2
    unsure = msgspec.structs.replace(top, score=0.5, likeness=0.5)

    def is_answered(*, delicate: bool) -> bool:
        match = msgspec.structs.replace(unsure, delicate=delicate, confidence=confidence)
        precision = matcher.settings.precision_delicate if delicate else matcher.settings.precision
        return is_sure([match], entries=matcher.entries, precision=precision)

    assert (is_answered(delicate=False), is_answered(delicate=True)) == (True, False)
    assert is_sure([], entries=matcher.entries, precision=0.5) is False


def test_entries_that_differ_in_a_condition_the_question_does_not_name_are_both_offered(segmenter: Segmenter) -> None:
    grades = (
        Entry(code="two", question="二级残疾人护理补贴怎么领", answer="每月二百"),
        Entry(code="three", question="三级残疾人护理补贴怎么领", answer="每月一百"),
    )

    assert name(ask(build(segmenter, (*BASE, *grades)), segmenter, "残疾人护理补贴怎么领")) == ("three", "two")
    assert name(ask(build(segmenter, (*BASE, *grades)), segmenter, "三级残疾人护理补贴怎么领")) == "three"


def test_homophones_find_the_entry_they_mean(segmenter: Segmenter) -> None:
    matcher = build(segmenter)

    assert [matcher.match(segmenter.read(text))[0].code for text in ("工租房怎么申青", "社宝卡雕了", "犬政在哪理办")] == [
        "rent",
        "card",
        "dog",
    ]
