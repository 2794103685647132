"""What an editor does with what residents' use proposes, and trials of questions before anything is published: for the commands and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot import proposing
from bot.city import note_change
from bot.refusals import refuse
from knowledge_base import entries, uses
from knowledge_base.hit_test import compare, judge, list_codes
from routing.importers import duty_list
from routing.tables import DutyItemRow
from routing.terms import DutyItem
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.entry import Entry
    from knowledge_base.hit_test import Change, Outcome
    from knowledge_base.matcher import Matcher
    from knowledge_base.proposals import Proposal


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question of a hit test: the codes that would be right, what a resident would see, what that comes to and how it was when last kept.

    By `mark` the outcome is kept; no words are.
    """

    question: str
    expected: tuple[str, ...]
    got: tuple[str, ...]
    outcome: Outcome
    change: Change
    mark: str


def find_proposal(session: Session, city: City, key: str) -> Proposal | None:
    """Find what waits under a key; None if nothing does."""
    found = next((proposal for proposal in proposing.find_proposals(session, city) if proposal.key == key), None)
    return None if found is None else proposing.read_answers(session, city, [found])[0]


def settle(session: Session, proposal: Proposal, *, accepted: bool, by: str, now: datetime) -> None:
    """Keep what an editor said of a proposal: its words are not proposed again."""
    uses.decide_marks(session, proposing.list_marks(session, proposal), accepted=accepted, by=by, now=now)
    action = "knowledge.accept" if accepted else "knowledge.refuse"
    facts = {"kind": proposal.kind, "residents": proposal.residents}
    record(session, actor=by, action=action, subject=f"proposal:{proposal.key}:{proposal.target}", facts=facts)


def add_phrasing(session: Session, code: str, words: str, *, by: str, now: datetime) -> Entry:
    """Add a wording to an entry as its next version; a refusal if none of this code is in use."""
    entry = entries.get(session, code)
    if entry is None or entry.status != "published":
        raise refuse("no_entry", code=code)
    changed = msgspec.structs.replace(entry, phrasings=(*entry.phrasings, words))
    return entries.revise(session, changed, now=now, by=by)


def add_word(session: Session, city: City, proposal: Proposal) -> None:
    """Add a word to an item of the city's own duty list; a refusal where the city works by the shipped one."""
    row = session.get(DutyItemRow, proposal.target)
    if row is None:
        raise refuse("no_own_duty_list", item=name_target(proposal, city), word=proposal.text)
    values = {name: getattr(row, name) for name in DutyItem.__struct_fields__}
    duty_list.write(session, [values | {"words": [*row.words, proposal.text]}])
    note_change(session)


def name_target(proposal: Proposal, city: City) -> str:
    """Name what a proposal is about: the entry's question, the duty item's name; "" for a new entry."""
    if proposal.kind == "word":
        item = city.duty_list.item(proposal.target)
        return item.name if item else proposal.target
    entry = city.matcher.entry(proposal.target)
    return entry.question if entry else ""


def try_out(city: City, drafts: Iterable[Entry]) -> Matcher:
    """Make a matcher of the city's entries with drafts among them or in their place; the city's own stays as it is."""
    matcher = city.make_matcher()
    together = dict(city.matcher.entries) | {entry.code: entry for entry in drafts}
    matcher.take_over(list(together.values()), city.segmenter, cache=city.settings.folder / "knowledge.cache")
    return matcher


def ask(
    session: Session, city: City, rows: Iterable[tuple[str, Collection[str]]], *, matcher: Matcher | None = None
) -> Iterator[Asked]:
    """Ask questions whose entries are known, and compare with what was last kept. `matcher` holds other entries than the city's."""
    before = uses.load_outcomes(session)
    for question, expected in rows:
        decision = proposing.decide_alone(city, question, matcher=matcher)
        outcome = judge(decision, expected)
        mark = uses.mark_text(session, "test", ";".join(sorted(expected)), question)
        yield Asked(
            question=question,
            expected=tuple(expected),
            got=list_codes(decision),
            outcome=outcome,
            change=compare(outcome, before.get(mark)),
            mark=mark,
        )


def dismiss(session: Session, questions: Sequence[str], *, answered: bool, by: str, now: datetime) -> None:
    """Keep that questions asked in vain have their entry now, or need none: they are neither listed nor proposed again."""
    for kind in ("miss", "entry"):
        marks = [uses.mark_text(session, kind, "", question) for question in questions]
        uses.decide_marks(session, marks, accepted=answered, by=by, now=now)
    record(
        session,
        actor=by,
        action="knowledge.dismiss",
        subject="knowledge",
        facts={"answered": answered, "questions": len(questions)},
    )
