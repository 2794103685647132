"""Whose matter an event is: that of its ticket, and with the end of a ticket also those that were merged into it, however far. Read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from routing.tables import Ticket
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

ENDS = frozenset({"conclude", "close", "explain", "decline"})
"""Acts that are also the end of what was merged into a ticket: whoever sent that is told of its own."""


class Concerned(msgspec.Struct, frozen=True):
    """A ticket by its row and number; `inside`: it goes on as the one that something happened to."""

    id: int
    number: str
    inside: bool = False

    def hears(self, act: str) -> bool:
        """Tell whether an act is this ticket's matter too."""
        return not self.inside or act in ENDS


def find_concerned(session: Session, tickets: Mapping[int, str], *, ended: Collection[int]) -> dict[int, list[Concerned]]:
    """Map tickets (row -> number) to those whose matter they are, themselves first.

    For those that have ended (rows) what was merged into them is looked for: one query for each step of merging.
    """
    found = {one: [Concerned(one, number)] for one, number in tickets.items()}
    roots = {number: {one} for one, number in tickets.items() if one in ended}
    while roots:
        inside = select(Ticket.id, Ticket.number, Ticket.merged_into).where(
            Ticket.merged_into.in_(roots), Ticket.status == Status.MERGED.value
        )
        below: dict[str, set[int]] = {}
        for row in session.execute(inside.order_by(Ticket.id)):
            for root in roots[row.merged_into]:
                if all(one.id != row.id for one in found[root]):
                    found[root].append(Concerned(row.id, row.number, inside=True))
                    below.setdefault(row.number, set()).add(root)
        roots = below
    return found
