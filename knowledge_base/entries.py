"""Publishing, revising and retiring entries; what residents thought of them.

Every change is a version that stays, and has a number, so that each process can take over what changed since it last looked.

    KnowledgeError
    ├── PublishRefused     an entry without question, answer or source: nobody could answer for it
    ├── EntryExists        publishing under a code that is taken: revise it instead
    └── EntryMissing       no entry of this code
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import func, select

from knowledge_base.entry import Entry
from knowledge_base.tables import EntryFeedback, EntryVersion, KnowledgeEntry
from store.counters import next_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

CHANGES = "knowledge"
"""The counter of changes."""

_COLUMNS = tuple(getattr(KnowledgeEntry, name) for name in Entry.__struct_fields__)


class KnowledgeError(Exception):
    """The knowledge base could not do this."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class PublishRefused(KnowledgeError):
    """An entry is published only with a question, an answer and the source it comes from; name the missing ones and try again."""

    def __init__(self, code: str, missing: tuple[str, ...]) -> None:
        super().__init__(
            f"entry {code} has no {', '.join(missing)}: fill in and publish again (an unknown source date may stay open)"
        )
        self.code = code
        self.missing = missing


class EntryExists(KnowledgeError):
    """An entry of this code exists already: revise it, or choose another code."""


class EntryMissing(KnowledgeError):
    """There is no entry of this code."""


def publish(session: Session, entry: Entry, *, now: datetime, by: str = "") -> Entry:
    """Publish a new entry as version 1; PublishRefused without question, answer or source, EntryExists if the code is taken."""
    check_complete(entry)
    if _find(session, entry.code) is not None:
        raise EntryExists(f"entry {entry.code} exists already: revise it, or choose another code")
    row = KnowledgeEntry(
        **_columns(msgspec.structs.replace(entry, status="published", version=1)), changed=next_number(session, CHANGES)
    )
    session.add(row)
    return _keep_version(session, row, now=now, by=by)


def revise(session: Session, entry: Entry, *, now: datetime, by: str = "") -> Entry:
    """Replace the content of an entry and publish it; the same content again changes nothing. PublishRefused, EntryMissing."""
    check_complete(entry)
    row = _get(session, entry.code)
    wanted = msgspec.structs.replace(entry, status="published", version=row.version)
    if wanted == _entry(row):
        return wanted
    return _change(session, row, msgspec.structs.replace(wanted, version=row.version + 1), now=now, by=by)


def retire(session: Session, code: str, *, now: datetime, by: str = "") -> Entry:
    """Take an entry out of use; it stays readable with all its versions. EntryMissing."""
    row = _get(session, code)
    entry = _entry(row)
    if entry.status == "retired":
        return entry
    return _change(session, row, msgspec.structs.replace(entry, status="retired", version=row.version + 1), now=now, by=by)


def check_complete(entry: Entry) -> None:
    """Raise PublishRefused if question, answer or source are missing."""
    missing = tuple(name for name in ("question", "answer", "source") if not getattr(entry, name).strip())
    if missing:
        raise PublishRefused(entry.code, missing)


def get(session: Session, code: str) -> Entry | None:
    """Give an entry as it stands, also a retired one; None if there is none of this code."""
    row = _find(session, code)
    return _entry(row) if row else None


def load_all(session: Session) -> list[Entry]:
    """Give all published entries, by code."""
    query = select(KnowledgeEntry).where(KnowledgeEntry.status == "published").order_by(KnowledgeEntry.code)
    return [_entry(row) for row in session.scalars(query)]


def changed_since(session: Session, seen: int) -> tuple[list[Entry], int]:
    """Give the entries that changed after the change numbered `seen`, in that order and retired ones too, and the newest number."""
    query = select(KnowledgeEntry.changed, *_COLUMNS).where(KnowledgeEntry.changed > seen).order_by(KnowledgeEntry.changed)
    rows = session.execute(query).all()  # columns, not objects: a start reads every entry
    return [_entry(row) for row in rows], rows[-1].changed if rows else seen


def record_feedback(session: Session, code: str, *, useful: bool, now: datetime) -> None:
    """Keep that an answer helped or did not, with the version that was given. EntryMissing."""
    row = _get(session, code)
    session.add(EntryFeedback(entry_id=row.id, version=row.version, useful=useful, at=now))


def count_published(session: Session) -> int:
    """Count the entries in use."""
    return session.scalar(select(func.count()).where(KnowledgeEntry.status == "published")) or 0


def find_all(session: Session, codes: Iterable[str]) -> dict[str, Entry]:
    """Give the entries of these codes that exist, also retired ones."""
    wanted = list(codes)
    chunks = (wanted[start : start + 500] for start in range(0, len(wanted), 500))  # SQLite may be built to bind no more than 999
    rows = (row for chunk in chunks for row in session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.code.in_(chunk))))
    return {row.code: _entry(row) for row in rows}


def _change(session: Session, row: KnowledgeEntry, entry: Entry, *, now: datetime, by: str) -> Entry:
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    row.changed = next_number(session, CHANGES)
    return _keep_version(session, row, now=now, by=by)


def _keep_version(session: Session, row: KnowledgeEntry, *, now: datetime, by: str) -> Entry:
    session.flush()
    entry = _entry(row)
    session.add(EntryVersion(entry_id=row.id, version=row.version, content=msgspec.to_builtins(entry), by=by, at=now))
    return entry


def _find(session: Session, code: str) -> KnowledgeEntry | None:
    return session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.code == code)).one_or_none()


def _get(session: Session, code: str) -> KnowledgeEntry:
    row = _find(session, code)
    if row is None:
        raise EntryMissing(f"there is no entry {code}")
    return row


def _columns(entry: Entry) -> dict[str, object]:
    return msgspec.structs.asdict(entry) | {"phrasings": list(entry.phrasings)}


def _entry(row: KnowledgeEntry | Row[Any]) -> Entry:
    return msgspec.convert({name: getattr(row, name) for name in Entry.__struct_fields__}, Entry)
