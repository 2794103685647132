"""Cities of their own for commands: migrated and seeded once per process by the commands themselves, then copied for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from tests.installation import make_folder, move_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def migrated_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a city of which nothing is known: a template to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    make_folder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("JIEYING_DATA_DIR", str(folder / "data"))
        assert run(["migrate"]) == 0
    return folder


@pytest.fixture(scope="session")
def seeded_city(migrated_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo city, which has been opened once: a template to copy."""
    folder = tmp_path_factory.mktemp("seeded")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, migrated_city, patch)
        assert run(["seed"]) == 0
        assert run(["codes", "list"]) == 0  # opens it: what was read of the entries is kept
    return folder


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Give what copies a city into a folder of the test's own, makes commands work there, and gives the folder."""

    def move(city: Path) -> Path:
        move_in(tmp_path, city, monkeypatch)
        return tmp_path

    return move


@pytest.fixture
def migrated(enter: Callable[[Path], Path], migrated_city: Path) -> Path:
    """Work in a migrated, empty city of one's own; gives the folder that has its `data`."""
    return enter(migrated_city)


@pytest.fixture
def seeded(enter: Callable[[Path], Path], seeded_city: Path) -> Path:
    """Work in a demo city of one's own; gives the folder that has its `data`."""
    return enter(seeded_city)
