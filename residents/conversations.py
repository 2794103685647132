"""Who is speaking, and where the conversation stands: found or made in the transaction that handles the message."""

from __future__ import annotations

import secrets
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from residents.tables import Conversation, Identity, Resident
from store.base import insert_once
from store.keys import new_key, open_key
from store.locks import hold
from store.sealing import DataKey, vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


PERSON = "person"
"""The place of a conversation that is held with one person alone."""


class Speaker(msgspec.Struct, frozen=True):
    """An opened conversation: the resident, their key for this transaction, and the row to be kept in step."""

    resident: Resident
    key: DataKey
    conversation: Conversation


def open_for(session: Session, *, channel: str, sender: str, place: str, now: datetime) -> Speaker:
    """Find or make the resident behind a channel's sender id and their conversation; one message of a resident at a time."""
    blind = vault_of(session).blind(channel, sender)
    hold(session, f"resident:{blind.hex()}")
    resident_id = session.execute(
        select(Identity.resident_id).where(Identity.kind == channel, Identity.blind == blind)
    ).scalar_one_or_none()
    resident = (
        session.get_one(Resident, resident_id)
        if resident_id is not None
        else _make(session, channel=channel, sender=sender, now=now)
    )
    return enter(session, resident, channel=channel, place=place, now=now)


def mark_place(session: Session, *, channel: str, place: str) -> str:
    """Give what a conversation keeps of where it is held: `person`, or the mark of a group, which names none."""
    return place if place == PERSON else vault_of(session).blind("place", f"{channel}\0{place}").hex()


def enter(session: Session, resident: Resident, *, channel: str, place: str, now: datetime) -> Speaker:
    """Open the conversation of somebody we know, or begin it. `place` is `person`, or a group's id."""
    place = mark_place(session, channel=channel, place=place)
    conversation = session.execute(
        select(Conversation).where(
            Conversation.resident_id == resident.id, Conversation.channel == channel, Conversation.place == place
        )
    ).scalar_one_or_none()
    if conversation is None:
        conversation = Conversation(resident_id=resident.id, channel=channel, place=place, last_at=now)
        session.add(conversation)
        session.flush()
    return Speaker(resident, open_key(session, resident.key_id), conversation)


def find(session: Session, conversation_id: int) -> Conversation:
    """Find a conversation, to say something in it."""
    return session.get_one(Conversation, conversation_id)


def reopen(session: Session, conversation_id: int) -> Speaker:
    """Open a conversation that stands, as it stands once its resident is held: no message and no time-out of theirs is under way."""
    conversation = session.get_one(Conversation, conversation_id)
    known_as = select(Identity.blind).where(Identity.resident_id == conversation.resident_id, Identity.kind == conversation.channel)
    blind = session.execute(known_as.order_by(Identity.id).limit(1)).scalar_one_or_none()
    if blind is not None:
        hold(session, f"resident:{blind.hex()}")
        session.refresh(conversation)
    resident = session.get_one(Resident, conversation.resident_id)
    return Speaker(resident, open_key(session, resident.key_id), conversation)


def read_state(speaker: Speaker) -> bytes:
    """Open the state of a conversation; empty at the beginning."""
    sealed = speaker.conversation.state
    return b"" if sealed is None else speaker.key.open(sealed)


def keep_state(speaker: Speaker, state: bytes, *, due_at: datetime | None, asked_by: int | None, now: datetime) -> None:
    """Seal the state that the turn led to, and when its open question times out."""
    speaker.conversation.state = speaker.key.seal(state) if state else None
    speaker.conversation.due_at = due_at
    speaker.conversation.asked_by = asked_by
    speaker.conversation.last_at = now


def timed_out(session: Session, *, now: datetime, limit: int = 200) -> Sequence[int]:
    """Find conversations whose open question nobody answered in time."""
    statement = select(Conversation.id).where(Conversation.due_at <= now).order_by(Conversation.due_at).limit(limit)
    return session.execute(statement).scalars().all()


def find_talk(session: Session, resident_id: int) -> int | None:
    """Find the conversation that a resident last spoke in, in private before any in a group; None if they never spoke."""
    statement = select(Conversation.id).where(Conversation.resident_id == resident_id)
    latest = statement.order_by(Conversation.place != PERSON, Conversation.last_at.desc()).limit(1)
    return session.execute(latest).scalar_one_or_none()


def last_channel(session: Session, resident_id: int) -> str:
    """Name the channel a resident last wrote on in private; "" if they never did (a group cannot be told of a ticket)."""
    statement = (
        select(Conversation.channel)
        .where(Conversation.resident_id == resident_id, Conversation.place == PERSON)
        .order_by(Conversation.last_at.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none() or ""


def last_contact(session: Session, resident_id: int) -> datetime | None:
    """Give when a resident last wrote in private; None if they never did."""
    where = (Conversation.resident_id == resident_id, Conversation.place == PERSON)
    return session.execute(select(func.max(Conversation.last_at)).where(*where)).scalar_one_or_none()


def find_by_phone(session: Session, phone: str, *, apart_from: int) -> int | None:
    """Find the one resident who gave this telephone number and can be written to; None where nobody did, or several."""
    known = select(Identity.resident_id).where(
        Identity.kind == "phone", Identity.blind == vault_of(session).blind("phone", phone), Identity.resident_id != apart_from
    )
    found = [one for one in session.execute(known.distinct()).scalars() if last_channel(session, one)]
    return found[0] if len(found) == 1 else None


def note_kind(speaker: Speaker, *, kind: str) -> None:
    """Keep whether a shop, a company, a property company or a unit speaks, where it said so."""
    speaker.resident.kind = kind


def keep_identity(session: Session, speaker: Speaker, *, kind: str, value: str, now: datetime) -> None:
    """Keep a phone, name or home under the resident's seal; the same one twice is one row."""
    values = {
        "resident_id": speaker.resident.id,
        "kind": kind,
        "blind": vault_of(session).blind(kind, value),
        "value": speaker.key.seal(value.encode()),
        "created_at": now,
    }
    insert_once(session, Identity, values, index=["kind", "blind", "resident_id"])


def _make(session: Session, *, channel: str, sender: str, now: datetime) -> Resident:
    key = new_key(session)
    resident = Resident(code=f"R-{secrets.token_hex(4).upper()}", key_id=key.id, created_at=now)
    session.add(resident)
    session.flush()
    blind = vault_of(session).blind(channel, sender)
    session.add(Identity(resident_id=resident.id, kind=channel, blind=blind, value=key.seal(sender.encode()), created_at=now))
    session.flush()
    return resident
