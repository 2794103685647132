"""How well danger is heard, on texts with a tier: the figures of `jieying evaluate tiers`. It reads them as the service does, with the shipped hazards."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bot.evaluation.masked import show_masked
from bot.evaluation.samples import check_labels, read_samples
from intents.danger import shipped_reader
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIERS = ("red", "orange", "none")
"""From danger to life to none, as labels and as the reader says it."""


def read_tiers(file: Path) -> list[tuple[str, str]]:
    """Read texts and their tiers from a CSV file (columns text, tier); a refusal if it lacks them or a tier is none of red, orange, none."""
    rows = read_samples(file, ("text", "tier"))
    check_labels(file, "tier", (row["tier"] for row in rows), TIERS)
    return [(row["text"], row["tier"]) for row in rows]


def measure_tiers(lines: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Measure the shipped reader on texts and their tiers (at least one).

    Shares are 0..1: accuracy; recall of each tier that occurs; false_red_share, of what is labelled none or orange. false_red, counts and
    read_as (label -> as read) are numbers of texts. misses gives each text that was read otherwise, masked and cut to 40 characters.
    """
    reader = shipped_reader()
    read = [reader.read(normalize(text)) for text, _ in lines]
    pairs = Counter[tuple[str, str]]((true, reading.tier) for (_, true), reading in zip(lines, read, strict=True))
    counts = Counter(true for _, true in lines)
    false_red = pairs["orange", "red"] + pairs["none", "red"]
    return {
        "accuracy": sum(pairs[tier, tier] for tier in TIERS) / len(lines),
        "recall": {tier: pairs[tier, tier] / counts[tier] for tier in TIERS if counts[tier]},
        "false_red": false_red,
        "false_red_share": false_red / max(1, counts["orange"] + counts["none"]),
        "count": len(lines),
        "counts": {tier: counts[tier] for tier in TIERS},
        "read_as": tabulate(pairs),
        "misses": [
            {"tier": true, "read": reading.tier, "hazard": reading.hazard, "text": show_masked(text)}
            for (text, true), reading in zip(lines, read, strict=True)
            if reading.tier != true
        ],
    }


def tabulate(pairs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Give for each labelled tier how many texts were read as each; the pairs are (label, as read)."""
    return {true: {read: pairs.get((true, read), 0) for read in TIERS} for true in TIERS}
