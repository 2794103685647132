"""Learning how people tell of one matter in different words: texts become vectors, and those of one matter are drawn together.

Each text is the sum of what its characters and pairs stand for. In every round some matters are drawn, and each text is pulled towards those
of its own matter and pushed from the others of its kind (a softmax over likenesses, Adam). What comes out is a LinearModel whose classes
are the vector's dimensions, read by routing.gist. Needs numpy and scipy; the same texts give the same model on one machine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from knowledge_base.linear import LinearModel, cut_features, pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

_LONGEST = 2
"""Characters of a feature."""
_SHARP = 10.0
"""By what likenesses are multiplied before they compete."""
_KEPT = 0.7
"""The share of features that a round sees of each text, so that none is leant on alone."""
_PACE = 0.01
_BEFORE, _SPREAD = 0.9, 0.99
"""How much of the former pull and of its former size goes on in each round."""
_PER_ITEM = 4
_ITEMS, _MATTERS = 96, 64
"""Duty items (four texts each) and told matters (all texts) of a round."""
_EACH = 3
"""How often a telling counts among the texts when rare features are left out."""

Told = tuple[str, str]
"""A text whose places are hidden, and what it is about."""


def learn_senses(
    messages: Sequence[Told], tellings: Sequence[Told], *, size: int = 48, rounds: int = 300, least: int = 6, seed: int = 0
) -> LinearModel:
    """Learn vectors of `size` numbers from messages by duty item and from tellings by matter; ValueError if nothing is told twice.

    The two kinds never compete: an item may well be the matter that is told. A feature has to stand in `least` texts.
    """
    texts = [text for text, _ in (*messages, *tellings)]
    counted = [Counter(feature for feature in cut_features(text) if len(feature) <= _LONGEST) for text in texts]
    often = Counter(feature for at, each in enumerate(counted) for feature in list(each) * (1 if at < len(messages) else _EACH))
    names = sorted(feature for feature, count in often.items() if count >= least)
    rarity = np.log(len(texts) / np.minimum([often[name] for name in names], len(texts))).astype(np.float32)
    kinds = (_group([about for _, about in messages], 0), _group([about for _, about in tellings], len(messages)))
    if not any(kinds):
        raise ValueError("nothing is told twice")
    senses = _Drawing(_count(counted, names, rarity), size=size, seed=seed).draw(kinds, rounds=rounds)
    steps, scale = pack(senses.astype(np.float64))
    return LinearModel(
        classes=tuple(map(str, range(size))),
        features=tuple(names),
        rarity=rarity,
        steps=steps,
        scale=scale,
        bias=np.zeros(size, dtype=np.float32),
        figures={"samples": len(texts), "matters": sum(map(len, kinds))},
    )


def _group(about: Sequence[str], first: int) -> list[NDArray[np.intp]]:
    """List the rows of each matter that is told at least twice."""
    rows: dict[str, list[int]] = defaultdict(list)
    for at, each in enumerate(about):
        rows[each].append(first + at)
    return [np.asarray(each) for _, each in sorted(rows.items()) if len(each) > 1]


def _count(counted: Sequence[Counter[str]], names: Sequence[str], rarity: Vectors) -> sparse.csr_matrix:
    """Give a row of length 1 per text, as a LinearModel reads it."""
    at = {name: column for column, name in enumerate(names)}
    found = [(row, at[name], count) for row, each in enumerate(counted) for name, count in each.items() if name in at]
    rows, columns, counts = (np.asarray(each) for each in zip(*found, strict=True))
    values = ((1.0 + np.log(counts)) * rarity[columns]).astype(np.float32)
    whole = sparse.csr_matrix((values, (rows, columns)), shape=(len(counted), len(names)))
    lengths = np.sqrt(np.asarray(whole.multiply(whole).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return (sparse.diags((1 / lengths).astype(np.float32)) @ whole).tocsr()


class _Drawing:
    """Draws the texts of each matter together, round by round."""

    def __init__(self, texts: sparse.csr_matrix, *, size: int, seed: int) -> None:
        self._texts = texts
        self._dice = np.random.default_rng(seed)
        shape = (texts.shape[1], size)
        self._senses: Vectors = self._dice.normal(0, 1 / np.sqrt(size), shape).astype(np.float32)
        self._pull, self._force = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)

    def draw(self, kinds: Sequence[Sequence[NDArray[np.intp]]], *, rounds: int) -> Vectors:
        """Give a vector per feature."""
        for number in range(1, rounds + 1):
            rows, matter, kind = self._choose(kinds)
            seen = self._texts[rows]
            seen.data = seen.data * (self._dice.random(len(seen.data)) < _KEPT)
            self._step(seen.T @ find_pull(seen @ self._senses, matter, kind), number, rounds)
        return self._senses

    def _choose(self, kinds: Sequence[Sequence[NDArray[np.intp]]]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Choose the texts of a round: their rows, their matters, their kinds."""
        rows: list[NDArray[np.intp]] = []
        labels: list[tuple[int, int]] = []
        for kind, (groups, most, each) in enumerate(zip(kinds, (_ITEMS, _MATTERS), (_PER_ITEM, None), strict=True)):
            for at in self._dice.choice(len(groups), min(most, len(groups)), replace=False) if groups else []:
                group = groups[at]
                chosen = group if each is None else self._dice.choice(group, min(each, len(group)), replace=False)
                rows.append(chosen)
                labels += [(int(at), kind)] * len(chosen)
        matters, of_kind = np.asarray(labels).T
        return np.concatenate(rows), matters, of_kind

    def _step(self, slope: Vectors, number: int, rounds: int) -> None:
        """Go a step against the slope, smaller and smaller in the second half."""
        self._pull = _BEFORE * self._pull + (1 - _BEFORE) * slope
        self._force = _SPREAD * self._force + (1 - _SPREAD) * slope * slope
        pace = _PACE * min(1.0, 2 * (rounds - number) / rounds)
        size = np.sqrt(self._force / (1 - _SPREAD**number)) + 1e-8
        self._senses -= (pace * (self._pull / (1 - _BEFORE**number)) / size).astype(np.float32)


def find_pull(sums: Vectors, matter: NDArray[np.intp], kind: NDArray[np.intp]) -> Vectors:
    """Give the slope of the surprise that each text's neighbours are not those of its own matter, by its sum; a row per text."""
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    units = sums / lengths
    near = _SHARP * (units @ units.T)
    rivals = kind[:, None] == kind
    np.fill_diagonal(rivals, val=False)
    same = rivals & (matter[:, None] == matter)
    near = np.where(rivals, near, -1e9)
    share = np.exp(near - near.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    count = same.sum(axis=1, keepdims=True)
    wrong = _SHARP * (share - same / np.maximum(count, 1)) * (count > 0) / len(sums)
    slope = (wrong + wrong.T) @ units
    pull: Vectors = ((slope - units * (slope * units).sum(axis=1, keepdims=True)) / lengths).astype(np.float32)
    return pull
