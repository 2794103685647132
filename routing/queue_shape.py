"""What a queue of tickets is: which ones stand in it, and how it is read in the order of the due time (routing.queues)."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement  # noqa: TC002 - msgspec reads the annotation

from routing.terms import Status  # noqa: TC001 - msgspec reads the annotation


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue: which tickets stand in it. `tells`: being in it says what a confidential ticket keeps to those who see all of it.

    `walks` are the statuses of a queue that may be long: each is walked by its own index, in the order of the due time.
    """

    name: str
    wanted: tuple[ColumnElement[bool], ...]
    tells: bool = False
    walks: tuple[Status, ...] = ()
