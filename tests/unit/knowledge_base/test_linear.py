"""Learned models: the format keeps what was learned, the scorer says what it found, and nothing else is taken for a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import linear
from knowledge_base.linear import LONGEST, LinearModel, ModelWrong, cut_features, load_model, pack, shipped

STEPS, SCALE = pack(np.asarray([[1.0, -1.0], [-0.5, 0.5], [0.25, 0.0]]))
MODEL = LinearModel(
    classes=("fire", "calm"),
    features=("火", "灯", "着火"),
    rarity=np.asarray([1.0, 1.0, 2.0], dtype=np.float32),
    steps=STEPS,
    scale=SCALE,
    bias=np.asarray([-0.5, 0.5], dtype=np.float32),
    sharpness=2.0,
    figures={"texts": 3},
)


def test_what_speaks_for_each_class_is_summed() -> None:
    # 着火 contains 火 (1) and 着火 (2): a length of √5
    expected = [-0.5 + (1.0 + 2 * 0.25) / 5**0.5, 0.5 - 1.0 / 5**0.5]

    assert MODEL.weigh(cut_features("着火")).tolist() == pytest.approx(expected, abs=0.02)


def test_what_it_never_saw_gives_the_bias() -> None:
    assert MODEL.weigh(cut_features("qqq")).tolist() == [-0.5, 0.5]
    assert MODEL.weigh(cut_features("")).tolist() == [-0.5, 0.5]


def test_shares_add_up_and_follow_the_sums() -> None:
    shares = MODEL.share(MODEL.weigh(cut_features("灯")))

    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["calm"] > 0.9 > shares["fire"]


def test_the_grams_that_weigh_most_explain() -> None:
    (first, weight), (second, less) = MODEL.explain(cut_features("着火"), "fire")

    assert (first, second) == ("火", "着火")
    assert weight > less > 0
    assert MODEL.explain(cut_features("着火"), "calm", limit=1) == (("火", pytest.approx(-(5**-0.5), abs=0.02)),)
    assert MODEL.explain(cut_features("qqq"), "fire") == ()


def test_a_model_comes_back_as_it_was_written() -> None:
    again = load_model(MODEL.dump())

    assert again.dump() == MODEL.dump()
    assert again.classes == MODEL.classes
    assert again.figures == {"texts": 3}
    assert again.weigh(cut_features("着火了")).tolist() == MODEL.weigh(cut_features("着火了")).tolist()


@pytest.mark.parametrize("content", [b"", b"no model", MODEL.dump()[:200]])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ModelWrong):
        load_model(content)


def test_another_format_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "FORMAT", 2)
    newer = MODEL.dump()
    monkeypatch.undo()

    with pytest.raises(ModelWrong, match="format 2"):
        load_model(newer)


def test_digits_are_alike_and_long_texts_are_cut() -> None:
    assert cut_features("3号楼") == cut_features("8号楼")
    assert len(cut_features("楼" * 5000)) == len(cut_features("楼" * LONGEST))


@given(st.text(max_size=60))
def test_any_text_is_weighed(text: str) -> None:
    model = shipped("intents")

    sums = model.weigh(cut_features(text))

    assert np.isfinite(sums).all()
    assert sum(model.share(sums).values()) == pytest.approx(1.0)


def test_weights_survive_being_packed() -> None:
    weights = np.random.default_rng(7).normal(size=(50, 4))
    steps, scale = pack(weights)

    assert np.abs(steps * scale - weights).max() <= np.abs(weights).max() / 127
