"""分拣: which duty items a text may mean, ranked, each with what speaks for it and how sure we are.

The words of the duty list judge, so that a city's own list works from the first message on, and beside them, for the items of the shipped
list, what was learned from messages (knowledge_base/models/items.npz). Every candidate says what speaks for it.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowledge_base.linear import shipped
from routing.evidence import GramIndex, PhrasingIndex, Piece, WordIndex, cut_pairs
from routing.learned import PIECES, Learned
from routing.terms import Candidate, DutyItem, Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from knowledge_base.linear import LinearModel
    from knowledge_base.text import Utterance
    from routing.duty_list import DutyList

_CLAUSE_END = re.compile(r"[。,!?;:\s]")
_CLAUSE = 4  # characters: below it a clause is a greeting
_LIKELY = 0.02
"""The share from which an item is named though none of its words is there."""


class TriageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the evidence of the list is weighed: fitted on the shipped one, each phrasing asked for while it was left out. What was learned brings its own weights."""

    first_clause: float = 0.5
    """What the grams of the title or first clause count on top: people say there what it is about, then what comes of it."""
    gram: float = 0.5
    """What a gram weighs beside a whole word: it is vaguer."""
    phrasing: float = 12.0
    """What a phrasing that fits entirely weighs: about as much as two rare words."""
    phrasing_floor: float = 0.6
    """The least likeness (0..1) that counts as the same way of saying it."""
    looked_at: int = 20
    """How many of the best items are compared phrasing by phrasing; the rest is too far behind to win by it."""
    sharpness: float = 8.0
    """How fast confidence falls with a competitor's nearness."""
    enough: float = 12.0
    """The score at which the evidence of a chat line alone is worth 63 % (it nears certainty exponentially)."""
    chat_length: int = 30
    """Up to how many characters a text is a chat line; in a longer one some evidence stands by chance."""
    dilution: float = 0.5
    """The exponent by which a longer text needs more evidence to be as sure."""
    short: int = 6
    """Characters below which a text has to have the words of the list."""
    letter: int = 120
    """Characters up to which what was learned is asked: it was learned from chat lines. Of a longer text the list judges alone; 0 is never."""


class Triage:
    """Ranks the duty items in force on one day; built once per duty list (about half a second for 400 items)."""

    def __init__(
        self, duty_list: DutyList, *, today: date, settings: TriageSettings | None = None, model: LinearModel | None = None
    ) -> None:
        self.settings = settings or TriageSettings()
        self.items: tuple[DutyItem, ...] = duty_list.valid_on(today)
        self._words = WordIndex(self.items)
        self._grams = GramIndex(self.items)
        self._phrasings = PhrasingIndex(self.items)
        self._learned = Learned(model or shipped("items"), self.items)
        lexicon = tomllib.loads(resources.files("routing").joinpath("lexicons/triage.toml").read_text(encoding="utf-8"))
        self._negations = tuple(lexicon["negations"])
        self._typos: dict[str, str] = lexicon["typos"]

    def rank(self, utterance: Utterance, limit: int = 5) -> tuple[Candidate, ...]:
        """Rank the items that something speaks for, the likeliest first; empty if nothing does."""
        folded = self._correct(utterance.text.lower())
        scores, words, phrasings = self._read_list(folded)
        if self._asks_learned(folded, scores):
            shares = self._learned.share(folded, scores)
            order = [int(at) for at in np.argsort(-shares, kind="stable")[:limit] if scores[at] > 0 or shares[at] >= _LIKELY]
            confidences = self._trust([(float(shares[at]), float(scores[at])) for at in order], length=len(folded))
        else:
            order = [int(at) for at in np.argsort(-scores, kind="stable")[: max(limit, 10)] if scores[at] > 0]
            confidences = self._judge([float(scores[at]) for at in order], length=len(folded))
        return tuple(
            Candidate(
                item=self.items[at],
                score=round(float(scores[at]), 3),
                confidence=confidence,
                evidence=self._explain(folded, at, words.get(at, []), phrasings.get(at)),
            )
            for at, confidence in zip(order[:limit], confidences, strict=False)
        )

    def _asks_learned(self, folded: str, scores: NDArray[np.float64]) -> bool:
        """Tell whether what was learned has a say: in chat lines, unless the list's own first choice is an item of which nothing was learned."""
        if not 0 < len(folded) <= self.settings.letter or not len(scores):
            return False
        return self._learned.knows(int(np.argmax(scores))) if scores.max() > 0 else self._learned.knows_any

    def score(self, text: str) -> NDArray[np.float64]:
        """Say what the list's own words speak for each of `items`, for those who learn."""
        return self._read_list(self._correct(text.lower()))[0]

    def _read_list(self, folded: str) -> tuple[NDArray[np.float64], Mapping[int, Sequence[Piece]], Mapping[int, Piece]]:
        """Score the items by the words of the list; with the words and the phrasings found of each."""
        words = self._words.find(folded, self._negations)
        scores = self.settings.gram * self._grams.score(self._count_pairs(folded))
        for at, pieces in words.items():
            scores[at] += sum(piece.weight for piece in pieces)
        phrasings = self._find_phrasings(folded, scores)
        for at, piece in phrasings.items():
            scores[at] += self.settings.phrasing * piece.weight
        return scores, words, phrasings

    def _correct(self, folded: str) -> str:
        for wrong, right in self._typos.items():
            folded = folded.replace(wrong, right)
        return folded

    def _count_pairs(self, folded: str) -> dict[str, float]:
        counts: Counter[str] = Counter(cut_pairs(folded))
        first = next((clause for clause in _CLAUSE_END.split(folded) if len(clause) >= _CLAUSE), folded)
        weighed = dict[str, float](counts)
        for pair in set(cut_pairs(first)):
            weighed[pair] += self.settings.first_clause
        return weighed

    def _find_phrasings(self, folded: str, scores: np.ndarray) -> dict[int, Piece]:
        pairs = frozenset(cut_pairs(folded))
        best = np.argsort(-scores, kind="stable")[: self.settings.looked_at]
        floor = self.settings.phrasing_floor
        found = {int(at): self._phrasings.find_best(folded, pairs, int(at), floor=floor) for at in best}
        return {at: piece for at, piece in found.items() if piece}

    def _judge(self, scores: Sequence[float], *, length: int) -> list[float]:
        """Turn scores into confidences: the share of each among its rivals, times how much evidence there is for such a length."""
        if not scores:
            return []
        enough = self.settings.enough * max(1.0, length / self.settings.chat_length) ** self.settings.dilution
        shares = [math.exp(self.settings.sharpness * (score / scores[0] - 1)) for score in scores]
        return [
            round((1 - math.exp(-score / enough)) * share / sum(shares), 4) for score, share in zip(scores, shares, strict=True)
        ]

    def _trust(self, pairs: Sequence[tuple[float, float]], *, length: int) -> list[float]:
        """Turn shares (and scores) into confidences: people write plainer than the messages that were learned from, hence the root.

        In a text of a few characters (灯坏了) what was learned is not enough: there must be as much evidence as in the list alone.
        """
        enough = self.settings.enough
        return [
            round(math.sqrt(share) * (1 - math.exp(-score / enough) if length < self.settings.short else 1.0), 4)
            for share, score in pairs
        ]

    def _explain(self, folded: str, at: int, words: Sequence[Piece], phrasing: Piece | None) -> tuple[Evidence, ...]:
        name = self.items[at].name.lower()
        evidence = [
            Evidence(found=piece.found, weight=round(piece.weight, 2), kind="name" if piece.found == name else "word")
            for piece in words
        ]
        if phrasing:
            weight = round(self.settings.phrasing * phrasing.weight, 2)
            evidence.append(Evidence(found=phrasing.found, weight=weight, kind="phrasing"))
        if not evidence:
            pieces = self._grams.find_pieces(folded, at, limit=PIECES)
            evidence = [
                Evidence(found=piece.found, weight=round(self.settings.gram * piece.weight, 2), kind="word") for piece in pieces
            ]
        evidence = evidence or self._learned.explain(folded, self.items[at])
        return tuple(sorted(evidence, key=lambda each: -each.weight))
