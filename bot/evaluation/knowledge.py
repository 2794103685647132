"""How well questions find their entry and when they are answered: the figures of `jieying evaluate knowledge`."""

from __future__ import annotations

import random
from collections import defaultdict
from math import log2
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.evaluation.measures import area_under_curve, percentile
from bot.evaluation.samples import read_samples
from bot.learning.confidence import Query, find_threshold
from bot.learning.mistyping import Homophones
from bot.refusals import refuse
from knowledge_base.columns import compose_answer
from knowledge_base.entry import Entry
from knowledge_base.match import Answered, NeedsChoice, decide
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from knowledge_base.encoder import Encoder
    from knowledge_base.match import Decision, MatchSettings
    from knowledge_base.text import Segmenter

_PRECISION = 0.9
_FOLDS = 5
_SEEDS = (0, 1, 2)
_DEPTH = 10


class Reply(NamedTuple):
    """What became of a question: the codes found, best first, how sure the first is (0..1), the decision, and milliseconds."""

    expected: frozenset[str]
    codes: tuple[str, ...]
    confidence: float
    decision: Decision
    milliseconds: float

    @property
    def is_right(self) -> bool:
        """Tell whether the first entry is one that answers."""
        return bool(self.codes) and self.codes[0] in self.expected


def read_entries(files: Sequence[Path]) -> list[Entry]:
    """Read entries from files with the columns code and question, or title and answer; a row without a question is a policy.

    The details of a service (materials, place, hours …) are part of its answer, as where entries are imported.
    A refusal if a row lacks its code or has neither question nor title.
    """
    entries = []
    for file in files:
        for number, row in enumerate(read_samples(file, ("code",)), start=1):
            name = row.get("question") or row.get("title") or ""
            if not name or not row["code"]:
                raise refuse("bad_entry", file=file.name, row=number)
            phrasings = tuple(filter(None, row.get("phrasings", "").split("|")))
            kind = "question" if row.get("question") else "policy"
            if row.get("kind") in {"service_item", "service_point", "policy"}:
                kind = row["kind"]
            answer = compose_answer(row.get("answer", ""), row)
            entries.append(Entry(code=row["code"], kind=kind, question=name, phrasings=phrasings, answer=answer))  # type: ignore[arg-type]  # one of the kinds
    return entries


def read_queries(files: Sequence[Path]) -> list[Query]:
    """Read questions from files with the columns question and expected (codes joined by ;); a refusal if they lack them."""
    rows = [row for file in files for row in read_samples(file, ("question", "expected"))]
    return [Query(row["question"], frozenset(filter(None, row["expected"].split(";")))) for row in rows]


def read_noise(given: str) -> int:
    """Read how many characters are to be mistyped: `homophones=2` is 2, nothing is 0; a refusal if it is anything else."""
    kind, _, count = given.partition("=")
    if given and not (kind == "homophones" and count.isascii() and count.isdigit()):
        raise refuse("bad_noise", given=given)
    return int(count or 0)


def measure_knowledge(
    entries: Sequence[Entry],
    queries: Sequence[Query],
    segmenter: Segmenter,
    *,
    settings: MatchSettings,
    today: date,
    encoder: Encoder | None = None,
    homophones: int = 0,
) -> dict[str, Any]:
    """Measure how questions fare; with homophones, so many characters of each are replaced, and figures are means over three seeds.

    Shares are 0..1; recall_at_1, recall_at_5, mrr_at_10 and ndcg_at_10 are over the questions that something answers. answered_right_at_p90
    is the share of those answered rightly if the confidence it takes is chosen so that nine of ten answers to all questions are right:
    chosen on the other folds, and on the same questions.
    """
    matcher = Matcher(settings, encoder)
    began = perf_counter()
    for entry in entries:
        matcher.put(entry, segmenter)
    built = perf_counter() - began
    rounds = [queries]
    if homophones:
        typist = Homophones(segmenter.count_characters())
        rounds = [_mistype(queries, typist, homophones, random.Random(seed)) for seed in _SEEDS]  # noqa: S311 - repeatable, no secret
    figures = [summarize(ask(matcher, segmenter, each, settings=settings, today=today)) for each in rounds]
    return _mean(figures) | {"entries": len(entries), "questions": len(queries), "build_seconds": built}


def ask(matcher: Matcher, segmenter: Segmenter, queries: Sequence[Query], *, settings: MatchSettings, today: date) -> list[Reply]:
    """Ask the questions one by one, from raw text to the decision."""
    replies = []
    for query in queries:
        began = perf_counter()
        matches = matcher.match(segmenter.read(query.question[: settings.longest]))
        decision = decide(matches, entries=matcher.entries, today=today, areas=(), settings=settings)
        taken = (perf_counter() - began) * 1000
        codes = tuple(match.code for match in matches[:_DEPTH])
        replies.append(Reply(query.expected, codes, matches[0].confidence if matches else 0.0, decision, taken))
    return replies


def summarize(replies: Sequence[Reply]) -> dict[str, Any]:
    """Give the figures of the replies to a set of questions."""
    answerable = [reply for reply in replies if reply.expected]
    answered = [(reply, reply.decision.match.code in reply.expected) for reply in replies if isinstance(reply.decision, Answered)]
    choices = [
        (reply, [match.code for match in reply.decision.matches]) for reply in replies if isinstance(reply.decision, NeedsChoice)
    ]
    right = sum(is_right for _, is_right in answered)
    confidences, is_right = [reply.confidence for reply in replies], [reply.is_right for reply in replies]
    total = len(answerable) or 1
    return {
        "recall_at_1": sum(reply.is_right for reply in answerable) / total,
        "recall_at_5": sum(not reply.expected.isdisjoint(reply.codes[:5]) for reply in answerable) / total,
        "mrr_at_10": sum(map(_reciprocal_rank, answerable)) / total,
        "ndcg_at_10": sum(map(_ndcg, answerable)) / total,
        "answered_right_at_p90": {
            "cross_validated": _cross_validate(confidences, is_right) / total,
            "in_sample": count_right(confidences, is_right, find_threshold(confidences, is_right, _PRECISION)) / total,
        },
        "precision": right / len(answered) if answered else 1.0,
        "share_answered": len(answered) / len(replies),
        "answered_right": right / total,
        "share_choice": len(choices) / len(replies),
        "choice_holds_it": _share([not reply.expected.isdisjoint(codes) for reply, codes in choices]),
        "auroc_top1_correct": area_under_curve(confidences, is_right),
        "ms_per_query_p50": percentile([reply.milliseconds for reply in replies], 0.5),
        "ms_per_query_p99": percentile([reply.milliseconds for reply in replies], 0.99),
    }


def count_right(confidences: Sequence[float], is_right: Sequence[bool], threshold: float) -> int:
    """Count those that are right from a confidence on."""
    return sum(true for confidence, true in zip(confidences, is_right, strict=True) if confidence >= threshold)


def _cross_validate(confidences: Sequence[float], is_right: Sequence[bool]) -> int:
    """Count what is answered rightly in each fold at the threshold that was found on the others."""
    order = list(range(len(confidences)))
    random.Random(0).shuffle(order)  # noqa: S311 - repeatable, no secret
    right = 0
    for fold in range(_FOLDS):
        held = order[fold::_FOLDS]
        others = sorted(set(order) - set(held))
        threshold = find_threshold([confidences[at] for at in others], [is_right[at] for at in others], _PRECISION)
        right += count_right([confidences[at] for at in held], [is_right[at] for at in held], threshold)
    return right


def _reciprocal_rank(reply: Reply) -> float:
    return next((1 / rank for rank, code in enumerate(reply.codes, start=1) if code in reply.expected), 0.0)


def _ndcg(reply: Reply) -> float:
    gain = sum(1 / log2(rank + 1) for rank, code in enumerate(reply.codes, start=1) if code in reply.expected)
    return gain / sum(1 / log2(rank + 1) for rank in range(1, min(len(reply.expected), _DEPTH) + 1))


def _mistype(queries: Sequence[Query], typist: Homophones, count: int, dice: random.Random) -> list[Query]:
    return [Query(typist.replace(query.question, count, dice), query.expected) for query in queries]


def _mean(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the mean of figures that are alike, those inside one another too."""
    values = defaultdict(list)
    for each in figures:
        for name, value in each.items():
            values[name].append(value)
    return {name: _mean(each) if isinstance(each[0], dict) else sum(each) / len(each) for name, each in values.items()}


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
