"""What a message is about, as far as two can be compared by it: how much speaks for each duty item, not only which speaks most.

Neighbours say one thing in quite different words (梯子又停了, 电梯坏了); the duty items are what both lead to.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BEST = 10
"""Items that are looked at beside the likeliest: those for which nothing speaks would make all messages alike."""

Gist = tuple[tuple[int, float, float], ...]
"""Of the best items: their place in the list, how likely each is (0..1), and how far it stands above the last of them."""


def make_gist(leanings: NDArray[np.float64]) -> Gist:
    """Make the gist of what speaks for each item (logarithms); the last stands for no matter at all."""
    parts = np.exp(leanings - leanings.max())
    shares = parts / parts.sum()
    speaks = leanings[:-1]
    best = np.argsort(-speaks, kind="stable")[:_BEST]
    above = speaks[best] - speaks[best[-1]] if best.size else speaks[best]
    return tuple(zip(best.tolist(), shares[best].tolist(), above.tolist(), strict=True))


def compare(one: Gist, other: Gist) -> float:
    """Compare two gists made of one duty list, 0..1: the mean of how far their likely items and all their best items agree."""
    others = {item: (share, above) for item, share, above in other}
    common = [(share, above, *others[item]) for item, share, above in one if item in others]
    likely = sum(sqrt(share * other_share) for share, _, other_share, _ in common)
    length = sqrt(sum(above**2 for *_, above in one) * sum(above**2 for *_, above in other))
    best = sum(above * other_above for _, above, _, other_above in common) / length if length else 0.0
    return min(1.0, (likely + best) / 2)
