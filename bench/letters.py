"""Routing on real letters in ../shared/data: learned from them in folds, and untrained by the shipped list; and what an answer costs beside scikit-learn.

The duty list knows functions, the letters the seven departments of another city: tables/departments.csv says which function that city gives to
which (property companies and gas to trade, buses to building). The same figures as `jieying evaluate routing`, whole letters and titles alone. Without the folder it says so and measures the cost alone.
"""

from __future__ import annotations

import csv
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

from measure import ROOT, print_table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from bot.evaluation.routing import measure_folds, measure_list, read_letters, read_map
from bot.learning.fitting import fit
from knowledge_base.letters import Letter, cut_letter
from knowledge_base.text import Segmenter
from routing.duty_list import load_folder
from routing.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Sequence

LETTERS = ROOT.parent / "shared" / "data" / "routing" / "tickets_train.csv"
OWN = Path(__file__).parent / "own" / "letters.csv"
DEPARTMENTS = Path(__file__).parent / "tables" / "departments.csv"
TODAY = date(2026, 11, 1)
_ROUNDS = 9
_BESIDE = (
    "beside it, on the same letters: plain NB-SVM over words, pairs and characters .9357 / .9337, linear SVM .928 / .925, titles .882 / .884; "
    "untrained: label names as keywords .656, hand-made rules .773"
)


def measure_letters(segmenter: Segmenter) -> None:
    """Print how well real letters find their department."""
    if not LETTERS.is_file():
        print(f"{LETTERS} is not there: letters are not measured.\n")
        return
    letters = read_letters(LETTERS)
    triage = Triage(load_folder()[0], today=TODAY)
    rows = []
    for only in (False, True):
        ways = {
            "learned, 5 folds": measure_folds(letters, segmenter, folds=5, seed=0, titles_only=only),
            "shipped list, untrained": measure_list(letters, triage, read_map(DEPARTMENTS), titles_only=only),
        }
        names = ("count", "accuracy", "macro_f1", "top2", "top3", "ece", "accuracy_at_80", "accuracy_at_90", "ms_per_message")
        rows += [
            (way, "titles" if only else "whole", *(figures[name] for name in names), figures.get("train_seconds", 0.0))
            for way, figures in ways.items()
        ]
    columns = ("way", "text", "letters", "accuracy", "macro-F1", "top 2", "top 3", "ECE", "at 80 %", "at 90 %", "ms", "train s")
    print_table(columns, rows)
    print(_BESIDE, flush=True)


def measure_cost(segmenter: Segmenter) -> None:
    """Print what one answer costs by our table of weights and by scikit-learn's own prediction, from the raw text, and whether they agree (G9)."""
    with OWN.open(encoding="utf-8", newline="") as lines:
        letters = [Letter(row["title"], row["text"], row["item"][:2]) for row in csv.DictReader(lines)]
    samples = [cut_letter(letter.title, letter.text, segmenter) for letter in letters]
    labels = [letter.department for letter in letters]
    line = make_pipeline(TfidfVectorizer(analyzer=list, min_df=2, sublinear_tf=True), LinearSVC(random_state=0))
    line.fit(samples, labels)
    model = fit(samples, labels, judged=False)
    asked = letters[::5]
    same = 0
    times: dict[str, list[float]] = {"table of weights": [], "scikit-learn": []}
    for _ in range(_ROUNDS):
        begun = process_time()
        ours = [model.classes[int(model.weigh(cut_letter(one.title, one.text, segmenter)).argmax())] for one in asked]
        between = process_time()
        theirs = [line.predict([cut_letter(one.title, one.text, segmenter)])[0] for one in asked]
        times["table of weights"].append((between - begun) / len(asked))
        times["scikit-learn"].append((process_time() - between) / len(asked))
        same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    cutting = _time_cutting(asked, segmenter)
    rows = [(name, 1e6 * median(each), 1e6 * (median(each) - cutting)) for name, each in times.items()]
    print(f"\nOne answer, microseconds of CPU; {same} of {len(asked)} labels are the same\n")
    print_table(("by", "from raw text", "without cutting"), rows)
    print(f"without cutting, scikit-learn takes {rows[1][2] / rows[0][2]:.1f} times as long")


def _time_cutting(letters: Sequence[Letter], segmenter: Segmenter) -> float:
    spans = []
    for _ in range(_ROUNDS):
        begun = process_time()
        for one in letters:
            cut_letter(one.title, one.text, segmenter)
        spans.append((process_time() - begun) / len(letters))
    return median(spans)


def main() -> None:
    """Measure letters where they are, and the cost."""
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as folder:
        segmenter = Segmenter(Path(folder))
        measure_letters(segmenter)
        measure_cost(segmenter)


if __name__ == "__main__":
    main()
