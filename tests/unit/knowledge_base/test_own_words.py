"""The city's own words: what is added, changed and taken away is read so, the rest as before, and entries are read anew where they may be read otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from knowledge_base.entry import Entry
from knowledge_base.matcher import Matcher
from knowledge_base.own_words import (
    OwnWord,
    Renaming,
    Wanted,
    apply,
    find_affected,
    find_faults,
    list_groups,
    list_words,
    make_variants,
    tidy,
)
from knowledge_base.variants import shipped
from knowledge_base.word_table import COLUMNS, MOST, RowProblem, read_table, write_table
from knowledge_base.wording import drop_asking, make_plain

if TYPE_CHECKING:
    from pathlib import Path

    from knowledge_base.text import Segmenter

ENTRIES = [
    Entry(code="A", question="电动车在哪里充电", phrasings=("小电驴去哪充电",), answer="到车棚。"),
    Entry(code="B", question="驾照丢了怎么补", answer="到车管所补办驾驶证。"),
    Entry(code="C", question="路灯坏了找谁", phrasings=("路灯不亮",), answer="打热线。"),
    Entry(code="D", question="公积金怎么提取", answer="到中心办理，带小电驴行驶证的不用。"),
    Entry(code="E", question="怎么办理居住证", answer="到派出所。"),
]
ASKED = ("小电驴充电", "驾照补办", "路灯", "公积金提取怎么弄", "居住证怎么办理", "车管所在哪", "火红本丢了")
SCOOTER = OwnWord(kind="synonym", word="电动自行车", others=("电动车", "电瓶车", "小电驴"))
CASES = {
    "a group changed": [SCOOTER],
    "a group left out": [OwnWord(kind="synonym", word="驾驶证", off=True)],
    "a group added": [OwnWord(kind="synonym", word="车管所", others=("火红本",))],
    "a word added": [OwnWord(kind="word", word="路灯坏")],
    "a word taken away": [OwnWord(kind="word", word="路灯", off=True)],
    "a word inside another": [OwnWord(kind="word", word="积金", off=False), OwnWord(kind="word", word="公积金", off=True)],
    "a word made by settling": [SCOOTER, OwnWord(kind="word", word="电动自行车在")],
    "a word that only asks": [OwnWord(kind="synonym", word="搞定", others=("办理",))],
    "all of them": [SCOOTER, OwnWord(kind="synonym", word="驾驶证", off=True), OwnWord(kind="word", word="路灯", off=True)],
}


def teach(segmenter: Segmenter, words: list[OwnWord]) -> Segmenter:
    return segmenter.renew(list_words(words, off=False), without=list_words(words, off=True), variants=make_variants(words))


def read_all(matcher: Matcher, segmenter: Segmenter) -> list[object]:
    read = [segmenter.read(text) for text in (*ASKED, *(entry.question for entry in ENTRIES))]
    return [(one.tokens, matcher.match(one)) for one in read]


@pytest.mark.parametrize("case", CASES)
def test_reading_the_affected_entries_anew_is_as_good_as_reading_all(segmenter: Segmenter, case: str, tmp_path: Path) -> None:
    taught = teach(segmenter, CASES[case])
    anew, changed = Matcher(), Matcher()
    anew.take_over(ENTRIES, taught, cache=tmp_path / "anew")
    changed.take_over(ENTRIES, segmenter, cache=tmp_path / "changed")
    before = read_all(changed, segmenter)
    for entry in find_affected(ENTRIES, segmenter.variants, taught.variants, segmenter.differ(taught)):
        changed.put(entry, taught)

    assert read_all(changed, taught) == read_all(anew, taught)
    assert read_all(anew, taught) != before


def test_only_entries_that_hold_what_changed_are_read_anew() -> None:
    assert [one.code for one in find_affected(ENTRIES, None, make_variants([SCOOTER]), ())] == ["A", "D"]
    assert [one.code for one in find_affected(ENTRIES, None, None, {"路灯", "从来没有的词"})] == ["C"]
    assert find_affected(ENTRIES, None, None, ()) == []
    asking = make_variants([OwnWord(kind="synonym", word="搞定", others=("办理",))])
    assert [one.code for one in find_affected(ENTRIES, None, asking, ())] == ["A", "B", "C", "D", "E"]


def test_words_that_only_ask_are_still_dropped_where_a_group_changes_them() -> None:
    variants = make_variants([OwnWord(kind="synonym", word="搞定", others=("办理",))])

    assert drop_asking(make_plain("居住证怎么办理", variants), variants).strip() == "居住证"


def test_teaching_leaves_the_other_one_as_it_was_and_forgetting_brings_everything_back(segmenter: Segmenter) -> None:
    texts = ("路灯坏了三天", "小电驴在电瓶车棚充电", "公积金怎么提取", "中华人民共和国")
    before = [segmenter.read(text) for text in texts]
    taught = teach(segmenter, [SCOOTER, OwnWord(kind="word", word="电瓶车棚"), OwnWord(kind="word", word="路灯", off=True)])
    forgot = teach(taught, [])

    assert [segmenter.read(text) for text in texts] == before
    assert [forgot.read(text) for text in texts] == before
    assert taught.read(texts[0]).tokens != before[0].tokens
    assert (segmenter.knows("路灯"), taught.knows("路灯"), forgot.knows("路灯")) == (True, False, True)
    assert (taught.knows("电瓶车棚"), forgot.knows("电瓶车棚")) == (True, False)
    assert segmenter.fingerprint == forgot.fingerprint != taught.fingerprint


@pytest.mark.parametrize("word", ["路灯", "公积金", "驾驶证", "老厂区"])
def test_what_is_taken_away_is_cut_nowhere_and_no_character_is_lost(segmenter: Segmenter, word: str) -> None:
    taught = segmenter.renew([word], without=[word])

    for text in (word, f"我家{word}怎么办", f"{word}{word}"):
        assert (word in taught.cut(text), "".join(taught.cut(text))) == (False, text)
        assert word not in taught.read(text).tokens


def test_what_routing_reads_of_a_text_does_not_change_with_the_synonyms(segmenter: Segmenter) -> None:
    taught = teach(segmenter, [SCOOTER, OwnWord(kind="synonym", word="驾驶证", off=True)])

    for text in ("小电驴没驾照", "电瓶车充电"):
        assert taught.read(text).grams == segmenter.read(text).grams


def test_groups_are_the_shipped_ones_but_for_what_the_city_says() -> None:
    assert make_variants([OwnWord(kind="word", word="电瓶车棚")]) is None
    off = [OwnWord(kind="synonym", word="驾驶证", off=True)]
    assert set(shipped().groups) - set(list_groups(off)) == {group for group in shipped().groups if group[0] == "驾驶证"}
    own = list_groups([SCOOTER])
    assert [group for group in own if group[0] == "电动自行车"] == [("电动自行车", "电动车", "电瓶车", "小电驴")]


def test_wanted_words_take_the_place_of_those_that_stand() -> None:
    other = OwnWord(kind="word", word="电瓶车棚")
    changed = OwnWord(kind="synonym", word="电动自行车", off=True)

    assert apply([SCOOTER], [Wanted(own=changed), Wanted(own=other)]) == [changed, other]
    assert apply([SCOOTER, other], [Wanted(own=SCOOTER, gone=True)]) == [other]
    assert apply([], [Wanted(own=SCOOTER, gone=True)]) == []


def test_a_word_is_kept_as_texts_are_compared() -> None:
    given = OwnWord(kind="synonym", word=" ＡＢ卡 ", others=("ab卡", "Ａ卡", "", "a卡"), target="X", note=" 为什么 ")

    assert tidy(given) == OwnWord(kind="synonym", word="ab卡", others=("a卡",), note="为什么")


FAULTS = [
    (OwnWord(kind="word", word="证"), "short"),
    (OwnWord(kind="word", word="很" * 21), "long"),
    (OwnWord(kind="word", word="甲，乙"), "signs"),
    (OwnWord(kind="word", word="甲乙", note="长" * 201), "note"),
    (OwnWord(kind="synonym", word="甲乙"), "alone"),
    (OwnWord(kind="synonym", word="甲乙", others=tuple(f"丙{n}丁" for n in range(31))), "many"),
    (OwnWord(kind="synonym", word="甲乙", others=("驾照",)), "taken"),
    (OwnWord(kind="area", word="甲乙", target="nowhere"), "target"),
    (OwnWord(kind="place", word="甲乙"), "target"),
    (OwnWord(kind="place", word="甲乙", off=True), "target"),
]
FAULTLESS = [
    SCOOTER,
    OwnWord(kind="synonym", word="驾驶证", off=True),
    OwnWord(kind="synonym", word="交", others=("缴", "缴纳")),
    OwnWord(kind="synonym", word="交", off=True),
    OwnWord(kind="area", word="甲乙", target="G1"),
    OwnWord(kind="place", word="甲乙", target="老路", off=True),
]


@pytest.mark.parametrize(("own", "why"), FAULTS)
def test_what_cannot_stand_is_named(own: OwnWord, why: str) -> None:
    assert [fault.why for fault in find_faults([own], [own], areas={"G1"}, places={"安泰路"})] == [why]


@pytest.mark.parametrize("own", FAULTLESS)
def test_what_can_stand_is_not(own: OwnWord) -> None:
    assert find_faults([own], [own], areas={"G1"}, places={"安泰路"}) == []


def test_names_are_added_and_taken_away_by_who_bears_them() -> None:
    renaming = Renaming(
        [
            OwnWord(kind="place", word="老街", target="安泰路"),
            OwnWord(kind="place", word="安泰大街", target="安泰路", off=True),
            OwnWord(kind="area", word="老街", target="安泰路"),
        ],
        "place",
    )

    assert renaming.names("安泰路", ("安泰大街", "大街")) == ("大街", "老街")
    assert renaming.names("安泰路", ("老街",)) == ("老街",)
    assert renaming.names("别的路", ("安泰大街",)) == ("安泰大街",)


def test_a_table_that_was_written_is_read_again_and_no_cell_is_a_formula() -> None:
    wanted = [
        Wanted(own=SCOOTER),
        Wanted(own=OwnWord(kind="area", word="老城", target="G1", off=True, note="=1+1")),
        Wanted(own=OwnWord(kind="word", word="电瓶车棚"), gone=True),
    ]
    written = write_table(wanted, mark="谁存的")

    assert read_table(written.encode("utf-8-sig")) == (wanted, [])
    assert read_table(written.encode("gb18030")) == (wanted, [])
    assert [line for line in written.splitlines() if ",=" in line or line.startswith("=")] == []


HEAD = ",".join(COLUMNS)
BAD = [
    (b"PK\x03\x04", RowProblem(1, "unreadable")),
    (b"", RowProblem(1, "unreadable")),
    (b"a,b\n1,2\n", RowProblem(1, "columns")),
    (f"{HEAD}\nword,\n".encode(), RowProblem(2, "word")),
    (f"{HEAD}\nword,甲乙,,,on,\npoem,甲乙\n".encode(), RowProblem(3, "kind")),
    (f"{HEAD}\nword,甲乙,,,maybe,\n".encode(), RowProblem(2, "state")),
    (f"{HEAD}\nword,甲乙,,,on,,多一格\n".encode(), RowProblem(2, "columns")),
    (f"{HEAD}\n{'word,甲乙' + chr(10)}".encode() + "word,甲乙\n".encode() * MOST, RowProblem(MOST + 2, "many")),
]


@pytest.mark.parametrize(("data", "problem"), BAD)
def test_what_is_wrong_with_a_table_is_named_by_its_line(data: bytes, problem: RowProblem) -> None:
    assert read_table(data).problems == [problem]
