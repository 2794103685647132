"""不予受理: what the law gives to somebody else is not taken in. The resident is told why and where the statutory route begins.

The routes stand in routing/lexicons/routes.toml: what each is called and what the resident reads.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from residents.masking import mask
from routing.errors import NotDeclined, UnknownRoute
from routing.history import begin, finish
from routing.lifecycle import name_given
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted


class Route(msgspec.Struct, frozen=True):
    """A statutory route: its name, and what the resident is told of where it begins."""

    name: str
    told: str


@cache
def load_routes() -> Mapping[str, Route]:
    """Read the routes by their codes."""
    text = resources.files("routing").joinpath("lexicons/routes.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Route])


def decline(session: Session, number: str, *, route: str, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """不予受理: `text` is why, in words the resident reads. UnknownRoute names the codes there are; NotDeclined for a danger."""
    step = begin(session, number, "decline", actor=actor, context=context, given=name_given(reason=route, text=text))
    ticket, routes = step.ticket, load_routes()
    if route not in routes:
        raise UnknownRoute(tuple(routes))
    if ticket.tier != "none":
        raise NotDeclined
    told = routes[route].told
    ticket.reply_text = open_key(session, ticket.key_id).seal(f"{text.strip()}\n{told}".encode())
    step.more = {"route": told}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts={"route": route})
