"""What a person may have done on the city's database: each file declares COMMANDS, by name; discover() finds them.

A command is a synchronous function on a session and the city. bot.control runs it in one transaction, inside the running service or, where
none runs, in the process that asks, so both give the same result. Arguments and results are JSON values.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable  # noqa: TC003 - msgspec reads the annotation
from functools import cache
from typing import Any

import msgspec

Json = Any
"""A JSON value: what the standard types of dict, list, str, int, float, bool and None can say."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command: `run(session, city, now=, **arguments)`; what it raises undoes it whole. `writes` False runs where nothing can be written."""

    name: str
    run: Callable[..., Json]
    writes: bool = True


@cache
def discover() -> dict[str, Command]:
    """Find the commands of every file of this folder, by name."""
    found: dict[str, Command] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        declared: tuple[Command, ...] = importlib.import_module(f"{__name__}.{info.name}").COMMANDS
        found.update({command.name: command for command in declared})
    return found
