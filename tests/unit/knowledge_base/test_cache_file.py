from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.cache_file import read_cache, write_cache

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_was_written_is_read_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "some.cache"
    write_cache(file, b"first")
    write_cache(file, b"second")

    assert read_cache(file) == b"second"
    assert list(tmp_path.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_cache(tmp_path / "some.cache") is None


@given(at=st.integers(0, 20), bit=st.integers(0, 7), cut=st.integers(0, 20))
def test_what_is_damaged_or_broken_off_is_none(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int, cut: int) -> None:
    file = tmp_path_factory.mktemp("cache") / "some.cache"
    write_cache(file, b"whole")
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1 << bit

    for content in (bytes(damaged), whole[:cut]):
        file.write_bytes(content)
        assert read_cache(file) is None


def test_what_cannot_be_written_is_logged_and_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "missing" / "some.cache"

    with caplog.at_level(logging.WARNING):
        write_cache(file, b"content")

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert read_cache(file) is None


def test_a_file_that_cannot_take_the_place_of_the_old_one_is_not_left_behind(tmp_path: Path) -> None:
    taken = tmp_path / "some.cache"
    (taken / "folder").mkdir(parents=True)

    write_cache(taken, b"content")

    assert list(tmp_path.iterdir()) == [taken]
