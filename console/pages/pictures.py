"""Pictures that residents sent, on pages: who may see them, and the two addresses they are served from.

    /staff/media/{token}[/small]    to staff; opening the large one is kept in the audit, as a view of somebody's home
    /media/{token}[/small]          to the browser of who sent it

A picture cannot be masked, so it is shown to whom the whole ticket is (Sight.FULL): its desk, and the unit that has it. Of a confidential
matter it is like the resident's own words: only who has just opened these, for a reason that was kept, sees it. What is served was drawn
anew by us (console.media), and is served as nothing but a picture.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from console.pages.own import find_us
from console.pages.routes import File, PageCall, PageRoute
from console.policy import Allowed, Resource, authorize
from console.routes import unseen
from residents import made_pictures
from routing import sight
from routing.history import find, read_facts
from routing.sight import Sight
from store.audit import AuditEntry, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from residents.made_pictures import Found, Picture, Size
    from routing.facts import TicketFacts

STAFF, OWN = "/staff/media", "/media"
OPENED_FOR = timedelta(minutes=15)
"""How long the words of a confidential matter stay opened for whoever gave a reason, where its pictures are concerned: as long as one reads."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=600, immutable",
    "Vary": "Cookie",
}
"""Nothing runs in what is shown, whatever a browser takes it for (the style is the browser's own, which fits a picture to the window); and it
is kept by the one browser that may see it, for a while."""
_NAMES: dict[Size, str] = {"view": "picture.jpg", "thumbnail": "small.jpg"}


def list_pictures(call: PageCall, number: str, *, opened: bool = False) -> tuple[Picture, ...]:
    """List a ticket's pictures for who may see them; `opened`: its words have just been opened for a reason."""
    facts = read_facts(call.session, find(call.session, number), org=call.context.org)
    if not _sees_all(call, facts) or (facts.confidential and not opened):
        return ()
    return made_pictures.list_of_ticket(call.session, number)


def show_view(call: PageCall) -> File:
    """Show a picture of a ticket in full; who saw it is kept."""
    found = _find_for_staff(call)
    record(
        call.session, actor=call.actor.code, action="picture_seen", subject=f"ticket:{found.ticket}", facts={"picture": found.id}
    )
    return _serve(call, found, "view")


def show_thumbnail(call: PageCall) -> File:
    """Show a picture of a ticket small, as it stands on the ticket's page."""
    return _serve(call, _find_for_staff(call), "thumbnail")


def _find_for_staff(call: PageCall) -> Found:
    """Find a picture that a member of staff may see; Problem (404) for any other."""
    found = made_pictures.find(call.session, call.path["token"])
    if found is None or not found.ticket:
        raise unseen()
    facts = read_facts(call.session, find(call.session, found.ticket), org=call.context.org)
    if not _sees_all(call, facts) or (facts.confidential and not _has_opened(call, facts.number)):
        raise unseen()
    return found


def _sees_all(call: PageCall, facts: TicketFacts) -> bool:
    org = call.context.org
    reached = isinstance(authorize(call.actor, "pictures.read", Resource(ticket=facts, org=org)), Allowed)
    return reached and sight.decide(facts, call.actor.viewer, org=org, followers=facts.people[1:]) is Sight.FULL


def _has_opened(call: PageCall, number: str) -> bool:
    """Tell whether who looks has opened the words of a matter a moment ago."""
    opened = select(AuditEntry.facts).where(
        AuditEntry.subject == f"ticket:{number}",
        AuditEntry.action == "unseal",
        AuditEntry.actor == call.actor.code,
        AuditEntry.at > call.now - OPENED_FOR,
    )
    return any(facts.get("kind") == "original" for facts in call.session.execute(opened).scalars())


def _make_own(size: Size) -> Callable[[PageCall], File]:
    """Make what shows a picture to the browser of who sent it; Problem (404) to any other."""

    def show(call: PageCall) -> File:
        found = made_pictures.find(call.session, call.path["token"])
        if found is None or found.resident_id not in {me.id for me in find_us(call)}:
            raise unseen()
        return _serve(call, found, size)

    return show


def _serve(call: PageCall, found: Found, size: Size) -> File:
    body = made_pictures.open_made(call.session, found.id, size)
    if body is None:
        raise unseen()
    return serve(body, size)


def serve(body: bytes, size: Size) -> File:
    """Serve a picture that we made (JPEG) as nothing but a picture."""
    return File(name=_NAMES[size], media_type="image/jpeg", body=body, inline=True, headers=_HEADERS)


PAGES = (
    PageRoute(path=f"{STAFF}/{{token}}", name="picture", action="pictures.read", run=show_view, writes=True),
    PageRoute(path=f"{STAFF}/{{token}}/small", name="picture_small", action="pictures.read", run=show_thumbnail),
    PageRoute(path=f"{OWN}/{{token}}", name="own_picture", action="own.read", run=_make_own("view")),
    PageRoute(path=f"{OWN}/{{token}}/small", name="own_picture_small", action="own.read", run=_make_own("thumbnail")),
)
