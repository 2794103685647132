"""How well we understand: knowledge and danger, measured on real messages in ../shared/data where they are at hand (letters: bench/letters.py).

Nothing was trained on them, nothing of them is kept or printed but counts. Without the folder it says so and ends.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter, defaultdict
from datetime import date
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, print_table

from bot.evaluation.knowledge import ask, measure_knowledge, read_entries, read_queries
from bot.learning.confidence import Query
from intents.gate import GroupFacts, Take, judge
from intents.tiers import read_tier
from knowledge_base.encoder import is_installed, load_encoder
from knowledge_base.match import MatchSettings, NeedsChoice
from knowledge_base.matcher import Matcher
from knowledge_base.text import Segmenter, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from knowledge_base.entry import Entry

OWN = Path(__file__).parent / "own"
DATA = ROOT.parent / "shared" / "data"
TODAY = date(2026, 11, 1)
_HOMOPHONES = 2
_FIGURES = (
    "recall_at_1",
    "recall_at_5",
    "ndcg_at_10",
    "answered_right_at_p90",
    "precision",
    "share_answered",
    "answered_right",
    "share_choice",
    "choice_holds_it",
    "auroc_top1_correct",
)
_BESIDE_KNOWLEDGE = {"policy": "BM25 grams R@1 .869", "civic": "BM25 grams .843, with phrasings .969", "general": "BM25 grams .964"}


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Read a table of the shared data."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def measure_answers(segmenter: Segmenter) -> None:
    """Ask each set's questions of its entries, as they are and mistyped, by words alone and with the encoder where it is installed."""
    shared = DATA / "knowledge"
    sets = {name: (shared / f"{name}_entries.csv", shared / f"{name}_queries.csv") for name in _BESIDE_KNOWLEDGE}
    city = ROOT / "bot" / "seed_city" / "knowledge.csv"
    sets |= {
        "own questions": (city, OWN / "questions.csv"),
        "own questions, kept apart": (city, OWN / "questions_second.csv"),
        "own questions, of places": (city, OWN / "questions_places.csv"),
        "own questions, of services": (city, OWN / "questions_services.csv"),
    }
    read = {name: (read_entries([entries]), read_queries([queries])) for name, (entries, queries) in sets.items()}
    faq = read_entries([shared / "city_faq_entries.csv"])
    read["city FAQ, each question asked"] = (faq, ask_themselves(faq))
    encoders = {"no": None} | ({"yes": load_encoder()} if is_installed() else {})
    rows = []
    for name, (entries, queries) in read.items():
        for (said, encoder), homophones in product(encoders.items(), (0, _HOMOPHONES)):
            figures = measure_knowledge(
                entries, queries, segmenter, settings=MatchSettings(), today=TODAY, encoder=encoder, homophones=homophones
            )
            figures["answered_right_at_p90"] = figures["answered_right_at_p90"]["cross_validated"]
            beside = "" if encoder or homophones else _BESIDE_KNOWLEDGE.get(name, "")
            rows.append((name, len(queries), said, homophones, *(figures[column] for column in _FIGURES), beside))
    print("Knowledge, by the measure of `jieying evaluate knowledge`\n")
    print_table(("set", "questions", "encoder", "homophones", *_FIGURES, "beside it"), rows)
    count, choices = count_twins(faq, segmenter)
    print(f"Of {count} FAQ questions that occur twice with differing answers, {choices} give a choice of both.\n", flush=True)


def ask_themselves(entries: Sequence[Entry]) -> list[Query]:
    """Make of each distinct question of the entries a query that expects all the entries with that question."""
    codes = defaultdict(set)
    for entry in entries:
        codes[normalize(entry.question)].add(entry.code)
    return [Query(question, frozenset(same)) for question, same in codes.items()]


def count_twins(entries: Sequence[Entry], segmenter: Segmenter) -> tuple[int, int]:
    """Count the questions that several entries answer differently, and those of them whose reply offers all as a choice."""
    answers = {entry.code: entry.answer for entry in entries}
    twins = [query for query in ask_themselves(entries) if len({answers[code] for code in query.expected}) > 1]
    matcher = Matcher(MatchSettings())
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as folder:
        matcher.take_over(entries, segmenter, cache=Path(folder) / "knowledge.cache")
    replies = ask(matcher, segmenter, twins, settings=MatchSettings(), today=TODAY)
    offered = [
        {match.code for match in one.decision.matches} if isinstance(one.decision, NeedsChoice) else set() for one in replies
    ]
    return len(twins), sum(query.expected <= codes for query, codes in zip(twins, offered, strict=True))


def measure_danger() -> None:
    """Count what is read as danger where there is none, and what is missed where there is."""
    stream = [f"{row['title']}。{row['text']}" for row in read_rows("routing/incidents_stream.csv")]
    letters = Counter(read_tier(normalize(text)).tier for text in stream)
    group = list(read_rows("gate/group_messages.csv"))
    rows: list[tuple[str, int, int, int]] = [
        ("letters (old news: a red is nearly always wrong)", len(stream), letters["red"], letters["orange"])
    ]
    for kind in ("sms", "civic_sentence", "civic_subject", "short_question"):
        tiers = Counter(read_tier(normalize(row["text"])).tier for row in group if row["kind"] == kind)
        rows.append((f"group messages: {kind}", tiers.total(), tiers["red"], tiers["orange"]))
    crisis = json.loads((DATA / "lexicon" / "crisis_seed.json").read_text(encoding="utf-8"))
    for key in ("self_harm_must_hit", "self_harm_terms", "emergency_terms", "idiom_must_not_hit"):
        tiers = Counter(read_tier(normalize(phrase)).tier for phrase in crisis[key]["phrases"])
        rows.append((key.replace("_", " "), tiers.total(), tiers["red"], tiers["orange"]))
    print("Danger\n")
    print_table(("texts", "count", "red", "orange"), rows)
    private = [GroupFacts(text=row["text"]) for row in group if row["kind"] == "sms"]
    taken = sum(isinstance(judge(facts), Take) for facts in private)
    print(f"The gate, in a group without notice or consent, lets {taken} of {len(private):,} private messages through.\n")


def main() -> None:
    """Read the options; measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} is not there: nothing is measured.")
        return
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        measure_answers(Segmenter(Path(name) / "jieba"))
        measure_danger()


if __name__ == "__main__":
    main()
