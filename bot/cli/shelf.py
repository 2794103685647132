"""The commands by name, each imported when it is asked for: `jieying tickets list` need not wait for what only `serve` needs."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Shelf(MutableMapping[str, click.Command]):
    """What a click.Group takes as its commands. `places`: the command's name -> `module:attribute`, in the order of --help."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._taken: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        """Import the command; KeyError if there is none of this name."""
        if name not in self._taken:
            module, _, attribute = self._places[name].partition(":")
            self._taken[name] = getattr(import_module(module), attribute)
        return self._taken[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = ""
        self._taken[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._taken.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
