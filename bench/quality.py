"""How well we understand: routing, knowledge and danger, measured on real messages in ../shared/data where they are at hand.

Nothing was trained on them, nothing of them is kept or printed but counts. Without the folder it says so and ends. The duty list knows functions,
the letters seven departments of another city: tables/departments.csv says which function belongs to which, by meaning. How that city divides
its work (property companies and gas under trade, buses under building) it does not follow, so a part of the errors is the table's.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, print_table

from intents.gate import GroupFacts, Take, judge
from intents.tiers import read_tier
from knowledge_base.entry import Entry
from knowledge_base.match import Answered, MatchSettings, NeedsChoice, decide
from knowledge_base.matcher import Matcher
from knowledge_base.text import Segmenter, normalize, skim
from routing.duty_list import load_folder
from routing.rules import RoutingSettings
from routing.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from routing.terms import DutyItem

DATA = ROOT.parent / "shared" / "data"
TODAY = date(2026, 11, 1)
_BESIDE_ROUTING = "label names as keywords .656, hand-made keyword rules .773; trained: naive Bayes .893, linear SVM .928"
_BESIDE_KNOWLEDGE = {"policy": "BM25 grams R@1 .869", "civic": "BM25 grams .843, with phrasings .969", "general": "BM25 grams .964"}


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Read a table of the shared data."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def measure_routing(every: int) -> None:
    """Rank the duty items for letters and their titles, and compare the first one's department with the letter's."""
    triage = Triage(load_folder()[0], today=TODAY)
    departments = read_departments()
    letters = [row for at, row in enumerate(read_rows("routing/tickets_train.csv")) if at % every == 0]
    kinds = {"title alone": "{title}", "title and text": "{title}。{text}"}
    rows = []
    for name, form in kinds.items():
        guesses: list[tuple[str, str]] = []
        sure: list[bool] = []
        near = 0
        for row in letters:
            found = triage.rank(skim(form.format(**row)), limit=3)
            three = [name_department(each.item, departments) for each in found]
            guess, truth = three[0] if three else "", row["department"]
            guesses.append((guess, truth))
            near += truth in three
            if found and found[0].confidence >= RoutingSettings().confident:
                sure.append(guess == truth)
        right = sum(guess == truth for guess, truth in guesses)
        count = len(guesses)
        rows.append((name, count, right / count, _macro_f1(guesses), near / count, len(sure) / count, sum(sure) / len(sure)))
    print("Routing, untrained: the duty list against seven departments\n")
    print_table(("text", "letters", "accuracy", "macro-F1", "among first 3", "sure", "accuracy of the sure"), rows)
    print(f"beside it: {_BESIDE_ROUTING}\n", flush=True)


def read_departments() -> dict[tuple[str, str], str]:
    """Read which department a unit's function belongs to, by function and category of the duty item; "" stands for every category."""
    with (Path(__file__).parent / "tables" / "departments.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["function"], row["category"]): row["department"] for row in csv.DictReader(lines)}


def name_department(item: DutyItem, departments: Mapping[tuple[str, str], str]) -> str:
    """Name the department that leads a duty item; "" for a function that none of the seven has (police, neighbourhoods)."""
    return departments.get((item.lead, item.category)) or departments.get((item.lead, ""), "")


def measure_knowledge(segmenter: Segmenter, cache: Path) -> None:
    """Ask each set's questions of its entries, and compare what is answered at the shipped threshold with what was expected."""
    rows = [
        (name, *_ask_set(name, segmenter, cache / name), _BESIDE_KNOWLEDGE.get(name, "")) for name in ("civic", "general", "policy")
    ]
    print("Knowledge: answers at the shipped threshold, entries without phrasings\n")
    columns = (
        "set",
        "entries",
        "questions",
        "first is right",
        "answered",
        "precision",
        "answerable answered",
        "choice holds it",
        "beside it",
    )
    print_table(columns, rows)


def _ask_set(name: str, segmenter: Segmenter, cache: Path) -> tuple[object, ...]:
    settings = MatchSettings()
    entries = [
        Entry(
            code=row["code"],
            kind="question" if row["question"] else "policy",
            question=row["question"] or row["title"],
            answer=row["answer"],
        )
        for row in read_rows(f"knowledge/{name}_entries.csv")
    ]
    matcher = Matcher(settings)
    matcher.take_over(entries, segmenter, cache=cache)
    seen = Counter[str]()
    for row in read_rows(f"knowledge/{name}_queries.csv"):
        expected = set(filter(None, row["expected"].split(";")))
        matches = matcher.match(segmenter.read(row["question"]))
        decision = decide(matches, entries=matcher.entries, today=TODAY, areas=(), settings=settings)
        seen["asked"] += 1
        seen["answerable"] += bool(expected)
        seen["first"] += bool(expected and matches and matches[0].code in expected)
        if isinstance(decision, Answered):
            seen["answered"] += 1
            seen["right"] += decision.match.code in expected
        elif isinstance(decision, NeedsChoice):
            seen["choices"] += 1
            seen["held"] += any(match.code in expected for match in decision.matches)
    return (
        len(entries),
        seen["asked"],
        seen["first"] / seen["answerable"],
        seen["answered"] / seen["asked"],
        seen["right"] / max(1, seen["answered"]),
        seen["right"] / seen["answerable"],
        f"{seen['held']} of {seen['choices']}",
    )


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


def _macro_f1(guesses: Sequence[tuple[str, str]]) -> float:
    """Give the mean F1 over the departments that letters have."""
    both = Counter(truth for guess, truth in guesses if guess == truth)
    guessed, true = Counter(guess for guess, _ in guesses), Counter(truth for _, truth in guesses)
    return sum(2 * both[name] / (guessed[name] + true[name]) for name in true) / len(true)


def main() -> None:
    """Read the options; measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=3, help="take each n-th letter for routing")
    options = parser.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} is not there: nothing is measured.")
        return
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        measure_routing(options.every)
        measure_knowledge(Segmenter(Path(name) / "jieba"), Path(name))
        measure_danger()


if __name__ == "__main__":
    main()
