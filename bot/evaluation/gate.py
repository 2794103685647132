"""How well the gate tells requests from talk, on lines with a label: the figures of `jieying evaluate gate`."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from bot.evaluation.measures import area_under_curve, precision_at_base_rate, recall_at_false_alarms
from bot.evaluation.samples import read_samples
from bot.refusals import refuse
from intents.request import REQUEST, weigh_request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from knowledge_base.linear import LinearModel

_IS_REQUEST = {"1": True, "true": True, "yes": True, "是": True, "0": False, "false": False, "no": False, "否": False}
_FALSE_ALARMS = 0.01
_BASE_RATES = (0.05, 0.10)
"""Shares of requests at which precision is given: in a lively group one line in ten or twenty is a matter."""


def read_lines(file: Path) -> list[tuple[str, bool]]:
    """Read texts and whether each is a request from a CSV file (columns text, is_request); a refusal if it lacks them or a label is none."""
    rows = read_samples(file, ("text", "is_request"))
    bad = next((row["is_request"] for row in rows if row["is_request"].lower() not in _IS_REQUEST), None)
    if bad is not None:
        raise refuse("bad_is_request", file=file.name, given=bad)
    lines = [(row["text"], _IS_REQUEST[row["is_request"].lower()]) for row in rows]
    if len({is_request for _, is_request in lines}) == 1:
        raise refuse("one_kind_of_line", file=file.name)
    return lines


def check_gate(model: LinearModel, file: Path) -> LinearModel:
    """Give a model back; a refusal if it was learned for something else."""
    if REQUEST not in model.classes:
        raise refuse("no_gate", file=file.name)
    return model


def measure_gate(lines: Sequence[tuple[str, bool]], model: LinearModel | None = None) -> dict[str, Any]:
    """Measure a gate, by default the shipped one, on texts and whether each is a request.

    Shares are 0..1: auroc; recall at the lowest threshold that lets at most 1 % of the talk through; what of that is right if 5 % or 10 %
    of all lines are requests, counting the 1 % in full. ms_per_message is from raw text, mean.
    """
    weigh_request("", model)  # reading the shipped model belongs to the start of a service
    began = perf_counter()
    scores = [weigh_request(text, model) for text, _ in lines]
    taken = perf_counter() - began
    requests = [is_request for _, is_request in lines]
    recall = recall_at_false_alarms(scores, requests, _FALSE_ALARMS)
    return {
        "auroc": area_under_curve(scores, requests),
        "recall_at_1pct_false_alarms": recall,
        "precision_at_base_rate": {f"{rate:.2f}": precision_at_base_rate(recall, _FALSE_ALARMS, rate) for rate in _BASE_RATES},
        "count": len(lines),
        "positives": sum(requests),
        "ms_per_message": 1000 * taken / len(lines),
    }
