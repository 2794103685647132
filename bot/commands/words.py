"""The city's own words, as commands: listed, tried, put into service and taken back by the same functions as on the pages (bot.vocabulary)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot import vocabulary
from bot.commands import Command, Json
from bot.refusals import refuse
from knowledge_base import word_rows
from knowledge_base.own_words import Wanted, fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.word_rows import Edition


def list_words(session: Session, city: City, *, now: datetime, words: str, everything: bool) -> Json:
    """List the city's own words, `everything`: shipped groups and names out of its tables too; those that `words` is in."""
    city.refresh(session, now=now)
    return [
        msgspec.to_builtins(one)
        for one in vocabulary.list_known(city)
        if (everything or one.origin == "own") and any(fold(words) in text for text in (one.own.word, *one.own.others))
    ]


def list_editions(session: Session, city: City, *, now: datetime, limit: int) -> Json:  # noqa: ARG001 - every command is told the time
    """List the editions of the city's words, the newest first."""
    return [_describe(one, city) for one in word_rows.list_editions(session, limit=limit)]


def try_words(session: Session, city: City, *, now: datetime, wanted: Sequence[Json]) -> Json:
    """Tell what words would change; word_rows.WordsWrong."""
    city.refresh(session, now=now)
    given = msgspec.convert(wanted, list[Wanted])
    if faults := vocabulary.find_faults(session, city, given):
        raise word_rows.WordsWrong(faults)
    return msgspec.to_builtins(vocabulary.preview(session, city, given))


def put_words(session: Session, city: City, *, now: datetime, wanted: Sequence[Json], actor: str) -> Json:
    """Put words into service; {"edition": 0} where nothing changes. word_rows.WordsWrong, WordsTooMany."""
    edition = word_rows.current_edition(session)
    made = vocabulary.put(session, city, msgspec.convert(wanted, list[Wanted]), edition=edition, by=actor, now=now)
    return {"edition": 0, "changes": []} if made is None else _describe(made, city)


def undo_words(session: Session, city: City, *, now: datetime, number: int, actor: str) -> Json:
    """Take an edition back; a refusal if there is none of this number, word_rows.ChangedSince."""
    try:
        made = vocabulary.undo(session, city, number, edition=word_rows.current_edition(session), by=actor, now=now)
    except word_rows.NoSuchEdition:
        raise refuse("no_words_edition", number=number) from None
    return _describe(made, city)


def _describe(edition: Edition, city: City) -> dict[str, Json]:
    return {
        "edition": edition.number,
        "by": edition.by,
        "at": edition.at.astimezone(city.zone).isoformat(timespec="minutes"),
        "undoes": edition.undoes,
        "changes": msgspec.to_builtins(edition.changes),
    }


COMMANDS = (
    Command(name="knowledge.words", run=list_words, writes=False),
    Command(name="knowledge.words_history", run=list_editions, writes=False),
    Command(name="knowledge.words_try", run=try_words, writes=False),
    Command(name="knowledge.words_put", run=put_words),
    Command(name="knowledge.words_undo", run=undo_words),
)
