"""身边已办: what desks made known of matters, in their own words, by the same rules as the open data (routing.publishing), and how many they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from console.pages.faq import read_home
from console.pages.routes import Page, PageCall, PageRoute
from routing.publishing import list_published

if TYPE_CHECKING:
    from routing.publishing import Published

PATH = "/nearby"
_READ = 300
"""Published matters that are counted: the newest."""
_SHOWN = 30
_ITEMS = 6
_STATES = {"open": False, "closed": True}


def show(call: PageCall) -> Page:
    """Show what is published, of the community that was chosen if there is one; nothing where the city does not publish."""
    found = _read(call) if call.city.publishes_from else []
    home, state, everywhere = read_home(call), call.query.get("state", ""), "all" in call.query
    here = [one for one in found if not home or everywhere or _lies_in(call, one, home)]
    shown = [one for one in here if state not in _STATES or one.is_closed == _STATES[state]]
    org = call.context.org
    return Page(
        template="resident/nearby.html",
        values={
            "enabled": call.city.publishes_from > 0,
            "shown": shown[:_SHOWN],
            "state": state if state in _STATES else "",
            "home": org.areas[home].name if home else "",
            "everywhere": everywhere,
            "closed": sum(one.is_closed for one in here),
            "open": sum(not one.is_closed for one in here),
            "items": Counter(one.item_name for one in here).most_common(_ITEMS),
        },
    )


def _read(call: PageCall) -> list[Published]:
    context = call.context
    return list_published(
        call.session,
        org=context.org,
        duties=context.duty_list,
        zone=call.city.zone,
        least=call.city.publishes_from,
        limit=_READ,
    )


def _lies_in(call: PageCall, one: Published, home: str) -> bool:
    """Tell whether a matter lies in an area: its place names all areas that it lies in, the widest first."""
    return call.context.org.areas[home].name in one.place.split(" ")


PAGES = (PageRoute(path=PATH, name="nearby", action="pages.read", run=show),)
