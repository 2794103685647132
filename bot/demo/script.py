"""The demonstration's script: scenes of steps, read from conversation.toml, which city staff can read and change.

`ticket` gives a ticket a short name where it appears first; later steps speak of it by that name.
"""

from __future__ import annotations

from importlib.resources import files

import msgspec

FILE = "conversation.toml"


class Say(msgspec.Struct, frozen=True, kw_only=True, tag="say", tag_field="do", forbid_unknown_fields=True):
    """A resident writes to the official account; the message has to become `becomes`, the answer to contain `hears`."""

    who: str
    text: str
    becomes: str
    hears: str = ""
    ticket: str = ""
    at: str = ""
    """Code of the unit or desk that has to have the ticket then."""
    status: str = ""
    """Where the ticket has to stand then."""


class Group(msgspec.Struct, frozen=True, kw_only=True, tag="group", tag_field="do", forbid_unknown_fields=True):
    """Somebody writes in a residents' group, which the gateway reads."""

    who: str
    group: str
    text: str
    becomes: str
    mentions_bot: bool = False
    hears: str = ""
    ticket: str = ""


class Staff(msgspec.Struct, frozen=True, kw_only=True, tag="staff", tag_field="do", forbid_unknown_fields=True):
    """Whoever has the ticket acts on it (a command of `jieying tickets`); it has to stand at `status` then."""

    act: str
    ticket: str
    status: str
    text: str = ""
    unit: str = ""
    item: str = ""


class Hear(msgspec.Struct, frozen=True, kw_only=True, tag="hear", tag_field="do", forbid_unknown_fields=True):
    """A resident reads a message that comes by itself and contains `text`."""

    who: str
    text: str


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="notice", tag_field="do", forbid_unknown_fields=True):
    """The staff's group reads a notice that contains `text`."""

    text: str


Step = Say | Group | Staff | Hear | Notice


class Scene(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some steps that belong together, and what they show."""

    title: str
    steps: tuple[Step, ...]


class _Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scenes: tuple[Scene, ...]


def load_script() -> tuple[Scene, ...]:
    """Read the script; msgspec.ValidationError names what is wrong in it."""
    return msgspec.toml.decode(files("bot.demo").joinpath(FILE).read_bytes(), type=_Script).scenes
