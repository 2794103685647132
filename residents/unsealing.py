"""The only door through which a sealed person or message is opened.

open_raw serves the handler of that very row; address_of serves the outbox, which needs to know where to send; read_own serves the resident
it is about; unseal serves people, who must say why, and is written into the audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from residents.masking import mask
from residents.tables import Identity, Resident
from store.audit import record
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.inbox import InboxMessage


class ReasonMissing(Exception):
    """Say why this person's identity has to be opened; the reason is kept."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def open_raw(session: Session, row: InboxMessage) -> bytes:
    """Open the bytes of a message for the handler of that row; KeyGone if it was recalled."""
    if row.key_id is None or row.payload is None:
        raise KeyGone
    return open_key(session, row.key_id).open(row.payload)


def address_of(session: Session, *, resident_id: int, channel: str) -> str | None:
    """Find the id a channel knows this resident by, for sending; None if they never used it."""
    identity = session.execute(
        select(Identity).where(Identity.resident_id == resident_id, Identity.kind == channel).order_by(Identity.id.desc()).limit(1)
    ).scalar_one_or_none()
    if identity is None:
        return None
    return _key_open(session, resident_id, identity.value)


def note_opening(session: Session, *, subject: str, kind: str, reason: str, actor: str) -> None:
    """Keep who opens what of whom and why; ReasonMissing without a reason."""
    if not reason.strip():
        raise ReasonMissing
    record(session, actor=actor, action="unseal", subject=subject, facts={"kind": kind, "reason": mask(reason)})


def read_own(session: Session, resident: Resident, *, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Open identities of a resident for the program itself: to show them to their owner, or to find them in what others wrote."""
    statement = select(Identity.value).where(Identity.resident_id == resident.id, Identity.kind.in_(kinds)).order_by(Identity.id)
    key = open_key(session, resident.key_id)
    return tuple(key.open(value).decode() for value in session.execute(statement).scalars())


def unseal(session: Session, *, resident_id: int, kind: str, reason: str, actor: str) -> list[str]:
    """Open a resident's phones, names or homes for a person with a reason; audited whether or not there is anything."""
    note_opening(session, subject=f"resident:{resident_id}", kind=kind, reason=reason, actor=actor)
    values = session.execute(select(Identity.value).where(Identity.resident_id == resident_id, Identity.kind == kind)).scalars()
    return [_key_open(session, resident_id, value) for value in values]


def _key_open(session: Session, resident_id: int, sealed: bytes) -> str:
    return open_key(session, session.get_one(Resident, resident_id).key_id).open(sealed).decode()
