"""Who a ticket at its desk would go to: who comes where life is in danger, then the units behind its proposed duty items, best first. Pure.

Only units that may be given it: none that it is about, none on a level where the item is not done, and nobody twice.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from routing import sight
from routing.org import ESTATE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.duty_list import DutyList
    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.terms import DutyItem, HandlingUnit


class LikelyUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit that a ticket may go to, and the duty item it would get it by; "" for who comes for the danger."""

    unit: str
    unit_name: str
    item: str
    item_name: str


def list_likely(ticket: TicketFacts, *, org: OrgChart, duty_list: DutyList, most: int = 3) -> tuple[LikelyUnit, ...]:
    """List the units that a ticket may go to, in the order of its proposed items; several where two carry the same function.

    The words of a fire are near those of a flood: of a red matter, whoever comes for its danger stands before what the words resemble.
    """
    found = {
        unit.code: LikelyUnit(unit=unit.code, unit_name=unit.name, item="", item_name="") for unit in _list_for_danger(ticket, org)
    }
    for item in _list_items(ticket, duty_list):
        for unit in _list_units(ticket, item, org):
            likely = LikelyUnit(unit=unit.code, unit_name=unit.name, item=item.code, item_name=item.name)
            found.setdefault(unit.code, likely)
    return tuple(found.values())[:most]


def _list_for_danger(ticket: TicketFacts, org: OrgChart) -> Iterator[HandlingUnit]:
    lead = _leads().get(ticket.hazard, "") if ticket.tier == "red" else ""
    for unit in org.units_for(lead, ticket.area) if lead else ():
        if not sight.is_kept_from(unit.code, ticket.refused, org):
            yield unit


@cache
def _leads() -> dict[str, str]:
    """Read the function that comes for each danger."""
    leads: dict[str, str] = tomllib.loads(resources.files("routing").joinpath("lexicons/dangers.toml").read_text(encoding="utf-8"))[
        "leads"
    ]
    return leads


def _list_items(ticket: TicketFacts, duty_list: DutyList) -> Iterator[DutyItem]:
    for code in dict.fromkeys((*ticket.candidates, ticket.item)):
        item = duty_list.item(code) if code else None
        if item is not None:
            yield item


def _list_units(ticket: TicketFacts, item: DutyItem, org: OrgChart) -> Iterator[HandlingUnit]:
    sure = org.unit_for(item.lead, ticket.area, item.level)
    for unit in (sure,) if sure is not None else org.units_for(item.lead, ticket.area):
        fits = not item.allowed_levels or unit.kind in ESTATE_KINDS or org.level(unit) in item.allowed_levels
        if fits and not sight.is_kept_from(unit.code, ticket.refused, org):
            yield unit
