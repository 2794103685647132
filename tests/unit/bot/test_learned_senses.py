"""Learning how one matter is told: its tellings come near, others stay far, and the shipped file is what our own lines give."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.learning.senses import find_pull, learn_senses
from knowledge_base.linear import cut_features, shipped
from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from knowledge_base.linear import LinearModel

LIFT = ["电梯坏了", "梯子停了", "按半天不上来", "爬楼累死老人"]
LAMP = ["路灯不亮", "黑灯瞎火", "摸着墙走", "夜里一点光都没有"]
TELLINGS = [(text, "lift") for text in LIFT] + [(text, "lamp") for text in LAMP]


def near(model: LinearModel, one: str, other: str) -> float:
    """Give the cosine of two texts."""
    first, second = (model.weigh(cut_features(text)) for text in (one, other))
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def test_tellings_of_one_matter_come_near_and_of_another_do_not() -> None:
    model = learn_senses([], TELLINGS, size=8, rounds=60, least=1)

    assert near(model, "梯子停了", "爬楼累死老人") > 0.7
    assert near(model, "梯子停了", "摸着墙走") < 0.4


def test_the_same_texts_give_the_same_model() -> None:
    models = [learn_senses([("灯坏", "A"), ("灯灭", "A")], TELLINGS, size=8, rounds=5, least=1) for _ in range(2)]
    assert models[0].dump() == models[1].dump()


def test_what_is_told_once_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="nothing is told twice"):
        learn_senses([("路灯不亮", "A")], [("电梯坏了", "B")], least=1)


def test_a_text_is_pulled_towards_its_own_matter_alone() -> None:
    sums = np.array([[1.0, 0.2], [0.2, 1.0], [1.0, -0.2], [-1.0, 0.3]], dtype=np.float32)
    pull = find_pull(sums, np.array([0, 0, 1, 1]), np.zeros(4, dtype=np.intp))

    moved = sums - 0.05 * pull
    before, after = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (sums, moved))
    assert after[0] @ after[1] > before[0] @ before[1]
    assert find_pull(sums, np.arange(4), np.zeros(4, dtype=np.intp)).tolist() == [[0.0, 0.0]] * 4


@pytest.mark.deep
def test_the_shipped_senses_are_what_our_own_lines_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    again = import_module("fit_senses").fit_senses()
    model = shipped("senses")

    assert (again.features, again.figures) == (model.features, model.figures)
    assert np.abs(again.steps.astype(int) - model.steps.astype(int)).mean() < 1.0  # sums in another order end a little elsewhere
