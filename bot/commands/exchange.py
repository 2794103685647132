"""Exchange with other systems as commands: whom we call, what was handed over, and how both sides' books agree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import describe_for
from bot.refusals import refuse
from bot.telling import Telling
from console.exchange import hooks, transfers
from console.exchange.reconciling import Theirs, compare, list_ours
from store import outbox
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.exchange.tables import Webhook

_DAY = timedelta(days=1)


def make_hook(
    session: Session,
    city: City,
    *,
    now: datetime,
    name: str,
    token: int,
    url: str,
    secret_file: str,
    events: Sequence[str],
    fields: Sequence[str],
    actor: str,
) -> Json:
    """Have an address of a partner called when something happens."""
    made = hooks.make(
        session,
        name,
        token_id=token,
        url=url,
        secret_file=secret_file,
        events=events,
        fields=fields,
        private_hosts=city.settings.exchange.private_hosts,
        by=actor,
        now=now,
        org=city.org,
    )
    return _describe(made, city)


def list_hooks(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is told the time
    """List the addresses that are called, or were."""
    return [_describe(row, city) for row in hooks.list_hooks(session)]


def drop_hook(session: Session, city: City, *, now: datetime, hook: int, actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Call an address no more."""
    return _describe(hooks.turn_off(session, hook, reason="operator", by=actor), city)


def send(session: Session, city: City, *, now: datetime, number: str, peer: str, text: str, actor: str) -> Json:
    """Hand a ticket to another system; the ticket as it stands."""
    context = city.routing_context(tell=Telling(city, now=now))
    acted = transfers.hand_over(
        session, number, peer=peer, text=text, actor=actor, now=now, context=context, settings=city.settings.exchange
    )
    return describe_for(acted.ticket, city, actor=actor)


def again(session: Session, city: City, *, now: datetime, message: int, actor: str) -> Json:  # noqa: ARG001 - every command is handed the city
    """Let what another system did not take go once more; audited."""
    if not outbox.revive(session, message, now=now):
        raise refuse("not_failed", number=message)
    record(session, actor=actor, action="exchange.again", subject=f"outbox:{message}")
    return {"id": message, "state": "pending"}


def report(session: Session, city: City, *, now: datetime, peer: str, day: str, theirs: Sequence[Mapping[str, str]] | None) -> Json:
    """Compare a day's matters with another system's list of them; without one only what we know ourselves is said."""
    known = city.settings.exchange.peer(peer)
    if known is None:
        raise refuse("no_peer", peer=peer)
    first = datetime.combine(date.fromisoformat(day), time(), tzinfo=city.zone)
    last = datetime.combine(first.date() + _DAY, time(), tzinfo=city.zone)
    ours = list_ours(session, peer=peer, first=first, last=last)
    listed = None if theirs is None else [msgspec.convert(dict(one), Theirs) for one in theirs]
    balance = compare(ours, listed, now=now, late=timedelta(minutes=known.late_minutes))
    return msgspec.to_builtins(balance) | {"day": day, "peer": peer}


def _describe(row: Webhook, city: City) -> dict[str, Json]:
    """Describe an address; its secret lies in a file and is nowhere here."""
    return {
        "id": row.id,
        "owner": row.partner,
        "token": row.token_id,
        "url": row.url,
        "events": row.events,
        "fields": row.fields,
        "state": row.state,
        "reason": row.reason,
        "made": city.words.moment(row.made_at),
    }


COMMANDS = (
    Command(name="exchange.hook", run=make_hook),
    Command(name="exchange.hooks", run=list_hooks, writes=False),
    Command(name="exchange.unhook", run=drop_hook),
    Command(name="exchange.send", run=send),
    Command(name="exchange.again", run=again),
    Command(name="exchange.report", run=report, writes=False),
)
