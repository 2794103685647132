"""谁在看: who has a ticket open just now, or writes on it, so that two do not answer the same. Rows of a minute, for colleagues alone.

Of a confidential matter nothing is kept: who works on it is told in no list.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, insert_into

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

BEAT = timedelta(seconds=15)
"""How often whoever is there says so."""
LASTS = timedelta(seconds=40)
"""So long after the last time somebody counts as there."""


class Presence(Base):
    """Somebody at a ticket; `doing` is looking or writing."""

    __tablename__ = "presence"

    number: Mapped[str] = mapped_column(primary_key=True)
    staff: Mapped[str] = mapped_column(primary_key=True)
    doing: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else at the same ticket: a colleague by name, of another unit only which one."""

    who: str
    doing: str


def note(session: Session, number: str, staff: str, *, now: datetime, doing: str = "looking") -> None:
    """Note that somebody is at a ticket; what is old goes. Whoever writes does so until they have been silent for a while."""
    session.execute(delete(Presence).where(Presence.seen_at < now - LASTS))
    row = {"number": number, "staff": staff, "doing": doing, "seen_at": now}
    changed = {"seen_at": now} | ({"doing": doing} if doing == "writing" else {})
    session.execute(
        insert_into(session, Presence).values(row).on_conflict_do_update(index_elements=["number", "staff"], set_=changed)
    )


def leave(session: Session, number: str, staff: str) -> None:
    """Note that somebody has gone."""
    session.execute(delete(Presence).where(Presence.number == number, Presence.staff == staff))


def read(session: Session, numbers: Collection[str], *, now: datetime) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Read who is at some tickets: number -> (staff code, doing), by code. One query."""
    here = select(Presence).where(Presence.number.in_(numbers), Presence.seen_at >= now - LASTS).order_by(Presence.staff)
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in session.scalars(here):
        found[row.number] = (*found.get(row.number, ()), (row.staff, row.doing))
    return found


def describe(present: Collection[tuple[str, str]], *, viewer: str, org: OrgChart) -> tuple[Other, ...]:
    """Describe who else is at a ticket, as one of them reads it. Pure."""
    me = org.staff.get(viewer)
    ours = frozenset(me.posts) if me is not None else frozenset()
    found = []
    for code, doing in present:
        person = org.staff.get(code)
        if person is not None and code != viewer:
            colleague = not ours.isdisjoint(person.posts)
            found.append(Other(who=person.name if colleague else org.name_of(person.unit), doing=doing))
    return tuple(found)
