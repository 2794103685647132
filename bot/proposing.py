"""What the city's use proposes to its editors: residents' questions, units' replies and clerks' corrections, put before the entries as they are.

Only what no editor has accepted or refused yet. Everything is made anew out of what is kept, so what was erased proposes nothing any more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from knowledge_base import proposals, uses
from knowledge_base.match import Answered, decide
from knowledge_base.places import hide
from knowledge_base.proposals import Proposal, Use
from knowledge_base.text import normalize
from residents.masking import mask
from routing.lessons import collect
from routing.settled import list_settled
from routing.word_proposals import find_written, propose_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.match import Decision, Match
    from knowledge_base.matcher import Matcher
    from knowledge_base.proposals import Group
    from knowledge_base.text import Segmenter

_MASK = re.compile(r"〔[^〕]*〕")
_LETTERS = 2
"""A word of a duty list has at least so many letters."""

_IN_VAIN = frozenset({"missed", "useless"})
"""What a question came to that has no answer yet."""

_MASKED = re.compile(r"[,，。;；]?[^,，。;；]*〔[^〕]*〕[^,，。;；]*")
"""A clause with a number or name in it that was masked."""


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
        _drop_decided(session, "miss", given), city.segmenter, city.settings.knowledge.use, answers=lambda text: _answer(city, text)
    )


def find_proposals(session: Session, city: City) -> list[Proposal]:
    """List what is proposed and not decided: wordings, then entries, then words of duty items."""
    settings = city.settings.knowledge.use
    given = [*uses.load_uses(session), *_list_settled(session, city)]
    picked = _drop_decided(session, "phrasing", [use for use in given if use.kind == "picked"])
    picked += [use for use in given if use.kind == "useless"]
    asked = _drop_decided(session, "entry", [use for use in given if use.kind != "picked"])
    return [
        *proposals.propose_phrasings(
            picked, city.matcher.entries, city.segmenter, settings, answers=lambda text: _answer(city, text)
        ),
        *proposals.propose_entries(asked, city.segmenter, settings, answers=lambda text: _answer(city, text)),
        *_propose_words(session, city),
    ]


def list_marks(session: Session, proposal: Proposal) -> list[str]:
    """List the marks by which everything is known that a proposal stands for."""
    return [uses.mark_text(session, proposal.kind, proposal.target, text) for text in proposal.texts]


def _answer(city: City, question: str) -> str:
    """Give the code of the entry that answers a question by itself, "" if none does; who asked, and where to call, asks nothing."""
    decision = decide_alone(city, _MASKED.sub("", question))
    return decision.match.code if isinstance(decision, Answered) else ""


def _drop_decided(session: Session, kind: str, given: Sequence[Use]) -> list[Use]:
    """Leave the uses of whose words no editor has said anything."""
    marks = [uses.mark_text(session, kind, use.entry if kind == "phrasing" else "", use.question) for use in given]
    decided = uses.find_decided(session, marks)
    return [use for use, mark in zip(given, marks, strict=True) if mark not in decided]


def _list_settled(session: Session, city: City) -> list[Use]:
    """List questions that a unit's reply settled; of the reply what the staff may read, numbers and names masked."""
    return [
        Use(resident=one.resident, kind="replied", question=one.question, reply=mask(one.reply), unit=one.unit)
        for one in list_settled(session, org=city.org)
    ]


def _propose_words(session: Session, city: City) -> list[Proposal]:
    """Propose words for duty items. Places are no words: they say where something is, not what.

    Only what clerks corrected can propose a word. Of all the others, tens of thousands in a city, those alone are cut that such a word stands in.
    """
    settings = city.settings.knowledge.use
    taught = collect(session)
    corrected = [(lesson, _cut(city, lesson.text)) for lesson in taught if lesson.corrected]
    wanted = find_written(corrected, residents=settings.word_residents)

    def holds(text: str) -> bool:
        settled = city.segmenter.settle(text)
        return any(word in settled for word in wanted)

    agreed = [lesson for lesson in taught if not lesson.corrected and holds(lesson.text)] if wanted else []
    lessons = [*corrected, *((lesson, _cut(city, lesson.text)) for lesson in agreed)]
    found = propose_words(lessons, city.duty_list.items, residents=settings.word_residents, share=settings.word_share)
    marks = [uses.mark_text(session, "word", one.item, one.word) for one in found]
    decided = uses.find_decided(session, marks)
    return [
        Proposal(
            kind="word",
            target=one.item,
            text=one.word,
            origin="corrected",
            texts=(one.word,),
            residents=one.residents,
            times=one.times,
        )
        for one, mark in zip(found, marks, strict=True)
        if mark not in decided
    ]


def _cut(city: City, text: str) -> frozenset[str]:
    """Cut the words of a masked text that may say what it is about."""
    plain = _MASK.sub(" ", normalize(text))
    words: Iterable[str] = city.segmenter.read(hide(plain, city.gazetteer.find(plain))).tokens
    return frozenset(word for word in words if len(word) >= _LETTERS and word.isalpha())
