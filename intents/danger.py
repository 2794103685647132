"""How urgent is it? The words of the lists (tiers) and what was learned from messages judge together.

The lists know what was thought of; of the dangers that people told in words of their own they heard about half. The learned models
(knowledge_base/models/danger.npz: how urgent; hazards.npz: which danger) hear those too, and see where a word means something else. They
know chat lines only: of a letter the lists alone judge. Where neighbours talk to each other, only what is as good as certain counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import msgspec

from intents.hazards import hazards
from intents.lexicon import lexicon
from intents.tiers import Reading, TierSettings, read_tier
from knowledge_base.linear import cut_features, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intents.hazards import Hazard, Tier

_LEARNED = "learned"
_SHORT = 6
"""Texts shorter than this (我在外面) mean little by themselves; what the lists know (着火了) they know."""


class DangerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Margins (about -1 surely not .. 1 surely) at which what was learned overrules the lists. Found on folds of the training messages."""

    red: float = -0.2
    """From here it is red though the lists say nothing; below it a fire goes unheard, above it 笑死我了 rings."""
    worse: float = -0.1
    """From here it is red where the lists say orange."""
    calm: float = -0.7
    """Below this it is not red though the lists say so: a film, a drill, a price. What the lists say of one's own life and of violence at home is never overruled."""
    orange: float = -0.2
    """From here it is orange though the lists say nothing, if nothing speaks more for calm."""
    mild: float = -0.8
    """Below this it is not orange though the lists say so: a bill for water is no outage."""
    excused: float = 0.8
    """From here it is red though the lists say that it is over, supposed or told, or though it is hardly a sentence."""
    overheard: float = 0.4
    """From here it is red in talk that was not addressed to us: a false alarm there rings for five hundred neighbours."""


@dataclass(frozen=True, slots=True)
class DangerReader:
    """Reads the danger in texts as one city wants it: `known` are its hazards."""

    known: tuple[Hazard, ...]
    settings: DangerSettings = field(default_factory=DangerSettings)

    def read(self, text: str, *, overheard: bool = False) -> Reading:
        """Read the danger in a text in normal form; `overheard` if it was not addressed to us. Explains itself in `why`."""
        tiers = TierSettings()
        reading = read_tier(text, tiers, known=self.known)
        if not text or len(text) > tiers.letter:
            return reading
        margins = _weigh(text.lower())
        if reading.tier == "red":
            keeps = reading.private or margins["red"] >= self.settings.calm
            return reading if keeps else self._lower(reading, margins)
        if margins["red"] >= self._least(text, reading, overheard=overheard):
            return self._raise_to("red", text, reading, margins["red"])
        if reading.tier == "none" and margins["orange"] >= self.settings.orange and margins["orange"] > margins["none"]:
            return self._raise_to("orange", text, reading, margins["orange"])
        if reading.tier == "orange" and not reading.private and margins["orange"] < self.settings.mild:
            return _explain(reading, "none", margins["orange"])
        return reading

    def _least(self, text: str, reading: Reading, *, overheard: bool) -> float:
        """Give the margin from which a reading that is not red becomes red."""
        if overheard:
            return self.settings.overheard
        is_over = reading.past or bool(lexicon("danger_context.over").first(text))
        if is_over or len(text) < _SHORT or (reading.hazard and reading.tier == "none"):
            return self.settings.excused
        return self.settings.worse if reading.tier == "orange" else self.settings.red

    def _lower(self, reading: Reading, margins: Mapping[str, float]) -> Reading:
        """Give what is left of a red reading that the words as a whole speak against."""
        return _explain(reading, "orange" if margins["orange"] >= self.settings.orange else "none", margins["red"])

    def _raise_to(self, tier: Tier, text: str, reading: Reading, margin: float) -> Reading:
        """Give the reading of a danger that only the learned models hear; as it was if the city has switched off all of its kinds."""
        private = {hazard.name: hazard.private for hazard in self.known if hazard.tier == tier}
        model = shipped("hazards")
        shares = model.share(model.weigh(cut_features(text.lower())))
        kinds = [name for name in private if f"{tier}.{name}" in shares]
        if not kinds:
            return reading
        name = reading.hazard if reading.hazard in private else max(kinds, key=lambda kind: shares[f"{tier}.{kind}"])
        why = (*reading.why, f"{_LEARNED}={margin:.2f}", f"kind={name}")
        return Reading(tier=tier, hazard=name, why=why, private=private[name])


def _explain(reading: Reading, tier: Tier, margin: float) -> Reading:
    """Give a reading of a lower tier, and the margin that made it so."""
    return msgspec.structs.replace(reading, tier=tier, why=(*reading.why, f"{_LEARNED}={margin:.2f}"))


@cache
def shipped_reader() -> DangerReader:
    """Give the reader for the hazards as shipped."""
    return DangerReader(hazards())


@lru_cache(maxsize=512)
def _weigh(text: str) -> Mapping[str, float]:
    model = shipped("danger")
    return dict(zip(model.classes, model.weigh(cut_features(text)).tolist(), strict=True))
