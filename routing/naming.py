"""What people call a unit: its name without the place in front, without the tail of a company, and the short forms of officialdom. Pure.

A short name may be borne by several units (every street has its 执法队): whoever looks a name up decides by the place which is meant.
The short forms stand in routing/lexicons/names.toml.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from routing.terms import UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from routing.terms import Area, HandlingUnit

_SHORTEST = 3
"""Characters below which a name says nothing: too much else is called so."""


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """The word lists of lexicons/names.toml."""

    short: dict[str, tuple[str, ...]]
    levels: dict[str, tuple[str, ...]]
    company: dict[str, tuple[str, ...]]
    branch: dict[str, tuple[str, ...]]


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the units of a city are called: by name the codes of those that may be meant.

    `bare` are names of places that stand for who governs there (安泰社区): a text may name them only to say where.
    """

    units: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, tuple[str, ...]]


@cache
def _lists() -> Naming:
    text = resources.files("routing").joinpath("lexicons/names.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Naming)


def collect(units: Iterable[HandlingUnit], areas: Mapping[str, Area]) -> Names:
    """Collect the names of all units; areas may have any depth."""
    named: dict[str, list[str]] = {}
    bare: dict[str, list[str]] = {}
    for unit in units:
        for name in _list_names(unit, areas):
            named.setdefault(name, []).append(unit.code)
        if unit.kind in {UnitKind.COMMUNITY, UnitKind.STREET_OFFICE} and (area := areas.get(unit.area)):
            bare.setdefault(area.name, []).append(unit.code)
    return Names(
        units={name: tuple(codes) for name, codes in named.items()},
        bare={name: tuple(codes) for name, codes in bare.items() if name not in named},
    )


def _list_names(unit: HandlingUnit, areas: Mapping[str, Area]) -> Iterator[str]:
    """List what one unit is called, its full name first."""
    places = _list_places(unit.area, areas)
    whole = dict.fromkeys([unit.name, *_without_place(unit.name, places)])
    shortened = dict.fromkeys(form for name in whole for form in (name, *_shorten(name)))
    ends = [(form, next((end for end in _lists().company["endings"] if form.endswith(end)), "")) for form in shortened]
    cut = [form.removesuffix(end) for form, end in ends if end]
    for name in dict.fromkeys([*shortened, *cut]):
        if name == unit.name or (len(name) >= _SHORTEST and name not in places):
            yield name


def _list_places(area: str, areas: Mapping[str, Area]) -> tuple[str, ...]:
    """List the words that only say where: the names of the area and of those above it, with and without their level; longest first."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    while area in areas and area not in seen:
        seen.add(area)
        name = areas[area].name
        stems = [name.removesuffix(end) for end in _lists().levels["endings"] if name.endswith(end)]
        found |= dict.fromkeys([name, *(stem for stem in stems if len(stem) > 1)])
        area = areas[area].parent
    return tuple(sorted(found, key=len, reverse=True))


def _without_place(name: str, places: tuple[str, ...]) -> Iterator[str]:
    """Take the places off the front, one after the other, and a branch off the end."""
    for end in _lists().branch["endings"]:
        for place in places:
            if name.endswith(place + end):
                yield from _without_place(name.removesuffix(place + end), places)
    front = next((place for place in places if name.startswith(place) and name != place), "")
    if front:
        rest = name.removeprefix(front)
        yield rest
        yield from _without_place(rest, places)


def _shorten(name: str) -> Iterator[str]:
    """Give the short forms that officialdom and residents use."""
    for long, shorts in _lists().short.items():
        if long in name:
            yield from (name.replace(long, short) for short in shorts)
