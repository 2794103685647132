"""Answers, choices and questions of ours: what is said without touching a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Answer, AskSlot, EntryFeedback, OfferChoice, Outcome, RecordMiss, Stay, Tell
from knowledge_base import entries
from residents.masking import mask

if TYPE_CHECKING:
    from bot.effects.scene import Scene


def _answer(scene: Scene, action: Answer) -> Outcome:
    entry = scene.city.matcher.entry(action.entry)
    if entry is None:  # withdrawn since it was found or offered
        return Outcome(name="told", says=(Tell("answer_gone"),))
    facts = {"question": entry.question, "answer": entry.answer, "source": entry.source, "unit": entry.unit}
    key = "answer" if scene.is_private else "answer_group"
    if entry.source_date is None:
        return Outcome(name="answered", entry=entry.code, says=(Tell(f"{key}_undated", facts),))
    says = (Tell(key, facts | {"source_date": entry.source_date.isoformat()}),)
    return Outcome(name="answered", entry=entry.code, says=says)


def _offer(scene: Scene, action: OfferChoice) -> Outcome:
    questions = [entry.question for code in action.entries if (entry := scene.city.matcher.entry(code))]
    if len(questions) == 1:
        return Outcome(name="choice", says=(Tell("choice_of_one", {"question": questions[0]}),))
    lines = "\n".join(f"{number}. {question}" for number, question in enumerate(questions, start=1))
    return Outcome(name="choice", says=(Tell("choice", {"questions": lines}),))


def _ask(scene: Scene, action: AskSlot) -> Outcome:
    if action.slot != "ticket":
        return Outcome(name="asked", says=(Tell(f"ask_{action.slot}"),))
    tickets = [ticket for ticket in scene.facts().tickets if ticket.is_open]
    lines = [
        scene.line("ticket_item", {"number": at, "title": one.title, "ticket": one.ticket})
        for at, one in enumerate(tickets, start=1)
    ]
    return Outcome(name="asked", says=(Tell("ask_ticket", {"tickets": "\n".join(lines)}),))


def _take_feedback(scene: Scene, action: EntryFeedback) -> Outcome:
    entries.record_feedback(scene.session, action.entry, useful=action.useful, now=scene.now)
    return Outcome(name="told", says=(Tell("feedback_useful" if action.useful else "feedback_useless"),))


def _record_miss(scene: Scene, action: RecordMiss) -> Outcome:
    entries.record_miss(scene.session, question=mask(action.question), now=scene.now)
    return Outcome(name="told")


def _tell(_scene: Scene, action: Tell) -> Outcome:
    if action.text == "scan_welcome":  # codes come with the pages; until then a scan is a welcome
        return Outcome(name="told", says=(Tell("welcome"),))
    return Outcome(name="told", says=(action,))


def _stay(_scene: Scene, _action: Stay) -> Outcome:
    return Outcome(name="ignored")


EFFECTS = {
    Answer: _answer,
    OfferChoice: _offer,
    AskSlot: _ask,
    EntryFeedback: _take_feedback,
    RecordMiss: _record_miss,
    Tell: _tell,
    Stay: _stay,
}
