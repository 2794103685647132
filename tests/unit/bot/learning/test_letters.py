"""Letters find the department that letters like them went to; what is learned is small, the same every time, and explains itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.learning.letters import learn_letters, split
from knowledge_base.letters import Letter
from knowledge_base.linear import load_model
from knowledge_base.text import Segmenter
from routing.departments import Departments

if TYPE_CHECKING:
    from knowledge_base.linear import LinearModel

_ROADS = ("路面坑洼", "井盖松动", "路灯不亮", "人行道破损", "桥面开裂", "路面塌陷")
_SCHOOLS = ("小学招生", "中学收费", "幼儿园报名", "学校补课", "教师招聘", "学生转学")
_WAGES = ("拖欠工资", "社保断缴", "养老金发放", "加班费", "工伤认定", "失业金")
_ASKS = ("求解决", "问题反映", "何时处理", "咨询")


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="module")
def letters() -> list[Letter]:
    kinds = {"道路": _ROADS, "教育": _SCHOOLS, "人社": _WAGES}
    return [
        Letter(f"{matter}{ask}", f"您好，我要说的是{matter}，已经有一阵了，请{name}部门看看。".replace(name, "有关"), name)
        for name, matters in kinds.items()
        for matter in matters
        for ask in _ASKS
    ]


@pytest.fixture(scope="module")
def model(letters: list[Letter], segmenter: Segmenter) -> LinearModel:
    return learn_letters(letters, segmenter)


def test_a_letter_and_a_title_find_their_department(model: LinearModel, segmenter: Segmenter) -> None:
    departments = Departments(model, segmenter)
    whole = departments.weigh("路灯的事", "门口的路灯不亮，路面也坑洼。")

    assert next(iter(whole)) == "道路"
    assert next(iter(departments.weigh("幼儿园收费", ""))) == "教育"
    assert sum(whole.values()) == pytest.approx(1.0)
    assert list(whole.values()) == sorted(whole.values(), reverse=True)


def test_what_speaks_for_and_against_is_named(model: LinearModel, segmenter: Segmenter) -> None:
    reasons = Departments(model, segmenter).explain("拖欠工资", "学校门口的路灯不亮", "人社")
    speaks_for, speaks_against = ({piece for piece, _ in pieces} for pieces in reasons)

    assert any("工资" in piece or "拖欠" in piece for piece in speaks_for)
    assert any("路灯" in piece or "学校" in piece for piece in speaks_against)
    assert all(weight > 0 for _, weight in (*reasons.speaks_for, *reasons.speaks_against))


def test_the_model_survives_its_file(model: LinearModel, segmenter: Segmenter) -> None:
    read = load_model(model.dump())

    assert Departments(read, segmenter).weigh("井盖坏了", "") == Departments(model, segmenter).weigh("井盖坏了", "")
    assert read.figures["samples"] == 72


def test_the_same_letters_give_the_same_file(letters: list[Letter], segmenter: Segmenter, model: LinearModel) -> None:
    assert learn_letters(letters, segmenter).dump() == model.dump()


def test_two_departments_are_told_apart_too(letters: list[Letter], segmenter: Segmenter) -> None:
    two = Departments(learn_letters([one for one in letters if one.department != "人社"], segmenter), segmenter)

    assert next(iter(two.weigh("小学收费", ""))) == "教育"
    assert next(iter(two.weigh("井盖破损", ""))) == "道路"


def test_too_few_letters_are_refused_with_their_counts(letters: list[Letter], segmenter: Segmenter) -> None:
    with pytest.raises(ValueError, match="教育: 24, 道路: 1"):
        learn_letters([one for one in letters if one.department == "教育"] + letters[:1], segmenter)


def test_folds_leave_out_each_letter_once_and_hold_some_of_every_department(letters: list[Letter]) -> None:
    labels = [one.department for one in letters]
    parts = list(split(labels, folds=4, seed=1))

    assert sorted(at for _, unknown in parts for at in unknown) == list(range(len(letters)))
    assert all(not set(known) & set(unknown) for known, unknown in parts)
    assert all({labels[at] for at in unknown} == {"道路", "教育", "人社"} for _, unknown in parts)
    assert list(split(labels, folds=4, seed=1)) == parts != list(split(labels, folds=4, seed=2))
