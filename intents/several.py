"""One message, several matters: each is taken as a turn of its own, and all are opened together.

A place that is named once holds for the matters that follow it, and for all of them where it stands alone (旭日家园5栋). In danger nothing is
asked: the alarm goes out for its part, the rest is opened as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from intents import slots
from intents.actions import Answer, AskSlot, OpenMatters, OpenTicket, RaiseEmergency
from intents.catalog import specs
from intents.classify import classify
from intents.lexicon import lexicon
from intents.matters import divide
from intents.retelling import corrects_itself
from knowledge_base.match import Answered
from knowledge_base.text import skim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.actions import Action, Draft, PlaceRef
    from intents.spec import Turn

OPENING = frozenset({"report_problem", "complaint", "report_violation", "suggestion", "praise", "on_behalf", "emergency"})
"""Intents whose message may tell of several matters; a question or a form is one."""
_ASKING = frozenset({"ask_policy", "service_lookup"})
_STORIES = frozenset({"on_behalf", "complaint", "report_violation"})
"""What is told of one person, or against one: its parts belong together unless something else is plainly begun."""
_WORDS = re.compile(r"\w")
_LITTLE = 3
_MARKS = " \t\n,，。；;、:："


def take_apart(turn: Turn, code: str) -> tuple[Turn, ...]:
    """Take a turn apart into one for each matter it tells of; () if it is one."""
    if code not in OPENING or len(turn.clauses) <= 1 or corrects_itself(turn.text):
        return ()
    is_red = turn.reading.tier == "red"
    groups = divide(turn.clauses, settings=turn.settings.matters, strict=is_red or code in _STORIES)
    if len(groups) == 1:
        return ()
    texts = ["".join(turn.clauses[at].text for at in group) for group in groups]
    parts = [_cut_turn(turn, text, first=not number) for number, text in enumerate(texts)]
    if is_red and not any(part.reading.tier == "red" for part in parts):
        return ()
    return tuple(_share_places(turn, parts))


def open_several(parts: Sequence[Turn], code: str) -> list[Action]:
    """Open each part: the danger first, then all that somebody can go to, then ask once where the others are."""
    alarm: list[Action] = []
    ready: list[tuple[int, Draft]] = []
    waiting: list[tuple[int, Draft]] = []
    besides: list[Action] = []
    for number, part in enumerate(parts, start=1):
        for action in _respond(part, code):
            match action:
                case RaiseEmergency():
                    alarm.append(action)
                case OpenTicket(draft=draft) if draft.reason == "no_place":
                    waiting.append((number, msgspec.structs.replace(draft, reason="")))
                case OpenTicket(draft=draft):
                    ready.append((number, draft))
                case _ if action not in besides:
                    besides.append(action)
    if any(draft.confidential for _, draft in (*ready, *waiting)):  # who speaks in confidence does so in every sentence
        ready, waiting = _seal(ready), _seal(waiting)
    if alarm:
        ready, waiting = sorted([*ready, *((at, msgspec.structs.replace(draft, reason="no_place")) for at, draft in waiting)]), []
    return [*alarm, *_open(ready), *besides, *_ask_where(waiting)]


def _respond(part: Turn, code: str) -> list[Action]:
    """Let the intent of a part respond, with everything asked that could be asked: what is missing shows in the draft's reason.

    A question among reports is answered if the knowledge base is sure; else people answer it, as a matter of its own.
    """
    found = classify(part)
    if found.code in _ASKING and isinstance(part.decision, Answered):
        return [Answer(part.decision.match.code, asked=part.text)]
    chosen = found.code if found.code in OPENING and found.score else code
    if chosen == "emergency" and part.reading.tier != "red":
        chosen = "report_problem"
    asked = msgspec.structs.replace(part.state, asked=("matter", "place"))
    return specs()[chosen].respond(replace(part, state=asked))


def _seal(numbered: Sequence[tuple[int, Draft]]) -> list[tuple[int, Draft]]:
    """Make every matter of a message confidential."""
    return [(at, msgspec.structs.replace(draft, confidential=True)) for at, draft in numbered]


def _open(ready: Sequence[tuple[int, Draft]]) -> list[Action]:
    """Open what is complete: one matter as ever, several in one list."""
    if len(ready) <= 1:
        return [OpenTicket(draft) for _, draft in ready]
    return [OpenMatters(tuple(draft for _, draft in ready), tuple(number for number, _ in ready))]


def _ask_where(waiting: Sequence[tuple[int, Draft]]) -> list[Action]:
    """Ask once, for all matters that lack a place."""
    if not waiting:
        return []
    numbers, drafts = zip(*waiting, strict=True)
    return [AskSlot("place", drafts[0], more=tuple(drafts[1:]), numbers=tuple(numbers))]


def _cut_turn(turn: Turn, text: str, *, first: bool) -> Turn:
    """Cut a turn down to one part of its words. What came along (pictures) belongs to the first."""
    utterance = skim(_strip(text))
    reading = turn.danger.read(utterance.text) if turn.reading.tier != "none" else turn.reading
    if reading.tier == "red" and turn.reading.tier != "red":
        reading = turn.reading  # the whole text showed that it is over or supposed
    decision = turn.decision
    if turn.look_up is not None and lexicon("question").first(utterance.text):
        decision = turn.look_up(utterance.raw)
    return replace(
        turn,
        utterance=utterance,
        decision=decision,
        clauses=(),
        places=tuple(place for place in turn.places if place.text in utterance.text),
        media=turn.media if first else 0,
        reading=reading,
    )


def _strip(text: str) -> str:
    """Take off a part's beginning what only says that it is one (二、, 另外), and the marks at both ends."""
    rest = text.strip().strip(_MARKS)
    for table in ("enumeration", "besides"):
        first = next((found for found in lexicon(f"matters.{table}").spans(rest) if found.start(1) == 0), None)
        rest = rest[first.end(1) :].lstrip(_MARKS) if first is not None else rest
    return rest or text


def _share_places(turn: Turn, parts: Sequence[Turn]) -> list[Turn]:
    """Give each part without a place the one named before it, else one that stands alone in the message."""
    alone = _find_place_alone(turn)
    shared: list[Turn] = []
    before: PlaceRef | None = None
    for part in parts:
        own = slots.find_place(part.places, home_areas=turn.facts.home_areas)
        inherited = before or alone
        is_elsewhere = inherited is not None and inherited.kind == "road" and bool(lexicon("matters.own_place").first(part.text))
        if own is None and inherited is not None and not is_elsewhere:
            shared.append(replace(part, facts=replace(part.facts, known_place=inherited)))
        else:
            shared.append(part)
        before = own or before
    return shared


def _find_place_alone(turn: Turn) -> PlaceRef | None:
    """Find a place that a clause of its own names and nothing else."""
    for clause in turn.clauses:
        text = skim(clause.text).text
        places = [place for place in turn.places if place.text in text]
        rest = text
        for place in places:
            rest = rest.replace(place.text, "")
        if places and len(_WORDS.findall(lexicon("place").blank(rest).replace("·", ""))) < _LITTLE:
            return slots.find_place(places, home_areas=turn.facts.home_areas)
    return None
