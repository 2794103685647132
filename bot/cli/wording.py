"""What the command line says: help texts, questions and results stand in texts.toml [cli]; these decorators put them in place.

The help of a command is `help_<path with underscores>`, that of an option or argument `option_<name>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Callable


def text(key: str, **facts: object) -> str:
    """Fill a text of the command line."""
    return fill("cli", key, facts)


def _key(kind: str, path: str) -> str:
    return f"{kind}_{path}".replace(" ", "_").replace("-", "_")


class _Worded:
    """Says in Chinese what click itself would say in English."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give --help its text."""
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]  # mixed into click.Command below
        if option is not None:
            option.help = text("option_help")
        return option


class Command(_Worded, click.Command):
    """A command with a Chinese --help."""


class Group(_Worded, click.Group):
    """A group of commands, in the order in which they were added."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the commands as they were added: the usual ones come first."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their texts, as click does, but without importing any of them."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))  # click's own
        path = ctx.command_path.partition(" ")[2]
        helps = [click.Command(name, help=text(_key("help", f"{path} {name}".strip()))) for name in names]
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(limit)) for name, one in zip(names, helps, strict=True)])


def command(path: str) -> Callable[[Callable[..., Any]], Command]:
    """Make a command of a function; its name is the last word of the path ("tickets show")."""
    return click.command(path.rsplit(maxsplit=1)[-1], cls=Command, help=text(_key("help", path)))


def group(path: str) -> Callable[[Callable[..., Any]], Group]:
    """Make a group of commands."""
    return click.group(path.rsplit(maxsplit=1)[-1], cls=Group, help=text(_key("help", path)))


def option(*names: str, word: str = "", **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option; `word` names its text where the same option means another thing."""
    long = next(name for name in names if name.startswith("--"))
    return click.option(*names, help=text(_key("option", word or long.removeprefix("--"))), **attributes)


def flag(*names: str, word: str = "", **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option that is there or not."""
    return option(*names, word=word, is_flag=True, **attributes)


as_json = flag("--json", "as_json")
"""The option of every command whose result a program may read."""
