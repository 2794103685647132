"""What a route is: declared once, it makes the handler, the row of the policy that guards it, and its part of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - msgspec reads the annotations
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from console.policy import Actor, Allowed, Resource, authorize
from console.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.surroundings import CityView
    from routing.context import RoutingContext
    from routing.facts import TicketFacts

PREFIX = "/api/v1"

Method = Literal["GET", "POST"]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler answers: a Struct of the route's answer (or a part of its fields), the ticket's edition, and how many rows were shown."""

    body: Any
    etag: str = ""
    rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call that may be made: who calls, and what was asked. Reads and writes in the session of one transaction."""

    session: Session
    city: CityView
    actor: Actor
    action: str
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    condition: str = ""
    """What If-Match says."""

    @cached_property
    def context(self) -> RoutingContext:
        """The city as routing acts in it."""
        return self.city.context(now=self.now)

    def may_see(self, ticket: TicketFacts) -> bool:
        """Tell whether a ticket is one of the rows that this call reaches."""
        resource = Resource(ticket=ticket, org=self.context.org)
        return isinstance(authorize(self.actor, self.action, resource), Allowed)


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A route: `run` answers a call with `answer`. `path` is below PREFIX, with its variables in braces.

    `query` and `body` say what is asked; `writes` runs where something can be written, `keyed` takes an Idempotency-Key, `guarded` needs If-Match.
    An open route asks for no token; `problems` are the statuses it may be refused with, besides those of every route.
    """

    method: Method
    path: str
    name: str
    action: str
    run: Callable[[Call], Reply]
    answer: type[msgspec.Struct]
    tag: str
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    status: int = 200
    writes: bool = False
    keyed: bool = False
    guarded: bool = False
    open: bool = False
    etag: bool = False
    problems: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """The key of the text that says what the route is for."""
        return f"route_{self.name}"

    def statuses(self) -> tuple[int, ...]:
        """List every status that this route may answer with."""
        found = {self.status, 400, 500, 503, *self.problems}
        if not self.open:
            found |= {401, 403, 429}
        if self.query is not None or "{" in self.path:
            found.add(422)
        if "{" in self.path:
            found.add(404)
        if self.method == "POST":
            found |= {409, 413, 415, 422}
        if self.guarded:
            found.add(428)
        return tuple(sorted(found))


def unseen() -> Problem:
    """Refuse what for somebody is not there."""
    return Problem(404, "not_found")
