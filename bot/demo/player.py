"""Plays the script: residents through the encrypted callback, a group through the gateway, staff through the control socket.

After each step what it became is read from the database and compared with the script; what differs is said and counted.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import msgspec
from sqlalchemy import func, select

from bot.channels.gateway import sign
from bot.control import call
from bot.demo.script import Group, Hear, Notice, Say, Scene, Staff, Step
from bot.refusals import name_act, name_status
from bot.simulator.api import ROBOT_GROUP
from bot.simulator.resident import Resident
from bot.texts import fill
from bot.trial import GATEWAY_ID
from routing import register
from routing.history import OPERATOR
from routing.terms import UnitKind
from store import inbox
from store.clock import utcnow
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from bot.trial import Trial
    from routing.facts import TicketFacts

_PATIENCE = 20.0  # seconds; a busy machine may take that long to send
_LOOK_SECONDS = 0.05
_INDENT = " " * 10


class Player:
    """Plays on a running trial; `show` prints a line. `faults` lists what did not become what the script says."""

    def __init__(self, trial: Trial, *, show: Callable[[str], None]) -> None:
        self._trial = trial
        self._app = trial.service.app
        self._show = show
        self._residents: dict[str, Resident] = {}
        self._staff_group = Resident(trial.simulator, ROBOT_GROUP)
        self._tickets: dict[str, str] = {}
        self.faults: list[str] = []

    async def play(self, scenes: Iterable[Scene]) -> None:
        """Play every scene to its end, also past a fault."""
        for scene in scenes:
            self._show("")
            self._show(fill("demo", "scene", {"title": scene.title}))
            for step in scene.steps:
                await self._play(step)

    async def _play(self, step: Step) -> None:
        match step:
            case Say():
                await self._say(step)
            case Group():
                await self._say_in_group(step)
            case Staff():
                await self._act(step)
            case Hear(who=who, text=text):
                await self._hear(self._resident(who), text, "heard", who=who)
            case Notice(text=text):
                await self._hear(self._staff_group, text, "unit_hears")

    async def _say(self, step: Say) -> None:
        self._tell("said", who=step.who, text=step.text)
        resident = self._resident(step.who)
        before = await self._app.store.read(_last_id)
        texts = await resident.say(step.text, patience=_PATIENCE if step.hears else 0.0)
        for text in texts:
            self._tell("answered", text=text)
        answer = await self._wait_for_outcome(before)
        self._judge(step, answer, texts)
        await self._note_ticket(step.ticket, answer.ticket, at=step.at, status=step.status)

    async def _say_in_group(self, step: Group) -> None:
        self._tell("said_in_group", who=step.who, group=step.group, text=step.text)
        before = await self._app.store.read(_last_id)
        answer = await self._post(step)
        reply = answer.get("reply") or ""
        if reply:
            self._tell("answered", text=reply)
        found = await self._wait_for_outcome(before)
        self._judge(step, found, [reply])
        await self._note_ticket(step.ticket, found.ticket)

    async def _act(self, step: Staff) -> None:
        number = self._tickets.get(step.ticket, "")
        ticket = await self._read_ticket(number)
        holder = self._find_holder(ticket)
        self._tell("acted", who=holder[1], unit=ticket.unit_name, act=name_act(step.act), ticket=number, text=step.text)
        words = {name: value for name, value in (("text", step.text), ("unit", step.unit), ("item", step.item)) if value}
        after = await call(self._trial.settings, f"tickets.{step.act}", {"number": number, "actor": holder[0]} | words)
        self._compare(f"{step.act} {step.ticket}", step.status, after["status"])
        self._tell("became", outcome=after["status_name"])

    async def _hear(self, reader: Resident, wanted: str, key: str, **facts: object) -> None:
        """Read until the words have come; others that come before them are shown too."""
        until = time.monotonic() + _PATIENCE
        heard: list[str] = []
        while not any(wanted in text for text in heard) and time.monotonic() < until:
            news = await reader.hear(patience=until - time.monotonic())
            heard += news
            for text in news:
                self._tell(key, text=text, **facts)
        self._compare_words(wanted, heard)

    async def _post(self, step: Group) -> dict[str, Any]:
        """Hand a group's message over as a gateway does."""
        settings = self._trial.settings.channels["gateway"]
        post = {
            "message_id": secrets.token_hex(8),
            "group": {"id": step.group},
            "sender": {"id": f"wm-{step.who}"},
            "sent_at": utcnow(),
            "type": "text",
            "text": step.text,
            "mentions_bot": step.mentions_bot,
            "can_reply": True,
            "consent": "agree",
        }
        body = msgspec.json.encode(post)
        timestamp, nonce = str(int(utcnow().timestamp())), secrets.token_hex(8)
        signature = sign(settings.secret, gateway_id=GATEWAY_ID, timestamp=timestamp, nonce=nonce, body=body)
        headers = {"X-Gateway-Id": GATEWAY_ID, "X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": signature}
        address = f"{self._trial.service.address}{settings.prefix}/messages"
        async with aiohttp.ClientSession() as client, client.post(address, data=body, headers=headers) as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
        return answer

    async def _wait_for_outcome(self, before: int) -> inbox.Answer:
        """Wait until the message that was just written has its outcome."""
        until = time.monotonic() + _PATIENCE
        while True:
            answer = await self._app.store.read(lambda session: _read_answer(session, before))
            if answer.outcome is not None or time.monotonic() > until:
                return answer
            await asyncio.sleep(_LOOK_SECONDS)

    async def _note_ticket(self, name: str, number: str, *, at: str = "", status: str = "") -> None:
        """Show where a ticket is and remember it under its short name; it has to be the one that had this name before."""
        if not name:
            return
        self._compare(name, self._tickets.setdefault(name, number) or "-", number)
        if not number:
            return
        ticket = await self._read_ticket(number)
        item = self._app.city.duty_list.item(ticket.item)
        self._tell(
            "ticket",
            ticket=number,
            item=item.name if item else "-",
            unit=ticket.unit_name,
            due=self._app.city.words.moment(ticket.due_at),
            status=name_status(ticket.status),
        )
        self._compare(name, self._find_on_duty(at) or ticket.unit, ticket.unit)
        self._compare(name, status or ticket.status, ticket.status)

    def _find_on_duty(self, code: str) -> str:
        """Give the desk that has what a desk would have by day: at night it is the one above that somebody is on duty at."""
        city = self._app.city
        unit = city.org.unit(code)
        return city.org.reach(unit, utcnow(), city.zone)[0].code if unit is not None and unit.kind is UnitKind.DESK else code

    async def _read_ticket(self, number: str) -> TicketFacts:
        shown = await self._app.store.read(lambda session: register.show(session, number, org=self._app.city.org))
        return shown.ticket

    def _find_holder(self, ticket: TicketFacts) -> tuple[str, str]:
        """Find the code and name of somebody at the unit that has the ticket; the operator where nobody is named."""
        person = next(iter(self._app.city.org.staff_of(unit=ticket.unit)), None)
        return (person.code, person.name) if person else (OPERATOR, OPERATOR)

    def _resident(self, name: str) -> Resident:
        if name not in self._residents:
            self._residents[name] = Resident(self._trial.simulator, f"o{secrets.token_urlsafe(32)[:27]}")
        return self._residents[name]

    def _judge(self, step: Say | Group, answer: inbox.Answer, texts: list[str]) -> None:
        """Compare what a message became, and the words it was answered in, with the script."""
        if answer.outcome == step.becomes:
            self._tell("became", outcome=fill("demo", f"outcome_{step.becomes}"))
        self._compare(step.text, step.becomes, answer.outcome)
        self._compare_words(step.hears, texts)

    def _compare(self, what: str, wanted: str, found: str | None) -> None:
        if wanted != found:
            self._fault(what, wanted, found or "-")

    def _compare_words(self, wanted: str, texts: list[str]) -> None:
        if wanted and not any(wanted in text for text in texts):
            self._fault("-", wanted, " / ".join(texts) or "-")

    def _fault(self, what: str, wanted: str, found: str) -> None:
        self.faults.append(fill("demo", "fault", {"what": what, "wanted": wanted, "found": found}))
        self._show(self.faults[-1])

    def _tell(self, key: str, **facts: object) -> None:
        """Show a line; what somebody said in several lines is kept together by its indent."""
        line = fill("demo", key, facts)
        self._show(line.replace("\n", "\n" + _INDENT))


def _last_id(session: Session) -> int:
    return session.execute(select(func.max(InboxMessage.id))).scalar_one() or 0


def _read_answer(session: Session, before: int) -> inbox.Answer:
    """Read the message after `before`; without an outcome while there is none."""
    found = session.execute(select(InboxMessage.id).where(InboxMessage.id > before).order_by(InboxMessage.id).limit(1)).scalar()
    return inbox.answer_of(session, found) if found else inbox.Answer(outcome=None, text=None, reply_via="open")
