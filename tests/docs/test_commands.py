"""docs/commands.md says of every command what `--help` says: its arguments, its sentence, each option with its text, and nothing that is gone."""

from __future__ import annotations

import re

import click

from bot.cli.main import jieying
from tests.architecture.sources import text_of

Entry = tuple[str, dict[str, str]]


def describe(command: click.Command) -> Entry:
    options = [one for one in command.params if isinstance(one, click.Option)]
    return command.help or "", {", ".join([*one.opts, *one.secondary_opts]): one.help or "" for one in options}


def list_commands(command: click.Command, path: str = "jieying") -> dict[str, Entry]:
    arguments = [one.make_metavar(click.Context(command)) for one in command.params if isinstance(one, click.Argument)]
    found = {" ".join([path, *arguments]): describe(command)}
    if isinstance(command, click.Group):
        if path != "jieying":
            found = {}
        for name, one in command.commands.items():
            found |= list_commands(one, f"{path} {name}")
    return found


def read_documented(text: str) -> dict[str, Entry]:
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        if heading.startswith("`"):
            sentence = body.strip().partition("\n")[0]
            found[heading.strip("`")] = (sentence, dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", body, re.MULTILINE)))
    return found


def test_every_command_and_option_is_documented_as_its_help_says() -> None:
    assert read_documented(text_of("docs/commands.md")) == list_commands(jieying)


def test_every_help_text_is_there_and_chinese() -> None:
    texts = [text for sentence, options in list_commands(jieying).values() for text in (sentence, *options.values())]

    assert [text for text in texts if not re.search(r"[\u3400-\u9fff]", text)] == []
