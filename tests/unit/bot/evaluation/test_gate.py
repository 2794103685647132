"""`jieying evaluate gate`: its figures by hand, and the files that it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.evaluation.gate import check_gate, measure_gate, read_lines
from bot.refusals import Refusal
from bot.texts import fill
from intents.request import REQUEST, TALK, weigh_request
from knowledge_base.linear import LinearModel, pack

if TYPE_CHECKING:
    from pathlib import Path


def make_model(*classes: str) -> LinearModel:
    """Make a gate that knows one character for a request and one against it."""
    steps, scale = pack(np.array([[-1.0, 1.0], [1.0, -1.0]]))
    return LinearModel(
        classes=classes,
        features=("修", "笑"),
        rarity=np.ones(2, dtype=np.float32),
        steps=steps,
        scale=scale,
        bias=np.zeros(2, dtype=np.float32),
    )


GATE = make_model(TALK, REQUEST)


def test_the_figures_are_those_worked_out_by_hand() -> None:
    # Margins: 修 1, 笑 -1, 灯 0. Of 4 x 4 pairs 12 are in order and 3 are ties. Above the one line of talk at 0 stand 3 of 4 requests.
    lines = [
        ("修", True),
        ("修修", True),
        ("修灯", True),
        ("笑", True),
        ("灯", False),
        ("笑", False),
        ("笑笑", False),
        ("笑了", False),
    ]

    figures = measure_gate(lines, GATE)

    assert [weigh_request(text, GATE) for text in ("修", "笑", "灯")] == pytest.approx([1, -1, 0], abs=1e-5)
    assert figures.pop("ms_per_message") > 0
    assert figures == {
        "auroc": pytest.approx((12 + 0.5 * 3) / 16),
        "recall_at_1pct_false_alarms": 0.75,
        "precision_at_base_rate": {
            "0.05": pytest.approx(0.05 * 0.75 / (0.05 * 0.75 + 0.95 * 0.01)),
            "0.10": pytest.approx(0.10 * 0.75 / (0.10 * 0.75 + 0.90 * 0.01)),
        },
        "count": 8,
        "positives": 4,
    }


def test_without_a_model_the_shipped_gate_is_measured() -> None:
    lines = [("路灯坏了没人修", True), ("社保卡在哪里办", True), ("哈哈哈哈", False), ("晚上一起吃火锅", False)]

    assert measure_gate(lines)["auroc"] == 1.0


@pytest.mark.parametrize("labels", [("1", "0"), ("true", "False"), ("是", "否"), ("yes", "no")])
def test_labels_are_read_as_people_write_them(tmp_path: Path, labels: tuple[str, str]) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(f"kind,text,is_request\na,灯坏了,{labels[0]}\nb,早,{labels[1]}\n", encoding="utf-8")

    assert read_lines(file) == [("灯坏了", True), ("早", False)]


@pytest.mark.parametrize(
    ("content", "key", "facts"),
    [
        ("text,label\n灯坏了,1\n", "samples_lack", {"missing": "is_request", "needed": "text,is_request"}),
        ("text,is_request\n", "no_samples", {}),
        ("text,is_request\n灯坏了,1\n早,也许\n", "bad_is_request", {"given": "也许"}),
        ("text,is_request\n灯坏了,1\n早,\n", "bad_is_request", {"given": ""}),
        ("text,is_request\n灯坏了,1\n路不平,1\n", "one_kind_of_line", {}),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_sentence(tmp_path: Path, content: str, key: str, facts: dict[str, str]) -> None:
    file = tmp_path / "lines.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(Refusal) as refused:
        read_lines(file)

    assert str(refused.value) == fill("cli", f"error_{key}", {"file": "lines.csv"} | facts)


def test_a_model_of_something_else_is_refused(tmp_path: Path) -> None:
    assert check_gate(GATE, tmp_path / "gate.npz") is GATE
    with pytest.raises(Refusal) as refused:
        check_gate(make_model("red", "none"), tmp_path / "danger.npz")

    assert str(refused.value) == fill("cli", "error_no_gate", {"file": "danger.npz"})
