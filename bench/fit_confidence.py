"""Fits how sure a match is, from text of our own alone: `make models` calls it, and it writes knowledge_base/models/confidence.json.

The demo city's entries with own/fit_questions.csv, and own/policies.csv with own/policy_questions.csv. The same files give the same weights.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import msgspec
from measure import ROOT

from bot.evaluation.knowledge import read_entries, read_queries
from bot.learning.confidence import fit, gather
from knowledge_base.confidence import Regression, read_regressions
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.match import MatchSettings
from knowledge_base.text import Segmenter

OWN = Path(__file__).parent / "own"
SETS = (
    (ROOT / "bot" / "seed_city" / "knowledge.csv", OWN / "fit_questions.csv"),
    (OWN / "policies.csv", OWN / "policy_questions.csv"),
)
MODEL = ROOT / "knowledge_base" / "models" / "confidence.json"


def fit_own(*, encoder: Encoder | None = None) -> dict[str, Regression]:
    """Fit the regressions from our own questions; with an encoder, the one for what it was asked about, when the shipped one was not sure."""
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        segmenter = Segmenter(Path(name))
        examples = [
            example
            for entries, queries in SETS
            for example in gather(
                read_entries([entries]), read_queries([queries]), segmenter, settings=MatchSettings(), encoder=encoder
            )
        ]
    return fit([example for example in examples if (example.kind == "meaning") == (encoder is not None)])


def _write(regressions: dict[str, Regression]) -> None:
    MODEL.write_bytes(msgspec.json.format(msgspec.json.encode(regressions), indent=1) + b"\n")


def main() -> None:
    """Write the weights."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    regressions = fit_own()
    _write(regressions | {"meaning": read_regressions()["meaning"]})
    if encoder := load_encoder():
        read_regressions.cache_clear()
        _write(regressions | fit_own(encoder=encoder))
    else:
        print("the extra [semantic] is not installed: the regression for it stays as it is")
    print(f"{MODEL.relative_to(ROOT)} written")


if __name__ == "__main__":
    main()
