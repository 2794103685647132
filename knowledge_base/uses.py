"""What came of residents' questions, kept for the editors, and what the editors said of what was proposed from it.

Every question is masked by the caller, belongs to its resident and goes with them. Verdicts and hit tests keep keyed marks, no words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, select

from knowledge_base.proposals import Use, fold
from knowledge_base.tables import HitOutcome, KnowledgeUse, ProposalVerdict
from knowledge_base.text import normalize
from store.base import insert_into
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.proposals import UseKind

_COLUMNS = {"row": "id", "resident": "resident_id", "kind": "kind", "entry": "entry", "question": "question"}
"""What a use is called as a value, and its column."""
_CHUNK = 500
"""Marks asked for at once: SQLite may be built to bind no more than 999."""


def record_use(session: Session, *, kind: UseKind, question: str, resident_id: int, now: datetime, entry: str = "") -> None:
    """Keep what a question, masked, came to; one without words is not kept."""
    text = normalize(question)
    if fold(text):
        session.add(KnowledgeUse(resident_id=resident_id, kind=kind, entry=entry, question=text, at=now))


def load_uses(session: Session, *, after: int = 0, limit: int | None = None) -> list[Use]:
    """Give what is kept, the oldest first: all, or so many at most after a row."""
    columns = {name: getattr(KnowledgeUse, column) for name, column in _COLUMNS.items()}
    found = select(*(column.label(name) for name, column in columns.items())).where(KnowledgeUse.id > after)
    rows = session.execute(found.order_by(KnowledgeUse.id).limit(limit))
    return [msgspec.convert(dict(row), Use) for row in rows.mappings()]


def forget_resident(session: Session, *, resident_id: int, since: datetime | None = None) -> int:
    """Drop what a resident asked, or asked from a moment on; returns how many."""
    statement = delete(KnowledgeUse).where(KnowledgeUse.resident_id == resident_id)
    if since is not None:
        statement = statement.where(KnowledgeUse.at >= since)
    return len(session.execute(statement.returning(KnowledgeUse.id)).all())


def count_uses(session: Session, *, before: datetime) -> int:
    """Count what was asked before this moment."""
    return session.scalar(select(func.count()).where(KnowledgeUse.at < before)) or 0


def forget_uses(session: Session, *, before: datetime) -> int:
    """Drop what was asked before this moment; returns how many."""
    return len(session.execute(delete(KnowledgeUse).where(KnowledgeUse.at < before).returning(KnowledgeUse.id)).all())


def mark_text(session: Session, kind: str, target: str, text: str) -> str:
    """Give the keyed mark of a text that was proposed for a target, or tested: equal texts have equal marks, and no mark gives its text."""
    return vault_of(session).blind("knowledge", "\n".join((kind, target, fold(text)))).hex()


def find_decided(session: Session, marks: Iterable[str]) -> set[str]:
    """Find which of these marks an editor has accepted or refused."""
    wanted = sorted(set(marks))
    chunks = (wanted[start : start + _CHUNK] for start in range(0, len(wanted), _CHUNK))
    return {
        mark
        for chunk in chunks
        for mark in session.execute(select(ProposalVerdict.mark).where(ProposalVerdict.mark.in_(chunk))).scalars()
    }


def decide_marks(session: Session, marks: Sequence[str], *, accepted: bool, by: str, now: datetime) -> None:
    """Keep that an editor accepted or refused what bears these marks."""
    for mark in dict.fromkeys(marks):
        values = {"accepted": accepted, "by": by, "at": now}
        statement = insert_into(session, ProposalVerdict).values(mark=mark, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["mark"], set_=values))


def load_outcomes(session: Session) -> dict[str, str]:
    """Give what the questions of hit tests came to when they were last saved, by their marks."""
    return {row.mark: row.outcome for row in session.execute(select(HitOutcome.mark, HitOutcome.outcome))}


def save_outcomes(session: Session, outcomes: Mapping[str, str], *, now: datetime) -> None:
    """Keep what these questions came to; other questions keep theirs."""
    for mark, outcome in outcomes.items():
        statement = insert_into(session, HitOutcome).values(mark=mark, outcome=outcome, at=now)
        session.execute(statement.on_conflict_do_update(index_elements=["mark"], set_={"outcome": outcome, "at": now}))
