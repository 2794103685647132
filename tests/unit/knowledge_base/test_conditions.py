"""Entries that only a condition tells apart: what is a condition, who named one is not asked, and who named none is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.conditions import find_condition, tell_apart
from knowledge_base.entry import Entry
from knowledge_base.match import Answered, Decision, Match, NeedsChoice, decide
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable

    from knowledge_base.text import Segmenter

CONDITIONS = (("二级", "三级"), ("重度", "轻度"), ("本市户籍", "外省户籍"), ("首次", "重新"), ("在职", "退休"), ("个人", "单位"))
FRAMES = ("{}职工申领取暖费补贴的标准", "老年人{}办理公园年票的标准", "申请廉租住房的{}人员名单")
ADDED = ("", "请问", "我想问一下", "您好，")

REST = (
    Entry(code="dog", question="养狗要不要办证", answer="到派出所"),
    Entry(code="fund", question="公积金怎么提取", answer="网上提取"),
    Entry(code="waste", question="建筑垃圾怎么清运", answer="预约清运"),
    Entry(code="lift", question="老楼加装电梯要多少户同意", answer="三分之二"),
)
HEAT = (
    Entry(code="in", question="在职职工取暖费补贴怎么申领", answer="单位统一报"),
    Entry(code="out", question="退休职工取暖费补贴怎么申领", phrasings=("不上班了，取暖费补贴找谁",), answer="街道窗口报"),
)


def ask(segmenter: Segmenter, entries: Iterable[Entry], question: str) -> Decision:
    matcher = Matcher()
    for entry in (*REST, *entries):
        matcher.put(entry, segmenter)
    matches = matcher.match(segmenter.read(question))
    return decide(matches, entries=matcher.entries, today=date(2026, 5, 1), areas=("city",), settings=matcher.settings, city="city")


def name(decision: Decision) -> set[str]:
    """Give the codes that are answered or offered."""
    match decision:
        case Answered(match=found):
            return {found.code}
        case NeedsChoice(matches=found):
            return {match.code for match in found}
    return set()


@pytest.mark.parametrize(
    ("first", "second", "names", "others"),
    [
        ("二级残疾护理补贴每月多少？", "三级残疾护理补贴每月多少", {"2级"}, {"3级"}),
        ("本地户口孩子上小学怎么报名", "外地户口孩子上小学怎么报名？", {"本地"}, {"异地"}),
        ("居民医保门诊能报多少？", "职工医保门诊能报多少？", {"居民"}, {"职工"}),
        ("犬证首次办理", "犬证到期办理", {"首次"}, {"到期"}),
        ("社保卡新办指南", "社保卡补办指南", {"卡新", "新办"}, {"卡补", "补办"}),
        ("退休前怎么查缴费年限", "退休后怎么查缴费年限", {"休前", "前怎"}, {"休后", "后怎"}),
        ("80到89岁老人高龄津贴", "90到99岁老人高龄津贴", {"80到8"}, {"90到9"}),
        ("工龄10年的休假天数", "工龄15年的休假天数", {"10"}, {"15"}),
    ],
)
def test_a_condition_is_the_one_short_piece_that_differs(first: str, second: str, names: set[str], others: set[str]) -> None:
    found = find_condition(first, second)

    assert found is not None
    assert (set(found[0].names), set(found[1].names)) == (names, others)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("公租房怎么申请", "公租房怎么申请？"),  # the same
        ("公租房怎么申请", "公租房在哪申请"),  # they ask otherwise
        ("临时通行证", "公务人员通行证"),  # too little is shared
        ("临时通行证补办的指南和范例", "从事特种作业的人通行证补办的指南和范例"),  # the piece is too long
        ("临时身份证补办指南", "身份证补办指南"),  # one has nothing in its place
        ("养狗要办证吗", "公积金怎么提取"),
        ("本地户口孩子上小学怎么报名", "外地户口孩子上中学怎么报名"),  # more than one piece, and so one long one
        ("狗证", "猫证"),  # too little is shared
        ("", "狗证"),
        ("", ""),
    ],
)
def test_what_differs_otherwise_is_no_condition(first: str, second: str) -> None:
    assert find_condition(first, second) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_the_order_of_two_questions_changes_nothing(first: str, second: str) -> None:
    found, turned = find_condition(first, second), find_condition(second, first)

    assert found == (None if turned is None else turned[::-1])


@given(st.lists(st.text(alphabet="一二三级护理老人补贴标准12ab", max_size=12), max_size=8), st.sampled_from(FRAMES))
def test_no_twins_are_overlooked_among_many(texts: list[str], frame: str) -> None:
    questions = [*texts, *(frame.format(piece) for pair in CONDITIONS for piece in pair)]
    entries = {str(at): Entry(code=str(at), question=question, answer=str(at)) for at, question in enumerate(questions)}
    matches = [
        Match(code=code, question=one.question, phrasing="", score=1.0, likeness=0.0, coverage=1.0) for code, one in entries.items()
    ]

    marked = tell_apart("", matches, entries)

    twins = [
        tuple(other.code for other in entries.values() if find_condition(one.question, other.question)) for one in entries.values()
    ]
    assert [match.undecided for match in marked] == twins


@given(st.sampled_from(FRAMES), st.sampled_from(CONDITIONS), st.booleans(), st.sampled_from(ADDED))
def test_naming_a_condition_never_gives_the_other_answer(
    segmenter: Segmenter, frame: str, pair: tuple[str, str], is_second: bool, added: str
) -> None:
    entries = [Entry(code=piece, question=frame.format(piece), answer=f"{piece}的") for piece in pair]
    meant, other = pair[::-1] if is_second else pair

    assert name(ask(segmenter, entries, added + frame.format(meant))) == {meant}
    assert other not in name(ask(segmenter, entries, f"{meant}的能不能给个说法，{frame.format('')}"))


@given(st.sampled_from(FRAMES), st.sampled_from(CONDITIONS), st.booleans(), st.sampled_from(ADDED))
def test_who_names_none_is_asked_whichever_stands_first(
    segmenter: Segmenter, frame: str, pair: tuple[str, str], is_second: bool, added: str
) -> None:
    entries = [Entry(code=piece, question=frame.format(piece), answer=f"{piece}的") for piece in pair]

    assert name(ask(segmenter, entries[::-1] if is_second else entries, added + frame.format(""))) == set(pair)


def test_a_twin_that_scores_less_is_offered_whatever_the_margin(segmenter: Segmenter) -> None:
    phrasings = ("职工取暖费补贴在哪申领", "职工取暖费补贴申领", "取暖费补贴职工怎么领", "申领职工取暖费补贴")
    decision = ask(
        segmenter,
        (HEAT[0], Entry(code="out", question=HEAT[1].question, phrasings=phrasings[1:], answer="街道")),
        "职工的取暖费补贴怎么申领",
    )

    assert isinstance(decision, NeedsChoice)
    assert {match.code for match in decision.matches} == {"in", "out"}


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("职工取暖费补贴怎么申领", {"in", "out"}),
        ("在职职工取暖费补贴怎么申领", {"in"}),
        ("在值职工取暖费补贴怎么申领", {"in"}),  # it sounds so
        ("退休职工取暖费补贴怎么申领", {"out"}),
        ("在职和退休职工取暖费补贴怎么申领", {"in", "out"}),
        ("公积金怎么提取", {"fund"}),
    ],
)
def test_what_is_said_of_a_condition_decides(segmenter: Segmenter, question: str, codes: set[str]) -> None:
    assert name(ask(segmenter, HEAT, question)) == codes


def test_who_says_it_as_only_one_entry_has_it_finds_that_one_first(segmenter: Segmenter) -> None:
    decision = ask(segmenter, HEAT, "不上班的职工取暖费补贴怎么申领")

    assert isinstance(decision, NeedsChoice)
    assert [match.code for match in decision.matches] == ["out", "in"]


def test_one_that_is_named_but_may_not_answer_is_not_replaced_by_its_twin(segmenter: Segmenter) -> None:
    expired = Entry(code="in", question=HEAT[0].question, answer="单位统一报", valid_to=date(2025, 1, 1))

    assert name(ask(segmenter, (expired, HEAT[1]), "在职职工取暖费补贴怎么申领")) == set()


def test_twins_with_the_same_answer_need_no_choice(segmenter: Segmenter) -> None:
    same = [Entry(code=one.code, question=one.question, answer="街道窗口报") for one in HEAT]

    assert not isinstance(ask(segmenter, same, "职工取暖费补贴怎么申领"), NeedsChoice)


def test_titles_of_policies_are_no_conditions(segmenter: Segmenter) -> None:
    policies = [
        Entry(code=str(year), kind="policy", question=f"{year}年取暖费补贴实施办法", answer=f"{year}年每户补贴")
        for year in (2024, 2025)
    ]
    matcher = Matcher()
    for entry in policies:
        matcher.put(entry, segmenter)

    assert [match.undecided for match in matcher.match(segmenter.read("取暖费补贴实施办法"))] == [(), ()]
