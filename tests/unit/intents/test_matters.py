"""One message into its matters: nothing is lost, a story stays one, a letter is divided only where it counts by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.matters import Clause, MatterSettings, Topic, cut, divide, may_be_several, share_topic

SETTINGS = MatterSettings()


def about(item: str, confidence: float = 0.9, score: float = 30.0, **others: float) -> tuple[Topic, ...]:
    best = Topic(item=item, category=item[:2], score=score, confidence=confidence)
    rest = [
        Topic(item=name, category=name[:2], score=value, confidence=confidence * value / score) for name, value in others.items()
    ]
    return (best, *rest)


def clauses(*parts: tuple[str, tuple[Topic, ...]]) -> tuple[Clause, ...]:
    return tuple(Clause(text=text, topics=topics) for text, topics in parts)


def texts(given_clauses: tuple[Clause, ...], *, strict: bool = False) -> list[str]:
    groups = divide(given_clauses, settings=SETTINGS, strict=strict)
    return ["".join(given_clauses[at].text for at in group) for group in groups]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("电梯坏了，还有门口垃圾没人清", ("电梯坏了，", "还有门口垃圾没人清")),
        ("红绿灯坏了还有公交老不来", ("红绿灯坏了", "还有公交老不来")),
        ("里面还有三个人", ("里面还有三个人",)),
        (
            "报三件事：消防栓没水压、货车整夜占道停、马蜂窝有篮球大",
            ("报三件事：", "消防栓没水压、", "货车整夜占道停、", "马蜂窝有篮球大"),
        ),
        ("锅、碗、瓢都在楼道里", ("锅、碗、瓢都在楼道里",)),
        ("", ()),
    ],
)
def test_a_text_is_cut_at_marks_and_before_words_that_begin_something(text: str, parts: tuple[str, ...]) -> None:
    assert cut(text) == parts


@given(st.text(max_size=80) | st.text(alphabet="电梯坏了，还有另外。；1、2、二是两件事：\n ", max_size=60))
def test_cutting_loses_nothing(text: str) -> None:
    assert "".join(cut(text)) == text


TOPICS = st.one_of(st.just(()), st.builds(about, st.sampled_from(["A-1", "A-2", "B-1", "C-1"]), st.floats(0, 1), st.floats(1, 60)))
PIECES = st.tuples(st.text(alphabet="电梯坏了，还有另外；。我也旁边1、一是", min_size=1, max_size=12), TOPICS)


@given(st.lists(PIECES, min_size=1, max_size=12), st.booleans())
def test_every_clause_is_in_exactly_one_matter_and_there_are_at_most_five(
    parts: list[tuple[str, tuple[Topic, ...]]], strict: bool
) -> None:
    groups = divide(clauses(*parts), settings=SETTINGS, strict=strict)

    assert sorted(at for group in groups for at in group) == list(range(len(parts)))
    assert 1 <= len(groups) <= SETTINGS.most


def test_different_things_in_trouble_are_different_matters() -> None:
    told = clauses(("电梯坏了，", about("FW-020")), ("还有门口垃圾没人清，", about("HJ-001")), ("另外路灯也不亮", about("SZ-012")))

    assert texts(told) == ["电梯坏了，", "还有门口垃圾没人清，", "另外路灯也不亮"]


def test_a_story_with_its_reasons_and_wishes_is_one() -> None:
    told = clauses(
        ("电梯坏了三天，", about("FW-020")),
        ("物业说等配件，", about("FW-001", 0.6)),
        ("我今年七十六了下不了楼，", about("MS-003", 0.5)),
        ("希望你们催催他们", about("FW-001", 0.5)),
    )

    assert texts(told) == ["".join(clause.text for clause in told)]


def test_the_same_thing_said_again_returns_to_its_matter() -> None:
    told = clauses(("路灯不亮，", about("SZ-012")), ("旁边井盖也没了，", about("SZ-007")), ("灯黑了一个月", about("SZ-012")))

    assert divide(told, settings=SETTINGS) == ((0, 2), (1,))


def test_a_greeting_and_who_writes_are_no_matter() -> None:
    told = clauses(("师傅你好，", about("JT-013", 0.6)), ("我是物业的，", about("FW-001", 0.7)), ("水管漏了一地", about("SZ-016")))

    assert len(texts(told)) == 1


def test_numbers_divide_a_chat_line() -> None:
    told = clauses(("一、车库进水了；", about("SZ-023", 0.4)), ("二、车棚漏电，", about("AQ-003", 0.3)), ("刚才噼啪响", ()))

    assert texts(told) == ["一、车库进水了；", "二、车棚漏电，刚才噼啪响"]


def test_times_that_are_counted_are_no_list() -> None:
    told = clauses(("窗口推来推去，", about("MS-030")), ("第一趟要结婚证，", about("MS-013")), ("第二趟要户口本", about("MS-009")))

    assert len(texts(told)) == 1


LONG = "物业一直拖着不办，" * 14


def test_a_letter_is_divided_only_where_it_counts_by_itself() -> None:
    story = clauses((LONG, about("FW-001")), ("路灯也不亮，", about("SZ-012")), ("垃圾也没人清", about("HJ-001")))
    besides = clauses((LONG, about("FW-001")), ("另外还有一件事，", ()), ("路灯不亮", about("SZ-012")))
    numbered = clauses((LONG, ()), ("一、路灯不亮。", about("SZ-012")), ("二、垃圾没人清。", about("HJ-001")))
    demands = clauses((LONG, ()), ("一、退还押金。", about("FW-033")), ("二、公开道歉。", about("FW-033", 0.3)))

    assert [len(texts(told)) for told in (story, besides, numbered, demands)] == [1, 2, 2, 1]


def test_in_danger_only_what_is_plainly_apart_is_apart() -> None:
    told = clauses(("三楼着火了，", about("AQ-001")), ("还有老人没下来，", about("MS-003")), ("另外路灯不亮", about("SZ-012")))

    assert texts(told, strict=True) == ["三楼着火了，还有老人没下来，", "另外路灯不亮"]


def test_more_than_five_stay_together_for_a_person() -> None:
    told = clauses(
        *((f"{number}、路灯不亮。", about(f"X-{number}")) for number in (1, 2, 3, 4, 5)), ("①垃圾没人清。", about("Y-1"))
    )

    assert len(texts(told)) == 1


def test_likeness_of_topics() -> None:
    lamp, other = about("SZ-012", **{"SZ-013": 15.0}), about("SZ-013", score=20.0)

    assert share_topic(lamp, lamp) == 1.0
    assert share_topic(lamp, other) == 0.5
    assert share_topic(lamp, ()) == 0.0


def test_a_letter_is_looked_into_only_if_it_numbers() -> None:
    assert not may_be_several(clauses((LONG, ()), ("路灯不亮", ())), settings=SETTINGS)
    assert may_be_several(clauses((LONG, ()), ("一、路灯不亮。", ()), ("二、垃圾没人清", ())), settings=SETTINGS)
    assert not may_be_several(clauses(("路灯不亮", ())), settings=SETTINGS)
