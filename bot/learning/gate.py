"""Learning the gate: which texts are requests or questions, and which are only talk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.learning.fitting import fit
from intents.request import REQUEST, TALK, read_features

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from knowledge_base.linear import LinearModel

_STRENGTH = 0.2
"""Little, so that one word decides little: strangers' words are what a gate meets."""


def learn_gate(lines: Sequence[tuple[str, bool]], *, judged: bool = True, figures: Mapping[str, Any] | None = None) -> LinearModel:
    """Learn from texts as they came and whether each is a request; both kinds count alike, however many there are of each.

    `judged` and `figures` as bot.learning.fitting.fit has them. ValueError if there are not five texts of each kind.
    """
    samples = [read_features(text) for text, _ in lines]
    labels = [REQUEST if is_request else TALK for _, is_request in lines]
    return fit(samples, labels, strength=_STRENGTH, balanced=True, judged=judged, figures=figures)
