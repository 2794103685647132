"""The two front doors: the residents' first page, and where each of the staff begins."""

from __future__ import annotations

from console.pages import menu
from console.pages.faq import list_near, read_home
from console.pages.own import find_us, list_mine
from console.pages.routes import Page, PageCall, PageRoute, Redirect


def show_front(call: PageCall) -> Page:
    """Show residents what they can do here, and whether something waits for whoever has this browser."""
    home = read_home(call)
    values = {
        "waiting": _count_waiting(call),
        "home": call.context.org.areas[home].name if home else "",
        "near": list_near(call) if home else [],
    }
    return Page(template="resident/front.html", values=values)


def show_home(call: PageCall) -> Redirect:
    """Send somebody of the staff to where their work is."""
    return Redirect(to=menu.home_of(call.actor))


def _count_waiting(call: PageCall) -> int:
    """Count the matters of this browser's person that ask something of them."""
    return sum(bool(ticket.asks) and ticket.resident_id == me.id for me in find_us(call) for ticket in list_mine(call, me))


PAGES = (
    PageRoute(path="/", name="front", action="pages.read", run=show_front),
    PageRoute(path="/staff/", name="staff_home", action="me.read", run=show_home),
)
