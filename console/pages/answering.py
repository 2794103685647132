"""What stands beside the forms with which somebody answers a resident: texts to begin with, and a look at the words before they go."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from console.problems import FieldProblem, Problem
from routing.reply_check import REFUSED, check_reply, check_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.pages.routes import PageCall
    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.reply_check import Doubt

ANSWERS = frozenset({"reply", "conclude"})
"""Acts whose words answer the matter."""
READ = ANSWERS | {"progress", "ask_more", "decline", "explain", "carry"}
"""Acts whose words a resident reads."""


class Template(msgspec.Struct, frozen=True):
    """A text to begin with: its name on the button, and what it puts into the field."""

    name: str
    text: str


def list_templates(unit: str, *, org: OrgChart) -> tuple[Template, ...]:
    """List the texts that a unit of its kind begins with."""
    found = org.unit(unit)
    kinds = _read()
    return kinds.get(found.kind.value if found is not None else "", kinds["default"])


def require_fit(call: PageCall, act: str, text: str, ticket: TicketFacts) -> None:
    """Refuse words that carry a number of somebody, and once what looks amiss: a second press sends the same words (Problem 422)."""
    if act not in READ or not text.strip():
        return
    doubts = check_reply(text, matter=ticket.summary) if act in ANSWERS else check_words(text)
    refused = any(one.kind in REFUSED for one in doubts)
    if refused or (doubts and call.form.get("despite", "") != mark(text)):
        raise Problem(422, "reply_refused" if refused else "reply_doubted", fields=_describe(call, doubts))


def mark(text: str) -> str:
    """Give the mark of some words, by which a second press is known to be about the same."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def _describe(call: PageCall, doubts: Iterable[Doubt]) -> tuple[FieldProblem, ...]:
    return tuple(FieldProblem(where="form.text", expected=call.city.say_page(f"doubt_{one.kind}", what=one.what)) for one in doubts)


@cache
def _read() -> dict[str, tuple[Template, ...]]:
    text = resources.files("console").joinpath("pages/reply_templates.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, tuple[Template, ...]])
