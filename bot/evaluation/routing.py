"""How well letters find their department: by a learned model, by one learned anew in every fold, or by the shipped duty list alone."""

from __future__ import annotations

from statistics import fmean
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.evaluation.measures import (
    accuracy,
    accuracy_of_surest,
    calibration_error,
    macro_f1,
    score_classes,
    share_among,
)
from bot.evaluation.samples import read_samples
from bot.refusals import refuse
from knowledge_base.letters import Letter
from knowledge_base.text import skim
from routing.departments import Departments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from knowledge_base.linear import LinearModel
    from knowledge_base.text import Segmenter
    from routing.terms import DutyItem
    from routing.triage import Triage

_COLUMNS = ("title", "text", "department")
_MAP_COLUMNS = ("department",)


class Ranked(NamedTuple):
    """What was said of some letters: the departments of each, likeliest first, and how long it took."""

    letters: Sequence[Letter]
    guesses: Sequence[Mapping[str, float]]
    seconds: float


def read_letters(file: Path) -> list[Letter]:
    """Read letters that say something and whose department is known; a refusal if the file is no such table."""
    letters = [Letter(row["title"], row["text"], row["department"]) for row in read_samples(file, _COLUMNS)]
    return [letter for letter in letters if letter.department and (letter.title or letter.text)]


def choose_measured(letters: Sequence[Letter]) -> list[Letter]:
    """Choose the letters that are measured: those with title and text; with a title alone, if no letter has both."""
    whole = [letter for letter in letters if letter.title and letter.text]
    return whole or [letter for letter in letters if letter.title]


def measure_model(letters: Sequence[Letter], model: LinearModel, segmenter: Segmenter, *, titles_only: bool) -> dict[str, Any]:
    """Measure a learned model on letters."""
    return describe([_ask(choose_measured(letters), Departments(model, segmenter).weigh, titles_only=titles_only)])


def measure_folds(letters: Sequence[Letter], segmenter: Segmenter, *, folds: int, seed: int, titles_only: bool) -> dict[str, Any]:
    """Measure by folds: each part of the letters is judged by a model that was learned from the others, all of it inside the fold.

    Letters without title or text are learned from by every fold and measured by none.
    """
    from bot.learning.letters import learn_letters, split  # noqa: PLC0415 - scikit-learn is there for those who learn

    measured = choose_measured(letters)
    others = [letter for letter in letters if not (letter.title and letter.text)] if any(each.text for each in measured) else []
    rankings, seconds = [], []
    for known, unknown in split([letter.department for letter in measured], folds=folds, seed=seed):
        began = perf_counter()
        model = learn_letters([*(measured[at] for at in known), *others], segmenter)
        seconds.append(perf_counter() - began)
        rankings.append(_ask([measured[at] for at in unknown], Departments(model, segmenter).weigh, titles_only=titles_only))
    return {**describe(rankings), "train_seconds": fmean(seconds)}


def measure_list(
    letters: Sequence[Letter], triage: Triage, departments: Mapping[tuple[str, str], str], *, titles_only: bool
) -> dict[str, Any]:
    """Measure the duty list alone, nothing learned from the letters: each item counts for the department that leads it."""

    def weigh(title: str, text: str) -> Mapping[str, float]:
        shares: dict[str, float] = {}
        for item, share in triage.share(skim(f"{title}。{text}" if text else title)):
            name = name_department(item, departments)
            shares[name] = shares.get(name, 0.0) + share
        shares.pop("", None)
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    return describe([_ask(choose_measured(letters), weigh, titles_only=titles_only)])


def read_map(file: Path) -> dict[tuple[str, str], str]:
    """Read which department each lead unit belongs to: (lead, category) -> department; category "" stands for all of its items."""
    rows = read_samples(file, _MAP_COLUMNS)
    lead = next((name for name in ("lead", "function", "unit") if name in rows[0]), None)
    if lead is None:
        raise refuse("samples_lack", file=file.name, missing="lead", needed="lead,department")
    return {(row[lead], row.get("category", "")): row["department"] for row in rows}


def name_department(item: DutyItem, departments: Mapping[tuple[str, str], str]) -> str:
    """Name the department that leads a duty item; "" where the map names none."""
    return departments.get((item.lead, item.category)) or departments.get((item.lead, ""), "")


def describe(rankings: Sequence[Ranked]) -> dict[str, Any]:
    """Give the figures of one or several rankings, taken together."""
    truth = [letter.department for ranked in rankings for letter in ranked.letters]
    guesses = [guess for ranked in rankings for guess in ranked.guesses]
    names = [list(guess) or [""] for guess in guesses]
    first = [each[0] for each in names]
    sure = [next(iter(guess.values()), 0.0) for guess in guesses]
    right = [guess == true for guess, true in zip(first, truth, strict=True)]
    return {
        "count": len(truth),
        "accuracy": accuracy(truth, first),
        "macro_f1": macro_f1(truth, first),
        "top2": share_among(truth, names, 2),
        "top3": share_among(truth, names, 3),
        "ece": calibration_error(sure, right),
        "accuracy_at_80": accuracy_of_surest(sure, right, 0.8),
        "accuracy_at_90": accuracy_of_surest(sure, right, 0.9),
        "ms_per_message": 1000 * sum(ranked.seconds for ranked in rankings) / max(1, len(truth)),
        "per_class": score_classes(truth, first),
    }


def _ask(letters: Sequence[Letter], weigh: Callable[[str, str], Mapping[str, float]], *, titles_only: bool) -> Ranked:
    if letters:
        weigh(letters[0].title, letters[0].text)  # what is loaded once is no part of a message's time
    began = perf_counter()
    guesses = [weigh(letter.title, "" if titles_only else letter.text) for letter in letters]
    return Ranked(letters, guesses, perf_counter() - began)
