"""分拣: which duty items a text may mean, ranked, each with what speaks for it and how sure we are.

The words of the duty list judge, so that a city's own list works from the first message on, and beside them, for the items of the shipped
list, what was learned from messages (knowledge_base/models/items.npz). Every candidate says what speaks for it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from copy import copy
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowledge_base.linear import shipped
from routing.departments import Departments, OwnExperience, take_title
from routing.evidence import Piece, compile_evidence, cut_pairs
from routing.learned import PIECES, Learned
from routing.terms import Candidate, DutyItem, Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from knowledge_base.linear import LinearModel
    from knowledge_base.text import Segmenter, Utterance
    from routing.duty_list import DutyList

_CLAUSE_END = re.compile(r"[。,!?;:\s]")
_CLAUSE = 4  # characters: below it a clause is a greeting
_LIKELY = 0.14
"""The confidence from which an item is named though none of its words is there."""
_NEWS = 0.5
"""What the city's own experience counts at most against a first choice it has never seen: then both are likely, and a person decides."""
_RIVALS = 10
"""How many of the best items compete for a letter: what lies further back is there by chance."""


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
    """Characters up to which a text is a message: what was learned from chat lines is asked of all of it. A longer one is a letter."""


class Triage:
    """Ranks the duty items in force on one day; what it compiles of a duty list is kept (routing.evidence)."""

    def __init__(
        self,
        duty_list: DutyList,
        *,
        today: date,
        settings: TriageSettings | None = None,
        model: LinearModel | None = None,
        functions: LinearModel | None = None,
        own: LinearModel | None = None,
        segmenter: Segmenter | None = None,
    ) -> None:
        self.settings = settings or TriageSettings()
        self.items: tuple[DutyItem, ...] = duty_list.valid_on(today)
        self._words, self._grams, self._phrasings = compile_evidence(self.items)
        self._learned = Learned(model or shipped("items"), functions, self.items)
        self._own = OwnExperience(Departments(own, segmenter), own.classes, self.items) if own and segmenter else None
        lexicon = tomllib.loads(resources.files("routing").joinpath("lexicons/triage.toml").read_text(encoding="utf-8"))
        self._negations = tuple(lexicon["negations"])
        self._typos: dict[str, str] = lexicon["typos"]

    def cut_by(self, segmenter: Segmenter) -> Triage:
        """Give the same, cutting texts by this for what the city learned; this very one where it has learned nothing."""
        if self._own is None:
            return self
        other = copy(self)
        other._own = self._own.cut_by(segmenter)  # noqa: SLF001 - its own copy
        return other

    def rank(self, utterance: Utterance, limit: int = 5) -> tuple[Candidate, ...]:
        """Rank the items that something speaks for, the likeliest first; empty if nothing does."""
        folded = self._correct(utterance.text.lower())
        scores, words, phrasings = self._read_list(folded)
        confidences = self._weigh(folded, scores)
        order = [int(at) for at in np.lexsort((-scores, -confidences)) if scores[at] > 0 or confidences[at] >= _LIKELY][:limit]
        return tuple(
            Candidate(
                item=self.items[at],
                score=round(float(scores[at]), 3),
                confidence=round(float(confidences[at]), 4),
                evidence=self._explain(folded, at, words.get(at, []), phrasings.get(at)),
            )
            for at in order
        )

    def _weigh(self, folded: str, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how sure each item is: by the list and what comes with the software, and by the city's own experience as far as there is any."""
        confidences = self._ask_learned(folded, scores) if self._asks_learned(scores) else self._judge(scores, length=len(folded))
        if self._own is None or not self._own.knows_any:
            return confidences
        trust = self._own.trust
        if scores.any() and not self._own.knows(int(np.argmax(confidences))):
            trust = min(trust, _NEWS)
        return (1 - trust) * confidences + trust * self._own.share(folded, confidences)

    def _asks_learned(self, scores: NDArray[np.float64]) -> bool:
        """Tell whether what was learned has a say: unless the list's own first choice is an item of which nothing was learned."""
        if not len(scores):
            return False
        return self._learned.knows(int(np.argmax(scores))) if scores.max() > 0 else self._learned.knows_any

    def _ask_learned(self, folded: str, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Say how sure each item is by what was learned and by the list: a message is asked whole, a letter by its title too."""
        if len(folded) <= self.settings.letter:
            return self._trust(self._learned.share(folded, scores), scores, length=len(folded))
        return self._learned.share_letter(self.describe_letter(folded, scores))

    def describe_letter(self, folded: str, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give what speaks for each item in a letter (Learned.lean_letter), for those who learn."""
        title = take_title(folded)
        return self._learned.lean_letter(title, folded, self._read_list(title)[0], self._share_by_list(scores))

    def _share_by_list(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make shares of the scores by the list: the nearer to the best, the more."""
        top = float(scores.max(initial=0.0))
        if not top:
            return np.zeros(len(scores))
        parts = np.exp(self.settings.sharpness * (scores / top - 1)) * (scores > 0)
        shares: NDArray[np.float64] = parts / parts.sum()
        return shares

    def share(self, utterance: Utterance) -> list[tuple[DutyItem, float]]:
        """Say how likely each item is that anything speaks for: shares that add up to 1 at most, the rest is no matter at all."""
        folded = self._correct(utterance.text.lower())
        scores = self._read_list(folded)[0]
        if not self._asks_learned(scores):
            shares = self._share_by_list(scores)
        elif len(folded) <= self.settings.letter:
            shares = self._learned.share(folded, scores)
        else:
            shares = self._learned.share_letter(self.describe_letter(folded, scores))
        return [(self.items[at], float(shares[at])) for at in np.flatnonzero(shares).tolist()]

    def lean(self, utterance: Utterance) -> NDArray[np.float64]:
        """Say how much speaks for each of `items`, in logarithms; the last value is for no matter at all. For comparing what two texts are about."""
        folded = self._correct(utterance.text.lower())
        scores, _, _ = self._read_list(folded)
        return self._learned.lean(folded, scores, heard=self._asks_learned(scores))

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

    def _judge(self, scores: NDArray[np.float64], *, length: int) -> NDArray[np.float64]:
        """Turn scores into confidences: the share of each among its rivals, times how much evidence there is for such a length."""
        top = float(scores.max(initial=0.0))
        if not top:
            return np.zeros(len(scores))
        enough = self.settings.enough * max(1.0, length / self.settings.chat_length) ** self.settings.dilution
        shares = np.exp(self.settings.sharpness * (scores / top - 1)) * (scores > 0)
        confidences: NDArray[np.float64] = (1 - np.exp(-scores / enough)) * shares / np.sort(shares)[-_RIVALS:].sum()
        return confidences

    def _trust(self, shares: NDArray[np.float64], scores: NDArray[np.float64], *, length: int) -> NDArray[np.float64]:
        """Turn shares (and scores) into confidences: people write plainer than the messages that were learned from, hence the root.

        In a text of a few characters (灯坏了) what was learned is not enough: there must be as much evidence as in the list alone.
        """
        confidences: NDArray[np.float64] = np.sqrt(shares)
        if length < self.settings.short:
            confidences *= 1 - np.exp(-scores / self.settings.enough)
        return confidences

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
        if self._own is not None and self._own.knows(at):
            pieces_for, _ = self._own.explain(folded, at)
            evidence += [Evidence(found=found, weight=weight, kind="own") for found, weight in pieces_for]
        return tuple(sorted(evidence, key=lambda each: -each.weight))
