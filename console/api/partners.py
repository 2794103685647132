"""For partners' programs: what happened since, what they send under their own ids, and what comes back of what we handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console import answers, partner_answers, partner_asked
from console.api.filing import read_filed
from console.cursors import read_number, write_cursor
from console.exchange import partner_tickets, transfers
from console.problems import Problem
from console.routes import Call, Reply, Route, unseen
from routing import sight
from routing.history import read_facts
from routing.sight import Sight

if TYPE_CHECKING:
    from routing.facts import TicketFacts
    from routing.tables import Ticket

_OWN = ("status", "desk", "desk_name", "unit", "unit_name", "due_at", "overdue", "updated_at")
"""What a partner may be given of a ticket that it sent and does not work on: how far it is."""


def list_happened(call: Call) -> Reply:
    """List the tickets of which something happened, as far as the partner has to do with them: as its unit sees them, or its own."""
    query: partner_asked.PartnerAsked = call.query
    happened = partner_tickets.list_happened(call.session, after=read_number(query.cursor) or 0, limit=query.limit, now=call.now)
    ids = partner_tickets.map_ids(call.session, call.actor.code, happened.tickets)
    items = [line for row in happened.tickets if (line := _describe(call, row, ids.get(row.id, ""))) is not None]
    body = {"items": items, "next": write_cursor(str(happened.last)) if happened.last else "", "more": happened.more}
    return Reply(body=body, rows=len(items))


def _describe(call: Call, row: Ticket, their_id: str) -> dict[str, object] | None:
    """Describe a ticket in the partner's fields; None where it has nothing to do with it."""
    org = call.context.org
    facts = read_facts(call.session, row, org=org, in_list=True)
    seen = sight.see(facts, call.actor.viewer, org=org, zone=call.city.zone) if call.may_see(facts) else None
    if seen is None and not their_id:
        return None
    shown = sight.in_lists(seen, by=call.actor.viewer) if seen is not None else _show_own(facts)
    fields = [name for name in call.actor.fields if seen is not None or name in _OWN]
    line = partner_answers.describe_seen(shown, updated_at=None if facts.confidential else row.updated_at, now=call.now)
    return {**answers.keep_fields(line, fields), "their_id": their_id}


def _show_own(facts: TicketFacts) -> TicketFacts:
    """Show a ticket to whoever sent it: how far it is, and of one that became confidential no more than that it is there."""
    blank = msgspec.structs.replace(facts, title="", summary="", public_place="")
    return sight.limit(blank, Sight.CODE, by=sight.Viewer("unit")) if facts.confidential else blank


def send(call: Call) -> Reply:
    """Take a matter under the partner's own id; sent again it is the same one, with other words these are added."""
    filed: partner_asked.PartnerFile = call.body
    report, utterance = read_filed(call, filed)
    report = msgspec.structs.replace(report, received_at=filed.received_at and min(filed.received_at, call.now))
    sent = partner_tickets.take(
        call.session,
        call.actor.code,
        filed.id,
        report=report,
        utterance=utterance,
        line=call.actor.code,
        now=call.now,
        context=call.context,
    )
    body = partner_answers.PartnerFiled(
        id=filed.id,
        number=sent.ticket.number,
        status=sent.ticket.status.value,
        unit=sent.ticket.unit,
        joined=sent.joined,
        created=sent.created,
        danger=sent.ticket.tier == "red",
    )
    return Reply(body=body)


def note_state(call: Call) -> Reply:
    """Take what another system says of a matter that we handed to it; Problem (404) for any other ticket."""
    given: partner_asked.TransferState = call.body
    try:
        row = transfers.note_state(
            call.session,
            call.path["number"],
            peer=call.actor.code,
            answer=given.state,
            their_id=given.id,
            text=given.text,
            city=call.city,
            settings=call.city.exchange,
            now=call.now,
        )
    except transfers.TransferError as error:
        raise unseen() from error
    return Reply(body=partner_answers.TransferOut(number=call.path["number"], id=row.their_id, state=row.state))


def take_result(call: Call) -> Reply:
    """Take a result of another system for a matter that we handed to it; Problem: 404 for any other ticket, 409 for the id of another result."""
    given: partner_asked.TransferResult = call.body
    number = call.path["number"]
    try:
        done = transfers.take_result(
            call.session,
            number,
            peer=call.actor.code,
            result_id=given.id,
            act=given.act,
            text=given.text,
            now=call.now,
            context=call.context,
        )
    except transfers.ResultReused as error:
        raise Problem(409, "result_reused") from error
    except transfers.TransferError as error:
        raise unseen() from error
    row = transfers.find_handed(call.session, number, call.actor.code)
    return Reply(body=partner_answers.TransferOut(number=number, id=row.their_id, state=row.state, done=done))


ROUTES = (
    Route(
        method="GET",
        path="/partner/tickets",
        name="partner_tickets",
        action="partner.read",
        run=list_happened,
        query=partner_asked.PartnerAsked,
        answer=partner_answers.PartnerPage,
        tag="partners",
    ),
    Route(
        method="POST",
        path="/partner/tickets",
        name="partner_send",
        action="partner.write",
        run=send,
        body=partner_asked.PartnerFile,
        answer=partner_answers.PartnerFiled,
        tag="partners",
        writes=True,
    ),
    Route(
        method="POST",
        path="/partner/transfers/{number}/state",
        name="transfer_state",
        action="exchange.write",
        run=note_state,
        body=partner_asked.TransferState,
        answer=partner_answers.TransferOut,
        tag="partners",
        writes=True,
    ),
    Route(
        method="POST",
        path="/partner/transfers/{number}/result",
        name="transfer_result",
        action="exchange.write",
        run=take_result,
        body=partner_asked.TransferResult,
        answer=partner_answers.TransferOut,
        tag="partners",
        writes=True,
    ),
)
