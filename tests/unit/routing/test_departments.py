"""What a city has learned itself speaks beside the list: the more it has seen, the more; and never of what it has not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.learning.letters import learn_letters
from knowledge_base.letters import Letter
from knowledge_base.text import Segmenter
from routing.departments import Departments, OwnExperience, take_title
from routing.duty_list import build
from routing.learned import name_class
from routing.triage import Triage
from tests.town import ITEMS, LAMP, NOISE, STALL, utter

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge_base.linear import LinearModel

    Make = Callable[[int], LinearModel]

_HERE = ("亮化又出毛病", "亮化瞎了一片", "亮化不工作", "亮化闪得厉害", "广场亮化全灭", "桥上亮化没开")
_STALLS = ("夜市占了路", "夜市挡住门口", "夜市油烟大", "夜市摆到路中间", "夜市没人管", "夜市太乱")


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    return Segmenter(tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="module")
def make(segmenter: Segmenter) -> Make:
    letters = [Letter(text, text, name_class(item)) for texts, item in ((_HERE, LAMP), (_STALLS, STALL)) for text in texts]
    model = learn_letters(letters * 2, segmenter)
    return lambda count: replace(model, figures={"samples": count})


def rank(segmenter: Segmenter, own: LinearModel | None, text: str) -> list[tuple[str, float]]:
    triage = Triage(build(ITEMS), today=date(2026, 3, 2), own=own, segmenter=segmenter)
    return [(candidate.item.code, candidate.confidence) for candidate in triage.rank(utter(text))]


def test_words_that_only_this_city_uses_are_understood_once_it_has_seen_them(segmenter: Segmenter, make: Make) -> None:
    assert rank(segmenter, None, "桥头亮化坏了") == [] or rank(segmenter, None, "桥头亮化坏了")[0][1] < 0.5
    first, sure = rank(segmenter, make(50_000), "桥头亮化坏了")[0]

    assert first == LAMP.code
    assert sure > 0.6


def test_the_more_it_has_seen_the_more_it_counts(segmenter: Segmenter, make: Make) -> None:
    shares = [dict(rank(segmenter, make(count), "夜市那边路灯不亮")).get(STALL.code, 0.0) for count in (1, 500, 50_000)]

    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
    assert Departments(make(500), segmenter).trust == 0.5


def test_an_item_of_which_nothing_was_learned_keeps_its_place_and_a_person_looks(segmenter: Segmenter, make: Make) -> None:
    text = "楼上半夜拖椅子，跑跳声不停"
    alone, beside = rank(segmenter, None, text)[0], rank(segmenter, make(50_000), text)[0]

    assert alone[0] == beside[0] == NOISE.code
    assert beside[1] == pytest.approx(alone[1] / 2, abs=1e-3)


def test_candidates_name_what_this_city_has_learned(segmenter: Segmenter, make: Make) -> None:
    best = Triage(build(ITEMS), today=date(2026, 3, 2), own=make(5_000), segmenter=segmenter).rank(utter("广场亮化全灭"))[0]

    own = [piece.found for piece in best.evidence if piece.kind == "own"]

    assert own
    assert all(piece in "广场亮化全灭" for piece in own)
    assert any("亮" in piece for piece in own)


def test_items_of_one_lead_share_what_their_lead_gets(segmenter: Segmenter) -> None:
    model = learn_letters(
        [Letter(text, text, lead) for texts, lead in ((_HERE, LAMP.lead), (_STALLS, "别处")) for text in texts], segmenter
    )
    own = OwnExperience(Departments(model, segmenter), model.classes, ITEMS)
    leads = [item.lead for item in ITEMS]
    shares = own.share("广场亮化全灭", np.asarray([1.0] * len(ITEMS)))

    assert [bool(share) for share in shares] == [lead == LAMP.lead for lead in leads]
    assert shares.sum() == pytest.approx(Departments(model, segmenter).weigh("广场亮化全灭", "广场亮化全灭")[LAMP.lead])


def test_the_first_clause_that_is_no_greeting_stands_for_the_title() -> None:
    assert take_title("您好,门口路灯不亮了,请看看") == "门口路灯不亮了"
    assert take_title("灯坏了") == "灯坏了"


def test_it_is_asked_of_texts_as_the_city_cuts_them_and_without_it_nothing_is_cut(segmenter: Segmenter, make: Make) -> None:
    cut = segmenter.renew(["桥头亮", "化坏"], without=[])
    there, none = (Triage(build(ITEMS), today=date(2026, 3, 2), own=own, segmenter=segmenter) for own in (make(50_000), None))
    anew = Triage(build(ITEMS), today=date(2026, 3, 2), own=make(50_000), segmenter=cut)
    text = utter("桥头亮化坏了")

    assert cut.read("桥头亮化坏了").tokens != segmenter.read("桥头亮化坏了").tokens
    assert [one.confidence for one in there.cut_by(cut).rank(text)] == [one.confidence for one in anew.rank(text)]
    assert [one.confidence for one in anew.rank(text)] != [one.confidence for one in there.rank(text)]
    assert none.cut_by(cut) is none
