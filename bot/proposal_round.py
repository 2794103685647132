"""Makes what the city's use proposes to its editors, in rounds of the worker: residents' questions, units' replies and clerks' corrections.

Everything is made anew out of what is kept, in stretches: rows are read some at a time, texts are cut some at a time in a thread, so that
messages are answered meanwhile. What a summary was cut into is remembered for as long as it teaches, as numbers that say nothing outside of
this process: a round cuts only what came since the last.
"""

from __future__ import annotations

import asyncio
from array import array
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.proposing import answer, cut, drop_decided
from knowledge_base import proposal_rows, uses
from knowledge_base.proposals import SPARE, Proposal, Source, Use, propose_entries, propose_phrasings
from routing.lessons import MOST, read_stretch
from routing.settled import list_settled
from routing.word_proposals import propose_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.lessons import Lesson
    from store.engine import Store

_AT_ONCE = 500
"""Rows that are read at a time: on PostgreSQL they are taken up between two messages."""
_CUT_AT_ONCE = 20
"""Texts that are cut at a time: some milliseconds of a processor."""
_REST = 0.02
"""Seconds between two such: after a start, when all are cut, half of a processor's time is left to the messages."""


class Proposing:
    """One round: read what is kept, group it, keep what it proposes."""

    def __init__(self, *, store: Store, city: City, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._city = city
        self._clock = clock
        self._cuts: dict[int, array[int]] = {}
        """The numbers of the words of a summary, by the number of the summary."""
        self._cut_by: tuple[object, ...] = ()
        """What the city was when they were cut."""
        self._is_leaving = False

    def leave_off(self) -> None:
        """Have the round that is under way end early: nobody waits for it to stop the service, and what was proposed before stays."""
        self._is_leaving = True

    async def run(self) -> int:
        """Do a round if one is due; there is nothing more to do after it."""
        now, every = self._clock(), timedelta(seconds=self._city.settings.knowledge.use.propose_seconds)
        if await self._store.read(lambda s: proposal_rows.is_due(s, now=now, every=every)) and await self._store.write(
            lambda s: proposal_rows.begin(s, now=now, every=every)
        ):
            await self.make(now=now)
        return 0

    async def make(self, *, now: datetime) -> None:
        """Make the proposals anew, as of now."""
        found = [*await self._propose_of_questions(), *await self._propose_words()]
        if not self._is_leaving:
            await self._store.write(lambda s: proposal_rows.keep(s, found, now=now))

    async def _propose_of_questions(self) -> list[Proposal]:
        picked: list[Use] = []
        asked: list[Use] = []
        after = 0
        while given := await self._store.read(partial(uses.load_uses, after=after, limit=_AT_ONCE)):
            after = given[-1].row
            picks = [use for use in given if use.kind == "picked"]
            others = [use for use in given if use.kind != "picked"]
            picked += await self._store.read(partial(drop_decided, kind="phrasing", given=picks))
            picked += [use for use in others if use.kind == "useless"]
            asked += await self._store.read(partial(drop_decided, kind="entry", given=others))
        asked += await self._store.read(_read_settled)
        return await asyncio.to_thread(self._group, picked, asked)

    def _group(self, picked: Sequence[Use], asked: Sequence[Use]) -> list[Proposal]:
        city, settings = self._city, self._city.settings.knowledge.use
        answers = partial(answer, city)
        return [
            *propose_phrasings(picked, dict(city.matcher.entries), city.segmenter, settings, answers=answers),
            *propose_entries(asked, city.segmenter, settings, answers=answers),
        ]

    async def _propose_words(self) -> list[Proposal]:
        lessons: list[Lesson] = []
        before: int | None = None
        while len(lessons) < MOST:
            limit = min(_AT_ONCE, MOST - len(lessons))
            stretch = await self._store.read(partial(read_stretch, limit=limit, before=before))
            lessons += stretch.lessons
            before = stretch.before
            if before is None:
                break
        lessons.reverse()
        texts = await asyncio.to_thread(self._list_uncut, lessons)
        for at in range(0, len(texts), _CUT_AT_ONCE):
            if self._is_leaving:
                return []
            self._cuts |= await asyncio.to_thread(self._cut, texts[at : at + _CUT_AT_ONCE])
            await asyncio.sleep(_REST)
        return await asyncio.to_thread(self._find_words, lessons)

    def _list_uncut(self, lessons: Sequence[Lesson]) -> list[str]:
        """List the summaries that have to be cut: what the city says of words and places may have changed. Forgets what is no lesson any more."""
        city = self._city
        is_so = (city.words_edition, city.places, city.org.areas)
        if is_so != self._cut_by:
            self._cuts, self._cut_by = {}, is_so
        texts = {hash(lesson.text): lesson.text for lesson in lessons}
        self._cuts = {number: words for number, words in self._cuts.items() if number in texts}
        return [text for number, text in texts.items() if number not in self._cuts]

    def _cut(self, texts: Sequence[str]) -> dict[int, array[int]]:
        return {hash(text): array("q", map(hash, cut(self._city, text))) for text in texts}

    def _find_words(self, lessons: Sequence[Lesson]) -> list[Proposal]:
        settings, items = self._city.settings.knowledge.use, self._city.duty_list.items
        found = propose_words(
            [(lesson, self._cuts[hash(lesson.text)]) for lesson in lessons],
            items,
            residents=settings.word_residents,
            share=settings.word_share,
            spell=self._spell,
        )
        return [
            Proposal(
                kind="word",
                target=one.item,
                text=one.word,
                origin="corrected",
                texts=(one.word,),
                residents=len(one.writers),
                times=one.times,
                sources=_list_sources(one.word, one.writers, most=settings.word_residents + SPARE),
            )
            for one in found
        ]

    def _spell(self, lesson: Lesson, number: int) -> str:
        """Give the word of a number; "" if the city cuts otherwise since a moment ago."""
        return next((word for word in cut(self._city, lesson.text) if hash(word) == number), "")


def _list_sources(word: str, writers: Mapping[int, int], *, most: int) -> tuple[Source, ...]:
    """List the tickets of so many of those who wrote a word, the latest first."""
    latest = sorted(writers.items(), key=lambda one: -one[1])[:most]
    return tuple(Source(row=ticket, is_ticket=True, resident=resident, text=word) for resident, ticket in latest)


def _read_settled(session: Session) -> list[Use]:
    """Read the questions that a unit's reply settled, but for those that an editor has decided."""
    settled = [Use(resident=one.resident, kind="replied", question=one.question, row=one.ticket) for one in list_settled(session)]
    return drop_decided(session, "entry", settled)
