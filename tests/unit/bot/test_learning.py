"""Learning: what was said of a few texts is said of their like, and too little to learn from is refused."""

from __future__ import annotations

import pytest

from bot.learning.fitting import fit
from knowledge_base.linear import LinearModel, cut_features

LAMPS = ["路灯坏了", "路灯不亮", "灯坏了好几天", "楼下灯不亮", "路灯全黑", "灯一闪一闪"]
NOISE = ["太吵了睡不着", "楼上吵死人", "半夜施工吵", "吵得头疼", "广场舞太吵", "吵到孩子"]
PETS = ["狗没牵绳", "狗乱叫", "有条流浪狗", "邻居养狗", "狗在电梯拉屎", "大狗吓人"]


def share(model: LinearModel, text: str) -> dict[str, float]:
    return model.share(model.weigh(cut_features(text)))


def cut(*groups: list[str]) -> list[tuple[str, ...]]:
    return [tuple(cut_features(text)) for group in groups for text in group]


def test_like_is_judged_alike() -> None:
    model = fit(cut(LAMPS, NOISE, PETS), ["lamp"] * 6 + ["noise"] * 6 + ["pet"] * 6, least=1)
    shares = share(model, "巷子里路灯不亮了")

    assert model.classes == ("lamp", "noise", "pet")
    assert max(shares, key=lambda name: shares[name]) == "lamp"
    assert model.figures["samples"] == 18
    assert 0 <= model.figures["accuracy"] <= 1


def test_two_classes_are_told_apart_too() -> None:
    model = fit(cut(LAMPS, NOISE), ["lamp"] * 6 + ["noise"] * 6, least=1)

    assert share(model, "吵得很")["noise"] > 0.5 > share(model, "灯坏了")["noise"]
    assert model.explain(cut_features("吵"), "noise")[0][1] == -model.explain(cut_features("吵"), "lamp")[0][1]


def test_the_same_texts_give_the_same_file() -> None:
    labels = ["lamp"] * 6 + ["noise"] * 6

    assert fit(cut(LAMPS, NOISE), labels, least=1).dump() == fit(cut(LAMPS, NOISE), labels, least=1).dump()


@pytest.mark.parametrize("labels", [["lamp"] * 12, ["lamp"] * 11 + ["noise"]])
def test_too_little_to_learn_from_is_refused(labels: list[str]) -> None:
    with pytest.raises(ValueError, match="at least two classes of 5 samples"):
        fit(cut(LAMPS, NOISE), labels)


def test_what_is_not_judged_weighs_the_same_and_claims_no_figure() -> None:
    labels = ["lamp"] * 6 + ["noise"] * 6
    judged, quick = (fit(cut(LAMPS, NOISE), labels, least=1, judged=judged) for judged in (True, False))

    assert (quick.steps == judged.steps).all()
    assert "accuracy" in judged.figures
    assert dict(quick.figures) == {"samples": 12}
    assert quick.sharpness == 1.0
