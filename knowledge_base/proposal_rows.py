"""What the worker's last round proposed, kept as rows without words: which questions and tickets each proposal stands on.

Its words are read where residents left them. So what was erased, taken back or sealed since proposes nothing any more, and what an editor
has decided is proposed no longer: at once, without a new round. How many wrote it is as of the round.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from knowledge_base import uses
from knowledge_base.proposals import Source
from knowledge_base.tables import KnowledgeUse, ProposalRound, ProposalRow, ProposalSource, ProposalVerdict
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from knowledge_base.proposals import Proposal, ProposalKind

    ReadTicket = Callable[["Kept", int, str], Source | None]
    """Reads a ticket that a proposal stands on, by its id and the mark of its wording; None if it says that no longer."""

_ONLY = 1
"""The id of the one row of rounds."""


class Kept(NamedTuple):
    """A proposal as it is kept: its place in the list, what it is, and the counts of its round."""

    position: int
    kind: ProposalKind
    target: str
    residents: int
    times: int


def is_due(session: Session, *, now: datetime, every: timedelta) -> bool:
    """Tell whether the last round began so long ago that another is due."""
    last = session.get(ProposalRound, _ONLY)
    return last is None or last.begun_at + every <= now


def begin(session: Session, *, now: datetime, every: timedelta) -> bool:
    """Begin a round; False if somebody else has meanwhile. One that never ends, its process killed, is followed by the next."""
    hold(session, "proposals")
    if not is_due(session, now=now, every=every):
        return False
    session.merge(ProposalRound(id=_ONLY, begun_at=now))
    return True


def keep(session: Session, proposals: Sequence[Proposal], *, now: datetime) -> None:
    """Keep what was proposed as of now in the place of what was before."""
    for table in (ProposalSource, ProposalRow):
        session.execute(delete(table))
    rows = [
        {"position": at, "kind": one.kind, "target": one.target, "residents": one.residents, "times": one.times}
        for at, one in enumerate(proposals)
    ]
    sources = [
        {
            "position": at,
            "number": number,
            "use_id": None if source.is_ticket else source.row,
            "ticket_id": source.row if source.is_ticket else None,
            "mark": uses.mark_text(session, one.kind, one.target, source.text),
        }
        for at, one in enumerate(proposals)
        for number, source in enumerate(one.sources)
    ]
    if rows:
        session.execute(insert(ProposalRow), rows)
        session.execute(insert(ProposalSource), sources)
    last = session.get(ProposalRound, _ONLY)
    session.merge(ProposalRound(id=_ONLY, begun_at=last.begun_at if last else now, made_at=now))


def made_at(session: Session) -> datetime | None:
    """Give as of when the proposals are that are kept; None before the first round."""
    return session.execute(select(ProposalRound.made_at)).scalar_one_or_none()


def list_kept(session: Session, *, after: int, limit: int) -> list[Kept]:
    """List so many of the proposals after a place of the list."""
    columns = [getattr(ProposalRow, name) for name in Kept._fields]
    found = select(*columns).where(ProposalRow.position > after).order_by(ProposalRow.position).limit(limit)
    return [Kept(*row) for row in session.execute(found)]


def select_tickets(kept: Sequence[Kept], kind: ProposalKind) -> Select[int | None]:
    """Select the tickets that those of a kind stand on."""
    found = select(ProposalSource.ticket_id).where(ProposalSource.position.in_([one.position for one in kept if one.kind == kind]))
    return found.where(ProposalSource.ticket_id.is_not(None))


def read_sources(session: Session, kept: Sequence[Kept], read_ticket: ReadTicket) -> list[tuple[Kept, list[Source]]]:
    """Give to each proposal those of its sources that still say it and of whose words no editor has decided. One query."""
    by_position = {one.position: one for one in kept}
    decided = select(ProposalVerdict.mark).where(ProposalVerdict.mark == ProposalSource.mark)
    rows = session.execute(
        select(ProposalSource.position, ProposalSource.ticket_id, ProposalSource.mark)
        .add_columns(KnowledgeUse.id, KnowledgeUse.resident_id, KnowledgeUse.question)
        .outerjoin(KnowledgeUse, KnowledgeUse.id == ProposalSource.use_id)
        .where(ProposalSource.position.in_(list(by_position)), ~decided.exists())
        .order_by(ProposalSource.position, ProposalSource.number)
    )
    sources: defaultdict[int, list[Source]] = defaultdict(list)
    for position, ticket, mark, use, resident, question in rows:
        one = by_position[position]
        source: Source | None = None
        if ticket is not None:
            source = read_ticket(one, ticket, mark)
        elif question is not None and uses.mark_text(session, one.kind, one.target, question) == mark:
            source = Source(row=use, is_ticket=False, resident=resident, text=question)
        if source is not None:
            sources[position].append(source)
    return [(one, sources[one.position]) for one in kept]
