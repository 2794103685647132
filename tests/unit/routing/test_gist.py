"""Comparing what two messages about one place are about: by what leads to the duty items when the words that both have are set aside."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from routing.duty_list import load_folder
from routing.gist import GistReader, compare_leanings, leave_out, make_leaning
from routing.incidents import IncidentSettings
from routing.triage import Triage


def lean(*speaks: float) -> np.ndarray:
    """Say what speaks for each item, after them what speaks for no matter at all; eleven items follow of which nothing speaks."""
    return np.array([*speaks[:-1], *[-3.0] * 11, speaks[-1]])


LAMP, DARK, BIN, CHAT = lean(5.0, 1.0, 0.0, 0.0), lean(1.0, 4.0, 0.0, 0.0), lean(0.0, 0.0, 6.0, 0.0), lean(0.0, 0.0, 0.0, 9.0)
ENOUGH = IncidentSettings().same_matter


@pytest.fixture(scope="module")
def reader() -> GistReader:
    reader = GistReader()
    reader.follow(Triage(load_folder()[0], today=date(2026, 11, 23)))
    return reader


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("单元门口的灯不亮了", "出门黑灯瞎火的，摸着墙走"),
        ("电梯坏了", "老太太爬六楼，梯子停了三天没人修"),
        ("下水道堵了", "地漏往上返脏水，满屋臭"),
        ("烧烤油烟大", "烤串的烟往屋里灌，窗户开不了"),
        ("有流浪狗", "三条没主的野狗追着娃跑"),
    ],
)
def test_one_matter_in_other_words_is_enough_alike(reader: GistReader, one: str, other: str) -> None:
    assert reader.read(one).compare(reader.read(other)) >= ENOUGH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("健身器材断了一根", "健身器材旁边积水，一脚泥"),
        ("电梯坏了，上不去楼", "电梯里有人抽烟"),
        ("湖边栏杆松了", "湖边有人钓鱼"),
        ("烧烤摊油烟呛人", "烧烤摊半夜划拳，吵得睡不着"),
        ("单元门关不上", "单元门口停满电动车"),
        ("路灯不亮", "路灯杆上贴满小广告"),
    ],
)
def test_another_matter_of_one_thing_is_not(reader: GistReader, one: str, other: str) -> None:
    assert reader.read(one).compare(reader.read(other)) < ENOUGH


def test_the_same_said_again_speaks_for_itself(reader: GistReader) -> None:
    said = reader.read("楼道灯坏了，晚上看不见")
    assert said.compare(reader.read("楼道灯坏了，晚上看不见")) == pytest.approx(1.0, abs=0.05)
    assert said.compare(reader.read("楼道灯坏了，晚上看不见路")) > ENOUGH


def test_the_order_does_not_matter(reader: GistReader) -> None:
    one, other = reader.read("楼道灯不亮，黑"), reader.read("楼道里黑咕隆咚")
    assert one.compare(other) == pytest.approx(other.compare(one))
    assert one.glance(other) == pytest.approx(other.glance(one))


def test_a_glance_tells_the_near_from_the_far(reader: GistReader) -> None:
    lamp = reader.read("路灯不亮")
    assert lamp.glance(reader.read("灯黑了好几天")) > lamp.glance(reader.read("垃圾没人收"))


def test_without_a_duty_list_and_without_words_nothing_is_alike() -> None:
    reader = GistReader()
    assert reader.read("").compare(reader.read("")) == 0.0


def test_a_leaning_is_wholly_like_itself() -> None:
    assert compare_leanings(make_leaning(LAMP), make_leaning(LAMP)) == pytest.approx(1.0, abs=0.02)


def test_near_items_are_alike_and_others_are_not() -> None:
    near = compare_leanings(make_leaning(LAMP), make_leaning(DARK))
    far = compare_leanings(make_leaning(LAMP), make_leaning(BIN))
    assert near > far
    assert far < 0.45


def test_what_is_no_matter_at_all_is_likely_about_nothing() -> None:
    assert sum(share for _, share, _ in make_leaning(CHAT)) < 0.01


def test_a_list_without_items_makes_nothing_alike() -> None:
    empty = make_leaning(np.array([0.0]))
    assert compare_leanings(empty, empty) == 0.0


def test_the_pairs_of_another_are_left_out() -> None:
    assert leave_out("健身器材断了", {"健身", "身器", "器材"}) == "断了"
    assert leave_out("门口的灯", set()) == "门口的灯"
    assert leave_out("灯坏", {"灯坏"}) == ""
