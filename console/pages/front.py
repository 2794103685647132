"""The two front doors: the residents' first page, and where each of the staff begins."""

from __future__ import annotations

from console.pages import menu
from console.pages.routes import Page, PageCall, PageRoute, Redirect


def show_front(_call: PageCall) -> Page:
    """Show residents what they can do here."""
    return Page(template="resident/front.html")


def show_home(call: PageCall) -> Redirect:
    """Send somebody of the staff to where their work is."""
    return Redirect(to=menu.home_of(call.actor))


PAGES = (
    PageRoute(path="/", name="front", action="pages.read", run=show_front),
    PageRoute(path="/staff/", name="staff_home", action="me.read", run=show_home),
)
