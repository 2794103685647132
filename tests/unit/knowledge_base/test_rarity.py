"""How rare features are: weights by hand, the shipped counts as a start that fades, and a file that comes back as it was."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from math import log

import pytest

from knowledge_base.rarity import PRIOR, Rarity, dump_counts, load_counts, read_shipped, start
from tests.architecture.sources import ROOT


def test_a_feature_weighs_by_how_few_messages_have_it() -> None:
    rarity = Rarity()
    for features in (["路灯", "坏了", "坏了"], ["路灯", "亮了"], ["井盖", "坏了"]):
        rarity.learn(features)

    assert rarity.weigh("路灯") == pytest.approx(log(4 / 3))
    assert rarity.weigh("坏了") == pytest.approx(log(4 / 3))
    assert rarity.weigh("井盖") == pytest.approx(log(4 / 2))
    assert rarity.weigh("没有见过") == pytest.approx(log(4))


def test_what_stands_in_every_message_weighs_nothing() -> None:
    rarity = Rarity({"的": 5.0}, 5.0)
    assert rarity.weigh("的") == 0.0
    assert Rarity().weigh("的") == 0.0


def test_a_city_starts_with_the_shipped_counts_and_learns_from_its_own() -> None:
    rarity = start()
    assert 0 < rarity.weigh("小区") < rarity.weigh("搅拌站") <= log(1 + PRIOR)
    before = rarity.weigh("搅拌站")
    for _ in range(50):
        rarity.learn(["搅拌站"])
    assert rarity.weigh("搅拌站") < before
    assert start().weigh("搅拌站") == before


def test_counts_come_back_as_they_were_written() -> None:
    counts = {"路灯": 3, "坏了": 70_000}
    assert load_counts(dump_counts(counts, 90_000)) == (counts, 90_000)
    assert dump_counts(dict(reversed(counts.items())), 90_000) == dump_counts(counts, 90_000)


def test_another_file_holds_no_counts() -> None:
    with pytest.raises(ValueError, match="pickle"):
        load_counts(b"no counts at all")


@pytest.mark.deep
def test_the_shipped_counts_are_what_our_own_lines_give(monkeypatch: pytest.MonkeyPatch) -> None:
    content = files("knowledge_base").joinpath("models", "rarity.npz").read_bytes()
    monkeypatch.syspath_prepend(ROOT / "bench")
    fit_rarity = import_module("fit_rarity")

    assert fit_rarity.count_all() == content


def test_the_shipped_phrases_are_what_our_own_lines_give(monkeypatch: pytest.MonkeyPatch) -> None:
    content = files("knowledge_base").joinpath("models", "phrases.npz").read_bytes()
    monkeypatch.syspath_prepend(ROOT / "bench")
    fit_rarity = import_module("fit_rarity")

    assert fit_rarity.count_phrases() == content


def test_the_shipped_counts_are_read_once_and_rank_as_a_city_starts() -> None:
    shipped, city = read_shipped(), start()
    words = ["路灯", "我们", "没有见过的"]

    assert read_shipped() is shipped
    assert sorted(words, key=shipped.weigh) == sorted(words, key=city.weigh) == ["我们", "路灯", "没有见过的"]
