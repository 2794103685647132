"""How guessing is slowed down: failures in a row are counted by name and by address, and after some of them the next try has to wait.

A try is counted before it is looked at, so that a hundred at the same moment count as a hundred; the right one takes its own count back.
Names that nobody has are counted in the same way, so that a wait tells nothing about who is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select, update

from console.accounts.addresses import count_by
from console.accounts.tables import SignInFailure
from store.base import insert_into
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from console.sign_in_settings import SignInSettings

_MOST_DOUBLED = 20
"""2 ** 20 seconds are days: longer than any longest wait, and a small number."""
_MOST_FORGOTTEN = 200


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a try: how long to wait if it may not be made (None if it may), and whether it was the one that closes the door."""

    wait: timedelta | None = None
    closes: bool = False


def next_wait(failures: int, *, tries: int, settings: SignInSettings) -> timedelta:
    """Say how long after so many failures in a row the next try has to wait. Pure."""
    over = failures - tries
    if over < 0:
        return timedelta(0)
    longest = timedelta(minutes=settings.longest_wait_minutes)
    return min(longest, timedelta(seconds=settings.wait_seconds) * (1 << min(over, _MOST_DOUBLED)))


def mark_name(session: Session, name: str) -> str:
    """Give the mark of a name, however it is written."""
    return vault_of(session).blind("sign-in name", name.casefold()).hex()


def mark_address(session: Session, address: str) -> str:
    """Give the mark of an address; "" for none, which is not counted."""
    counted = count_by(address)
    return vault_of(session).blind("sign-in address", counted).hex() if counted else ""


def count_try(session: Session, *, name: str, address: str, settings: SignInSettings, now: datetime) -> Counted:
    """Count a try against its name and its address, unless one of them has to wait. Marks as of mark_name and mark_address."""
    limits = {name: settings.tries} | ({address: settings.address_tries} if address else {})
    rows = {mark: _hold(session, mark, now) for mark in sorted(limits)}
    waits = [row.until - now for row in rows.values() if row.until is not None and row.until > now]
    if waits:
        return Counted(wait=max(waits))
    for mark, row in rows.items():
        if row.last_at <= now - timedelta(hours=settings.forget_hours):
            row.count = 0
        row.count += 1
        row.last_at = now
        wait = next_wait(row.count, tries=limits[mark], settings=settings)
        row.until = now + wait if wait else None
    session.flush()
    return Counted(closes=any(row.until is not None for row in rows.values()))


def take_back(session: Session, *, name: str, address: str) -> None:
    """A try was the right one: its name begins anew, its address is back where it was."""
    session.execute(delete(SignInFailure).where(SignInFailure.mark == name))
    if address:
        fewer = {"count": SignInFailure.count - 1, "until": None}
        session.execute(update(SignInFailure).where(SignInFailure.mark == address, SignInFailure.count > 0).values(**fewer))


def clear(session: Session, name: str) -> bool:
    """Let a name try again at once; False if it need not wait and nothing was counted."""
    gone = delete(SignInFailure).where(SignInFailure.mark == name, SignInFailure.count > 0).returning(SignInFailure.mark)
    return session.execute(gone).first() is not None


def list_waits(session: Session, names: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """List which of these names have to wait, and until when."""
    waiting = {row.mark: row.until for row in session.scalars(select(SignInFailure).where(SignInFailure.until > now)) if row.until}
    marks = {name: mark_name(session, name) for name in names} if waiting else {}
    return {name: waiting[mark] for name, mark in marks.items() if mark in waiting}


def forget(session: Session, *, before: datetime) -> None:
    """Drop counts that nothing was added to since a moment, some at once."""
    old = select(SignInFailure.mark).where(SignInFailure.last_at < before).limit(_MOST_FORGOTTEN)
    session.execute(delete(SignInFailure).where(SignInFailure.mark.in_(old)))


def _hold(session: Session, mark: str, now: datetime) -> SignInFailure:
    """Give the row of a mark, made where it is not there and held until this transaction ends, also where another has just taken it away."""
    row = insert_into(session, SignInFailure).values(mark=mark, count=0, last_at=now)
    held = row.on_conflict_do_update(index_elements=["mark"], set_={"mark": mark}).returning(SignInFailure)
    return session.scalars(held, execution_options={"populate_existing": True}).one()
