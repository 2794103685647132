"""Reading a text before anybody's circumstances are looked at: words, entries, places, danger, and what each clause may be about. Pure, in memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from intents.matters import Clause, Topic, cut, may_be_several
from intents.tiers import Reading  # noqa: TC001 - msgspec reads the annotations
from knowledge_base.match import Match  # noqa: TC001 - msgspec reads the annotations
from knowledge_base.places import PlaceMention, hide
from knowledge_base.text import Utterance, normalize, skim
from routing.incidents import Message, find_spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.city import City
    from routing.triage import Triage

_CALLED = re.compile(r"(?:^|(?<=\s))@\S{1,32}(?=\s|$)")
"""Somebody who is called in a group; WeChat puts a space of its own behind the name."""
_FEW = 3
"""Duty items of a clause that are looked at: a second and third show whether two clauses may be one matter."""


class Understanding(msgspec.Struct, frozen=True):
    """What a text says."""

    utterance: Utterance
    matches: tuple[Match, ...]
    places: tuple[PlaceMention, ...]
    reading: Reading
    clauses: tuple[Clause, ...] = ()
    """The text cut into clauses, each with the duty items it may be about where there may be several matters."""


def read_text(city: City, text: str) -> Understanding:
    """Read a text. In the knowledge base only its beginning is looked up, and not whom it calls: `@somebody` is no part of a question."""
    utterance = city.segmenter.read(text)
    places = city.gazetteer.find(utterance.text)
    question = (_CALLED.sub("", utterance.text).strip() or utterance.text)[: city.settings.knowledge.longest]
    asked = utterance if question == utterance.text else city.segmenter.read(question)
    return Understanding(
        utterance=utterance,
        matches=tuple(city.matcher.match(asked)) if asked.text else (),
        places=places,
        reading=city.danger.read(utterance.text),
        clauses=_read_clauses(city, text, places),
    )


def describe_message(city: City, text: str, *, id: str, resident: str, sent_at: datetime, title: str = "") -> Message:  # noqa: A002 - as Message names it
    """Say what of a message counts for telling incidents apart. What it is about is judged without its places: they say where."""
    utterance = city.segmenter.read(text)
    places = city.gazetteer.find(utterance.text)
    return Message(
        id=id,
        resident=resident,
        sent_at=sent_at,
        title=city.segmenter.read(title),
        text=utterance,
        spot=find_spot(places),
        gist=city.gists.read(hide(utterance.text, places)),
    )


def rank_topics(triage: Triage, text: str, places: Iterable[PlaceMention] = ()) -> tuple[Topic, ...]:
    """Say what a text may be about, wherever it is, best first: about a third of a millisecond for a chat line."""
    ranked = triage.rank(skim(hide(normalize(text), places)), limit=_FEW)
    return tuple(
        Topic(item=one.item.code, category=one.item.category, score=one.score, confidence=one.confidence) for one in ranked
    )


def _read_clauses(city: City, text: str, places: Sequence[PlaceMention]) -> tuple[Clause, ...]:
    clauses = tuple(Clause(text=part) for part in cut(text))
    if not may_be_several(clauses, settings=city.settings.conversation.matters):
        return clauses
    return tuple(msgspec.structs.replace(clause, topics=rank_topics(city.triage, clause.text, places)) for clause in clauses)
