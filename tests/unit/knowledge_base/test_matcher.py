"""Many entries at once, read or taken from the file, match exactly as if they had been put one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from knowledge_base.entry import Entry
from knowledge_base.index import IndexSettings
from knowledge_base.match import MatchSettings
from knowledge_base.matcher import Matcher
from knowledge_base.text import Segmenter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from knowledge_base.match import Match

SOON = MatchSettings(index=IndexSettings(merge_at_least=2))
"""Two entries are many."""

BASE = (
    Entry(code="rent", question="公租房怎么申请", phrasings=("申请公租房要什么材料", "低收入家庭怎么租房子"), answer="到街道窗口"),
    Entry(code="dog", question="养狗要不要办证", phrasings=("犬证在哪里办",), answer="到派出所"),
    Entry(code="card", question="社保卡丢了怎么补办", answer="到银行网点"),
    Entry(code="odd", question="？！", answer="…"),
    Entry(code="nurse", kind="service_item", question="护士执业注册", phrasings=("护士怎么注册",), answer="材料：毕业证"),
    Entry(
        code="lift",
        kind="policy",
        question="既有住宅加装电梯管理办法",
        answer="三分之二以上业主同意方可加装电梯，财政补贴十五万元。",
    ),
)
ASKED = ("公租房怎么申请", "犬证在哪里办理", "护士执业注册要什么材料", "加装电梯补贴多少", "社宝卡丢了", "天气", "？")


class Counting(Segmenter):
    """A segmenter that remembers what it read."""

    def __init__(self, folder: Path, words: Iterable[str] = ()) -> None:
        super().__init__(folder, words)
        self.read_texts: list[str] = []

    def read(self, text: str) -> object:  # type: ignore[override]  # what it gives is what its parent gives
        self.read_texts.append(text)
        return super().read(text)


@pytest.fixture
def counting(dictionary: Path) -> Counting:
    return Counting(dictionary)


def put_one_by_one(entries: Iterable[Entry], segmenter: Segmenter) -> Matcher:
    matcher = Matcher()
    for entry in entries:
        matcher.put(entry, segmenter)
    return matcher


def ask_all(matcher: Matcher, segmenter: Segmenter) -> list[list[Match]]:
    return [matcher.match(segmenter.read(question)) for question in ASKED]


def take_over(entries: Iterable[Entry], segmenter: Segmenter, cache: Path) -> Matcher:
    matcher = Matcher(SOON)
    matcher.take_over(list(entries), segmenter, cache=cache)
    return matcher


def test_many_at_once_match_as_one_by_one_read_or_taken_from_the_file(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    expected = ask_all(put_one_by_one(BASE, counting), counting)

    read = take_over(BASE, counting, cache)
    assert ask_all(read, counting) == expected

    counting.read_texts.clear()
    taken = take_over(BASE, counting, cache)
    assert counting.read_texts == []
    assert ask_all(taken, counting) == expected
    assert dict(taken.entries) == {entry.code: entry for entry in BASE}


def test_an_entry_that_changed_is_read_anew_and_the_others_are_not(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    take_over(BASE, counting, cache)
    counting.read_texts.clear()
    changed = [msgspec.structs.replace(BASE[0], question="廉租房怎么申请"), *BASE[1:]]

    matcher = take_over(changed, counting, cache)

    assert counting.read_texts == ["廉租房怎么申请", *BASE[0].phrasings]
    assert ask_all(matcher, counting) == ask_all(put_one_by_one(changed, counting), counting)


def test_an_entry_that_is_gone_does_not_come_back_from_the_file(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    take_over(BASE, counting, cache)

    matcher = take_over(BASE[2:], counting, cache)

    assert ask_all(matcher, counting) == ask_all(put_one_by_one(BASE[2:], counting), counting)


def test_new_words_of_the_dictionary_make_the_file_worthless(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    take_over(BASE, counting, cache)
    counting.add_words(["公租房怎么"])
    counting.read_texts.clear()

    matcher = take_over(BASE, counting, cache)

    assert len(counting.read_texts) == sum(1 + len(entry.phrasings) for entry in BASE)
    assert ask_all(matcher, counting) == ask_all(put_one_by_one(BASE, counting), counting)


def test_a_damaged_file_is_worthless_and_made_anew(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    take_over(BASE, counting, cache)
    whole = cache.read_bytes()
    cache.write_bytes(whole[: len(whole) // 2])

    matcher = take_over(BASE, counting, cache)

    assert ask_all(matcher, counting) == ask_all(put_one_by_one(BASE, counting), counting)
    assert cache.read_bytes() == whole


def test_many_changes_of_a_running_service_leave_the_others_and_the_file_as_they_were(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    matcher = take_over(BASE, counting, cache)
    kept = cache.read_bytes()
    retired = msgspec.structs.replace(BASE[1], status="retired")
    changed = [
        msgspec.structs.replace(BASE[0], question="廉租房怎么申请"),
        retired,
        msgspec.structs.replace(BASE[2], question="医保卡丢了怎么补办"),
    ]

    matcher.take_over(changed, counting, cache=cache)

    standing = [changed[0], changed[2], *BASE[3:]]
    expected = ask_all(put_one_by_one(standing, counting), counting)
    assert ask_all(matcher, counting) == expected
    assert cache.read_bytes() == kept
    counting.read_texts.clear()
    taken = take_over(standing, counting, cache)
    assert counting.read_texts == [text for entry in (changed[0], changed[2]) for text in (entry.question, *entry.phrasings)]
    assert ask_all(taken, counting) == expected


def test_the_entries_of_a_small_city_are_kept_from_the_first_start_on(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    many = [msgspec.structs.replace(BASE[at % len(BASE)], code=f"K{at}", phrasings=()) for at in range(64)]
    first, second = Matcher(), Matcher()
    first.take_over(many, counting, cache=cache)
    counting.read_texts.clear()

    second.take_over(many, counting, cache=cache)

    assert counting.read_texts == []
    assert ask_all(second, counting) == ask_all(first, counting)
    few, none = Matcher(), tmp_path / "none.cache"
    few.take_over(many[:63], counting, cache=none)
    assert not none.exists()


def test_few_entries_make_no_file(counting: Counting, tmp_path: Path) -> None:
    cache = tmp_path / "knowledge.cache"
    matcher = Matcher()

    matcher.take_over(BASE, counting, cache=cache)

    assert not cache.exists()
    assert ask_all(matcher, counting) == ask_all(put_one_by_one(BASE, counting), counting)


def test_a_new_answer_does_not_have_the_unchanged_wordings_cut_into_words_again(counting: Counting) -> None:
    matcher = put_one_by_one(BASE, counting)
    before = ask_all(matcher, counting)
    changed = [msgspec.structs.replace(BASE[0], answer="网上申请，社宝卡领取"), *BASE[1:]]
    counting.read_texts.clear()

    matcher.put(changed[0], counting)

    assert counting.read_texts == []
    expected = ask_all(put_one_by_one(changed, counting), counting)
    assert ask_all(matcher, counting) == expected
    assert expected != before


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(BASE[0], question="廉租房怎么申请"),
        msgspec.structs.replace(BASE[0], phrasings=BASE[0].phrasings[:1]),
    ],
)
def test_a_wording_that_changed_is_read_anew(counting: Counting, changed: Entry) -> None:
    matcher = put_one_by_one(BASE, counting)
    counting.read_texts.clear()

    matcher.put(changed, counting)

    assert counting.read_texts == [changed.question, *changed.phrasings]
    assert ask_all(matcher, counting) == ask_all(put_one_by_one([changed, *BASE[1:]], counting), counting)


def test_unchanged_wordings_are_read_anew_with_a_new_dictionary_or_after_a_removal(counting: Counting) -> None:
    matcher = put_one_by_one(BASE, counting)
    counting.add_words(["公租房怎么"])
    counting.read_texts.clear()
    matcher.put(BASE[0], counting)
    assert counting.read_texts == [BASE[0].question, *BASE[0].phrasings]

    matcher.remove(BASE[0].code)
    counting.read_texts.clear()
    matcher.put(BASE[0], counting)

    assert counting.read_texts == [BASE[0].question, *BASE[0].phrasings]
    assert matcher.match(counting.read(ASKED[0])) == put_one_by_one(BASE, counting).match(counting.read(ASKED[0]))


def test_what_an_entry_no_longer_says_is_missing_from_the_next_question_on(segmenter: Segmenter) -> None:
    matcher = put_one_by_one(BASE, segmenter)
    asked = segmenter.read("公租房在街道窗口申请吗")
    said = next(match.unsaid for match in matcher.match(asked) if match.code == "rent")

    matcher.put(msgspec.structs.replace(BASE[0], answer="网上办理"), segmenter)

    unsaid = next(match.unsaid for match in matcher.match(asked) if match.code == "rent")
    assert unsaid > said


def test_a_digit_or_two_alone_ask_nothing(segmenter: Segmenter) -> None:
    matcher = Matcher()
    matcher.put(Entry(code="K1", question="12345能办什么？", answer="1 咨询，2 求助。"), segmenter)

    assert matcher.match(segmenter.read("2")) == matcher.match(segmenter.read("１2")) == []
    assert [match.code for match in matcher.match(segmenter.read("12345"))] == ["K1"]
