"""What the city's use proposes to its editors, as the worker's last round left it (bot.proposal_round) and as it stands now; and what was asked in vain.

A proposal's words are read anew from where they stand: only what no editor has accepted or refused yet, and nothing that was erased.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from knowledge_base import proposal_rows, proposals, uses
from knowledge_base.match import Answered, decide
from knowledge_base.places import hide
from knowledge_base.proposals import Source, stand
from knowledge_base.text import normalize
from residents.masking import mask
from routing.lessons import read_lessons
from routing.settled import read_replies, read_settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.match import Decision, Match
    from knowledge_base.matcher import Matcher
    from knowledge_base.proposal_rows import Kept
    from knowledge_base.proposals import Group, Proposal, Use
    from knowledge_base.text import Segmenter

_MASK = re.compile(r"〔[^〕]*〕")
_LETTERS = 2
"""A word of a duty list has at least so many letters."""

_IN_VAIN = frozenset({"missed", "useless"})
"""What a question came to that has no answer yet."""

_MASKED = re.compile(r"[,，。;；]?[^,，。;；]*〔[^〕]*〕[^,，。;；]*")
"""A clause with a number or name in it that was masked."""

_AT_ONCE = 75
"""Proposals that are read at a time: more than a page shows, for some may stand no longer."""

_ROUNDS_LATE = 3
"""Rounds that may be missed before it is said: one that failed or was restarted is made up for by the next."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """As of when proposals are, None before the first round; how often they are made; whether that was due long ago."""

    at: datetime | None
    every: timedelta
    is_late: bool


def decide_alone(city: City, question: str, *, matcher: Matcher | None = None, segmenter: Segmenter | None = None) -> Decision:
    """Decide what answers a question of which nothing else is known: not who asks, nor where. `matcher` holds other entries than the city's, `segmenter` other words."""
    asked = matcher or city.matcher
    return decide(
        find_matches(city, question, matcher=asked, segmenter=segmenter),
        entries=asked.entries,
        today=city.day,
        areas=(),
        settings=city.settings.knowledge,
        city=city.root,
    )


def find_matches(city: City, question: str, *, matcher: Matcher | None = None, segmenter: Segmenter | None = None) -> list[Match]:
    """Find the entries nearest to a question, as the service looks it up."""
    utterance = (segmenter or city.segmenter).read(normalize(question)[: city.settings.knowledge.longest])
    return (matcher or city.matcher).match(utterance) if utterance.text else []


def find_misses(session: Session, city: City) -> Iterator[Group]:
    """Group what residents asked in vain, what most asked first; each is put before the entries only when it is taken."""
    given = [use for use in uses.load_uses(session) if use.kind in _IN_VAIN]
    return proposals.find_misses(
        drop_decided(session, "miss", given), city.segmenter, city.settings.knowledge.use, answers=lambda text: answer(city, text)
    )


def answer(city: City, question: str) -> str:
    """Give the code of the entry that answers a question by itself, "" if none does; who asked, and where to call, asks nothing."""
    decision = decide_alone(city, _MASKED.sub("", question))
    return decision.match.code if isinstance(decision, Answered) else ""


def drop_decided(session: Session, kind: str, given: Sequence[Use]) -> list[Use]:
    """Leave the uses of whose words no editor has said anything."""
    marks = [uses.mark_text(session, kind, use.entry if kind == "phrasing" else "", use.question) for use in given]
    decided = uses.find_decided(session, marks)
    return [use for use, mark in zip(given, marks, strict=True) if mark not in decided]


def cut(city: City, text: str) -> frozenset[str]:
    """Cut the words of a masked text that may say what it is about. Places are no words: they say where something is, not what."""
    plain = _MASK.sub(" ", normalize(text))
    words: Iterable[str] = city.segmenter.read(hide(plain, city.gazetteer.find(plain))).tokens
    return frozenset(word for word in words if len(word) >= _LETTERS and word.isalpha())


def read_round(session: Session, city: City, *, now: datetime) -> Made:
    """Tell as of when the proposals are."""
    every, at = timedelta(seconds=city.settings.knowledge.use.propose_seconds), proposal_rows.made_at(session)
    return Made(at=at, every=every, is_late=at is not None and at + _ROUNDS_LATE * every < now)


def find_proposals(session: Session, city: City) -> Iterator[Proposal]:
    """Find what is proposed and not decided: wordings, then entries, then words of duty items; without the replies of units (read_answers)."""
    kept = proposal_rows.list_kept(session, after=-1, limit=_AT_ONCE)
    yield from _find_standing(session, city, kept)
    while len(kept) == _AT_ONCE:
        kept = proposal_rows.list_kept(session, after=kept[-1].position, limit=_AT_ONCE)
        yield from _find_standing(session, city, kept)


def _find_standing(session: Session, city: City, kept: Sequence[Kept]) -> list[Proposal]:
    """Find which of what is kept stands now."""
    settled = {one.ticket: one for one in read_settled(session, proposal_rows.select_tickets(kept, "entry"))}
    lessons = {one.ticket: one for one in read_lessons(session, proposal_rows.select_tickets(kept, "word"))}
    words: dict[str, str] = {}

    def read_ticket(one: Kept, ticket: int, mark: str) -> Source | None:
        if one.kind == "entry":
            asked = settled.get(ticket)
            if asked is None or uses.mark_text(session, one.kind, one.target, asked.question) != mark:
                return None
            return Source(row=ticket, is_ticket=True, resident=asked.resident, text=asked.question)
        lesson = lessons.get(ticket)
        if lesson is None or not lesson.corrected or lesson.item != one.target:
            return None
        if mark not in words:
            words.update({uses.mark_text(session, "word", one.target, word): word for word in cut(city, lesson.text)})
        word = words.get(mark)
        if word is None or word not in city.segmenter.settle(lesson.text):
            return None
        return Source(row=ticket, is_ticket=True, resident=lesson.resident, text=word)

    known = {"phrasing": city.matcher.entries, "entry": {"": None}, "word": city.duty_list.items}
    found = [
        stand(one.kind, one.target, sources, city.settings.knowledge.use, residents=one.residents, times=one.times)
        for one, sources in proposal_rows.read_sources(session, kept, read_ticket)
        if one.target in known[one.kind]
    ]
    return [proposal for proposal in found if proposal is not None]


def read_answers(session: Session, city: City, found: Sequence[Proposal]) -> list[Proposal]:
    """Put to new entries what a unit replied last, where one settled the question; of it what the staff may read, numbers and names masked."""
    tickets = {one.key: max(source.row for source in one.sources if source.is_ticket) for one in found if one.origin == "replied"}
    replies = read_replies(session, tickets.values(), org=city.org)
    return [
        msgspec.structs.replace(one, answer=mask(reply.text), unit=reply.unit)
        if (reply := replies.get(tickets.get(one.key, 0))) is not None
        else one
        for one in found
    ]


def list_marks(session: Session, proposal: Proposal) -> list[str]:
    """List the marks by which everything is known that a proposal stands for."""
    return [uses.mark_text(session, proposal.kind, proposal.target, text) for text in proposal.texts]
