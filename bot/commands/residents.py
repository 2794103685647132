"""What was erased and what is due, as commands: receipts and counts only, for there is nobody left whom they could name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from bot import erasing
from bot.commands import Command, Json
from residents.erasing import Counts, Erasure

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def list_erasures(session: Session, city: City, *, now: datetime, limit: int = 50) -> Json:  # noqa: ARG001 - every command is told the time
    """List erasures, the newest first: the receipt, why, when it was asked for and done, how much it was."""
    rows = session.execute(select(Erasure).order_by(Erasure.id.desc()).limit(limit)).scalars()
    return [
        {
            "receipt": row.receipt,
            "kind": row.kind,
            "asked_at": row.asked_at.isoformat(),
            "done_at": row.done_at.isoformat() if row.done_at else None,
            "done": city.words.moment(row.done_at) if row.done_at else "",
            "counts": {name: count for name, count in row.counts.items() if count},
            "signature": row.signature,
        }
        for row in rows
    ]


def count_due(session: Session, city: City, *, now: datetime) -> Json:
    """Count what is over its time, by kind; nothing is touched."""
    return msgspec.to_builtins(erasing.count_due(session, city, now=now))


def run_due(session: Session, city: City, *, now: datetime) -> Json:
    """Take away a chunk of what is over its time; all counts are 0 when nothing is left."""
    return msgspec.to_builtins(erasing.run_due(session, city, now=now))


def sign_due(session: Session, city: City, *, now: datetime, counts: dict[str, int]) -> Json:
    """Sign what a run by hand took away; gives the receipt."""
    return erasing.sign_run(session, city, counts=msgspec.convert(counts, Counts), now=now)


def verify(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is told the time
    """Check receipts and erasure list."""
    proof = erasing.verify(session, city)
    return msgspec.to_builtins(proof) | {"sound": proof.is_sound}


def replay(session: Session, city: City, *, now: datetime) -> Json:
    """Erase again, in a restored database, what the list says was erased."""
    return msgspec.to_builtins(erasing.replay(session, city, now=now))


COMMANDS = (
    Command(name="erase.list", run=list_erasures, writes=False),
    Command(name="erase.count", run=count_due, writes=False),
    Command(name="erase.run", run=run_due),
    Command(name="erase.sign", run=sign_due),
    Command(name="erase.verify", run=verify, writes=False),
    Command(name="erase.replay", run=replay),
)
