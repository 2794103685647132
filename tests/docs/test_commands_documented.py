"""docs/operations.md lists every command that `jieying` has, each of them and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from bot.cli.main import jieying
from tests.architecture.sources import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def list_commands(command: click.Command, path: str) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path
        return
    for name, one in command.commands.items():
        yield from list_commands(one, f"{path} {name}")


def test_every_command_is_documented_and_none_that_is_gone() -> None:
    documented = re.findall(r"^\| `(jieying [a-z -]+)` \|", text_of("docs/operations.md"), re.MULTILINE)

    assert sorted(documented) == sorted(list_commands(jieying, "jieying"))
