"""Puts tickets into incidents as they come (同一件事), in rounds of the worker: the resident has their answer long before.

What was gathered is remembered here and stands in the database; this is only a copy of it with the words, built anew at a start, when somebody's
words have to be forgotten, and when the duty list changes. Each ticket is read in a thread, outside any transaction, so that messages are
answered meanwhile; then it is placed in a transaction of its own.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.telling import Telling
from knowledge_base.places import hide
from knowledge_base.rarity import start
from routing import incident_rows
from routing.incidents import Incidents, Message, find_spot
from routing.nearness import Nearness
from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.rounds import Rounds
    from routing.incident_rows import GatheringSettings, Standing, Told
    from routing.triage import Triage
    from store.engine import Store

log = structlog.get_logger(__name__)

_AT_ONCE = 100
"""Tickets that are read from the database at a time while memory is built."""


class Memory:
    """What was gathered so far, with how far the database was when it was like that."""

    def __init__(self, settings: GatheringSettings, standing: Standing, triage: Triage) -> None:
        self.incidents = Incidents(settings, Nearness(start()))
        self.standing = standing
        self.is_whole = False
        self.items = list_items(triage)
        self.size = 0


class Gathering:
    """One round: catch up with what others did, place what is new, look at what has grown."""

    def __init__(self, *, store: Store, city: City, rounds: Rounds, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._city = city
        self._rounds = rounds
        self._clock = clock
        self._memory: Memory | None = None

    async def run(self) -> int:
        """Do one round; gives how many tickets were taken out, placed or looked at again."""
        unfit = await self._store.read(incident_rows.list_unfit)
        left = await self._rounds.each({one: partial(incident_rows.leave, ticket_id=one) for one in unfit}, what="incident_leave")
        return left + await self._place_all() + await self._look_all()

    async def _place_all(self) -> int:
        now, settings = self._clock(), self._city.settings.incidents
        waiting = await self._store.read(lambda s: incident_rows.list_waiting(s, settings=settings, now=now, limit=settings.batch))
        if not waiting or not await self._catch_up(now=now):
            return 0
        works: dict[int, Callable[[Session], bool]] = {}
        for told in waiting:
            works[told.id] = partial(self._place, message=await asyncio.to_thread(self._read, told), now=now)
        return await self._rounds.each(works, what="incident")

    async def _look_all(self) -> int:
        grown = await self._store.read(incident_rows.list_grown)
        now = self._clock()
        return await self._rounds.each({one: partial(self._look, incident_id=one, now=now) for one in grown}, what="incident_look")

    async def _catch_up(self, *, now: datetime) -> bool:
        """Make memory what the database has; False if it changed meanwhile, so that the next round has to try again."""
        settings = self._city.settings.incidents
        standing = await self._store.read(incident_rows.read_standing)
        memory = self._memory
        if memory is None or self._is_outworn(memory, standing):
            memory = self._memory = Memory(settings, standing, self._city.triage)
        elif memory.is_whole and memory.standing == standing:
            return True
        since = now - timedelta(days=settings.days)
        placed = await self._store.read(lambda s: incident_rows.list_members(s, since=since, most=settings.remembered))
        missing = [ticket for ticket in placed if str(ticket) not in memory.incidents]
        for at in range(0, len(missing), _AT_ONCE):
            chunk = missing[at : at + _AT_ONCE]
            for told in await self._store.read(partial(incident_rows.read_told, ids=chunk)):
                await asyncio.to_thread(self._restore, memory, told, incident_id=placed[told.id])
        return await self._arrange(memory, standing)

    async def _arrange(self, memory: Memory, standing: Standing) -> bool:
        """Put what is remembered where the database has it."""
        clusters, apart = await self._store.read(lambda s: (incident_rows.list_all_members(s), incident_rows.list_apart(s)))
        try:
            memory.incidents.arrange(
                {str(ticket): incident for ticket, incident in clusters.items()}, apart=apart, next_cluster=standing.next_incident
            )
        except KeyError:
            log.warning("incidents are read anew", action="incidents_anew")
            self._memory = None
            return False
        memory.standing, memory.is_whole = standing, True
        return True

    def _restore(self, memory: Memory, told: Told, *, incident_id: int) -> None:
        memory.incidents.restore(self._read(told), incident_id)
        memory.size += 1

    def _is_outworn(self, memory: Memory, standing: Standing) -> bool:
        """Tell whether memory has to be built anew: words were forgotten, the duty list is another, or it has become too large."""
        too_large = memory.size > 2 * self._city.settings.incidents.remembered
        return memory.standing.forgotten != standing.forgotten or memory.items != list_items(self._city.triage) or too_large

    def _place(self, session: Session, *, message: Message, now: datetime) -> bool:
        """Put a ticket into an incident. Whatever fails on the way leaves nothing remembered: memory must not know what was not kept."""
        memory, self._memory = self._memory, None
        if memory is None:
            return False
        ticket_id = int(message.id)
        if message.id in memory.incidents or not incident_rows.may_place(session, ticket_id, standing=memory.standing):
            self._memory = memory
            return False
        joined = memory.incidents.add(message)
        memory.size += 1
        incident = incident_rows.place(session, ticket_id, incident_id=joined.cluster, absorbed=joined.absorbed)
        self._look(session, incident_id=incident.id, now=now)
        memory.standing = incident_rows.read_standing(session)
        self._memory = memory
        return True

    def _look(self, session: Session, *, incident_id: int, now: datetime) -> None:
        context = self._city.routing_context(tell=Telling(self._city, now=now))
        settings = self._city.settings.incidents.swelling
        incident_rows.look(session, incident_id, settings=settings, now=now, context=context)

    def _read(self, told: Told) -> Message:
        """Read what a ticket tells: its masked summary, where it is, and what it is about."""
        city = self._city
        text = city.segmenter.read(told.summary)
        org = city.org
        community = next((code for code in org.chain(told.area) if org.areas[code].level is not Level.GRID), told.area)
        places = city.gazetteer.find(text.text)
        return Message(
            id=str(told.id),
            resident=str(told.resident),
            sent_at=told.opened_at,
            text=text,
            title=city.segmenter.read(""),
            spot=find_spot(city.gazetteer.find(told.place)) or find_spot(places),
            gist=city.gists.read(hide(text.text, places)),
            area=community,
        )


def list_items(triage: Triage) -> tuple[str, ...]:
    """List the codes of the duty items in their order: gists of two lists cannot be compared."""
    return tuple(item.code for item in triage.items)
