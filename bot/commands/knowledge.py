"""What a knowledge editor does, as commands: look at what was asked in vain and what is proposed, accept or refuse it, and test before publishing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from bot import editing, proposing
from bot.commands import Command, Json
from bot.refusals import refuse
from bot.texts import fill
from knowledge_base import entries, uses
from knowledge_base.entry import Entry
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.proposals import Proposal

_EXAMPLES = 2
"""Wordings shown of a group or a proposal beside its first."""


def list_misses(session: Session, city: City, *, now: datetime, limit: int) -> Json:  # noqa: ARG001 - every command is told the time
    """List groups of like questions that nothing answered, or whose answer was no use, what most residents asked first."""
    shown = []
    for group in islice(proposing.find_misses(session, city), limit):
        nearest = proposing.find_matches(city, group.questions[0])[:1]
        shown.append(
            {
                "question": group.questions[0],
                "examples": list(group.questions[1 : 1 + _EXAMPLES]),
                "times": len(group.uses),
                "residents": group.residents,
                "useless": sum(use.kind == "useless" for use in group.uses),
                "nearest": nearest[0].code if nearest else "",
                "nearest_question": nearest[0].question if nearest else "",
            }
        )
    return shown


def list_proposals(session: Session, city: City, *, now: datetime) -> Json:
    """List what waits for an editor's word; {"rows", "made_at", "minutes", "late"}: as of when (None before the first round), how often it is made, whether that is late."""
    made = proposing.read_round(session, city, now=now)
    found = proposing.read_answers(session, city, list(proposing.find_proposals(session, city)))
    return {
        "rows": [_describe(proposal, city) for proposal in found],
        "made_at": None if made.at is None else made.at.astimezone(city.zone).isoformat(timespec="seconds"),
        "minutes": round(made.every.total_seconds() / 60),
        "late": made.is_late,
    }


def accept(session: Session, city: City, *, now: datetime, key: str, actor: str, **given: str) -> Json:
    """Do what is proposed, once, with what the editor gives instead: `question`, `answer`, `source`, `code`, `entry`. Refusal if nothing of this key waits, or something is missing."""
    proposal = _find(session, city, key)
    if proposal.kind == "word":
        editing.add_word(session, city, proposal)
        done: dict[str, Json] = {"item": proposal.target}
    elif code := proposal.target or given["entry"]:
        changed = editing.add_phrasing(session, code, given["question"] or proposal.text, by=actor, now=now)
        done = {"entry": code, "version": changed.version}
    else:
        done = _accept_entry(session, proposal, given, by=actor, now=now)
    editing.settle(session, proposal, accepted=True, by=actor, now=now)
    return {"proposal": key, "kind": proposal.kind} | done


def refuse_proposal(session: Session, city: City, *, now: datetime, key: str, actor: str) -> Json:
    """Let a proposal go; its words are not proposed again."""
    proposal = _find(session, city, key)
    editing.settle(session, proposal, accepted=False, by=actor, now=now)
    return {"proposal": key, "kind": proposal.kind}


def try_questions(
    session: Session,
    city: City,
    *,
    now: datetime,  # noqa: ARG001 - every command is told the time
    rows: Sequence[Mapping[str, Json]],
    drafts: Sequence[Json],
) -> Json:
    """Ask questions whose entries are known ({"question", "expected"}); {"rows", "outcomes", "changes", "unknown"}.

    `drafts` are entries taken as if they were published already. A row has the codes that a resident would see, what that comes to, and
    how it differs from what was last kept; `unknown` are expected codes that no entry has.
    """
    matcher = editing.try_out(city, msgspec.convert(drafts, list[Entry])) if drafts else city.matcher
    shown = []
    for row, asked in zip(rows, editing.ask(session, city, _list_asked(rows), matcher=matcher), strict=True):
        found = {"got": list(asked.got), "outcome": asked.outcome, "change": asked.change, "mark": asked.mark}
        shown.append(dict(row) | found)
    return {
        "rows": shown,
        "outcomes": dict(Counter(row["outcome"] for row in shown)),
        "changes": dict(Counter(row["change"] for row in shown)),
        "unknown": sorted({code for row in rows for code in row["expected"]} - set(matcher.entries)),
    }


def keep(session: Session, city: City, *, now: datetime, outcomes: Mapping[str, str], actor: str) -> Json:  # noqa: ARG001 - every command is told the city
    """Keep what the questions of a test came to, by their marks, to compare the next test with."""
    uses.save_outcomes(session, outcomes, now=now)
    record(session, actor=actor, action="knowledge.test", subject="knowledge", facts=dict(Counter(outcomes.values())))
    return {"kept": len(outcomes)}


def _list_asked(rows: Sequence[Mapping[str, Json]]) -> list[tuple[str, list[str]]]:
    return [(row["question"], row["expected"]) for row in rows]


def _find(session: Session, city: City, key: str) -> Proposal:
    found = editing.find_proposal(session, city, key)
    if found is None:
        raise refuse("no_proposal", proposal=key)
    return found


def _accept_entry(session: Session, proposal: Proposal, given: Mapping[str, str], *, by: str, now: datetime) -> dict[str, Json]:
    """Publish a new entry; PublishRefused without an answer and a source, EntryExists."""
    source = fill("cli", "source_reply", {"unit": proposal.unit}) if proposal.answer else ""
    entry = Entry(
        code=given["code"] or f"JY-{proposal.key}",
        question=given["question"] or proposal.text,
        answer=given["answer"] or proposal.answer,
        source=given["source"] or source,
        unit=proposal.unit,
    )
    return {"entry": entry.code, "version": entries.publish(session, entry, now=now, by=by).version}


def _describe(proposal: Proposal, city: City) -> dict[str, Json]:
    return {
        "proposal": proposal.key,
        "kind": proposal.kind,
        "target": proposal.target,
        "target_name": editing.name_target(proposal, city),
        "text": proposal.text,
        "examples": list(proposal.texts[1 : 1 + _EXAMPLES]),
        "origin": proposal.origin,
        "residents": proposal.residents,
        "times": proposal.times,
        "answer": proposal.answer,
        "unit": proposal.unit,
    }


COMMANDS = (
    Command(name="knowledge.misses", run=list_misses, writes=False),
    Command(name="knowledge.proposals", run=list_proposals, writes=False),
    Command(name="knowledge.accept", run=accept),
    Command(name="knowledge.refuse", run=refuse_proposal),
    Command(name="knowledge.test", run=try_questions, writes=False),
    Command(name="knowledge.keep", run=keep),
)
