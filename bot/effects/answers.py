"""Answers, choices and questions of ours: what is said without touching a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels.xml import cut_text
from bot.texts import fill, has_text
from intents.actions import Answer, AskSlot, EntryFeedback, OfferChoice, Outcome, RecordMiss, Stay, Tell
from intents.slots import is_confidential
from knowledge_base import entries, uses
from residents.masking import mask
from routing.headline import shorten

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from knowledge_base.proposals import UseKind

_LINE = 24
"""Characters of a matter in a list: one line of a telephone."""
_MARKS = " \t\n,，。；;、.!！?？"
_BYTES = 3
"""UTF-8 bytes of a Chinese character."""


_PROMISES = frozenset({"kept_from_them", "kept_secret"})
"""What only the opening of the ticket can promise, which knows whether it is kept; it has said so then."""


def _answer(scene: Scene, action: Answer) -> Outcome:
    entry = scene.city.matcher.entry(action.entry)
    if entry is None:  # withdrawn since it was found or offered
        return Outcome(name="told", says=(Tell("answer_gone"),))
    answer = entry.answer if action.full else _shorten(scene, entry.answer)
    if action.picked_for:
        _keep_use(scene, "picked", action.picked_for, entry=entry.code)
    facts = {"question": entry.question, "answer": answer, "source": entry.source, "unit": entry.unit}
    key = "answer" if scene.is_private else "answer_group"
    if entry.source_date is None:
        return Outcome(name="answered", entry=entry.code, says=(Tell(f"{key}_undated", facts),))
    says = (Tell(key, facts | {"source_date": entry.source_date.isoformat()}),)
    return Outcome(name="answered", entry=entry.code, says=says)


def _shorten(scene: Scene, answer: str) -> str:
    """Give the first sentences of a long answer, and how to get the rest."""
    longest = scene.city.settings.conversation.answer_characters
    if len(answer) <= longest:
        return answer
    return f"{cut_text(answer, longest * _BYTES)[0].rstrip()}\n{scene.city.words.fixed('answer_more')}"


def _offer(scene: Scene, action: OfferChoice) -> Outcome:
    questions = [entry.question for code in action.entries if (entry := scene.city.matcher.entry(code))]
    if len(questions) == 1:
        return Outcome(name="choice", says=(Tell("choice_of_one", {"question": questions[0]}),))
    lines = "\n".join(f"{number}. {question}" for number, question in enumerate(questions, start=1))
    return Outcome(name="choice", says=(Tell("choice", {"questions": lines}),))


def _ask(scene: Scene, action: AskSlot) -> Outcome:
    if action.numbers:
        return Outcome(name="asked", says=(_ask_where(scene, action),))
    if action.slot != "ticket":
        own = f"ask_{action.slot}_for_{action.draft.reason}"
        return Outcome(name="asked", says=(Tell(own if has_text("say", own) else f"ask_{action.slot}"),))
    shown = [one for one in scene.facts().tickets if one.is_open or (action.finished and one.is_done)]
    tickets = [one for one in shown if not action.among or one.ticket in action.among]
    lines = [
        scene.line(
            "ticket_item_done" if one.is_done else "ticket_item",
            {"number": at, "title": one.title, "ticket": one.ticket, "status": fill("status", one.status)},
        )
        for at, one in enumerate(tickets, start=1)
    ]
    key = "ask_ticket_again" if action.finished else "ask_ticket"
    return Outcome(name="asked", says=(Tell(key, {"tickets": "\n".join(lines)}),))


def _ask_where(scene: Scene, action: AskSlot) -> Tell:
    """Ask once for all the matters of a message that lack a place, naming them by their numbers."""
    drafts = (action.draft, *action.more)
    if len(drafts) == 1:
        return Tell("ask_place_of", {"which": action.numbers[0]})
    lines = [
        scene.line("matter_line", {"number": number, "words": shorten(draft.text.strip(_MARKS), _LINE)})
        for number, draft in zip(action.numbers, drafts, strict=True)
    ]
    return Tell("ask_place_of_all", {"items": "\n".join(lines)})


def _take_feedback(scene: Scene, action: EntryFeedback) -> Outcome:
    entries.record_feedback(scene.session, action.entry, useful=action.useful, now=scene.now)
    if not action.useful:
        _keep_use(scene, "useless", action.question, entry=action.entry)
    return Outcome(name="told", says=(Tell("feedback_useful" if action.useful else "feedback_useless"),))


def _record_miss(scene: Scene, action: RecordMiss) -> Outcome:
    _keep_use(scene, "missed", action.question)
    return Outcome(name="told")


def _keep_use(scene: Scene, kind: UseKind, question: str, *, entry: str = "") -> None:
    """Keep for the editors what a question came to, masked; of confidential ones nothing."""
    if not is_confidential(question):
        uses.record_use(scene.session, kind=kind, entry=entry, question=mask(question), resident_id=scene.resident, now=scene.now)


def _tell(_scene: Scene, action: Tell) -> Outcome:
    if action.text in _PROMISES:
        return Outcome(name="told")
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
