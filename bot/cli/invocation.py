"""What a command was called with: the settings it works by, read once, and the way to have something carried out.

Both are imported when they are used: reading settings takes the whole house, and `--help` needs none of it.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.commands import Json
    from bot.settings import Settings


class Invocation:
    """The file named by --config, and what follows from it."""

    def __init__(self, path: str | None) -> None:
        self.path = path

    @cached_property
    def settings(self) -> Settings:
        """The settings; SettingsError says what is wrong with them."""
        from bot import settings as settings_file  # noqa: PLC0415 - see the module's docstring

        return settings_file.load(self.path)

    def call(self, name: str, /, **arguments: Json) -> Json:
        """Have a command carried out by the running service, or here."""
        from bot.control import call  # noqa: PLC0415 - see the module's docstring

        return asyncio.run(call(self.settings, name, arguments))


invoked = click.make_pass_decorator(Invocation)
"""Gives a command its Invocation as first argument."""
