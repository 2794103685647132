"""The city's own words in the database: as they stand, put into service edition by edition, and taken back.

Two editors never overwrite each other: each names the edition that he looked at, and is refused if another one stands by now.

    KnowledgeError
    ├── WordsWrong       what is wanted does not go with what stands: `faults`
    ├── WordsChanged     another edition stands by now: look at it and put yours into service again
    ├── WordsTooMany     the city would have more words of its own than MOST
    ├── NoSuchEdition    no edition of this number
    └── ChangedSince     words of this edition were changed again by a later one, which has to be taken back first
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, select

from knowledge_base.entries import KnowledgeError
from knowledge_base.own_words import KINDS, OwnWord, Wanted
from knowledge_base.tables import CityWord, WordChange, WordEdition
from store.counters import current_number, next_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.own_words import Fault

EDITIONS = "city_words"
"""The counter of editions."""
MOST = 5000
"""Own words of a city: ten times what one person can keep an eye on."""


class WordsWrong(KnowledgeError):
    """These words cannot stand together."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"these words cannot stand: {', '.join(f'{one.word} ({one.why})' for one in faults)}")
        self.faults = tuple(faults)


class WordsChanged(KnowledgeError):
    """Somebody put other words into service meanwhile: look at them and put yours into service again."""


class WordsTooMany(KnowledgeError):
    """A city has no more than 5000 words of its own: take those away that nobody uses."""


class NoSuchEdition(KnowledgeError):
    """There is no edition of the city's words of this number."""


class ChangedSince(KnowledgeError):
    """Words of this edition were changed again since: take the later edition back first."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an edition did to one word; None: the city said nothing of it."""

    before: OwnWord | None
    after: OwnWord | None

    @property
    def word(self) -> OwnWord:
        """The word, as it stands after the change if it does."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """One edition: who put it into service and when, which one it took back, and what it changed."""

    number: int
    by: str
    at: datetime
    undoes: int | None
    changes: tuple[Change, ...]


def load(session: Session) -> list[OwnWord]:
    """Give the city's own words, by kind and word."""
    rows = session.execute(select(CityWord.kind, CityWord.word, CityWord.content)).all()
    return sorted((_read(row.content) for row in rows), key=lambda one: (KINDS.index(one.kind), one.word))


def current_edition(session: Session) -> int:
    """Give the number of the edition that is in service; 0 before the first."""
    return current_number(session, EDITIONS)


def put(
    session: Session, wanted: Iterable[Wanted], *, edition: int, by: str, now: datetime, undoes: int | None = None
) -> Edition | None:
    """Put words (tidy ones) into service as the next edition; None where that changes nothing. WordsChanged if another edition stands than `edition`, WordsTooMany."""
    if current_edition(session) != edition:
        raise WordsChanged
    standing = {(one.kind, one.word): one for one in load(session)}
    last = {(one.own.kind, one.own.word): one for one in wanted}
    changes = tuple(
        change
        for key, one in last.items()
        if (change := Change(before=standing.get(key), after=None if one.gone else one.own)) and change.before != change.after
    )
    if not changes:
        return None
    made = Edition(number=next_number(session, EDITIONS), by=by, at=now, undoes=undoes, changes=changes)
    if made.number != edition + 1:  # another transaction was between the two
        raise WordsChanged
    _keep(session, made)
    if (session.scalar(select(func.count()).select_from(CityWord)) or 0) > MOST:
        raise WordsTooMany
    return made


def undo(session: Session, number: int, *, edition: int, by: str, now: datetime) -> Edition:
    """Take an edition back, as the next one. NoSuchEdition, ChangedSince if one of its words stands otherwise by now, WordsChanged as put()."""
    taken = find_edition(session, number)
    if taken is None:
        raise NoSuchEdition
    standing = {(one.kind, one.word): one for one in load(session)}
    if any(standing.get((one.word.kind, one.word.word)) != one.after for one in taken.changes):
        raise ChangedSince
    wanted = [Wanted(own=one.before or one.word, gone=one.before is None) for one in taken.changes]
    made = put(session, wanted, edition=edition, by=by, now=now, undoes=number)
    if made is None:
        raise ChangedSince
    return made


def find_edition(session: Session, number: int) -> Edition | None:
    """Give one edition; None if there is none of this number."""
    return next(iter(list_editions(session, limit=1, before=number + 1, least=number)), None)


def list_editions(session: Session, *, limit: int, before: int = 0, least: int = 0) -> list[Edition]:
    """List editions, the newest first: those below number `before` (0: all), none below `least`."""
    query = select(WordEdition).where(WordEdition.number >= least).order_by(WordEdition.number.desc()).limit(limit)
    rows = session.scalars(query.where(WordEdition.number < before) if before else query).all()
    changes: dict[int, list[Change]] = {row.number: [] for row in rows}
    for one in session.scalars(select(WordChange).where(WordChange.edition.in_(list(changes))).order_by(WordChange.id)):
        changes[one.edition].append(Change(before=_read_any(one.before), after=_read_any(one.after)))
    return [Edition(number=row.number, by=row.by, at=row.at, undoes=row.undoes, changes=tuple(changes[row.number])) for row in rows]


def find_last(session: Session, words: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, datetime]]:
    """Tell of these words, by kind and word, who changed them last, and when."""
    query = select(CityWord.kind, CityWord.word, WordEdition.by, WordEdition.at).join(
        WordEdition, WordEdition.number == CityWord.edition
    )
    wanted = sorted({word for _, word in words})
    rows = session.execute(query.where(CityWord.word.in_(wanted))) if wanted else ()
    return {(row.kind, row.word): (row.by, row.at) for row in rows}


def _keep(session: Session, made: Edition) -> None:
    session.add(WordEdition(number=made.number, by=made.by, at=made.at, undoes=made.undoes))
    session.flush()
    for change in made.changes:
        own = change.word
        session.execute(delete(CityWord).where(CityWord.kind == own.kind, CityWord.word == own.word))
        if change.after is not None:
            session.add(CityWord(kind=own.kind, word=own.word, content=msgspec.to_builtins(own), edition=made.number))
        session.add(
            WordChange(
                edition=made.number,
                kind=own.kind,
                word=own.word,
                before=msgspec.to_builtins(change.before),
                after=msgspec.to_builtins(change.after),
            )
        )
    session.flush()


def _read(content: object) -> OwnWord:
    return msgspec.convert(content, OwnWord)


def _read_any(content: object) -> OwnWord | None:
    return None if content is None else _read(content)
