"""What stands in the facts of an act, in words: a value of a closed vocabulary by the fact that it stands in, a unit, an area or a matter by name.

A value that nothing names stays as it is: codes, numbers, what somebody wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec

from console.pages.figure_tickets import name_side
from console.pages.figures import name_area, name_duty
from intents.actions import RequestKind
from routing.figures import Excluded, FigureCode
from routing.terms import Status

if TYPE_CHECKING:
    from console.pages.routes import PageCall

NAMES: dict[str, tuple[str, ...]] = {
    "kind": ("code", "proposal", "incident"),
    "channel": ("channel",),
    "form": ("form",),
    "tab": ("tab",),
    "list": ("send", "list"),
    "order": ("order",),
    "state": ("code_state",),
    "why": ("sign_in",),
    "what": ("look",),
    "reason": ("webhook_off",),
    "words": ("word",),
}
"""Kinds of names (texts.toml [names]) that the values of a fact are among; those of `value` are tried last, for every fact."""
_PARTED = frozenset({"what", "words"})
"""Facts whose value is a word of ours, a colon, and what is none (show:12)."""
_SIDES = frozenset({"count", "of", "rest", *get_args(Excluded)})
_FIGURES = frozenset(get_args(FigureCode))
_KINDS = frozenset(get_args(RequestKind))
_STATUSES = frozenset(Status)


def name_fact(call: PageCall, path: str) -> str:
    """Name a fact of an act, a nested one part by part."""
    name = call.city.name_code
    return " ".join(name("table", part) if name("fact", part) == part else name("fact", part) for part in path.split("."))


def name_value(call: PageCall, path: str, value: object) -> str:
    """Name what stands in a fact, the parts of a list one by one."""
    if isinstance(value, list):
        return call.city.say_figure("between").join(name_value(call, path, one) for one in value)
    written = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    fact = path.rpartition(".")[2]
    if fact == "status":
        return call.city.say_figure("between").join(_name_status(call, one) for one in written.splitlines())
    return _name_own(call, fact, written) or _name_code(call, fact, written)


def _name_status(call: PageCall, code: str) -> str:
    return call.city.say_word(f"status_{code}") if code in _STATUSES else code


def _name_own(call: PageCall, fact: str, value: str) -> str:
    """Name what has a name elsewhere: figures and their parts, kinds of requests, areas, matters, units; "" for anything else."""
    unit = call.context.org.unit(value)
    if unit is not None:
        return f"{unit.name} {value}"
    match fact:
        case "figure" if value in _FIGURES:
            return call.city.say_figure(f"name_{value}")
        case "side" if value in _SIDES:
            return name_side(call, value)
        case "kind" if value in _KINDS:
            return call.city.say_figure(f"kind_{value}")
        case "area" | "item":
            name = name_area(call, value) if fact == "area" else name_duty(call, value)
            return name if name == value else f"{name} {value}"
    return ""


def _name_code(call: PageCall, fact: str, value: str) -> str:
    word, colon, rest = value.partition(":") if fact in _PARTED else (value, "", "")
    found = (call.city.name_code(kind, word) for kind in (*NAMES.get(fact, ()), "value"))
    named = next((name for name in found if name != word), word)
    return value if named == word else f"{named} {rest}" if colon else named
