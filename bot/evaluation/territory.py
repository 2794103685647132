"""Whose a matter is after territory: the unit that the duty item and the place lead to through the organisation, as labelled and as understood.

Our corpus names no units. The right one follows from its labels: the lead function of the labelled duty item, at the labelled place, through
the same organisation chart. The place's words are read with the same gazetteer, so a place that it misreads in the label too goes unseen here
(`bench/places.py` measures that against grids which people gave).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.slots import find_place
from knowledge_base.text import normalize
from routing.rules import Case
from routing.terms import Candidate, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.city import City
    from bot.evaluation.labels import Label
    from intents.actions import PlaceRef
    from routing.terms import DutyItem


def list_right_units(city: City, label: Label, *, now: datetime) -> frozenset[str]:
    """List the units (codes) of which each is right for a message.

    Empty where the labels leave it open: not exactly one matter, no place that the city has, a place whose possible grids belong to
    different units, an item that nobody has there.
    """
    if len(label.matters) != 1 or label.number > 1:
        return frozenset()
    places = [place for name in label.places if (place := find_place(city.gazetteer.find(normalize(name)))) and place.areas]
    right: set[str] = set()
    for item in filter(None, map(city.duty_list.item, label.matters[0])):
        units = {unit for place in places for unit in _list_units(city, item, place, now=now)}
        if len(units) > 1:
            return frozenset()
        right |= units
    return frozenset(right - {""})


def find_unit(city: City, item: DutyItem, place: PlaceRef | None, *, now: datetime) -> str:
    """Find the unit (code) that has a duty item at a place, as the territory rule does; "" if nobody has."""
    areas, estate = (place.areas, place.property_unit) if place else ((), "")
    case = Case(
        report=Report(text="", areas=areas, property_unit=estate),
        candidates=(),
        org=city.org,
        now=now,
        settings=city.settings.routing,
        statistics={},
        place="",
        scope=city.org.common_area(areas),
    )
    unit = case.handler(Candidate(item=item, score=0.0, confidence=0.0, evidence=()))
    return unit.code if unit else ""


def _list_units(city: City, item: DutyItem, place: PlaceRef, *, now: datetime) -> Iterator[str]:
    """Give the units that may have an item at a place: one for each grid that it may lie in."""
    for area in place.areas:
        yield find_unit(city, item, msgspec.structs.replace(place, areas=(area,)), now=now)
