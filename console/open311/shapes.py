"""The shapes of GeoReport v2 (wiki.open311.org/GeoReport_v2), as JSON and as XML. Pure.

What the standard knows and we never give is null: coordinates, house numbers, postcodes, pictures, names, and when exactly something came in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from routing.publishing import Published
    from routing.terms import DutyItem

Json = dict[str, Any]

FORMATS = ("json", "xml")
MEDIA = {"json": "application/json", "xml": "text/xml"}


def describe_service(item: DutyItem) -> Json:
    """Describe a kind of matter: a duty item that lies in public space."""
    return {
        "service_code": item.code,
        "service_name": item.name,
        "description": item.name,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": item.category,
    }


def describe_definition(item: DutyItem) -> Json:
    """Describe what a report of this kind would have to bring: nothing beside its words, for none is taken here."""
    return {"service_code": item.code, "attributes": []}


def describe_request(one: Published, *, say: Callable[[str], str], zone: tzinfo) -> Json:
    """Describe a published matter. Moments are those of the day's beginning, in the city's zone."""
    return {
        "service_request_id": one.number,
        "status": "closed" if one.is_closed else "open",
        "status_notes": say("open311_closed" if one.is_closed else "open311_open"),
        "service_name": one.item_name,
        "service_code": one.item,
        "description": one.summary,
        "agency_responsible": one.unit_name,
        "service_notice": None,
        "requested_datetime": one.opened_on.astimezone(zone).isoformat(),
        "updated_datetime": one.updated_on.astimezone(zone).isoformat(),
        "expected_datetime": None,
        "address": one.place,
        "address_id": None,
        "zipcode": None,
        "lat": None,
        "long": None,
        "media_url": None,
    }


def describe_discovery(*, root: str, contact: str, say: Callable[[str], str], changeset: str) -> Json:
    """Describe where what can be read; `root` is the address that the caller used."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": root,
        "changeset": changeset,
        "type": "production",
        "formats": [MEDIA["json"], MEDIA["xml"]],
    }
    return {
        "changeset": changeset,
        "contact": contact,
        "key_service": say("open311_key_service"),
        "endpoints": [endpoint],
    }


def write_xml(root: str, content: Json | Sequence[Json], *, each: str = "") -> bytes:
    """Write a value as XML: a list holds one element `each` per value."""
    top = Element(root)
    if isinstance(content, dict):
        _fill(top, content)
    else:
        for one in content:
            _fill(SubElement(top, each), one)
    written: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return written


_ELEMENTS = {"endpoints": "endpoint", "formats": "format", "attributes": "attribute"}
"""What the members of a list are called."""


def _fill(element: Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        child = SubElement(element, name)
        if isinstance(value, list):
            _fill_list(child, value, _ELEMENTS[name])
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)


def _fill_list(element: Element, values: Iterable[Any], name: str) -> None:
    for one in values:
        if isinstance(one, dict):
            _fill(SubElement(element, name), one)
        else:
            SubElement(element, name).text = str(one)
