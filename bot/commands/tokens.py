"""Tokens of the API as commands: made, listed, revoked; and what a partner did with its own. A token itself is given once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from console import tokens
from console.answers import TICKET_FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.policy import Kind
    from console.tables import ApiToken


def issue_for_staff(session: Session, city: City, *, now: datetime, code: str, days: int, actor: str) -> Json:
    """Make a token for a post of the staff."""
    issued = tokens.issue_for_staff(session, code, days=days, by=actor, now=now, org=city.org)
    return {"id": issued.id, "token": issued.token, "owner": code, "until": city.words.moment(issued.expires_at)}


def issue_for_partner(
    session: Session,
    city: City,
    *,
    now: datetime,
    name: str,
    unit: str,
    scopes: Sequence[str],
    fields: Sequence[str],
    days: int,
    actor: str,
) -> Json:
    """Make a token for a partner, with what it may do and see."""
    issued = tokens.issue_for_partner(
        session,
        name,
        unit=unit,
        scopes=scopes,
        fields=fields,
        known_fields=TICKET_FIELDS,
        days=days,
        by=actor,
        now=now,
        org=city.org,
    )
    return {"id": issued.id, "token": issued.token, "owner": name, "until": city.words.moment(issued.expires_at)}


def list_tokens(session: Session, city: City, *, now: datetime, kind: Kind) -> Json:
    """List the tokens of the staff or of partners, the newest first."""
    return [_describe(row, city, now=now) for row in tokens.list_tokens(session, kind=kind)]


def revoke(session: Session, city: City, *, now: datetime, token: int, kind: Kind, actor: str) -> Json:
    """Revoke a token."""
    return _describe(tokens.revoke(session, token, kind=kind, by=actor, now=now), city, now=now)


def list_calls(session: Session, city: City, *, now: datetime, name: str, limit: int) -> Json:  # noqa: ARG001 - every command is told the time
    """List what a partner did, the last call first."""
    return [
        {
            "at": row.at.isoformat(),
            "moment": city.words.moment(row.at),
            "token": row.token_id,
            "action": row.action,
            "subject": row.subject,
            "status": row.status,
            "rows": row.rows,
        }
        for row in tokens.list_calls(session, name, limit=limit)
    ]


def _describe(row: ApiToken, city: City, *, now: datetime) -> dict[str, Json]:
    state = "revoked" if row.revoked_at else "expired" if row.expires_at <= now else "valid"
    return {
        "id": row.id,
        "owner": row.owner,
        "state": state,
        "unit": row.unit,
        "scopes": row.scopes,
        "fields": row.fields,
        "made": city.words.moment(row.made_at),
        "made_by": row.made_by,
        "until": city.words.moment(row.expires_at),
        "used": city.words.moment(row.used_at) if row.used_at else "",
    }


COMMANDS = (
    Command(name="tokens.staff", run=issue_for_staff),
    Command(name="tokens.partner", run=issue_for_partner),
    Command(name="tokens.list", run=list_tokens, writes=False),
    Command(name="tokens.revoke", run=revoke),
    Command(name="tokens.calls", run=list_calls, writes=False),
)
