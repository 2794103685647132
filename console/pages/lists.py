"""What lists of work share: which part of them an address asks for, and the way back to it from a form. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from console.cursors import read_cursor, write_cursor
from console.problems import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.queues import Place

ROOMS = {
    "desk": "/staff/desk",
    "mine": "/staff/mine",
    "reviews": "/staff/figures/reviews",
    "signs": "/staff/figures/signs",
    "behind": "/staff/figures/tickets",
    "incident": "/staff/figures/incident",
}
"""The lists that an act can be done from: by the word that its form carries as `back`."""
_KEPT = (
    "tab", "cursor", "month", "figure", "side", "period", "from", "to", "area", "unit", "level", "channel", "item", "kind", "group",
    "incident",
)  # fmt: skip


def keep_query(query: Mapping[str, str]) -> str:
    """Write down which part of a list is shown, for its forms to carry as `query`."""
    return urlencode({name: query[name] for name in _KEPT if query.get(name)})


def read_query(form: Mapping[str, str]) -> dict[str, str]:
    """Read which part of a list a form was sent from."""
    return {name: value for name, value in parse_qsl(form.get("query", "")) if name in _KEPT}


def come_back(form: Mapping[str, str], path: str = "") -> str:
    """Give the address of the list that a form was sent from; "" where it was none."""
    room = path or ROOMS.get(form.get("back", ""), "")
    query = keep_query(read_query(form))
    return f"{room}?{query}" if room and query else room


def read_place(cursor: str) -> Place | None:
    """Read where a page begins; Problem (422) for a cursor that is none of ours."""
    if not cursor:
        return None
    moment, _, number = read_cursor(cursor).partition("|")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), int(number)
    except ValueError as error:
        raise wrong("query.cursor", "Expected a cursor that a page gave as `next`") from error


def write_place(place: Place | None) -> str:
    """Write where the next page begins; "" at the end."""
    return write_cursor(f"{place[0].isoformat()}|{place[1]}") if place is not None else ""
