"""How the staff sign in, as commands: one-time links, unlocking, the list of sign-ins, and a second factor that was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands import Command, Json
from console.accounts import links, logins, sessions
from console.policy import Role
from console.tokens import NoPost
from routing.history import OPERATOR

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def make_link(session: Session, city: City, *, now: datetime, code: str, minutes: int | None, actor: str) -> Json:
    """Make a one-time link for a post; its path, for whoever knows our address."""
    lasts = timedelta(minutes=minutes or city.settings.sign_in.link_minutes)
    return _make(session, city, now=now, code=code, lasts=lasts, actor=actor)


def make_first_link(session: Session, city: City, *, now: datetime) -> Json:
    """Make the first operator's link where nobody has ever signed in. `code` is empty where no operator is in the staff list; None later."""
    if not logins.is_first_start(session):
        return None
    operators = sorted(person.code for person in city.org.staff.values() if person.role == Role.OPERATOR)
    if not operators:
        return {"code": ""}
    lasts = timedelta(hours=city.settings.sign_in.first_link_hours)
    return _make(session, city, now=now, code=operators[0], lasts=lasts, actor=OPERATOR)


def unlock(session: Session, city: City, *, now: datetime, code: str, actor: str) -> Json:
    """Let a post sign in again at once: what an operator shut, and what failures made wait."""
    return {"code": code, "was": logins.reopen(session, code, by=actor, now=now, org=city.org)}


def list_sessions(session: Session, city: City, *, now: datetime, code: str) -> Json:
    """List the sign-ins of a post that are not over, the last used first."""
    _check(code, city)
    say = city.words.moment
    return [
        {"id": one.id, "begun": say(one.begun_at), "used": say(one.used_at), "until": say(one.ends_at), "agent": one.agent}
        for one in sessions.list_of(session, code, now=now)
    ]


def end_sessions(session: Session, city: City, *, now: datetime, code: str, number: int | None, actor: str) -> Json:
    """End one sign-in of a post, or all of them; how many."""
    _check(code, city)
    if number is None:
        return {"code": code, "ended": sessions.end_all(session, code, by=actor, now=now)}
    return {"code": code, "ended": int(sessions.end(session, number, code=code, by=actor, now=now))}


def reset_code(session: Session, city: City, *, now: datetime, code: str, actor: str) -> Json:
    """Take a post's second factor away; it is asked for a new one where its role needs one."""
    _check(code, city)
    return {"code": code, "was": logins.reset_code(session, code, by=actor, now=now)}


def _make(session: Session, city: City, *, now: datetime, code: str, lasts: timedelta, actor: str) -> Json:
    keep = timedelta(days=city.settings.sign_in.keep_days)
    made = links.make(session, code, lasts=lasts, keep=keep, by=actor, now=now, org=city.org)
    return {"code": code, "name": city.org.staff[code].name, "path": made.path, "until": city.words.moment(made.ends_at)}


def _check(code: str, city: City) -> None:
    if code not in city.org.staff:
        raise NoPost(code)


COMMANDS = (
    Command(name="accounts.link", run=make_link),
    Command(name="accounts.first", run=make_first_link),
    Command(name="accounts.unlock", run=unlock),
    Command(name="accounts.sessions", run=list_sessions, writes=False),
    Command(name="accounts.end", run=end_sessions),
    Command(name="accounts.totp_reset", run=reset_code),
)
