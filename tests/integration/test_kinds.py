"""诉求类型 changes are kept: who changed what into what; 举报 makes a matter confidential."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from routing import desk
from routing.errors import NotYours
from routing.tables import Ticket, TicketEvent
from store.audit import AuditEntry
from tests.office import NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

context = build_context(Teller())


def _open(session: Session) -> str:
    return report_lamp(session, context, reason="no_phone").ticket.number


async def test_a_change_of_kind_is_in_the_record_and_in_the_audit(store: Store) -> None:
    number = await store.write(_open)

    await store.write(lambda s: desk.change_kind(s, number, kind="complaint", actor="K1", now=NOON, context=context))

    def read(session: Session) -> tuple[str, list[tuple[str, str, object]], list[str]]:
        ticket = session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()
        events = session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.act == "kind")).scalars()
        audits = session.execute(select(AuditEntry).where(AuditEntry.actor == "K1")).scalars()
        return ticket.kind, [(each.act, each.actor, each.facts) for each in events], [each.action for each in audits]

    kind, events, audits = await store.read(read)
    assert kind == "complaint"
    assert events == [("kind", "K1", {"kind": "complaint", "before": "help"})]
    assert "kind" in audits[0]


async def test_a_matter_that_becomes_a_report_of_somebody_is_confidential(store: Store) -> None:
    number = await store.write(_open)

    acted = await store.write(lambda s: desk.change_kind(s, number, kind="report", actor="K1", now=NOON, context=context))

    assert (acted.ticket.kind, acted.ticket.confidential) == ("report", True)


async def test_a_unit_does_not_change_the_kind(store: Store) -> None:
    number = await store.write(lambda s: report_lamp(s, context).ticket.number)

    with pytest.raises(NotYours):
        await store.write(lambda s: desk.change_kind(s, number, kind="praise", actor="W1", now=NOON, context=context))


async def test_who_speaks_is_kept_with_the_ticket(store: Store) -> None:
    number = await store.write(lambda s: report_lamp(s, context, requester="merchant").ticket.number)

    def read(session: Session) -> str:
        return session.execute(select(Ticket.requester).where(Ticket.number == number)).scalar_one()

    assert await store.read(read) == "merchant"
