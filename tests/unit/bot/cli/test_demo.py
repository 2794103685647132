from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.cli.demo import empty_folder
from bot.refusals import Refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    empty_folder(tmp_path / "demo")

    assert (tmp_path / "demo").stat().st_mode & 0o777 == 0o700


def test_an_earlier_demonstration_is_begun_anew(tmp_path: Path) -> None:
    empty_folder(tmp_path / "demo")
    (tmp_path / "demo" / "jieying.db").write_text("old")
    (tmp_path / "demo" / "jieying.db-wal").write_text("old")
    (tmp_path / "demo" / "master.key").write_text("key")

    empty_folder(tmp_path / "demo")

    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == ["demo", "master.key"]


def test_somebody_elses_data_are_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "jieying.db").write_text("a city's")

    with pytest.raises(Refusal) as refused:
        empty_folder(tmp_path)

    assert str(tmp_path) in str(refused.value)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("jieying.db", "a city's")]
