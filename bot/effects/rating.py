"""What people say of results, and what comes of it: residents rate, grid workers evaluate, whoever was rung takes an alarm up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot.apart import find_apart
from bot.effects import perform
from bot.effects.scene import ticket_words
from intents.actions import AcknowledgeAlarm, AnswerAfter, Outcome, RateTicket, Tell
from residents import bindings
from routing import after, alarms, rating, supervision
from routing.rating import Verdict

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from routing.facts import TicketFacts
    from routing.rating import Became

_SAID: dict[Became, str] = {
    "closed": "rated",
    "redo": "redo",
    "redo_part": "redo_part",
    "review": "rated_review",
    "noted": "rated_noted",
}
"""What the resident hears of what became of the rating; what is asked once more has texts of its own."""


def _rate(scene: Scene, action: RateTicket) -> Outcome:
    """Take a rating. What it says badly of whoever has the matter is not told them with it: that becomes a matter of its own."""
    verdict = Verdict(contacted=action.contacted, solved=action.solved, satisfied=action.satisfied)
    if staff := scene.find_reporter(action.ticket):
        return _evaluate(scene, action, verdict, staff=staff)
    apart = find_apart(scene, action.ticket, action.part or action.text)
    if apart is not None:
        outcome = _rate_own(scene, msgspec.structs.replace(action, text="", part=""), verdict)
        opened = perform(scene, apart)
        return msgspec.structs.replace(opened, says=(*outcome.says, *opened.says))
    return _rate_own(scene, action, verdict)


def _rate_own(scene: Scene, action: RateTicket, verdict: Verdict) -> Outcome:
    rated = rating.rate(
        scene.session,
        action.ticket,
        resident_id=scene.resident,
        verdict=verdict,
        text=action.text,
        part=action.part,
        now=scene.now,
        context=scene.context,
    )
    words = ticket_words(rated.ticket)
    if rated.became == "asked":
        return Outcome(name="told", ticket=action.ticket, says=_ask_rest(rated.ticket, words))
    key = _SAID[rated.became]
    says = (
        Tell("redo_at_desk" if key.startswith("redo") and rated.ticket.at_desk else key, words),
        *(() if action.more else _name_next(scene)),
    )
    return Outcome(name="told", ticket=action.ticket, says=says)


def _evaluate(scene: Scene, action: RateTicket, verdict: Verdict, *, staff: str) -> Outcome:
    text = action.part or action.text
    acted = rating.evaluate(
        scene.session, action.ticket, verdict=verdict, text=text, actor=staff, now=scene.now, context=scene.context
    )
    return scene.told("evaluated_to_desk" if acted.ticket.last_act == "reopen" else "evaluated", acted.ticket)


def _ask_rest(ticket: TicketFacts, words: dict[str, Any]) -> tuple[Tell, ...]:
    """Ask once for what was not said: one question with numbers, and whether they were contacted where that is open too."""
    asked = Tell(f"rate_ask_{ticket.asked}", words)
    is_open = ticket.asked not in {"part", "contacted"} and not ticket.contacted
    return (asked, Tell("rate_also_contacted")) if is_open else (asked,)


def _name_next(scene: Scene) -> tuple[Tell, ...]:
    """Name the matter that a number would rate next, if another result is awaited."""
    facts = scene.facts()
    waiting = {ticket.ticket: ticket for ticket in facts.tickets if ticket.asks == "result"}
    following = next((waiting[number] for number in facts.awaiting_rating if number in waiting), None)
    return (Tell("rate_next", {"ticket": following.ticket, "title": following.title}),) if following else ()


def _answer_after(scene: Scene, action: AnswerAfter) -> Outcome:
    acted = after.take_answer(
        scene.session, action.ticket, resident_id=scene.resident, well=action.well, now=scene.now, context=scene.context
    )
    return scene.told("after_well" if action.well else "after_again", acted.ticket)


def _acknowledge(scene: Scene, action: AcknowledgeAlarm) -> Outcome:
    staff = bindings.staff_of(scene.session, scene.resident)
    acted = supervision.acknowledge(scene.session, action.ticket, actor=staff, now=scene.now, context=scene.context)
    others = alarms.list_alarms(scene.session, staff=staff, org=scene.city.org)
    told = scene.told("alarm_taken", acted.ticket)
    if not others:
        return told
    return msgspec.structs.replace(told, says=(*told.says, Tell("alarm_others", {"tickets": "、".join(others)})))


EFFECTS = {RateTicket: _rate, AnswerAfter: _answer_after, AcknowledgeAlarm: _acknowledge}
