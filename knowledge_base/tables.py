"""The rows of the knowledge base: entries as they stand, every version they had, what residents asked and what came of it, and what editors said of proposals."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Json


class KnowledgeEntry(Base):
    """知识条目 as it stands now. `changed` is the number of its last change, counted over all entries."""

    __tablename__ = "knowledge_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    question: Mapped[str]
    phrasings: Mapped[list[Any]]
    answer: Mapped[str]
    area: Mapped[str]
    unit: Mapped[str]
    source: Mapped[str]
    source_date: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    coordinates: Mapped[str] = mapped_column(default="", server_default=text("''"))
    status: Mapped[str]
    version: Mapped[int]
    changed: Mapped[int] = mapped_column(index=True)


class EntryVersion(Base):
    """One version of an entry, as it was published, revised or retired; never changed afterwards."""

    __tablename__ = "knowledge_entry_version"
    __table_args__ = (UniqueConstraint("entry_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("knowledge_entry.id"))
    version: Mapped[int]
    content: Mapped[Json]
    by: Mapped[str]
    at: Mapped[datetime]


class KnowledgeUse(Base):
    """What one resident's question, masked, came to: `missed`, `useless` (of `entry`), or `picked` (that entry, out of a choice).

    It goes with its resident, and with the messages of its time.
    """

    __tablename__ = "knowledge_use"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str]
    entry: Mapped[str]
    question: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class ProposalVerdict(Base):
    """What an editor said of one wording that was proposed: it is never proposed again. `mark` is keyed; no words are kept."""

    __tablename__ = "knowledge_verdict"

    mark: Mapped[str] = mapped_column(primary_key=True)
    accepted: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]


class ProposalRound(Base):
    """The worker's rounds that make proposals, in one row: when the last began, and as of when those stand that are kept; None before the first."""

    __tablename__ = "proposal_round"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime]
    made_at: Mapped[datetime | None]


class ProposalRow(Base):
    """One proposal of the last round, and how many residents and times were counted then. Its words are not kept: its sources have them."""

    __tablename__ = "knowledge_proposal"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    target: Mapped[str]
    residents: Mapped[int]
    times: Mapped[int]


class ProposalSource(Base):
    """A row that a proposal stands on: what a resident asked, or a ticket. `mark` is that of the wording (uses.mark_text); no words are kept."""

    __tablename__ = "knowledge_proposal_source"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    use_id: Mapped[int | None]
    ticket_id: Mapped[int | None]
    mark: Mapped[str]


class HitOutcome(Base):
    """What a question of a hit test came to when it was last saved. `mark` is keyed; no words are kept."""

    __tablename__ = "knowledge_hit"

    mark: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    at: Mapped[datetime]


class EntryFeedback(Base):
    """One 有用 or 没用 on an entry's answer, and on which version of it."""

    __tablename__ = "knowledge_feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("knowledge_entry.id"), index=True)
    version: Mapped[int]
    useful: Mapped[bool]
    at: Mapped[datetime]


class CityWord(Base):
    """What the city says of a word as it stands now (knowledge_base.own_words), and since which edition."""

    __tablename__ = "city_word"

    kind: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[Json]
    edition: Mapped[int]


class WordEdition(Base):
    """One time that words were put into service together; `undoes` is the edition that it took back. Never changed afterwards."""

    __tablename__ = "city_word_edition"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by: Mapped[str]
    at: Mapped[datetime]
    undoes: Mapped[int | None]


class WordChange(Base):
    """What an edition did to one word: how it stood before and after; None where the city said nothing of it."""

    __tablename__ = "city_word_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(ForeignKey("city_word_edition.number"), index=True)
    kind: Mapped[str]
    word: Mapped[str]
    before: Mapped[Json | None]
    after: Mapped[Json | None]
