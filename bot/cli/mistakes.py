"""What is wrong with a command line, in Chinese, and how it is written right: click would say it in English."""

from __future__ import annotations

from typing import Any

import click

from bot.cli.wording import text
from bot.texts import has_text


def explain_mistake(error: click.UsageError) -> str:
    """Say what is wrong with a command line; what a command says itself stays."""
    match error:
        case click.NoSuchOption():
            return text("mistake_no_option", name=error.option_name) + _suggest(error.possibilities)
        case click.NoSuchCommand():
            return text("mistake_no_command", name=error.command_name) + _suggest(error.possibilities)
        case click.MissingParameter(param=click.Parameter() as parameter):
            return text("mistake_missing", name=_name(parameter)) + _how_to_write(parameter.type)
        case click.BadParameter():
            return _explain_value(error)
        case click.BadOptionUsage():
            return text("mistake_option", name=error.option_name)
        case _:
            return error.format_message()


def _explain_value(error: click.BadParameter) -> str:
    """Say how the value of a parameter is written; of what a command found out itself its own words."""
    if error.param is None:
        return error.message
    how = _how_to_write(error.param.type)
    name = _name(error.param)
    return text("mistake_value", name=name) + how if how else text("mistake_at", name=name, error=error.message)


def _name(parameter: click.Parameter) -> str:
    """Name an option as it is written, an argument as the help has it."""
    return "/".join(parameter.opts) if isinstance(parameter, click.Option) else parameter.human_readable_name.upper()


def _suggest(possibilities: list[str] | tuple[str, ...] | None) -> str:
    return text("mistake_meant", names="、".join(possibilities)) if possibilities else ""


def _how_to_write(kind: click.ParamType[Any]) -> str:
    """Say how a value of a kind is written; "" where the command says it."""
    match kind:
        case click.Choice():
            return text("mistake_choice", names="、".join(map(str, kind.choices)))
        case click.IntRange() if kind.min is not None and kind.max is not None:
            return text("mistake_range", least=kind.min, most=kind.max)
        case click.IntRange() if kind.min is not None:
            return text("mistake_least", least=kind.min)
        case click.Path():
            return text("mistake_path")
    key = f"mistake_{kind.name}".replace(" ", "_")
    return text(key) if has_text("cli", key) else ""
