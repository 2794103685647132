"""What the pages of the knowledge editors need of the house's bot, which understands questions: handed in with the city (console.surroundings)."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from datetime import datetime, timedelta  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from knowledge_base.importers import Preview  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from knowledge_base.entry import Entry


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """Like questions that nothing answered, or whose answer was no use: masked, by distinct residents, and the entry that comes nearest."""

    key: str
    questions: tuple[str, ...]
    residents: int
    times: int
    useless: int
    nearest: str
    nearest_question: str


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What residents' use proposes: another wording of an entry, a new entry, a word of a duty item (knowledge_base.proposals)."""

    key: str
    kind: Literal["phrasing", "entry", "word"]
    target: str
    target_name: str
    text: str
    others: tuple[str, ...]
    origin: str
    residents: int
    times: int
    answer: str
    unit: str


class Proposals(msgspec.Struct, frozen=True, kw_only=True):
    """What is proposed, the first of it: as of the worker's last round (None before the first), which there is every so often, unless it is late."""

    shown: tuple[Proposed, ...]
    has_more: bool
    made_at: datetime | None
    every: timedelta
    is_late: bool


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An entry beside a question that was tried; shares and confidence are 0..1. `refused` says why it may not answer today, if it may not."""

    code: str
    question: str
    phrasing: str
    score: float
    confidence: float
    likeness: float
    coverage: float
    read_as: str
    """What the question was taken for where it looked mistyped; empty: as it was typed."""
    unsaid: float
    unsaid_words: tuple[str, ...]
    """What was asked and the entry says nowhere."""
    asks_elsewhere: bool
    """Whether these words sound as if something else was asked."""
    excluded: bool
    refused: str
    shown: bool
    """Whether a resident would see it."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What the service would say to a question of which nothing else is known, and why: `why` is a word of WHYS."""

    question: str
    tokens: tuple[str, ...]
    outcome: Literal["answered", "choice", "nothing"]
    why: str
    lead: float
    """By how much of its score (0..1) the best is ahead of the next."""
    candidates: tuple[Candidate, ...]
    with_draft: bool = False


class HitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a hit test: which entries would be right, which a resident would see, what that comes to, and how it was before."""

    question: str
    expected: tuple[str, ...]
    got: tuple[str, ...]
    outcome: str
    change: str
    mark: str


class HitRun(msgspec.Struct, frozen=True, kw_only=True):
    """A hit test: its rows, how many of each outcome and change, and expected codes that no entry has."""

    rows: tuple[HitRow, ...]
    outcomes: Mapping[str, int]
    changes: Mapping[str, int]
    unknown: tuple[str, ...]


class ImportDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read and not taken yet: whose, what it holds, and which version of each of its entries stood then."""

    by: str
    at: datetime
    name: str
    preview: Preview
    versions: dict[str, int]


class KnowledgeRoom(Protocol):
    """The knowledge base of the city as the running service uses it."""

    def take_over(self, session: Session, *, now: datetime) -> None:
        """Have the service answer with what is published by now."""

    def list_misses(self, session: Session, *, limit: int) -> Sequence[Miss]:
        """List what was asked in vain, what most residents asked first."""

    def find_miss(self, session: Session, key: str) -> Miss | None:
        """Find one group of questions; None if it is answered or dismissed by now."""

    def settle_miss(self, session: Session, key: str, *, answered: bool, by: str, now: datetime) -> bool:
        """Keep that a group of questions has its entry now, or needs none; False if nothing of this key waits."""

    def list_proposals(self, session: Session, *, limit: int, now: datetime) -> Proposals:
        """List what is proposed and nobody has decided."""

    def find_proposal(self, session: Session, key: str) -> Proposed | None:
        """Find one proposal; None if it is decided by now."""

    def accept(self, session: Session, key: str, *, by: str, now: datetime, text: str = "", entry: bool = False) -> bool:
        """Do what is proposed, in these words instead if any are given; `entry`: it was published otherwise. False if nothing of this key waits, Problem (409) if it cannot be done."""

    def refuse(self, session: Session, key: str, *, by: str, now: datetime) -> bool:
        """Let a proposal go: its words are not proposed again. False if nothing of this key waits."""

    def try_question(self, question: str, *, draft: Entry | None = None) -> Trial:
        """Try a question, with a draft as if it were published already."""

    def test(self, session: Session, rows: Sequence[tuple[str, Sequence[str]]]) -> HitRun:
        """Ask questions whose entries are known."""

    def say_problems(self, preview: Preview) -> Sequence[str]:
        """Say what is wrong with the rows of a file, each with its line."""

    def keep_import(self, draft: ImportDraft) -> str:
        """Keep a file that was read until it is taken, a day at most; gives the key to it."""

    def find_import(self, key: str, *, by: str, now: datetime) -> ImportDraft | None:
        """Find what somebody had read; None if it is gone, or somebody else's."""

    def drop_import(self, key: str) -> None:
        """Forget what was kept."""

    def keep_test(self, session: Session, outcomes: Mapping[str, str], *, by: str, now: datetime) -> None:
        """Keep what questions came to, by their marks, to compare the next test with."""
