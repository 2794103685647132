"""转办摘要: what it says by itself, and what it may not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.accused import is_about_conduct
from routing.handover import draft, find_faults, hide_words, neutral_title
from routing.terms import UNKNOWN
from routing.why import explain

ORIGINAL = "我住柳树街12号3单元501，举报楼上赵大爷半夜拖椅子，昨天十一点还在拖，电话13812345678，希望你们查处"


def test_a_draft_says_what_where_and_what_is_wanted() -> None:
    assert draft(place="柳树街", item="邻里噪声", text=ORIGINAL) == "柳树街，邻里噪声。希望依法查处，并答复结果。"
    assert draft(place="", item="邻里噪声", text="吵") == "邻里噪声。希望核实处理，并答复结果。"
    assert draft(place="柳树街", item="", text="吵").startswith("柳树街，〔")
    assert draft(place="柳树街", item="邻里噪声", text="吵", is_conduct=True).startswith(
        "柳树街，有人反映单位或工作人员的做法有问题"
    )
    assert draft(place="", item="犬只伤人", text="狗").startswith("狗咬伤人。")


@pytest.mark.parametrize(
    ("refused", "text", "is_conduct"),
    [
        ([], "柳树街的垃圾没人收", False),
        (["LT-ZHZF"], "城管收摊贩的红包", True),
        (["WY-01", UNKNOWN], "鑫源公司把垃圾倒进河里", True),
        ([UNKNOWN], "姓王的主任收红包", True),
        ([UNKNOWN], "鑫源保洁公司把垃圾倒进河里", False),
        ([UNKNOWN], "该公司半夜往河里倒垃圾", False),
    ],
)
def test_what_a_company_does_is_told_as_it_is_and_not_as_somebodys_conduct(refused: list[str], text: str, is_conduct: bool) -> None:
    assert is_about_conduct(refused, text) == is_conduct


@given(st.text(alphabet="我住柳树街号单元举报楼上赵大爷半夜拖椅子0123456789", max_size=40))
def test_what_the_program_drafts_never_holds_what_was_written(words: str) -> None:
    drafted = draft(place="桃园路", item="邻里噪声", text=words)

    assert find_faults(drafted, original=words, place="桃园路", item="邻里噪声") == ()


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        ("我反映邻里噪声", ("person", "我")),
        ("住户反映楼上噪声", ("relation", "楼上")),
        ("昨天有噪声", ("time", "昨天")),
        ("夜里11点有噪声", ("time", "11点")),
        ("3单元有噪声", ("home", "3单元")),
        ("501有噪声", ("home", "501")),
        ("请联系13812345678", ("number", "〔电话〕")),
        ("郑小满处理不当", ("name", "郑小满")),
        ("有人半夜拖椅子还在拖", ("time", "半夜")),
        ("举报楼上赵大爷半夜拖椅子", ("quote", "举报楼上赵大爷半夜拖椅子")),
        ("〔什么事，由工作人员概括〕", ("blank", "〔什么事，由工作人员概括〕")),
    ],
)
def test_what_leads_to_a_person_is_found(summary: str, fault: tuple[str, str]) -> None:
    assert fault in find_faults(summary, original=ORIGINAL, names=["郑小满"])


def test_place_and_item_may_stand_as_they_are() -> None:
    summary = "柳树街12号，邻里噪声。希望核实处理，并答复结果。"

    assert find_faults(summary, original=f"{ORIGINAL}，邻里噪声", place="柳树街12号", item="邻里噪声") == ()


def test_reasons_keep_their_facts_and_lose_the_words() -> None:
    line = explain("evidence_weak", {"item": "邻里噪声", "percent": 40, "found": "拖椅子"})

    assert hide_words([line]) == ("evidence_weak|item=邻里噪声|percent=40|found=（保密）",)
    assert hide_words(["place_missing"]) == ("place_missing",)
    assert neutral_title() == "保密事项"
