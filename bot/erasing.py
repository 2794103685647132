"""Erasing somebody, or what is over its time: the residents' room, the tickets, what was kept of their questions and the list that proves it.

    carry_out   one erasure a resident asked for
    run_due     a chunk of what is over its time; sign_run ends the night with a signed count
    replay      what the erasure list says was erased, in a database that was restored from before
    verify      whether all of that is as it was signed, and gone

Each is one transaction; the list is written before it is committed, the database's log is emptied after it (bot.duties).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from bot.telling import Telling
from console import call_log
from knowledge_base import uses
from residents import erasing, filed_pictures, retention
from residents.erasing import Counts, Erasure
from residents.erasure_list import FILE, ErasureLine, ErasureList
from residents.tables import Resident
from residents.unsealing import read_own
from residents.web_lines import find_lines, forget_lines
from residents.web_uploads import KEPT, find_uploads, forget_uploads
from routing import forgetting
from store import audit
from store.inbox import InboxMessage
from store.locks import hold
from store.sealing import vault_of
from store.shredding import Shredder, mark_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.tables import Ticket

CHUNK = 100
"""Rows of a kind that one transaction of the nightly run takes: messages go on being answered between two."""


_PATIENCE = timedelta(minutes=10)
"""How long an erasure waits for an answer that cannot be sent, or an alarm that nobody takes up: what was promised to be gone must not stay."""


def erasure_list(city: City) -> ErasureList:
    """Find the city's erasure list."""
    settings = city.settings
    return ErasureList(Path(settings.privacy.erasure_list or settings.folder / FILE))


def carry_out(session: Session, city: City, *, erasure_id: int, now: datetime) -> bool:
    """Erase a resident who asked for it; False while an answer to them is on its way or an alarm of theirs rings, for which we wait some minutes."""
    erasure = session.get_one(Erasure, erasure_id)
    if erasure.done_at is not None or erasure.resident_id is None:
        return False
    if now < erasure.asked_at + _PATIENCE and (
        erasing.has_words_under_way(session, resident_id=erasure.resident_id)
        or forgetting.has_alarm_out(session, erasure.resident_id)
    ):
        return False
    shredder = Shredder(session)
    resident = erasing.hold_resident(session, erasure.resident_id)
    counts = Counts() if resident is None else _erase(session, city, resident, shredder=shredder, now=now)
    erasing.finish(session, erasure, counts=counts, now=now)
    audit.record(session, actor="resident", action="erase", subject=f"erasure:{erasure.receipt}", facts=erasure.counts)
    line = ErasureLine(
        receipt=erasure.receipt,
        kind=erasure.kind,
        mark=erasure.mark,
        asked_at=erasure.asked_at,
        done_at=now,
        counts=erasure.counts,
        signature=erasure.signature,
        keys=tuple(sorted(shredder.dropped.items())),
    )
    erasure_list(city).append(vault_of(session), line)
    return True


def count_due(session: Session, city: City, *, now: datetime) -> Counts:
    """Count what is over its time, without touching it."""
    due = retention.Due.of(city.settings.privacy, now=now)
    busy = forgetting.find_busy()
    return Counts(
        messages=_count(session, retention.find_messages(due)),
        tickets=_count(session, forgetting.find_over(due.tickets)),
        sends=_count(session, retention.find_sends(due)),
        talks=_count(session, retention.find_talks(due)),
        misses=uses.count_uses(session, before=due.messages),
        residents=_count(session, retention.find_residents(due, busy=busy)),
        spots=_count(session, forgetting.find_spots(due.tickets)),
        calls=_count(session, call_log.find_calls(due.calls)) + _count(session, call_log.find_given(due.calls)),
        chats=_count(session, find_lines(due.messages)) + _count(session, find_uploads(now - KEPT)),
    )


def run_due(session: Session, city: City, *, now: datetime) -> Counts:
    """Take away a chunk of what is over its time; nothing counted means that the night's work is done."""
    due = retention.Due.of(city.settings.privacy, now=now)
    shredder = Shredder(session)
    counts = Counts()
    tickets = session.execute(forgetting.find_over(due.tickets).limit(CHUNK)).scalars().all()
    counts.add(_empty_tickets(session, city, tickets, shredder=shredder, now=now))
    messages = session.execute(retention.find_messages(due).limit(CHUNK)).scalars().all()
    counts.add(erasing.empty_messages(session, messages, shredder=shredder, now=now))
    sends = session.execute(retention.find_sends(due).limit(CHUNK)).scalars().all()
    counts.sends += erasing.empty_sends(session, sends, shredder=shredder)
    counts.talks += erasing.empty_talks(session, session.execute(retention.find_talks(due).limit(CHUNK)).scalars().all(), now=now)
    counts.misses += uses.forget_uses(session, before=due.messages)
    counts.spots += forgetting.empty_spots(session, before=due.tickets, most=CHUNK)
    counts.calls += call_log.forget_calls(session, before=due.calls, most=CHUNK)
    counts.calls += call_log.forget_given(session, before=due.calls, most=CHUNK)
    counts.chats += forget_lines(session, before=due.messages) + forget_uploads(session, before=now - KEPT)
    silent = retention.find_residents(due, busy=forgetting.find_busy()).limit(CHUNK)
    for resident in session.execute(silent).scalars().all():
        if erasing.hold_resident(session, resident.id) is not None:
            counts.add(_erase(session, city, resident, shredder=shredder, now=now))
    return counts


def sign_night(session: Session, city: City, *, counts: Counts, since: datetime, now: datetime) -> bool:
    """Sign the nightly run; False if another worker has done it since that moment."""
    hold(session, "clean_up")
    if retention.has_run(session, since=since):
        return False
    sign_run(session, city, counts=counts, now=now)
    return True


def sign_run(session: Session, city: City, *, counts: Counts, now: datetime) -> str:
    """Write down and sign what a run took away, also when that was nothing; gives the receipt."""
    day = f"{now.astimezone(city.zone):%Y%m%d}"
    run = Erasure(receipt=erasing.number_receipt(session, day=day), kind="due", mark="", asked_at=now)
    session.add(run)
    erasing.finish(session, run, counts=counts, now=now)
    audit.record(session, actor="system", action="erase", subject=f"erasure:{run.receipt}", facts=run.counts)
    return run.receipt


def replay(session: Session, city: City, *, now: datetime) -> Counts:
    """Erase again what the list says was erased. In a database in which it is erased nothing is found, and nothing happens."""
    vault = vault_of(session)
    counts = Counts()
    lines = erasure_list(city).read()
    marks = {erasing.mark_of(vault, resident.code): resident.id for resident in session.execute(select(Resident)).scalars()}
    for line in lines:
        shredder = Shredder(session)
        resident_id = marks.pop(line.mark, None)
        resident = erasing.hold_resident(session, resident_id) if resident_id is not None else None
        if resident is not None:
            counts.add(_erase(session, city, resident, shredder=shredder, now=now))
        again = [shredder.drop_again(number, mark) for number, mark in line.keys]
        if resident is not None or any(again):
            _note_replayed(session, line)
    if counts != Counts():
        audit.record(session, actor="operator", action="erase.replay", subject="erasures", facts=msgspec.to_builtins(counts))
    return counts


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of the proof: how many receipts and lines there are, which are not as they were signed, and what is not erased here."""

    receipts: int
    lines: int
    changed_receipts: tuple[str, ...]
    broken_lines: tuple[int, ...]
    not_erased: tuple[str, ...]
    """Receipts of the list whose resident or keys are in this database: it was restored and needs a replay."""

    @property
    def is_sound(self) -> bool:
        """Whether everything is as it was signed, and gone."""
        return not (self.changed_receipts or self.broken_lines or self.not_erased)


def verify(session: Session, city: City) -> Proof:
    """Check the signatures of receipts and list, and that what the list says is gone is gone."""
    vault = vault_of(session)
    done = session.execute(select(Erasure).where(Erasure.done_at.is_not(None)).order_by(Erasure.id)).scalars().all()
    listed = erasure_list(city)
    lines = listed.read()
    marks = {erasing.mark_of(vault, resident.code) for resident in session.execute(select(Resident)).scalars()}
    return Proof(
        receipts=len(done),
        lines=len(lines),
        changed_receipts=tuple(row.receipt for row in done if row.signature != erasing.sign(vault, row)),
        broken_lines=tuple(listed.find_broken(vault)),
        not_erased=tuple(
            line.receipt
            for line in lines
            if line.mark in marks or any(mark_key(session, number) == mark for number, mark in line.keys)
        ),
    )


def _note_replayed(session: Session, line: ErasureLine) -> None:
    """Put the receipt back into a database that is older than it; its log has to be emptied again."""
    known = session.execute(select(Erasure).where(Erasure.receipt == line.receipt)).scalar_one_or_none()
    row = known or Erasure(receipt=line.receipt, kind=line.kind, mark=line.mark, asked_at=line.asked_at)
    row.resident_id, row.due_at, row.done_at, row.log_emptied = None, None, line.done_at, False
    row.counts, row.signature = dict(line.counts), line.signature
    session.add(row)
    session.flush()


def _erase(session: Session, city: City, resident: Resident, *, shredder: Shredder, now: datetime) -> Counts:
    """Erase one resident everywhere; whoever calls holds them."""
    misses = uses.forget_resident(session, resident_id=resident.id)
    own = [ticket.number for ticket in forgetting.list_kept(session, resident.id) if ticket.is_own]
    filed = session.scalars(filed_pictures.find_messages(own)).all()
    pictures = erasing.empty_messages(session, filed, shredder=shredder, now=now)
    names = read_own(session, resident, kinds=("name", "phone"))
    tickets = forgetting.forget_person(
        session,
        resident_id=resident.id,
        words=city.words.fixed("words_erased"),
        names=names,
        shredder=shredder,
        now=now,
        context=city.routing_context(tell=Telling(city, now=now)),
    )
    counts = erasing.erase_resident(session, resident=resident, shredder=shredder, now=now)
    counts.add(Counts(tickets=tickets, misses=misses))
    counts.add(pictures)
    return counts


def _empty_tickets(session: Session, city: City, tickets: Iterable[Ticket], *, shredder: Shredder, now: datetime) -> Counts:
    """Empty tickets whose time is over, with the messages that led to them."""
    counts = Counts()
    context = city.routing_context(tell=Telling(city, now=now))
    for ticket in tickets:
        said = select(InboxMessage).where(InboxMessage.ticket == ticket.number, InboxMessage.key_id.is_not(None))
        counts.add(erasing.empty_messages(session, session.execute(said).scalars().all(), shredder=shredder, now=now))
        forgetting.empty_ticket(session, ticket, words=city.words.fixed("words_expired"), shredder=shredder, context=context)
        counts.tickets += 1
    return counts


def _count(session: Session, found: Select[object]) -> int:
    return session.execute(select(func.count()).select_from(found.order_by(None).subquery())).scalar_one()
