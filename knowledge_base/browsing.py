"""Entries as an editor looks for them: by what they say, where they hold and how they stand, with what residents thought and every version."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import Text, and_, case, cast, func, or_, select, true

from knowledge_base.entry import Entry
from knowledge_base.tables import EntryFeedback, EntryVersion, KnowledgeEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

State = Literal["published", "retired", "ending", "expired", "coming"]
"""In use; withdrawn; valid for no more than ENDING; valid no more; not valid yet."""

ENDING = timedelta(days=30)
"""An entry that ends within this is shown to its editors first."""
_COLUMNS = tuple(getattr(KnowledgeEntry, name) for name in Entry.__struct_fields__)
_CHUNK = 500


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; "" is any. `words` stand in the question, a phrasing, the answer, or are the code."""

    words: str = ""
    kind: str = ""
    area: str = ""
    unit: str = ""
    state: State | Literal[""] = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a list: when and by whom it was changed last, and how many residents called it useful or not."""

    entry: Entry
    at: datetime
    by: str
    useful: int = 0
    useless: int = 0


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an entry, who made it and when."""

    entry: Entry
    at: datetime
    by: str


def list_entries(session: Session, wanted: Wanted, *, today: date, limit: int, after: str = "") -> list[Listed]:
    """List entries by code, from the one behind `after` on. Two queries, however many they are."""
    query = _select(wanted, today=today).where(KnowledgeEntry.code > after).order_by(KnowledgeEntry.code).limit(limit)
    found = session.execute(query).all()
    opinions = _count_opinions(session, [row.id for row in found])
    listed = []
    for row in found:
        useful, useless = opinions.get(row.id, (0, 0))
        entry = msgspec.convert({name: getattr(row, name) for name in Entry.__struct_fields__}, Entry)
        listed.append(Listed(entry=entry, at=row.at, by=row.by, useful=useful, useless=useless))
    return listed


def read_all(session: Session, wanted: Wanted, *, today: date) -> Iterator[Listed]:
    """Read all entries that are wanted, a chunk at a time."""
    after = ""
    while chunk := list_entries(session, wanted, today=today, limit=_CHUNK, after=after):
        yield from chunk
        after = chunk[-1].entry.code


def count_entries(session: Session, wanted: Wanted, *, today: date) -> int:
    """Count the entries that are wanted."""
    return session.scalar(select(func.count()).select_from(_select(wanted, today=today).subquery())) or 0


def list_units(session: Session) -> list[str]:
    """List whose entries there are."""
    return [unit for unit in session.scalars(select(KnowledgeEntry.unit).distinct().order_by(KnowledgeEntry.unit)) if unit]


def list_versions(session: Session, code: str, *, limit: int) -> list[Version]:
    """List the versions of an entry, the newest first."""
    query = (
        select(EntryVersion.content, EntryVersion.at, EntryVersion.by)
        .join(KnowledgeEntry, KnowledgeEntry.id == EntryVersion.entry_id)
        .where(KnowledgeEntry.code == code)
        .order_by(EntryVersion.version.desc())
        .limit(limit)
    )
    return [Version(entry=msgspec.convert(row.content, Entry), at=row.at, by=row.by) for row in session.execute(query)]


def find_version(session: Session, code: str, version: int) -> Entry | None:
    """Find one version of an entry; None if there is no such."""
    query = (
        select(EntryVersion.content)
        .join(KnowledgeEntry, KnowledgeEntry.id == EntryVersion.entry_id)
        .where(KnowledgeEntry.code == code, EntryVersion.version == version)
    )
    content = session.scalar(query)
    return msgspec.convert(content, Entry) if content is not None else None


def _select(wanted: Wanted, *, today: date) -> Select[tuple[object, ...]]:
    """Select the entries that are wanted, each with its last change."""
    newest = and_(EntryVersion.entry_id == KnowledgeEntry.id, EntryVersion.version == KnowledgeEntry.version)
    query = select(KnowledgeEntry.id, *_COLUMNS, EntryVersion.at, EntryVersion.by).join(EntryVersion, newest)
    for name in ("kind", "area", "unit"):
        if value := getattr(wanted, name):
            query = query.where(getattr(KnowledgeEntry, name) == value)
    if wanted.words:
        query = query.where(_say(wanted.words))
    return query.where(*_stand(wanted.state, today))


def _say(words: str) -> ColumnElement[bool]:
    """Ask for entries that hold all of some words."""
    texts = (KnowledgeEntry.code, KnowledgeEntry.question, KnowledgeEntry.answer, KnowledgeEntry.source)
    each = [
        or_(
            *(text.icontains(word, autoescape=True) for text in texts),
            cast(KnowledgeEntry.phrasings, Text).contains(json.dumps(word)[1:-1], autoescape=True),  # as the column is written
        )
        for word in words.split()
    ]
    return and_(true(), *each)


def _stand(state: State | Literal[""], today: date) -> list[ColumnElement[bool]]:
    """Ask for entries that stand so today."""
    until, since = KnowledgeEntry.valid_to, KnowledgeEntry.valid_from
    published = KnowledgeEntry.status == "published"
    asked: dict[str, list[ColumnElement[bool]]] = {
        "published": [published],
        "retired": [KnowledgeEntry.status == "retired"],
        "ending": [published, until.is_not(None), until >= today, until <= today + ENDING],
        "expired": [published, until.is_not(None), until < today],
        "coming": [published, since.is_not(None), since > today],
    }
    return asked.get(state, [])


def _count_opinions(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Count how many called each entry useful, and how many not."""
    query = (
        select(EntryFeedback.entry_id, func.sum(case((EntryFeedback.useful, 1), else_=0)), func.count())
        .where(EntryFeedback.entry_id.in_(ids))
        .group_by(EntryFeedback.entry_id)
    )
    return {row[0]: (int(row[1]), int(row[2]) - int(row[1])) for row in session.execute(query)}
