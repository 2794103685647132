"""推送的登记: which address of a partner is called for which acts, with which fields of a ticket. Made and taken away by the operator.

HookError
├── NoHook         there is none with this number
├── NoPartnerToken the token is no valid one of this partner, or may not read events
├── UnknownAct     there is no such act
└── BadAddress     the address may not be called, or the file holds no secret
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from sqlalchemy import func, select

from console import tokens
from console.exchange.calling import Forbidden, check_address
from console.exchange.signing import NoSecret, read_secret
from console.exchange.tables import Webhook
from routing.lifecycle import Act
from routing.tables import TicketEvent
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

SCOPE = "events.read"
"""What a token has to be given before anything is sent to its partner unasked."""


class HookError(Exception):
    """This cannot be done with an address that is called."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoHook(HookError):
    """There is no such address."""


class NoPartnerToken(HookError):
    """This is no valid token of the partner that may read events."""


class UnknownAct(HookError):
    """There is no such act."""


class BadAddress(HookError):
    """This address may not be called."""


def make(
    session: Session,
    partner: str,
    *,
    token_id: int,
    url: str,
    secret_file: str,
    events: Sequence[str],
    fields: Sequence[str],
    private_hosts: Collection[str],
    by: str,
    now: datetime,
    org: OrgChart,
) -> Webhook:
    """Have an address called for some acts, from now on; `fields` are some of the token's. A HookError says what is wrong."""
    actor = tokens.find_partner(session, token_id, now=now, org=org)
    if actor is None or actor.code != partner or SCOPE not in actor.scopes:
        raise NoPartnerToken
    for act in events:
        if act not in get_args(Act):
            raise UnknownAct(act)
    for field in fields:
        if field not in actor.fields:
            raise tokens.NoField(field)
    try:
        check_address(url, private_hosts=private_hosts)
        read_secret(secret_file)
    except (Forbidden, NoSecret) as error:
        raise BadAddress(f"{type(error).__name__}: {error}") from error
    last = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    row = Webhook(
        partner=partner, token_id=token_id, url=url, secret_file=secret_file, events=list(events), fields=list(fields),
        state="on", made_at=now, made_by=by, since_event=last,
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, actor=by, action="webhook.make", subject=f"webhook:{row.id}", facts={"partner": partner})
    return row


def turn_off(session: Session, hook_id: int, *, reason: str, by: str) -> Webhook:
    """Call an address no more; NoHook if there is none. One that is off already keeps its reason."""
    row = session.get(Webhook, hook_id)
    if row is None:
        raise NoHook(str(hook_id))
    if row.state == "on":
        row.state, row.reason = "off", reason
        record(session, actor=by, action="webhook.off", subject=f"webhook:{row.id}", facts={"reason": reason})
    return row


def list_hooks(session: Session, *, only_on: bool = False) -> Sequence[Webhook]:
    """List the addresses, the oldest first."""
    statement = select(Webhook).order_by(Webhook.id)
    return session.scalars(statement.where(Webhook.state == "on") if only_on else statement).all()
