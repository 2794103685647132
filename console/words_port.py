"""What the pages of the city's words need of the house's bot, which understands questions: handed in with the city (console.surroundings)."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from knowledge_base.own_words import Kind, OwnWord, Wanted  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.own_words import Fault
    from knowledge_base.word_rows import Edition

Origin = Literal["own", "shipped", "table"]
Difference = Literal["first", "item", "band", "cut", "places"]
DIFFERENCES: tuple[Difference, ...] = ("first", "item", "band", "places", "cut")
"""What may be otherwise, the gravest first: the entry that a resident sees first, the duty item it would be a matter of, how sure the entry is,
the places that are read, how it is cut."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A word that the city's understanding knows beside the dictionary: the city's own, shipped, or out of its tables of areas and places."""

    own: OwnWord
    origin: Origin
    target_name: str = ""
    replaced: tuple[str, ...] = ()
    """The other words of the shipped group that the city's own stands in place of."""

    @property
    def key(self) -> tuple[str, str]:
        """By what it is sorted and found: kind and word."""
        return self.own.kind, self.own.word


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a text is read: its words, what a resident would get, the entry that comes first, how sure (0..1), and its places by name and area.

    `item` is the duty item that it would be a matter of, "" for none, and where it cannot be another one.
    """

    tokens: tuple[str, ...]
    outcome: Literal["answered", "choice", "nothing"]
    first: str
    first_question: str
    confidence: float
    places: tuple[str, ...]
    item: str = ""


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """A text that is read otherwise: how often residents asked it (0: it is a wording of entry `wording_of`), before, after, and what differs."""

    text: str
    times: int
    wording_of: str
    before: Reading
    after: Reading
    what: tuple[Difference, ...]
    verdict: Literal["better", "worse", ""]
    """Of a wording: whether its own entry comes first only now, or no longer."""


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What words would change: texts compared out of all there are, how many differ in what, the gravest of them, and what to mind."""

    compared: int
    texts: int
    asked: int
    counts: Mapping[str, int]
    rows: tuple[Differing, ...]
    notes: tuple[tuple[str, str, str], ...]
    """Why, the word, and what it is about: dictionary (has it already), unused (no text has it), common (it is an everyday word), bears (others bear that name), drops (words that are in the group by now and would be in none)."""


class WordsRoom(Protocol):
    """The words of the city as the running service uses them."""

    @property
    def edition(self) -> int:
        """The edition that the service works with."""

    def take_over(self, session: Session, *, now: datetime) -> None:
        """Have the service work with what is in service by now."""

    def list_known(self) -> Sequence[Known]:
        """List all words that are known beside the dictionary, by kind and word; what is one's own first."""

    def is_in_dictionary(self, word: str) -> bool:
        """Tell whether the dictionary, with the city's words, has a word."""

    def name_targets(self, kind: Kind) -> Mapping[str, str]:
        """Name what a word of this kind may be another name of, by code: areas; places by their name."""

    def find_faults(self, session: Session, wanted: Sequence[Wanted]) -> Sequence[Fault]:
        """Find what is wrong with these words among those that stand."""

    def preview(self, session: Session, wanted: Sequence[Wanted]) -> Impact:
        """Tell what these words would change; nothing is."""

    def put(self, session: Session, wanted: Sequence[Wanted], *, edition: int, by: str, now: datetime) -> Edition | None:
        """Put words into service; None where nothing changes. word_rows.WordsChanged where another edition stands by now."""

    def undo(self, session: Session, number: int, *, edition: int, by: str, now: datetime) -> Edition:
        """Take an edition back; the errors of word_rows.undo."""
