"""Questions that units have settled: tickets of kind consult whose opener said that the reply solved it. Read-only.

Nothing confidential is among them, nothing that somebody may not see, and nothing of somebody whose words were erased: such a ticket is nobody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from residents.masking import mask_doors
from routing.tables import Ticket
from routing.terms import NOBODY
from store.keys import open_keys

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from store.sealing import DataKey


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, masked, by which ticket; whose question, as a number."""

    ticket: int
    resident: int
    question: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit replied, the doors of homes masked, and the unit's name."""

    text: str
    unit: str


def list_settled(session: Session, *, most: int = 5_000) -> list[Settled]:
    """List the latest, the oldest of them first: an older reply may be right no longer."""
    return _make(session, _find().order_by(Ticket.id.desc()).limit(most))[::-1]


def read_settled(session: Session, tickets: Select[int | None]) -> list[Settled]:
    """Read which of some tickets are settled as they stand now."""
    return _make(session, _find().where(Ticket.id.in_(tickets)))


def read_replies(session: Session, tickets: Collection[int], *, org: OrgChart) -> dict[int, Reply]:
    """Open what units replied to settled tickets, by ticket; those whose key is gone are left out. Two queries."""
    columns = (Ticket.id, Ticket.unit, Ticket.key_id, Ticket.text, Ticket.place_text, Ticket.reply_text)
    rows = session.execute(select(*columns).where(Ticket.id.in_(sorted(tickets)))).all()
    keys = open_keys(session, {row.key_id for row in rows})
    found = {}
    for row in rows:
        if (key := keys.get(row.key_id)) is not None:
            reply, text, place = (_open(key, sealed) for sealed in (row.reply_text, row.text, row.place_text))
            found[row.id] = Reply(text=mask_doors(reply, of=f"{text}\n{place}"), unit=org.name_of(row.unit))
    return found


def _find() -> Select[int, int, str, list[str]]:
    return (
        select(Ticket.id, Ticket.resident_id, Ticket.summary, Ticket.refused)
        .where(Ticket.kind == "consult", Ticket.solved == "yes", Ticket.reply_text.is_not(None))
        .where(~Ticket.confidential, Ticket.resident_id != NOBODY)
    )


def _make(session: Session, found: Select[int, int, str, list[str]]) -> list[Settled]:
    rows = session.execute(found)
    return [Settled(ticket=one, resident=resident, question=summary) for one, resident, summary, refused in rows if not refused]


def _open(key: DataKey, sealed: bytes | None) -> str:
    return key.open(sealed).decode() if sealed is not None else ""
