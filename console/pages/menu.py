"""Which rooms of the staff pages somebody has: one row a room, and the action that opens it. Its words stand in templates/parts/menu.html."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.policy import Allowed, authorize

if TYPE_CHECKING:
    from console.policy import Actor


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room of the staff pages: its name, its address, and the action of the policy that opens it."""

    name: str
    path: str
    action: str
    unless: str = ""
    """An action whose room has this one in it already."""


ROOMS = (
    Room(name="desk", path="/staff/desk", action="desk.work"),
    Room(name="mine", path="/staff/mine", action="mine.work"),
    Room(name="grid", path="/staff/grid", action="grid.work"),
    Room(name="tickets", path="/staff/tickets", action="tickets.read"),
    Room(name="seat", path="/staff/seat", action="seat.work"),
    Room(name="figures", path="/staff/figures", action="figures.read"),
    Room(name="knowledge", path="/staff/knowledge", action="knowledge.edit"),
    Room(name="words", path="/staff/knowledge/words", action="words.read", unless="knowledge.edit"),
    Room(name="system", path="/staff/system", action="system.read"),
)


def list_for(actor: Actor) -> tuple[Room, ...]:
    """List the rooms that an actor works in."""
    return tuple(room for room in ROOMS if _may(actor, room.action) and not (room.unless and _may(actor, room.unless)))


def _may(actor: Actor, action: str) -> bool:
    return isinstance(authorize(actor, action), Allowed)


def home_of(actor: Actor) -> str:
    """Give the page that an actor begins at."""
    rooms = list_for(actor)
    return rooms[0].path if rooms else "/staff/account"
