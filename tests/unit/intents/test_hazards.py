from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from intents.hazards import HazardsWrong, change_hazards, hazards, load_hazards
from intents.tiers import read_tier

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_file_of_its_own_a_city_has_what_is_shipped(tmp_path: Path) -> None:
    assert load_hazards(tmp_path / "hazards.toml") == hazards()


def test_a_city_adds_words_to_a_hazard(tmp_path: Path) -> None:
    path = tmp_path / "hazards.toml"
    path.write_text('[[hazard]]\nname = "collapse"\nwords = ["窑洞塌了"]\n', encoding="utf-8")

    assert read_tier("村里窑洞塌了").tier == "none"
    reading = read_tier("村里窑洞塌了", known=load_hazards(path))
    assert (reading.tier, reading.hazard, reading.why) == ("red", "collapse", ("collapse=窑洞塌了",))


def test_a_city_adds_a_hazard_that_is_handled_like_a_shipped_one() -> None:
    known = change_hazards([{"name": "river", "like": "drowning", "patterns": ["潮水(?:来|涨)了"]}])

    reading = read_tier("有人还在滩上，潮水来了", known=known)

    assert (reading.tier, reading.hazard) == ("red", "drowning")


def test_a_city_switches_a_hazard_off() -> None:
    known = change_hazards([{"name": "outage", "off": True}])

    assert read_tier("我们小区停水了").tier == "orange"
    assert read_tier("我们小区停水了", known=known).tier == "none"
    assert read_tier("我家着火了", known=known).tier == "red"


def test_what_means_something_else_in_a_city_is_an_exception_everywhere_in_the_hazard() -> None:
    known = change_hazards([{"name": "fire", "except": ["火把节[^，。]{0,4}大火了"]}])

    assert read_tier("火把节起大火了").tier == "red"
    assert read_tier("火把节起大火了", known=known).tier == "none"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[hazard]]\nname = "river"\nwords = ["潮"]\n', "like = river"),
        ('[[hazard]]\nname = "fire"\nword = ["潮"]\n', "word"),
        ('[[hazard]]\nname = "fire"\npatterns = ["("]\n', "unterminated"),
        ('[[hazard]\nname = "fire"\n', "hazards.toml"),
        ('[[hazard]]\nname = "fire"\npatterns = ["<nobody>"]\n', "nobody"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_why(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "hazards.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(HazardsWrong, match=said):
        load_hazards(path)
