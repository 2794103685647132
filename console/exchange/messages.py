"""What is sent to others, made at the moment it is sent: from the ticket as its reader may see it then, with no more than its fields.

Between an act and its message something may have been sealed, withdrawn or erased; what may not be seen any more is not sent (None).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console import answers, tokens
from console.exchange.leaving import find_current, may_leave
from console.exchange.tables import ExchangeTransfer, PartnerTicket, Webhook
from console.policy import Allowed, Resource, authorize
from residents.masking import mask
from routing import sight
from routing.errors import NoTicket
from routing.handing_over import is_about
from routing.history import find, read_facts
from routing.register import Shown
from routing.tables import TicketEvent
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from sqlalchemy.orm import Session

    from console.peers import ExchangeSettings, PeerSettings
    from console.policy import Actor
    from console.surroundings import CityView
    from routing.facts import TicketFacts
    from store.outbox import OutboxMessage

Json = dict[str, Any]

TRANSFER_FIELDS = ("number", "text", "place", "area", "area_name", "kind", "danger", "opened_at", "due_at", "confidential")
RESULT_FIELDS = ("number", "their_id", "act", "status", "reply", "at")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one address: its id is the same each time it is sent."""

    id: str
    url: str
    secret_file: str
    body: bytes


def make_message(
    session: Session, row: OutboxMessage, *, city: CityView, settings: ExchangeSettings, now: datetime
) -> Message | None:
    """Make the message of an outbox row; None where it is not to be sent any more."""
    try:
        if row.notice == "webhook":
            return _make_call(session, row.facts, city=city, now=now)
        peer = settings.peer(str(row.facts["peer"]))
        if peer is None or not peer.url:
            return None
        if row.notice == "transfer":
            return _make_transfer(session, row.facts, peer, city=city, now=now)
        return _make_result(session, row.facts, peer, city=city, now=now)
    except (NoTicket, KeyGone):
        return None


def find_seen(session: Session, actor: Actor, number: str, *, city: CityView, now: datetime) -> TicketFacts | None:
    """Give a ticket as a partner sees it; None where for them there is none."""
    org = city.context(now=now).org
    ticket = read_facts(session, find(session, number), org=org)
    if not isinstance(authorize(actor, "events.read", Resource(ticket=ticket, org=org)), Allowed):
        return None
    return sight.see(ticket, actor.viewer, org=org, zone=city.zone)


def _make_call(session: Session, facts: Json, *, city: CityView, now: datetime) -> Message | None:
    hook = session.get(Webhook, facts["hook"])
    event = session.get(TicketEvent, facts["event"])
    if hook is None or hook.state != "on" or event is None:
        return None
    actor = tokens.find_partner(session, hook.token_id, now=now, org=city.context(now=now).org)
    seen = find_seen(session, actor, facts["number"], city=city, now=now) if actor is not None else None
    if actor is None or seen is None:
        return None
    fields = [field for field in hook.fields if field in actor.fields]
    ticket = answers.keep_fields(answers.describe_ticket(Shown(ticket=seen, events=()), etag="", city=city), fields)
    at = sight.day_of(event.at, city.zone) if seen.confidential else event.at
    message_id = f"event-{event.id}"
    body = {"id": message_id, "event": event.act, "at": at, "ticket": ticket}
    return Message(id=message_id, url=hook.url, secret_file=hook.secret_file, body=msgspec.json.encode(body))


def _make_transfer(session: Session, facts: Json, peer: PeerSettings, *, city: CityView, now: datetime) -> Message | None:
    transfer, event = find_current(session, facts), session.get(TicketEvent, facts["event"])
    if transfer is None or event is None or event.text is None:
        return None
    row = find(session, facts["number"])
    org = city.context(now=now).org
    text = open_key(session, row.key_id).open(event.text).decode()
    if not may_leave(session, row, peer=transfer.peer, text=text, org=org):
        return None
    ticket = read_facts(session, row, org=org, in_list=True)
    area = org.areas.get(ticket.area)
    values = {
        "number": ticket.number,
        "text": text,
        "place": "" if ticket.confidential else mask(ticket.public_place),
        "area": ticket.area,
        "area_name": area.name if area else "",
        "kind": ticket.kind,
        "danger": ticket.tier == "red",
        "opened_at": sight.day_of(ticket.opened_at, city.zone) if ticket.confidential else ticket.opened_at,
        "due_at": ticket.due_at,
        "confidential": ticket.confidential,
    }
    return _to_peer(peer, "transfers", f"transfer-{event.id}", values)


def _make_result(session: Session, facts: Json, peer: PeerSettings, *, city: CityView, now: datetime) -> Message | None:
    event = session.get(TicketEvent, facts["event"])
    mapped = session.get(PartnerTicket, facts["mapped"]) if "mapped" in facts else None
    known = mapped or (session.get(ExchangeTransfer, facts["transfer"]) if "transfer" in facts else None)
    if known is None or event is None:
        return None
    org = city.context(now=now).org
    ticket = read_facts(session, find(session, facts["number"]), org=org)
    values = describe_result(ticket, known.their_id, event, zone=city.zone)
    if is_about(ticket.refused, peer=str(facts["peer"]), org=org):
        if mapped is None:
            return None
        values["reply"] = ""
    return _to_peer(peer, "results", f"event-{event.id}", values)


def describe_result(ticket: TicketFacts, their_id: str, event: TicketEvent, *, zone: tzinfo) -> Json:
    """Describe what became of a matter that another system sent to us, or has from us: what its resident is told, masked.

    Of a confidential one only how far it is, and on which day (`zone`: the city's).
    """
    says = event.act in {"reply", "conclude", "close"} and not ticket.confidential
    return {
        "number": ticket.number,
        "their_id": their_id,
        "act": event.act,
        "status": event.after,
        "reply": mask(ticket.public_reply) if says else "",
        "at": sight.day_of(event.at, zone) if ticket.confidential else event.at,
    }


def _to_peer(peer: PeerSettings, path: str, message_id: str, values: Json) -> Message:
    body = {"id": message_id, **name_fields(values, peer.fields)}
    return Message(
        id=message_id, url=f"{peer.url.rstrip('/')}/{path}", secret_file=peer.secret_file, body=msgspec.json.encode(body)
    )


def name_fields(values: Json, names: dict[str, str]) -> Json:
    """Give values the names of the other side; with names at all, what has none is left out."""
    return {names[field]: value for field, value in values.items() if field in names} if names else values
