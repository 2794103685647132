"""Ranking duty items for a text."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.duty_list import build, load_folder
from routing.triage import Triage, TriageSettings
from tests.town import ITEMS, LAMP, utter

DAY = date(2026, 3, 2)
TOWN = Triage(build(ITEMS), today=DAY)
SHIPPED = Triage(load_folder()[0], today=DAY)


def _best(triage: Triage, text: str) -> str:
    return next((candidate.item.name for candidate in triage.rank(utter(text))), "")


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("路灯坏了", "路灯不亮"),
        ("又来人行道上摆摊了！！", "占道经营"),
        ("楼上半夜拖椅子，跑跳声不停", "邻里噪声"),
        ("不是噪声，是路灯不亮", "路灯不亮"),
        ("门口的路登不亮", "路灯不亮"),
        ("谢谢", ""),
        ("", ""),
    ],
)
def test_a_chat_line_finds_its_item(text: str, item: str) -> None:
    assert _best(TOWN, text) == item


def test_a_long_letter_finds_its_item() -> None:
    filler = "我是住在这里多年的老住户，一直很支持大家的工作，平时有什么事都和邻居商量着办。" * 18
    letter = f"路灯坏了没人修\n尊敬的领导您好，{filler}门口的路灯坏了半个月，晚上黑漆漆的没法走，请尽快派人看看。"

    assert len(letter) > 700
    assert _best(TOWN, letter) == "路灯不亮"


def test_a_candidate_says_what_speaks_for_it() -> None:
    best = TOWN.rank(utter("楼下的灯黑了好几天，路灯不亮"))[0]

    assert best.item == LAMP
    assert {(each.found, each.kind) for each in best.evidence} == {
        ("路灯不亮", "name"),
        ("路灯", "word"),
        ("灯不亮", "word"),
        ("楼下的灯黑了好几天", "phrasing"),
    }
    assert [each.weight for each in best.evidence] == sorted((each.weight for each in best.evidence), reverse=True)


def test_what_is_only_resembled_is_explained_by_its_pieces() -> None:
    best = TOWN.rank(utter("灯黑了"))[0]

    assert best.item == LAMP
    assert [each.found for each in best.evidence] == ["灯黑了"]


def test_a_competitor_takes_confidence_away() -> None:
    twin = msgspec.structs.replace(LAMP, code="SZ-2", name="路灯熄灭")
    alone = TOWN.rank(utter("路灯坏了"))[0].confidence
    contested = Triage(build([*ITEMS, twin]), today=DAY).rank(utter("路灯坏了"))

    assert contested[0].confidence < 0.6 * alone
    assert contested[0].confidence == contested[1].confidence


def test_only_items_in_force_are_ranked() -> None:
    later = msgspec.structs.replace(LAMP, valid_from=date(2027, 1, 1))

    assert _best(Triage(build([later]), today=DAY), "路灯坏了") == ""
    assert _best(Triage(build([later]), today=date(2027, 1, 1)), "路灯坏了") == "路灯不亮"


def test_an_empty_list_ranks_nothing() -> None:
    assert Triage(build([]), today=DAY).rank(utter("路灯坏了")) == ()


def test_the_limit_holds() -> None:
    assert len(SHIPPED.rank(utter("小区门口路灯坏了，垃圾没人清，还有人占道"), limit=3)) == 3
    assert len(SHIPPED.rank(utter("小区门口路灯坏了，垃圾没人清，还有人占道"))) == 5


def test_the_shipped_lists_own_phrasings_find_their_item() -> None:
    asked = [(phrasing, item) for item in SHIPPED.items for phrasing in item.phrasings[:1]]

    right = sum(SHIPPED.rank(utter(phrasing), limit=1)[0].item == item for phrasing, item in asked)

    assert right >= 0.99 * len(asked)


def test_what_was_learned_hears_words_that_are_not_in_the_list() -> None:
    text = "一开水管子全是黄泥汤子"
    listed = Triage(load_folder()[0], today=DAY, settings=TriageSettings(letter=0))

    assert _best(SHIPPED, text) == "自来水水质异常"
    assert _best(listed, text) != "自来水水质异常"


def test_a_city_that_gives_a_code_another_meaning_has_another_item() -> None:
    code = next(item.code for item in SHIPPED.items if item.name == "自来水水质异常")
    renamed = msgspec.structs.replace(LAMP, code=code)

    assert _best(Triage(build([renamed]), today=DAY), "一开水管子全是黄泥汤子") == ""


def test_an_item_of_the_citys_own_is_judged_by_the_list_alone() -> None:
    own = msgspec.structs.replace(
        LAMP, code="OWN-1", name="共享书屋闭馆", words=("共享书屋", "书屋关门"), phrasings=("共享书屋天天关着门",)
    )
    mixed = build([*SHIPPED.items, own])
    ranking = Triage(mixed, today=DAY).rank(utter("门口的共享书屋天天关着门"))

    assert ranking[0].item == own
    assert ranking == Triage(mixed, today=DAY, settings=TriageSettings(letter=0)).rank(utter("门口的共享书屋天天关着门"))


def test_what_is_no_matter_is_sure_to_be_none() -> None:
    ranking = SHIPPED.rank(utter("谢谢你们，祝大家周末愉快"))

    assert all(candidate.confidence < 0.3 for candidate in ranking)


def test_of_a_letter_the_list_judges_alone() -> None:
    letter = "路灯坏了没人修，晚上黑漆漆的。" * 12
    listed = Triage(load_folder()[0], today=DAY, settings=TriageSettings(letter=0))

    assert SHIPPED.rank(utter(letter)) == listed.rank(utter(letter))


def test_a_few_characters_need_the_words_of_the_list() -> None:
    assert SHIPPED.rank(utter("路灯坏了"))[0].confidence >= 0.8
    assert all(candidate.confidence < 0.8 for candidate in SHIPPED.rank(utter("灯坏了")))


def test_what_only_was_learned_is_explained_by_pieces_of_the_text() -> None:
    text = "一开水管子全是黄泥汤子"
    water = next(item for item in SHIPPED.items if item.name == "自来水水质异常")
    bare = msgspec.structs.replace(water, words=("氯",), phrasings=())
    (candidate,) = Triage(build([bare]), today=DAY).rank(utter(text))

    assert {each.kind for each in candidate.evidence} == {"learned"}
    assert all(each.found in text and each.weight > 0 for each in candidate.evidence)


@given(st.text(max_size=300))
def test_any_text_gives_a_ranking_in_order(text: str) -> None:
    ranking = TOWN.rank(utter(text))

    assert [each.confidence for each in ranking] == sorted((each.confidence for each in ranking), reverse=True)
    assert all(0 <= each.confidence <= 1 and each.evidence for each in ranking)
    assert sum(each.confidence for each in ranking) <= 1.001


@given(st.permutations(ITEMS))
def test_the_order_of_the_list_does_not_matter(items: list[object]) -> None:
    text = utter("门口路灯坏了，还有人摆摊")

    assert Triage(build(items), today=DAY).rank(text) == TOWN.rank(text)  # type: ignore[arg-type] # permutations lose the type
