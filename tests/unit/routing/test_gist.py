"""Comparing what two messages are about by all that speaks for duty items."""

from __future__ import annotations

import numpy as np
import pytest

from routing.gist import compare, make_gist


def lean(*speaks: float) -> np.ndarray:
    """Say what speaks for each item, after them what speaks for no matter at all; eleven items follow of which nothing speaks."""
    return np.array([*speaks[:-1], *[-3.0] * 11, speaks[-1]])


LAMP, DARK, BIN, CHAT = lean(5.0, 1.0, 0.0, 0.0), lean(1.0, 4.0, 0.0, 0.0), lean(0.0, 0.0, 6.0, 0.0), lean(0.0, 0.0, 0.0, 9.0)


def test_a_gist_is_wholly_like_itself() -> None:
    assert compare(make_gist(LAMP), make_gist(LAMP)) == pytest.approx(1.0, abs=0.02)


def test_near_items_are_alike_and_others_are_not() -> None:
    near, far = compare(make_gist(LAMP), make_gist(DARK)), compare(make_gist(LAMP), make_gist(BIN))
    assert near > far
    assert far < 0.45


def test_the_order_does_not_matter() -> None:
    assert compare(make_gist(LAMP), make_gist(DARK)) == pytest.approx(compare(make_gist(DARK), make_gist(LAMP)))


def test_what_is_no_matter_at_all_is_likely_about_nothing() -> None:
    assert sum(share for _, share, _ in make_gist(CHAT)) < 0.01


def test_a_list_without_items_makes_nothing_alike() -> None:
    empty = make_gist(np.array([0.0]))
    assert compare(empty, empty) == 0.0
