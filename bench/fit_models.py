"""Learns the models that are shipped (knowledge_base/models) from bench/own/training.csv and the open part of our own corpus: `make models`.

The gate also learns from lines written for it (own/requests.csv, small_talk.csv), our questions, the seeded entries' and the duty items' names.

All of it was written by us for this purpose; nothing of ../shared is read. The sealed parts are never opened. The same data give the same files.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import tempfile
from collections import Counter
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from measure import ROOT, print_table
from rig.service import prepare_city
from scipy.optimize import minimize

from bot.control import open_city
from bot.learning.fitting import fit
from bot.learning.gate import learn_gate
from bot.learning.letters import learn_letters
from bot.understanding import rank_topics
from intents.catalog import specs
from intents.matters import BEGINS, Clause, cut, describe
from intents.several import OPENING
from knowledge_base.letters import Letter
from knowledge_base.linear import cut_features
from knowledge_base.places import hide
from knowledge_base.text import normalize
from routing.duty_list import load_folder
from routing.learned import NOTHING, name_class
from routing.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from bot.city import City
    from bot.settings import Settings
    from knowledge_base.linear import LinearModel

OWN = Path(__file__).parent / "own"
MODELS = ROOT / "knowledge_base" / "models"
KNOWLEDGE = ROOT / "bot" / "seed_city" / "knowledge.csv"
_FEW = 12
"""A kind of danger with fewer messages than this is not learned: five folds need some of each."""

_EXAMPLES = 3
"""How often an example of the catalog counts: it is what an intent stands for."""
_LETTER_FOLDS = 4
"""Parts of the letters that functions are learned without, to see how far a letter's function can be trusted."""
_FOLDS = 3
"""Parts of the messages that the duty items are learned without, to see how far what was learned can be trusted."""
_MATTERLESS = frozenset(
    {
        "ask_policy",
        "service_lookup",
        "thanks",
        "small_talk",
        "help",
        "upset",
        "my_data",
        "erase_me",
        "stop_notices",
        "ask_person",
        "rate",
        "feedback",
        "appointment",
    }
)
"""Intents whose messages report nothing: they are what no duty item stands for."""
_VAGUE = "?"
"""The mark of a message that does not say what it is about (又坏了): nobody could name its duty item."""
_NEAR = 2
"""Characters by which a mark may miss the beginning of a clause."""
_ASKING = frozenset({"report_problem", "complaint", "ask_policy", "report_violation", "suggestion", "service_lookup", "opinion"})
"""Intents that are requests or questions to the community, as the gate learns them. Danger, violence and distress are left out:
they pass by other doors, and sound too much like what people tell each other.
"""
_SUBJECTS = ("{}", "{}问题", "关于{}的问题", "反映{}", "关于{}的建议")
"""How a letter's subject names a matter."""
_WRITTEN = 5
"""How often a line counts that was written for the gate: the other rows are many, and written for something else."""
_SEALED_DAY = "3"

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """Read a table of our own."""
    return read_table(OWN / name)


def read_table(path: Path) -> list[Row]:
    """Read a table."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def read_rows() -> list[Row]:
    """Read all messages that may be learned from, each text once."""
    rows: dict[str, Row] = {}
    for name in ("training.csv", "messages.csv"):
        for row in read(name):
            rows.setdefault(normalize(row["text"]).lower(), row)
    return [{**row, "written": row["text"], "text": text} for text, row in rows.items()]


def cut_all(texts: Iterable[str]) -> list[list[str]]:
    """Cut texts into what the models of texts see."""
    return [list(cut_features(text)) for text in texts]


def fit_intents(rows: list[Row]) -> LinearModel:
    """Learn what a message is about; the catalog's own examples count as messages."""
    known = {row["intent"] for row in rows}
    examples = [(normalize(text).lower(), spec.code) for spec in specs().values() if spec.code in known for text in spec.examples]
    pairs = [(row["text"], row["intent"]) for row in rows] + examples * _EXAMPLES
    return fit(cut_all(text for text, _ in pairs), [code for _, code in pairs], strength=2.0)


def fit_danger(rows: list[Row]) -> LinearModel:
    """Learn how urgent a message is; what neighbours say to each other all day is no danger."""
    pairs = [(row["text"], row["tier"]) for row in rows] + [(text, "none") for text in read_talk()]
    return fit(cut_all(text for text, _ in pairs), [tier for _, tier in pairs], least=3)


def read_talk() -> list[str]:
    """Read what neighbours and friends say to each other, none of it a matter."""
    talk = [row["text"] for row in read("group_days.csv") if row["day"] != _SEALED_DAY and not row["matter"]]
    talk += [row["text"] for row in read("chatter.csv")]
    talk += [row["text"] for row in read("group_lines.csv") if row["matter"] == "0"]
    return [text for line in talk if (text := normalize(line).lower())]


def fit_gate(rows: list[Row], *, judged: bool = True) -> LinearModel:
    """Learn what is a request or a question to the community, and what people only say to each other."""
    marked = [row for row in read("group_days.csv") if row["day"] != _SEALED_DAY and row["matter"]]
    marked += [row for row in read("group_lines.csv") if row["matter"] == "1"]
    requests = [row["text"] for row in [*rows, *marked] if row.get("intent", "report_problem") in _ASKING]
    requests += [row["question"] for name in ("service_questions.csv", "service_questions_second.csv") for row in read(name)]
    requests += [text for row in read_table(KNOWLEDGE) for text in (row["question"], *row["phrasings"].split("|"))]
    requests += [form.format(item.name) for item in load_folder()[0].items.values() for form in _SUBJECTS]
    requests += [row["text"] for row in read("requests.csv")] * _WRITTEN
    talk = [row["text"] for row in rows if row["intent"] in {"thanks", "small_talk"}] + read_talk()
    talk += [row["text"] for row in read("small_talk.csv")] * _WRITTEN
    return learn_gate([(text, True) for text in requests] + [(text, False) for text in talk], judged=judged)


def fit_hazards(rows: list[Row]) -> LinearModel:
    """Learn which danger an urgent message tells of."""
    named = [(row["text"], f"{row['tier']}.{row['hazard']}") for row in rows if row["hazard"]]
    counts = Counter(name for _, name in named)
    pairs = [(text, name) for text, name in named if counts[name] >= _FEW]
    return fit(cut_all(text for text, _ in pairs), [name for _, name in pairs])


class Items:
    """The duty items as learned from messages: from all of them, and from all but one part, for whoever has to look at that part unseen."""

    def __init__(self, rows: list[Row], city: City, functions: LinearModel) -> None:
        self.city = city
        self.functions = functions
        self.names = {item.code: name_class(item) for item in city.triage.items}
        told = [
            (row["text"], row["items"].split("/"))
            for row in rows
            if row["items"] and ";" not in row["items"] and row["items"] != _VAGUE
        ]
        told += [
            (row["text"], [NOTHING])
            for row in rows
            if row["items"] == _VAGUE or (row["intent"] in _MATTERLESS and not row["items"])
        ]
        told += [(text, [NOTHING]) for text in read_talk()]
        told = [(hide(text, city.gazetteer.find(text)), codes) for text, codes in told]
        self.told = [(text, codes) for text, codes in told if codes[0] in self.names or codes == [NOTHING]]
        self.listed = [(normalize(text).lower(), item.code) for item in city.triage.items for text in (item.name, *item.phrasings)]
        self.part = {text: number % _FOLDS for number, (text, _) in enumerate(self.told)}
        self.parts = [self._learn(without=part) for part in range(_FOLDS)]
        self.blend, self.right = self._find_blend()
        self.model = self._learn(blend=self.blend)

    def _learn(self, *, without: int | None = None, blend: Mapping[str, float] | None = None) -> LinearModel:
        kept = [(text, codes[0]) for text, codes in self.told if without is None or self.part[text] != without] + self.listed
        figures = {"blend": blend, "accuracy": self.right} if blend else None
        labels = [self.names.get(code, NOTHING) for _, code in kept]
        return fit(cut_all(text for text, _ in kept), labels, least=3, strength=0.5, judged=False, figures=figures)

    def _find_blend(self) -> tuple[dict[str, float], float]:
        """Find what a margin, the list's own words and the lack of any matter count: what makes the right items of unseen messages likeliest."""
        at = {code: number for number, code in enumerate([*self.names, NOTHING])}
        margins = np.full((len(self.told), len(at)), -1.0, dtype=np.float32)
        columns = [
            {code: model.classes.index(name) for code, name in [*self.names.items(), (NOTHING, NOTHING)] if name in model.classes}
            for model in self.parts
        ]
        for number, (text, _) in enumerate(self.told):
            part = self.part[text]
            sums = self.parts[part].weigh(cut_features(text))
            margins[number, [at[code] for code in columns[part]]] = sums[list(columns[part].values())]
        scores = np.array([[*self.city.triage.score(text), 0.0] for text, _ in self.told], dtype=np.float32)
        truth = np.zeros(margins.shape, dtype=bool)
        for number, (_, codes) in enumerate(self.told):
            truth[number, [at[code] for code in codes if code in at]] = True
        nothing = np.zeros_like(margins)
        nothing[:, -1] = 1.0
        amounts = np.stack([margins, np.log1p(scores), nothing], axis=-1)

        found = find_weights(amounts, truth, [7.0, 1.4, 0.7])
        best = (amounts @ found).argmax(axis=1)
        right = float(truth[np.arange(len(best)), best].mean())
        return dict(zip(("learned", "listed", "nothing"), found, strict=True)), round(right, 4)

    def find_unseen(self) -> list[Triage]:
        """Give a triage for each part, which has not learned from it."""
        return [self.make_triage(replace(model, figures={"blend": self.blend}), self.functions) for model in self.parts]

    def make_triage(self, model: LinearModel, functions: LinearModel) -> Triage:
        """Make a triage of the demo city with these models."""
        city = self.city
        return Triage(city.duty_list, today=city.day, settings=city.settings.triage, model=model, functions=functions)

    def fit_letters(self, letters: Letters) -> LinearModel:
        """Learn functions from all letters, with what the list, the title and the function count, found on letters not learned from."""
        items = self.city.triage.items
        amounts, truth = [], []
        for part in range(_LETTER_FOLDS):
            triage = self.make_triage(self.model, letters.learn(without=part))
            for title, text, code in letters.list_part(part):
                folded = normalize(f"{title}。{text}").lower()
                amounts.append(triage.describe_letter(folded, triage.score(folded)))
                truth.append([item.code == code for item in items])
        weighed, right = np.stack(amounts), np.asarray(truth)
        weights = find_weights(weighed, right, [1.0, 1.0, 1.0])
        best = (weighed @ np.asarray(weights)).argmax(axis=1)
        blend = dict(zip(("listed", "title", "function"), weights, strict=True))
        accuracy = round(float(right[np.arange(len(best)), best].mean()), 4)
        return replace(self.functions, figures={**self.functions.figures, "blend": blend, "accuracy": accuracy})


class Letters:
    """Our own letters: what they say, which duty item they are about, and what of them is learned."""

    def __init__(self, city: City) -> None:
        items = {name_class(item): item for item in city.triage.items}
        self.told = [(row["title"], row["text"], items[row["item"]]) for row in read("letters.csv") if row["item"] in items]
        self.listed = [Letter(text, "", item.lead) for item in items.values() for text in (item.name, *item.phrasings)]

    def learn(self, *, without: int | None = None) -> LinearModel:
        """Learn which function leads what a letter is about; a letter counts twice, the list's own phrasings are its titles."""
        told = [Letter(title, text, item.lead) for at, (title, text, item) in enumerate(self.told) if at % _LETTER_FOLDS != without]
        letters = told * 2 + self.listed
        enough = {lead for lead, count in Counter(letter.department for letter in letters).items() if count >= _FEW}
        return learn_letters([letter for letter in letters if letter.department in enough], None)

    def list_part(self, part: int) -> list[tuple[str, str, str]]:
        """List the letters of one part: title, text and the code of the duty item."""
        return [(title, text, item.code) for at, (title, text, item) in enumerate(self.told) if at % _LETTER_FOLDS == part]


def find_weights(amounts: NDArray[np.float64], truth: NDArray[np.bool_], start: Sequence[float]) -> list[float]:
    """Find what each kind of evidence counts: what makes the right items likeliest. `amounts`: text x item x kind; `truth`: text x item."""

    def surprise(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parts = amounts @ weights
        parts = np.exp(parts - parts.max(axis=1, keepdims=True))
        right = parts * truth
        share = right.sum(axis=1) / parts.sum(axis=1)
        pull = right / right.sum(axis=1, keepdims=True) - parts / parts.sum(axis=1, keepdims=True)
        return float(-np.log(share).mean()), -np.einsum("tif,ti->f", amounts, pull) / len(parts)

    found = minimize(surprise, np.asarray(start), jac=True, method="L-BFGS-B").x
    return [round(float(weight), 3) for weight in found]


def fit_matters(rows: list[Row], items: Items) -> LinearModel:
    """Learn where a message begins another matter, from the marks that people set; what has one duty item is one matter."""
    samples: list[list[str]] = []
    labels: list[str] = []
    unseen = items.find_unseen()
    longest = items.city.settings.conversation.matters.letter
    for row in rows:
        several = ";" in row["items"]
        if row["intent"] not in OPENING or row["items"] in {"", _VAGUE} or several != bool(row["split"]):
            continue
        marked = row["split"] or row["written"]
        places = items.city.gazetteer.find(row["text"])
        triage = unseen[items.part.get(hide(row["text"], places), 0)]
        clauses = [Clause(text=part, topics=rank_topics(triage, part, places)) for part in cut(row["written"])]
        if len(clauses) > 1 and len(row["written"]) <= longest:
            starts = find_starts(marked, [clause.text for clause in clauses])
            for at in range(1, len(clauses)):
                samples.append(describe(clauses, at))
                labels.append(BEGINS if at in starts else "goes_on")
    return fit(samples, labels, least=3, strength=0.5)


def find_starts(marked: str, parts: Sequence[str]) -> set[int]:
    """Say which clauses begin where a mark (‖) stands, give or take a blank or a comma."""
    edges = [0, *accumulate(len(part) for part in parts)][:-1]
    marks = [at - number for number, at in enumerate(at for at, sign in enumerate(marked) if sign == "‖")]
    return {number for number, edge in enumerate(edges) if any(abs(edge - mark) <= _NEAR for mark in marks)}


async def load(settings: Settings) -> City:
    """Load the demo city: its duty list says what clauses are about."""
    async with open_city(settings) as (_, city):
        return city


def main() -> None:
    """Learn, write, say how good each is on folds it was not learned from."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "models",
        nargs="*",
        help="the models to learn, one of them or several: intents, danger, hazards, gate, items (with functions and matters)",
    )
    wanted = parser.parse_args().models or ["intents", "danger", "hazards", "gate", "items"]
    rows = read_rows()
    MODELS.mkdir(exist_ok=True)
    alone = {"intents": fit_intents, "danger": fit_danger, "hazards": fit_hazards, "gate": fit_gate}
    models = {name: learn(rows) for name, learn in alone.items() if name in wanted}
    if "items" in wanted:
        with tempfile.TemporaryDirectory(prefix="jieying-models-") as folder:
            city = asyncio.run(load(prepare_city(Path(folder), 0)))
            letters = Letters(city)
            items = Items(rows, city, letters.learn())
            models |= {"items": items.model, "functions": items.fit_letters(letters), "matters": fit_matters(rows, items)}
    table = []
    for name, model in models.items():
        content = model.dump()
        (MODELS / f"{name}.npz").write_bytes(content)
        figures = model.figures
        table.append(
            (
                name,
                f"{figures['samples']:,}",
                len(model.classes),
                f"{len(model.features):,}",
                figures["accuracy"],
                f"{len(content):,}",
            )
        )
    print_table(("model", "samples", "classes", "features", "accuracy on folds", "bytes"), table)


if __name__ == "__main__":
    main()
