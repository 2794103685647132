"""What the residents' pages do and say, by the dialogue's own effects and texts: one act of a resident, one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.effects import Scene, perform
from bot.texts import fill, has_text
from console.pages.own_asked import Found, OwnDone
from intents.actions import AddToTicket, AnswerAfter, EraseMe, RaiseEmergency, RateTicket, StopNotices, Urge, WithdrawTicket
from intents.slots import find_place, read_draft
from knowledge_base.match import Answered, NeedsChoice, NoAnswer, decide
from knowledge_base.text import normalize
from residents import conversations
from routing import register
from routing.errors import NoTicket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.pages.own_asked import FoundState, OwnAct
    from intents.actions import Action, Outcome
    from knowledge_base.match import Decision

_STATES: dict[str, FoundState] = {"expired": "expired", "not_yet_valid": "expired", "other_area": "elsewhere"}
"""Why a match may not answer -> what the page says of it."""
_OF_ONESELF: dict[str, Action] = {
    "erase": EraseMe(confirmed=True),
    "stop": StopNotices(on=True),
    "resume": StopNotices(on=False),
}


def carry_out(session: Session, city: City, asked: OwnAct, *, resident_id: int, now: datetime) -> OwnDone:
    """Carry out what a resident asks for on a page; NoTicket for somebody who never wrote to us.

    Words that tell of a danger to life are a danger like any other, whatever they were written for.
    """
    scene = _enter(session, city, asked, resident_id=resident_id, now=now)
    outcome = perform(scene, _read_act(asked))
    if danger := _find_danger(scene, asked):
        perform(scene, danger)
        return OwnDone(said="own_emergency")
    return _tell(outcome, asked)


def find_answer(city: City, question: str, *, area: str, now: datetime) -> Found:
    """Find which entries answer a question, as surely as the dialogue does. `area` is where the resident lives, "" if nobody knows."""
    longest = city.settings.knowledge.longest
    utterance = city.segmenter.read(question[:longest])
    if not utterance.text:
        return Found(state="none")
    named = city.org.common_area({code for place in city.gazetteer.find(utterance.text) for code in place.areas})
    decision = decide(
        city.matcher.match(utterance),
        entries=city.matcher.entries,
        today=now.astimezone(city.zone).date(),
        areas=city.gazetteer.chain(named or area),
        settings=city.settings.knowledge,
        city=city.root,
    )
    return _describe(decision, danger=is_danger(city, question))


def is_danger(city: City, text: str) -> bool:
    """Tell whether words tell of a danger to life."""
    return city.danger.read(normalize(text)).tier == "red"


def say_status(status: str) -> str:
    """Say how far a matter is, as residents read it."""
    return fill("status", status)


def say_event(act: str, unit: str) -> str:
    """Say what happened to a matter, without its moment; "" for what a resident need not know."""
    return fill("act", act, {"moment": "", "unit": unit}).strip() if has_text("act", act) else ""


def _describe(decision: Decision, *, danger: bool) -> Found:
    match decision:
        case Answered(match=found):
            return Found(state="answer", codes=(found.code,), danger=danger)
        case NeedsChoice(matches=matches):
            return Found(state="choice", codes=tuple(match.code for match in matches), danger=danger)
        case NoAnswer(why=why):
            return Found(state=_STATES.get(why, "none"), danger=danger)


def _enter(session: Session, city: City, asked: OwnAct, *, resident_id: int, now: datetime) -> Scene:
    speaker = conversations.reopen(session, _find_talk(session, resident_id))
    utterance = city.segmenter.read(asked.text)
    return Scene(session, city=city, speaker=speaker, message=None, inbound=None, utterance=utterance, now=now)


def _find_talk(session: Session, resident_id: int) -> int:
    found = conversations.find_talk(session, resident_id)
    if found is None:
        raise NoTicket
    return found


def _read_act(asked: OwnAct) -> Action:
    number, text = asked.number, asked.text
    if asked.act in _OF_ONESELF:
        return _OF_ONESELF[asked.act]
    match asked.act:
        case "rate":
            return RateTicket(
                number,
                contacted=asked.contacted,
                solved=asked.solved,
                satisfied=asked.satisfied,
                text=text,
                part=text if asked.solved == "partly" else "",
            )
        case "after":
            return AnswerAfter(number, well=asked.well)
        case "add":
            return AddToTicket(number, text)
        case "urge":
            return Urge(number, text)
        case _:
            return WithdrawTicket(number)


def _find_danger(scene: Scene, asked: OwnAct) -> RaiseEmergency | None:
    reading = scene.city.danger.read(normalize(asked.text))
    if reading.tier != "red":
        return None
    gazetteer = scene.city.gazetteer
    lies_at = register.show(scene.session, asked.number, org=scene.city.org).ticket.public_place if asked.number else ""
    where = find_place(gazetteer.find(scene.utterance.text)) or find_place(gazetteer.find(lies_at))
    return RaiseEmergency(read_draft(scene.utterance, place=where, reading=reading))


def _tell(outcome: Outcome, asked: OwnAct) -> OwnDone:
    """Name the sentence of the page for what the dialogue would say first. What was opened instead of added stands apart."""
    if not outcome.says:
        return OwnDone(said="own_taken")
    said = outcome.says[0]
    apart = asked.act == "add" and outcome.ticket != asked.number and bool(outcome.ticket)
    key = "own_apart" if apart else f"own_{said.text}"
    return OwnDone(said=key if has_text("pages", f"flash_{key}") else "own_taken", receipt=said.facts.get("receipt", ""))
