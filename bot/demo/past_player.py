"""Plays the past before the service runs: the same receiver, worker and commands as in earnest, under a clock that moves from step to step.

PastBroken    a step of the past could not be done: a fault of past.toml or of the program
"""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.app import App
from bot.channels import Group, Inbound
from bot.commands import discover
from bot.demo.past import Act, Bring, Garble, Happening, Lose, Matter, Say, lay_out, load_past
from bot.demo.roads import PastRoad, make_roads
from bot.refusals import explain_refusal
from routing import register
from routing.history import OPERATOR

if TYPE_CHECKING:
    from datetime import datetime

    from bot.city import City
    from routing.facts import TicketFacts
    from routing.org import StaffMember
    from store.engine import Store

_TICK = timedelta(hours=12)
"""Where nothing happens for so long, the worker still looks what is due."""
_ROUND = timedelta(minutes=30)
"""So long at least the worker waits between two looks: in earnest it looks every few seconds, and mostly finds nothing."""
_LINK = re.compile(r"/t/[\w-]+")
_DAY = re.compile(r"\{(day|month)([+-]\d+)\}")
_ACCOUNT = "wechat_mp"
_KNOWLEDGE = "knowledge"
_PICKED = {
    "patrol.due": ("round", "round"),
    "drafts.list": ("draft", "draft"),
    "seat.list": ("talk", "talk"),
    "knowledge.proposals": ("key", "proposal"),
}
"""A command that lists -> the argument that names one of its rows, and the column where that stands."""


class PastBroken(Exception):
    """A step of the past could not be done."""


class PastPlayer:
    """Plays what happened up to `now` on an empty made-up city.

    Once played, `tickets` are by the titles of their matters, `followed` is the path of one's progress page, and `writers` are the platform's
    ids of those who wrote to the account, with the time of their last word.
    """

    def __init__(self, store: Store, city: City, *, now: datetime) -> None:
        self._store = store
        self._city = city
        self._end = now
        self._now = now
        self._roads = make_roads()
        self._app = App(city.settings, store, city, self._roads, clock=lambda: self._now)
        self._worked = now - timedelta(days=365)
        self._written = 0
        self.tickets: dict[str, str] = {}
        self.writers: dict[str, datetime] = {}
        self._links: dict[str, str] = {}
        self.followed = ""

    async def play(self) -> None:
        """Play it all; PastBroken names the step that could not be done."""
        past = load_past()
        happenings = lay_out(past, now=self._end, zone=self._city.zone)
        self._now = happenings[0].at
        for one in happenings:
            await self._let_pass(one.at)
            try:
                await self._do(one)
            except Exception as error:
                words = explain_refusal(error) or f"{type(error).__name__}: {error}"
                raise PastBroken(f"{one.matter.title}: {one.step}: {words}") from error
            await self._send()
        await self._let_pass(self._end)
        await self._app.duties.gather_incidents()
        await self._app.duties.sum_up_figures()
        self.followed = self._links[past.followed]

    async def _let_pass(self, until: datetime) -> None:
        """Let time pass, and let the worker do what is due on the way."""
        while self._now + _TICK < until:
            self._now += _TICK
            await self._work()
        self._now = until
        if until >= self._worked + _ROUND or until == self._end:
            await self._work()

    async def _work(self) -> None:
        duties = self._app.duties
        await duties.time_out()
        await duties.supervise()
        await duties.look_after_seats()
        await duties.look_at_drafts()
        await duties.put_bursts_together()
        await duties.look_after_grids()
        await self._send()
        self._worked = self._now

    async def _send(self) -> None:
        while await self._app.duties.send():
            await self._app.duties.drain()

    async def _do(self, one: Happening) -> None:
        match one.step:
            case Say():
                await self._say(one.matter, one.step)
            case Act():
                await self._act(one.matter, one.step)
            case Bring():
                await self._bring(one.matter, one.step)
            case Lose():
                road = self._roads[_ACCOUNT]
                assert isinstance(road, PastRoad)  # noqa: S101 - for mypy: make_roads makes nothing else
                road.loses_next = True
            case Garble(text=text):
                await self._app.receiver.quarantine(_ACCOUNT, text.encode(), "ParseError")

    async def _say(self, matter: Matter, step: Say) -> None:
        self._written += 1
        who = step.who or matter.who
        group = Group(id=step.group, mentions_bot=step.to_us, consent=True, can_reply=True) if step.group else None
        inbound = Inbound(
            channel="gateway" if group else _ACCOUNT,
            key=f"past:{self._written}",
            sender=f"past-{who}",
            kind="text",
            sent_at=self._now,
            text=step.text,
            scope="group" if group else "person",
            group=group,
        )
        reply = await self._app.receiver.receive(inbound)
        if group is None:
            self.writers[inbound.sender] = self._now
        if reply.ticket:
            self.tickets.setdefault(matter.title, reply.ticket)
        found = _LINK.search(reply.text or "")
        if found:
            self._links.setdefault(matter.title, found[0])

    async def _act(self, matter: Matter, step: Act) -> None:
        given = {name: self._fill(matter, value) for name, value in step.given.items()}
        number = self.tickets.get(matter.title, "") if step.name.startswith("tickets.") else ""
        if number:
            given = {"number": number} | given
        actor = await self._find_actor(step.by, number)
        if step.pick:
            given |= await self._pick(step.pick, actor)
        await self._carry_out(step.name, given | {"actor": actor})

    async def _bring(self, matter: Matter, step: Bring) -> None:
        content = base64.b64encode(self._fill(matter, step.text).encode()).decode()
        table = {"table": step.table} if step.table != _KNOWLEDGE else {}
        name = "import.table" if table else "import.knowledge"
        done = await self._carry_out(name, table | {"name": f"{step.table}.csv", "content": content, "actor": OPERATOR})
        if not done["applied"]:
            raise PastBroken(f"{step.table}: {done['problems']}")

    async def _pick(self, name: str, actor: str) -> dict[str, Any]:
        """Name the first of what a command lists."""
        asked = {"actor": actor} if name != "knowledge.proposals" else {}
        listed = await self._carry_out(name, asked)
        argument, column = _PICKED[name]
        if not listed:
            raise PastBroken(name)
        return {argument: listed[0][column]}

    async def _carry_out(self, name: str, arguments: dict[str, Any]) -> Any:
        command = discover()[name]
        done = await self._store.write(lambda s: command.run(s, self._city, now=self._now, **arguments))
        await self._store.read(lambda s: self._city.refresh(s, now=self._end))
        return done

    async def _find_actor(self, by: str, number: str) -> str:
        """Find who acts, by their part in a ticket; the operator where the unit has nobody."""
        if by not in {"unit", "desk", "supervisor"}:
            return by
        shown = await self._store.read(lambda s: register.show(s, number, org=self._city.org))
        return next((person.code for person in self._list_people(by, shown.ticket)), OPERATOR)

    def _list_people(self, by: str, ticket: TicketFacts) -> tuple[StaffMember, ...]:
        org = self._city.org
        if by == "unit":
            return org.staff_of(unit=ticket.unit)
        return org.supervisors_of(ticket.unit) if by == "supervisor" else org.staff_of(unit=ticket.desk, role="desk")

    def _fill(self, matter: Matter, value: Any) -> Any:
        """Fill in what a value speaks of: another matter's ticket, a day, a month, or what the matter's unit says."""
        if not isinstance(value, str):
            return value
        if value.startswith("@"):
            return self.tickets[value[1:]]
        said = value.replace("{reply}", matter.reply).replace("{result}", matter.result)
        return _DAY.sub(self._name_day, said)

    def _name_day(self, found: re.Match[str]) -> str:
        today = self._end.astimezone(self._city.zone).date()
        if found[1] == "day":
            return (today + timedelta(days=int(found[2]))).isoformat()
        months = today.year * 12 + today.month - 1 + int(found[2])
        return f"{months // 12}-{months % 12 + 1:02}"
