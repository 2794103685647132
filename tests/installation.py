"""A data folder and settings for tests that run the whole house; jieba's cache is made once per test process, not once per folder."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.channels import discover
from bot.settings import Data, Database, Server, Settings
from knowledge_base.dictionary import load_tokenizer

if TYPE_CHECKING:
    import msgspec
    import pytest


@cache
def jieba_cache() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="jieying-jieba-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    load_tokenizer(folder / "jieba")
    return folder / "jieba"


def make_folder(parent: Path) -> Path:
    """Make an empty data folder that only its owner can enter."""
    folder = parent / "data"
    folder.mkdir(mode=0o700)
    shutil.copytree(jieba_cache(), folder / "jieba")
    return folder


def move_in(folder: Path, city: Path, patch: pytest.MonkeyPatch) -> None:
    """Copy a city's data folder into a folder, and let commands work there."""
    shutil.copytree(city / "data", folder / "data")
    patch.chdir(folder)
    patch.setenv("JIEYING_DATA_DIR", str(folder / "data"))


def make_settings(database_url: str, parent: Path, **channels: msgspec.Struct) -> Settings:
    """Give the settings of an installation in a new data folder, no rehearsal, only the given channels beside the terminal."""
    return Settings(
        data=Data(dir=str(make_folder(parent))),
        database=Database(url=database_url),
        server=Server(port=0, rehearsal=False),
        channels={name: spec.settings() for name, spec in discover().items()} | channels,
    )
