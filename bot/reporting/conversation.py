"""The figures of the conversation itself, from what came in and what became of it: was it answered in time, by knowledge alone, or not at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from knowledge_base.tables import EntryFeedback, KnowledgeUse
from residents import seats
from residents.tables import Conversation
from routing.figures import Figure
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from residents.seat_clock import SeatSettings
    from routing.figures import Excluded

_UNASKED = "ignored"
_TO_PEOPLE = frozenset({"ticket", "joined", "to_desk", "emergency", "quarantined"})


def list_figures(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    zone: ZoneInfo,
    minutes: int,
    seat: SeatSettings,
    channels: Collection[str] = (),
) -> tuple[Figure, ...]:
    """List 首次响应及时率, 人工首答及时率, 自助解答率 and 知识命中率 of a period; `channels` limits all but the last, none given is all."""
    statement = select(InboxMessage.conversation_id, InboxMessage.received_at, InboxMessage.outcome, InboxMessage.outcome_at).where(
        InboxMessage.received_at >= since, InboxMessage.received_at < until
    )
    if channels:
        statement = statement.where(InboxMessage.channel.in_(sorted(channels)))
    limit = timedelta(minutes=minutes)
    unasked = in_time = asked = waiting = 0
    sessions: dict[tuple[int, date], set[str]] = defaultdict(set)
    for conversation, received_at, outcome, outcome_at in session.execute(statement):
        if outcome == _UNASKED:
            unasked += 1
            continue
        if outcome is None and now - received_at <= limit:
            waiting += 1
            continue
        asked += 1
        in_time += outcome_at is not None and outcome_at - received_at <= limit
        if conversation is not None and outcome is not None:
            sessions[conversation, received_at.astimezone(zone).date()].add(outcome)
    useless = _find_useless(session, since=since, until=until, zone=zone)
    served = sum(
        "answered" in outcomes and _TO_PEOPLE.isdisjoint(outcomes) and one not in useless for one, outcomes in sessions.items()
    )
    return (
        Figure(code="first_response_rate", count=in_time, of=asked, excluded=(("unasked", unasked), ("running", waiting))),
        _find_seat_rate(session, since=since, until=until, now=now, settings=seat, channels=channels),
        Figure(code="self_service_rate", count=served, of=len(sessions)),
        _find_hit_rate(session, since=since, until=until),
    )


def _find_seat_rate(
    session: Session, *, since: datetime, until: datetime, now: datetime, settings: SeatSettings, channels: Collection[str]
) -> Figure:
    """Of those who asked for a person while somebody was on duty, how many had the first words of one in time."""
    counted = seats.count_figures(session, since=since, until=until, now=now, settings=settings, channels=channels)
    excluded: tuple[tuple[Excluded, int], ...] = (
        ("left_early", counted.left_early),
        ("running", counted.still_open),
        ("off_hours", counted.off_hours),
    )
    return Figure(code="seat_answer_rate", count=counted.in_time, of=counted.counted, excluded=excluded)


def _find_useless(session: Session, *, since: datetime, until: datetime, zone: ZoneInfo) -> set[tuple[int, date]]:
    """Find the conversations and days on which an answer was said to be no use."""
    statement = (
        select(Conversation.id, KnowledgeUse.at)
        .join(KnowledgeUse, KnowledgeUse.resident_id == Conversation.resident_id)
        .where(KnowledgeUse.kind == "useless", KnowledgeUse.at >= since, KnowledgeUse.at < until)
    )
    return {(conversation, at.astimezone(zone).date()) for conversation, at in session.execute(statement)}


def count_misses(session: Session, *, since: datetime, until: datetime) -> tuple[int, int, int]:
    """Count the questions that nothing answered, the answers that were no use, and those that were rated at all."""
    rated = select(func.count()).select_from(EntryFeedback).where(EntryFeedback.at >= since, EntryFeedback.at < until)
    return (
        _count(session, KnowledgeUse, "missed", since=since, until=until),
        _count(session, KnowledgeUse, "useless", since=since, until=until),
        session.execute(rated).scalar_one(),
    )


def list_missed(session: Session, *, since: datetime, until: datetime) -> list[tuple[int, str]]:
    """List what nothing answered, as (resident, masked question)."""
    statement = select(KnowledgeUse.resident_id, KnowledgeUse.question).where(
        KnowledgeUse.kind == "missed", KnowledgeUse.at >= since, KnowledgeUse.at < until
    )
    return [(resident, question) for resident, question in session.execute(statement)]


def _find_hit_rate(session: Session, *, since: datetime, until: datetime) -> Figure:
    """Of the questions that knowledge was asked, how many it answered outright."""
    statement = (
        select(InboxMessage.outcome, func.count())
        .where(
            InboxMessage.received_at >= since, InboxMessage.received_at < until, InboxMessage.outcome.in_(("answered", "choice"))
        )
        .group_by(InboxMessage.outcome)
    )
    counts = {row[0]: row[1] for row in session.execute(statement)}
    missed = _count(session, KnowledgeUse, "missed", since=since, until=until)
    return Figure(code="kb_hit_rate", count=counts.get("answered", 0), of=sum(counts.values()) + missed)


def _count(session: Session, table: type[KnowledgeUse], kind: str, *, since: datetime, until: datetime) -> int:
    statement = select(func.count()).select_from(table).where(table.kind == kind, table.at >= since, table.at < until)
    return session.execute(statement).scalar_one()
