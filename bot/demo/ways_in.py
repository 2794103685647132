"""Where a newcomer goes first: the residents' pages, a code on a door, a ticket's progress, and a one-time link for each role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from bot.commands import discover
from routing import codes
from routing.code_tables import PlaceCode
from routing.history import OPERATOR
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

POSTS: Mapping[str, str] = {
    "desk": "DK001",
    "unit_clerk": "UC003",
    "grid_worker": "GW001",
    "supervisor": "SV001",
    "seat": "ST001",
    "knowledge_editor": "KE001",
    "operator": "OP001",
    "auditor": "SJ001",
}
"""Role -> whose link is made."""
MINUTES = 24 * 60
"""How long a link opens: the demonstration lies open on a screen for a day, on this machine alone."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One address to open: what it is (a role, or resident, chat, place, progress), whose it is, and its path."""

    kind: str
    path: str
    name: str = ""


def open_to_newcomers(settings: Settings) -> Settings:
    """Let a link be enough for every role, for nobody of the made-up city has a telephone with codes; and let it publish what desks approved."""
    return msgspec.structs.replace(
        settings,
        sign_in=msgspec.structs.replace(settings.sign_in, totp_roles=()),
        open311=msgspec.structs.replace(settings.open311, enabled=True),
    )


async def make_ways(store: Store, city: City, *, progress: str) -> list[Way]:
    """Make the links and find a code; `progress` is the path of a ticket's page."""
    place = await store.read(_find_code)
    links = await store.write(lambda s: [_make_link(s, city, kind, post) for kind, post in POSTS.items()])
    return [
        Way(kind="resident", path="/"),
        Way(kind="chat", path="/chat"),
        Way(kind="place", path=f"/c/{place}"),
        Way(kind="progress", path=progress),
        *links,
    ]


def _find_code(session: Session) -> str:
    """Give the first code that was made: the past makes some."""
    row = session.execute(select(PlaceCode).order_by(PlaceCode.id).limit(1)).scalar_one()
    return codes.sign_code(session, row)


def _make_link(session: Session, city: City, kind: str, post: str) -> Way:
    made = discover()["accounts.link"].run(session, city, now=utcnow(), code=post, minutes=MINUTES, actor=OPERATOR)
    return Way(kind=kind, path=made["path"], name=made["name"])
