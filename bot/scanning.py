"""Codes in the conversation: which place or card a message came through, as the dialogue knows places. WeChat's scans are counted here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from intents.actions import PlaceRef
from intents.slots import find_place
from routing import codes

if TYPE_CHECKING:
    from bot.channels import Inbound
    from bot.city import City
    from bot.effects import Scene
    from intents.spec import ResidentFacts
    from intents.state import ConversationState
    from routing.code_tables import PlaceCode

_SCENE = "qrscene_"
"""WeChat puts it before a scanned code when the scan also subscribed."""
_SCANS = frozenset({"scan", "subscribe", "subscribe_scan"})


def find_facts(scene: Scene, inbound: Inbound, state: ConversationState) -> tuple[ResidentFacts, PlaceRef | None]:
    """Give what is known of the resident, and where the code hangs that the message came through; its grid decides between places of one name."""
    facts, scanned = scene.facts(), find_scanned(scene, inbound)
    code = scanned or state.remembered_place(scene.now)
    return (replace(facts, home_areas=code.areas) if code and code.scanned and code.areas else facts), scanned


def find_scanned(scene: Scene, inbound: Inbound) -> PlaceRef | None:
    """Find where the code hangs that a message came through, or that it is the scan of; None without a valid code. In a group none counts."""
    if inbound.scope != "person":
        return None
    is_scan = inbound.event.lower() in _SCANS
    code = inbound.code or (inbound.event_key.removeprefix(_SCENE) if is_scan else "")
    row = codes.find_valid(scene.session, code) if code else None
    if row is None:
        return None
    if is_scan:
        codes.count_scan(scene.session, row, today=scene.now.astimezone(scene.city.zone).date())
    return place_of_code(row, scene.city)


def find_code(scene: Scene, inbound: Inbound) -> PlaceRef | None:
    """Give where the code hangs that a message brought along, without counting anything; None without a valid one, and in a group."""
    row = codes.find_valid(scene.session, inbound.code) if inbound.code and inbound.scope == "person" else None
    return place_of_code(row, scene.city) if row is not None else None


def place_of_code(row: PlaceCode, city: City) -> PlaceRef:
    """Give the place of a code in the grid that it stands in today; of a card, the grid."""
    area = city.org.standing_area(row.area)
    if row.kind == "worker":
        known = city.org.areas.get(area)
        name = known.name if known else ""
        return PlaceRef(text=name, public=name, name=name, areas=(area,), kind="area", scanned="worker")
    found = find_place(city.gazetteer.find(city.segmenter.read(row.place).text), home_areas=(area,))
    known_place = found or PlaceRef(text=row.place, name=row.name)
    return msgspec.structs.replace(
        known_place,
        text=row.label,
        public=row.place,
        areas=(area,) if area in city.org.areas else (),
        scanned="door" if row.kind == "door" else "building",
    )
