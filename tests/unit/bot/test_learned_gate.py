"""Learning the gate: the kinds count alike however many there are of each, and the shipped file is what our own lines give."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import pytest

from bot.learning.gate import learn_gate
from intents.request import REQUEST, TALK, weigh_request
from knowledge_base.linear import load_model
from tests.architecture.sources import ROOT

REQUESTS = [(text, True) for text in ("路灯坏了没人修", "水管坏了谁来修", "灯不亮了请修一下", "门坏了请修", "路面坏了请修")]
TALK_LINES = [(text, False) for text in ("哈哈哈哈", "晚上吃饭吗", "吃饭了哈哈", "早上好哈", "晚上好")]


def test_what_is_like_a_request_weighs_above_what_is_like_talk() -> None:
    model = learn_gate(REQUESTS + TALK_LINES)

    assert model.classes == (REQUEST, TALK)
    assert weigh_request("楼道灯坏了，请修", model) > 0 > weigh_request("晚上吃啥，哈哈", model)


def test_ten_times_as_many_requests_make_nothing_a_request() -> None:
    model = learn_gate(REQUESTS * 10 + TALK_LINES)

    assert weigh_request("今天早上去", model) < 0
    assert weigh_request("吃啥呢", model) < 0


def test_too_few_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two classes of 5 samples"):
        learn_gate(REQUESTS + TALK_LINES[:4])


def test_the_shipped_gate_is_what_our_own_lines_give(monkeypatch: pytest.MonkeyPatch) -> None:
    content = files("knowledge_base").joinpath("models", "gate.npz").read_bytes()
    shipped = load_model(content)
    monkeypatch.syspath_prepend(ROOT / "bench")
    fit_models = import_module("fit_models")

    again = fit_models.fit_gate(fit_models.read_rows(), judged=False)  # the rest of the figures takes a minute and weighs nothing

    assert replace(again, sharpness=shipped.sharpness, figures=shipped.figures).dump() == content
