from __future__ import annotations

import subprocess
import sys

import click
import pytest

from bot.cli.main import COMMANDS
from bot.cli.shelf import Shelf

_HEAVY = ("sqlalchemy", "aiohttp", "numpy", "jieba", "wechatpy", "rich", "alembic")


def test_each_command_is_found_by_the_name_it_bears() -> None:
    assert {name: command.name for name, command in COMMANDS.items()} == {name: name for name in COMMANDS}


def test_what_is_not_there_is_not_found() -> None:
    shelf = Shelf({"config": "bot.cli.config:config"})

    assert shelf.get("bogus") is None
    with pytest.raises(KeyError):
        shelf["bogus"]


def test_a_command_can_be_put_in_and_taken_out() -> None:
    own = click.Command("own")
    shelf = Shelf({"config": "bot.cli.config:config"})
    shelf["own"] = own

    assert (list(shelf), shelf["own"]) == (["config", "own"], own)
    del shelf["own"]
    assert (list(shelf), len(shelf)) == (["config"], 1)


def test_help_imports_nothing_that_takes_long() -> None:
    code = f"import sys; from bot.cli.main import run; run(['--help']); print([n for n in {_HEAVY!r} if n in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"
    assert [name for name in COMMANDS if f"  {name} " not in done.stdout] == []
