"""Fits how sure a match is, from text of our own alone: `make models` calls it, and it writes knowledge_base/models/confidence.json.

The demo city's entries with own/fit_questions.csv and own/fit_questions_second.csv, own/policies.csv with own/policy_questions.csv. The
same files give the same weights. Beside confidence.json it writes elsewhere.json.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from measure import ROOT

from bot.evaluation.knowledge import read_entries, read_queries
from bot.learning.confidence import Example, fit, gather
from bot.learning.elsewhere import Elsewhere, judge_unsaid, learn_elsewhere
from knowledge_base.confidence import Regression, read_regressions
from knowledge_base.elsewhere import read_weights
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.match import MatchSettings
from knowledge_base.text import Segmenter

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN = Path(__file__).parent / "own"
CITY = ROOT / "bot" / "seed_city" / "knowledge.csv"
COUNTED = 3
"""Of the second questions two thirds were written to be nearly answered, which nobody asks so often: one in so many of these counts for thresholds."""
MODELS = ROOT / "knowledge_base" / "models"


class Fitted(NamedTuple):
    """What is shipped: the weights of grams, and the regressions by kind."""

    elsewhere: dict[str, float]
    regressions: dict[str, Regression]


def gather_own(encoder: Encoder | None = None) -> list[Example]:
    """Ask our own questions; with an encoder, what it was not asked about is left out."""
    first, second = (read_queries([OWN / name]) for name in ("fit_questions.csv", "fit_questions_second.csv"))
    second = [query._replace(counted=bool(query.expected) or at % COUNTED == 0) for at, query in enumerate(second)]
    sets = (
        (read_entries([CITY]), [*first, *second]),
        (read_entries([OWN / "policies.csv"]), read_queries([OWN / "policy_questions.csv"])),
    )
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        segmenter = Segmenter(Path(name))
        examples = [
            example
            for entries, queries in sets
            for example in gather(entries, queries, segmenter, settings=MatchSettings(), encoder=encoder)
        ]
    return [example for example in examples if is_meant(example.kind) == (encoder is not None)]


def is_meant(kind: str) -> bool:
    """Tell whether a regression is one for which the encoder is asked."""
    return kind.startswith("meaning")


def fit_words() -> tuple[Elsewhere, Fitted]:
    """Fit what is known without an encoder."""
    examples = gather_own()
    learned = learn_elsewhere(examples)
    return learned, Fitted(learned.weights, fit(judge_unsaid(examples, learned)))


def _write(name: str, content: Mapping[str, Regression] | Mapping[str, float]) -> None:
    (MODELS / name).write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def main() -> None:
    """Write the weights: first what words alone tell, which says when the encoder is asked, then what it adds."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    before = {kind: one for kind, one in read_regressions().items() if is_meant(kind)}
    learned, fitted = fit_words()
    _write("elsewhere.json", fitted.elsewhere)
    _write("confidence.json", fitted.regressions | before)
    read_regressions.cache_clear()
    read_weights.cache_clear()
    if encoder := load_encoder():
        _write("confidence.json", fitted.regressions | fit(judge_unsaid(gather_own(encoder), learned)))
    else:
        print("the extra [semantic] is not installed: the regressions for it stay as they are")
    print(f"{MODELS.relative_to(ROOT)}: elsewhere.json, confidence.json")


if __name__ == "__main__":
    main()
