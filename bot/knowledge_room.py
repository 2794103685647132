"""The knowledge base as the pages of its editors see it (console.knowledge_port.KnowledgeRoom), on the city of the running service."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from bot import editing, import_drafts, proposing
from bot.refusals import Refusal
from bot.texts import fill
from console.knowledge_port import Candidate, HitRow, HitRun, Miss, Proposals, Proposed, Trial
from console.problems import Problem
from knowledge_base import entry as entry_rules
from knowledge_base import uses
from knowledge_base.columns import FIELDS
from knowledge_base.elsewhere import weigh_elsewhere
from knowledge_base.hit_test import list_codes
from knowledge_base.match import Answered, NeedsChoice, NoAnswer
from knowledge_base.proposals import Proposal
from knowledge_base.reading_apart import WHYS
from knowledge_base.text import normalize
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.knowledge_port import ImportDraft
    from knowledge_base.entry import Entry
    from knowledge_base.importers import Preview
    from knowledge_base.importers import Problem as EntryProblem
    from knowledge_base.match import Decision, Match
    from knowledge_base.matcher import Matcher
    from knowledge_base.proposals import Group

_SAID_OTHERWISE = frozenset({"missing_column", "no_code"})
"""Problems whose way out on a page is not the command line's."""
_SHOWN = 5
"""Candidates of a trial that are shown: who came near, not the whole field."""


class KnowledgeRoom:
    """What an editor does with the entries of the running service."""

    def __init__(self, city: City) -> None:
        self._city = city

    def take_over(self, session: Session, *, now: datetime) -> None:
        """Have the service answer with what is published by now."""
        self._city.refresh(session, now=now)

    def list_misses(self, session: Session, *, limit: int) -> list[Miss]:
        """List what was asked in vain, what most residents asked first."""
        return [self._describe_miss(group) for group in islice(proposing.find_misses(session, self._city), limit)]

    def find_miss(self, session: Session, key: str) -> Miss | None:
        """Find one group of questions; None if it is answered or dismissed by now."""
        groups = proposing.find_misses(session, self._city)
        return next((self._describe_miss(group) for group in groups if _key(group) == key), None)

    def settle_miss(self, session: Session, key: str, *, answered: bool, by: str, now: datetime) -> bool:
        """Keep that a group of questions has its entry now, or needs none; False if nothing of this key waits."""
        miss = self.find_miss(session, key)
        if miss is not None:
            editing.dismiss(session, miss.questions, answered=answered, by=by, now=now)
        return miss is not None

    def list_proposals(self, session: Session, *, limit: int, now: datetime) -> Proposals:
        """List what is proposed and nobody has decided."""
        found = list(islice(proposing.find_proposals(session, self._city), limit + 1))
        made = proposing.read_round(session, self._city, now=now)
        shown = tuple(map(self._describe, proposing.read_answers(session, self._city, found[:limit])))
        return Proposals(shown=shown, has_more=len(found) > limit, made_at=made.at, every=made.every, is_late=made.is_late)

    def find_proposal(self, session: Session, key: str) -> Proposed | None:
        """Find one proposal; None if it is decided by now."""
        proposal = editing.find_proposal(session, self._city, key)
        return None if proposal is None else self._describe(proposal)

    def accept(self, session: Session, key: str, *, by: str, now: datetime, text: str = "", entry: bool = False) -> bool:
        """Do what is proposed, in these words instead if any are given; `entry`: it was published otherwise. False if nothing of this key waits."""
        proposal = editing.find_proposal(session, self._city, key)
        if proposal is None:
            return False
        if proposal.kind == "entry" and not entry:
            return False
        try:
            if proposal.kind == "word":
                editing.add_word(session, self._city, proposal)
            elif proposal.kind == "phrasing":
                editing.add_phrasing(session, proposal.target, text or proposal.text, by=by, now=now)
        except Refusal as error:
            raise Problem(409, "not_accepted", detail=str(error)) from error
        editing.settle(session, proposal, accepted=True, by=by, now=now)
        return True

    def refuse(self, session: Session, key: str, *, by: str, now: datetime) -> bool:
        """Let a proposal go: its words are not proposed again. False if nothing of this key waits."""
        proposal = editing.find_proposal(session, self._city, key)
        if proposal is not None:
            editing.settle(session, proposal, accepted=False, by=by, now=now)
        return proposal is not None

    def try_question(self, question: str, *, draft: Entry | None = None) -> Trial:
        """Try a question, with a draft as if it were published already."""
        city = self._city
        changed = draft is not None and city.matcher.entry(draft.code) != draft
        matcher = editing.try_out(city, [draft]) if draft is not None and changed else city.matcher
        found = proposing.find_matches(city, question, matcher=matcher)
        decision = proposing.decide_alone(city, question, matcher=matcher)
        shown = set(list_codes(decision))
        return Trial(
            question=question,
            tokens=city.segmenter.read(normalize(question)).tokens,
            outcome=_name_outcome(decision),
            why=self._explain(decision, matcher),
            lead=_measure_lead(found),
            candidates=tuple(self._describe_match(match, matcher, shown) for match in found[:_SHOWN]),
            with_draft=changed,
        )

    def test(self, session: Session, rows: Sequence[tuple[str, Sequence[str]]]) -> HitRun:
        """Ask questions whose entries are known."""
        asked = [msgspec.convert(one, HitRow, from_attributes=True) for one in editing.ask(session, self._city, rows)]
        known = self._city.matcher.entries
        return HitRun(
            rows=tuple(asked),
            outcomes=Counter(row.outcome for row in asked),
            changes=Counter(row.change for row in asked),
            unknown=tuple(sorted({code for row in asked for code in row.expected if code not in known})),
        )

    def say_problems(self, preview: Preview) -> list[str]:
        """Say what is wrong with the rows of a file, each with its line."""
        return [
            fill("cli", "import_problem" if one.line else "import_problem_of_file", {"line": one.line, "what": what})
            for one in preview.problems
            for what in [_say_problem(one)]
        ]

    def keep_import(self, draft: ImportDraft) -> str:
        """Keep a file that was read until it is taken, a day at most; gives the key to it."""
        return import_drafts.keep(self._city.settings.folder, draft)

    def find_import(self, key: str, *, by: str, now: datetime) -> ImportDraft | None:
        """Find what somebody had read; None if it is gone, or somebody else's."""
        draft = import_drafts.find(self._city.settings.folder, key, now=now)
        return draft if draft is not None and draft.by == by else None

    def drop_import(self, key: str) -> None:
        """Forget what was kept."""
        import_drafts.drop(self._city.settings.folder, key)

    def keep_test(self, session: Session, outcomes: Mapping[str, str], *, by: str, now: datetime) -> None:
        """Keep what questions came to, by their marks, to compare the next test with."""
        uses.save_outcomes(session, outcomes, now=now)
        record(session, actor=by, action="knowledge.test", subject="knowledge", facts=dict(Counter(outcomes.values())))

    def _describe_miss(self, group: Group) -> Miss:
        nearest = proposing.find_matches(self._city, group.questions[0])[:1]
        return Miss(
            key=_key(group),
            questions=group.questions,
            residents=group.residents,
            times=len(group.uses),
            useless=sum(use.kind == "useless" for use in group.uses),
            nearest=nearest[0].code if nearest else "",
            nearest_question=nearest[0].question if nearest else "",
        )

    def _describe(self, proposal: Proposal) -> Proposed:
        return Proposed(
            key=proposal.key,
            kind=proposal.kind,
            target=proposal.target,
            target_name=editing.name_target(proposal, self._city),
            text=proposal.text,
            others=tuple(text for text in proposal.texts if text != proposal.text),
            origin=proposal.origin,
            residents=proposal.residents,
            times=proposal.times,
            answer=proposal.answer,
            unit=proposal.unit,
        )

    def _describe_match(self, match: Match, matcher: Matcher, shown: set[str]) -> Candidate:
        refused = entry_rules.refuse(matcher.entry(match.code), today=self._city.day, areas=(), city=self._city.root)
        return Candidate(
            code=match.code,
            question=match.question,
            phrasing=match.phrasing,
            score=match.score,
            confidence=match.confidence,
            likeness=match.likeness,
            coverage=match.coverage,
            read_as=match.read_as,
            unsaid=match.unsaid,
            unsaid_words=match.unsaid_words,
            asks_elsewhere=weigh_elsewhere(match.unsaid_words) > 0.0,
            excluded=match.excluded,
            refused=refused or "",
            shown=match.code in shown,
        )

    def _explain(self, decision: Decision, matcher: Matcher) -> str:
        """Name what made a decision: sure; several, local, unsaid, delicate, unsure; or why nothing may answer."""
        if isinstance(decision, NoAnswer):
            return decision.why
        return "sure" if isinstance(decision, Answered) else self._explain_choice(decision.matches, matcher)

    def _explain_choice(self, matches: Sequence[Match], matcher: Matcher) -> str:
        """Name why residents are let choose, in the order of knowledge_base.match.decide."""
        top, settings = matches[0], self._city.settings.knowledge
        if any(match.score >= top.score * (1.0 - settings.near) for match in matches[1:]):
            return "several"
        entry = matcher.entry(top.code)
        if entry is not None and entry.area not in {"", self._city.root}:
            return "local"
        if top.unsaid > settings.unsaid:
            return "unsaid"
        return "delicate" if top.delicate else "unsure"


def _say_problem(problem: EntryProblem) -> str:
    """Say what is wrong as pages do: fields by the names of their columns, why a file was not read in words, and no options of the command line."""
    why, field = problem.facts.get("error", ""), problem.facts.get("field", "")
    facts: dict[str, str] = dict(problem.facts)
    if why in WHYS:
        facts["error"] = fill("import_entry", f"file_{why}")
    if field in FIELDS:
        facts["field"] = FIELDS[field].columns[1]
    section = "import_entry_page" if problem.key in _SAID_OTHERWISE else "import_entry"
    return fill(section, problem.key, facts)


def _name_outcome(decision: Decision) -> Literal["answered", "choice", "nothing"]:
    return "answered" if isinstance(decision, Answered) else "choice" if isinstance(decision, NeedsChoice) else "nothing"


def _measure_lead(found: Sequence[Match]) -> float:
    """Measure by how much of its score the best is ahead of the next."""
    if not found or found[0].score <= 0.0:
        return 0.0
    return 1.0 - (found[1].score / found[0].score if len(found) > 1 else 0.0)


def _key(group: Group) -> str:
    """Name a group for as long as its first words are the same."""
    first = group.questions[0]
    known = Proposal(kind="entry", target="", text=first, origin="missed", texts=(first,), residents=0, times=0)
    return known.key
