"""How well whole messages are understood, on labelled ones: the figures of `jieying evaluate turns`. No database: the city stands in memory.

Ties, by rule: a message whose label gives two kinds (help/complaint) is right with the intent of either; ask_policy and service_lookup are one
question to the knowledge base and do the same; in red danger the alarm is the right answer, whatever else the message is about. exact_intent
counts none of these. What an intent presupposes is given: progress, urge, add_to_ticket, correct and withdraw come from somebody with an
open ticket, rate after a result was asked about, feedback after an answer; all others from somebody new.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.effects.opening import make_report
from bot.evaluation.masked import show_masked
from bot.evaluation.territory import find_unit, list_right_units
from bot.evaluation.tiers import tabulate
from bot.texts import fill
from bot.understanding import read_text
from intents.actions import Answer, OfferChoice
from intents.catalog import specs
from intents.classify import classify
from intents.several import take_apart
from intents.spec import ResidentFacts, TicketFacts, Turn
from intents.state import ConversationState
from knowledge_base.match import decide as decide_answer
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim
from routing.dispatch import decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.city import City
    from bot.evaluation.labels import Label
    from intents.actions import Draft
    from routing.terms import Candidate

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""When the messages come, unless said otherwise: a Monday morning, the same in every run."""
FIGURES = (
    "intent",
    "exact_intent",
    "kind",
    "requester",
    "requester_not_resident",
    "tier",
    "red_recall",
    "several_split",
    "one_left_whole",
    "place_found",
    "item_top1",
    "item_top3",
    "right_unit",
    "sent_at_once",
    "right_when_sent",
)
"""What is counted, in the order in which it is shown."""

_ABOUT_TICKETS = frozenset({"progress", "urge", "add_to_ticket", "correct", "withdraw"})
_QUESTIONS = frozenset({"ask_policy", "service_lookup"})
_INTENTS = {
    "help": "report_problem",
    "complaint": "complaint",
    "report": "report_violation",
    "suggestion": "suggestion",
    "praise": "praise",
}
"""The intent of each kind of request but the question."""
_NOT_MISSED = frozenset({"exact_intent", "red_recall", "requester_not_resident", "sent_at_once"})
"""Figures whose misses are misses of another one too, or none."""


class Verdict(NamedTuple):
    """Whether one thing was understood, what was wanted of it and what came of it."""

    figure: str
    is_right: bool
    wanted: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is understood of a message: its intent, its parts, the draft and the kind of request it would become, and the duty items of the first part."""

    turn: Turn
    code: str
    parts: tuple[Turn, ...]
    draft: Draft
    kind: str
    candidates: tuple[Candidate, ...]


def measure_turns(labels: Sequence[Label], city: City, *, now: datetime = NOW, shows: bool = False) -> dict[str, Any]:
    """Measure a city's understanding of labelled messages (at least one).

    Each of FIGURES is a share 0..1 of those messages whose labels allow it; one that no label allows is left out. counts: of how many it
    is the share (count), and how many were right. read_as: label -> tier as read -> messages. `shows` adds misses: each message with what was wanted
    and what came, masked and cut to 40 characters.
    """
    counts, right, tiers = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    misses: list[dict[str, str]] = []
    for label in labels:
        heard = hear(city, label, now=now)
        tiers[label.tier, heard.turn.reading.tier] += 1
        for verdict in judge(city, label, heard, now=now):
            counts[verdict.figure] += 1
            right[verdict.figure] += verdict.is_right
            if shows and not verdict.is_right and verdict.figure not in _NOT_MISSED:
                misses.append(_describe(label, verdict))
    measured = [figure for figure in FIGURES if counts[figure]]
    return {
        "count": len(labels),
        **{figure: right[figure] / counts[figure] for figure in measured},
        "counts": {figure: {"count": counts[figure], "right": right[figure]} for figure in measured},
        **({"read_as": tabulate(tiers)} if counts["tier"] else {}),
        **({"misses": misses} if shows else {}),
    }


def hear(city: City, label: Label, *, now: datetime = NOW) -> Heard:
    """Understand a message as the service does."""
    turn = make_turn(city, label.text, intent=label.intent, now=now)
    code = classify(turn).code
    parts = take_apart(turn, code) or (turn,)
    draft, kind = respond(turn, code)
    first = parts[0].draft()
    told = skim(hide(normalize(first.text), [first.place] if first.place else []))
    return Heard(turn=turn, code=code, parts=parts, draft=draft or turn.draft(), kind=kind, candidates=city.triage.rank(told))


def make_turn(city: City, text: str, *, intent: str = "", now: datetime = NOW) -> Turn:
    """Read a message, from somebody in the circumstances that its intent presupposes; "" presupposes nothing."""
    read = read_text(city, text)
    decision = decide_answer(
        read.matches, entries=city.matcher.entries, today=now.date(), areas=(), settings=city.settings.knowledge, city=city.root
    )
    turn = Turn(
        utterance=read.utterance, now=now, decision=decision, places=read.places, reading=read.reading, clauses=read.clauses
    )
    return replace(turn, **_presuppose(intent, now))


def respond(turn: Turn, code: str) -> tuple[Draft | None, str]:
    """Give the draft that an intent makes of a turn (None: no single one), and the kind of request it is taken for ("": none)."""
    for action in specs()[code].respond(turn):
        if isinstance(action, Answer | OfferChoice):
            return None, "consult"
        if (draft := getattr(action, "draft", None)) is not None:
            return draft, draft.kind
    return None, "consult" if code in _QUESTIONS else ""


def is_right_intent(label: Label, code: str) -> bool:
    """Tell whether an intent is right, ties included."""
    if code == label.intent or (code == "emergency" and label.tier == "red"):
        return True
    if label.intent in _INTENTS.values() and code in {_INTENTS.get(kind) for kind in label.kinds}:
        return True
    return {code, label.intent} == _QUESTIONS


def judge(city: City, label: Label, heard: Heard, *, now: datetime = NOW) -> Iterator[Verdict]:
    """Compare what was understood of a message with its labels, as far as it has any."""
    tier = heard.turn.reading.tier
    if label.intent:
        yield Verdict("intent", is_right_intent(label, heard.code), label.intent, heard.code)
        yield Verdict("exact_intent", heard.code == label.intent, label.intent, heard.code)
    if label.kinds:
        yield Verdict("kind", heard.kind in label.kinds, "/".join(label.kinds), heard.kind)
    if label.requester:
        requester = heard.draft.requester or "resident"
        verdict = Verdict("requester", requester == label.requester, label.requester, requester)
        yield verdict
        if label.requester != "resident":
            yield verdict._replace(figure="requester_not_resident")
    if label.tier:
        yield Verdict("tier", tier == label.tier, label.tier, tier)
    if label.tier == "red":
        yield Verdict("red_recall", tier == "red", "red", tier)
    yield from _judge_place(label, heard)
    yield from _judge_matters(label, heard)
    yield from _judge_unit(city, label, heard, now=now)


def _judge_place(label: Label, heard: Heard) -> Iterator[Verdict]:
    """Tell whether the place that is meant was found: its words stand in those that were named, or the other way round."""
    if label.places:
        place = heard.turn.place()
        text = place.text if place else ""
        found = bool(place) and any(text in one or one in text for one in map(normalize, label.places))
        yield Verdict("place_found", found, "、".join(label.places), text)


def _judge_matters(label: Label, heard: Heard) -> Iterator[Verdict]:
    """Tell whether several matters are told apart, and whether the duty item of one is found."""
    got = len(heard.parts)
    if label.number > 1:
        yield Verdict("several_split", got == label.number, str(label.number), str(got))
    elif label.matters:
        yield Verdict("one_left_whole", got == 1, "1", str(got))
        wanted, found = label.matters[0], [each.item.code for each in heard.candidates[:3]]
        said = "/".join(wanted), "、".join(found)
        yield Verdict("item_top1", bool(found) and found[0] in wanted, *said)
        yield Verdict("item_top3", any(code in wanted for code in found), *said)


def _judge_unit(city: City, label: Label, heard: Heard, *, now: datetime) -> Iterator[Verdict]:
    """Tell whether the best duty item at the place that was found leads to the right unit, and of what would go out at once whether it goes there."""
    wanted = list_right_units(city, label, now=now)
    if not wanted:
        return
    best = heard.candidates[0].item if heard.candidates else None
    unit = find_unit(city, best, heard.draft.place, now=now) if best else ""
    said = "/".join(sorted(wanted))
    yield Verdict("right_unit", unit in wanted, said, unit)
    report = make_report(heard.draft, text=heard.draft.text, said=heard.turn.text)
    sent = decide(report, heard.candidates, city.org, now=now, settings=city.settings.routing, statistics={})
    yield Verdict("sent_at_once", sent.automatic, said, sent.unit)
    if sent.automatic:
        yield Verdict("right_when_sent", sent.unit in wanted, said, sent.unit)


def _presuppose(intent: str, now: datetime) -> dict[str, Any]:
    """Give what of a turn an intent presupposes."""
    title = fill("cli", "sample_title")
    ticket = TicketFacts(ticket="20261123-0001", title=title, status="dispatched", opened_at=now - timedelta(hours=5))
    if intent in _ABOUT_TICKETS:
        return {"facts": ResidentFacts(tickets=(ticket,))}
    if intent == "rate":
        asked = replace(ticket, status="concluded", awaiting_rating=True, asks="result", rating_asked_at=now - timedelta(hours=1))
        return {"facts": ResidentFacts(tickets=(asked,), awaiting_rating=(asked.ticket,))}
    if intent == "feedback":
        asked_at = now - timedelta(minutes=2)
        return {"state": ConversationState(last_answer="K1", last_question=fill("cli", "sample_question"), asked_at=asked_at)}
    return {}


def _describe(label: Label, verdict: Verdict) -> dict[str, str]:
    return {
        "figure": verdict.figure,
        "wanted": show_masked(verdict.wanted),
        "got": show_masked(verdict.got),
        "text": show_masked(label.text),
    }
