"""Drafts from groups, as commands: what waits for one grid worker and what they say of it; which chat speaks for whom; an excerpt as a file.

Everything is asked in the name of one worker, and only what is theirs is there. Looking is audited: the words are residents'.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bot import drafting, pasting
from bot.channels import discover as discover_channels
from bot.commands import Command, Json
from bot.effects.drafts import confirm as confirm_draft
from bot.effects.drafts import raise_dangers
from bot.refusals import refuse
from residents import bindings, group_drafts
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from bot.city import City

_LENGTH = 40
"""Characters of a draft's words in a list; `show` has them whole."""


def list_drafts(session: Session, city: City, *, now: datetime, actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """List what waits for a worker, the oldest first."""
    _check_staff(city, actor)
    _audit_look(session, actor, "list")
    waiting = [drafting.describe(session, city, draft) for draft in group_drafts.hold_waiting(session, actor)]
    return [one | {"lines": one["lines"].replace("\n", " ")[:_LENGTH], "due": _say_due(city, one)} for one in waiting]


def show(session: Session, city: City, *, now: datetime, draft: int, actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Show one draft whole."""
    _check_staff(city, actor)
    found = group_drafts.find_for(session, draft, worker=actor)
    if found is None:
        raise refuse("no_draft", draft=draft)
    _audit_look(session, actor, f"show:{draft}")
    shown = drafting.describe(session, city, found)
    return shown | {"due": _say_due(city, shown)}


def confirm(session: Session, city: City, *, now: datetime, draft: int, actor: str) -> Json:
    """Make a ticket of a draft."""
    _check_staff(city, actor)
    outcome = confirm_draft(session, city, draft, staff=actor, now=now)
    if outcome is None:
        raise refuse("no_draft", draft=draft)
    return {"draft": draft, "ticket": outcome.ticket, "joined": outcome.name == "joined"}


def drop(session: Session, city: City, *, now: datetime, draft: int, actor: str) -> Json:
    """Let a draft and its words go."""
    _check_staff(city, actor)
    if not drafting.drop(session, draft, staff=actor, now=now):
        raise refuse("no_draft", draft=draft)
    return {"draft": draft}


def bind(session: Session, city: City, *, now: datetime, staff: str, channel: str, sender: str) -> Json:
    """Let a chat speak for a member of staff."""
    _check_staff(city, staff)
    if channel not in discover_channels():
        raise refuse("no_channel", channel=channel)
    bindings.bind(session, staff=staff, channel=channel, sender=sender, now=now)
    record(session, actor="operator", action="staff.bind", subject=f"staff:{staff}", facts={"channel": channel})
    return {"staff": staff, "name": city.org.staff[staff].name, "channel": channel}


def unbind(session: Session, city: City, *, now: datetime, staff: str, channel: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Let no chat of a channel speak for a member of staff any more."""
    _check_staff(city, staff)
    if not bindings.unbind(session, staff=staff, channel=channel):
        raise refuse("not_bound", staff=staff, channel=channel)
    record(session, actor="operator", action="staff.unbind", subject=f"staff:{staff}", facts={"channel": channel})
    return {"staff": staff, "channel": channel}


def paste(session: Session, city: City, *, now: datetime, text: str, actor: str, group: str) -> Json:
    """Listen to an excerpt of a worker's own group."""
    _check_staff(city, actor)
    row = city.groups.get(group)
    if row is None or row.worker != actor:
        raise refuse("not_your_group", group=group, staff=actor)
    taken = pasting.paste(session, city, text, staff=actor, group=group, now=now)
    if taken is None:
        raise refuse("paste_unknown")
    tickets = raise_dangers(session, city, taken, staff=actor, now=now)
    drafts = [drafting.describe(session, city, draft) for draft in taken.drafts]
    return {"messages": taken.messages, "tickets": tickets, "drafts": drafts}


def _check_staff(city: City, staff: str) -> None:
    if staff not in city.org.staff:
        raise refuse("no_staff", staff=staff)


def _audit_look(session: Session, actor: str, what: str) -> None:
    record(session, actor=actor, action="draft.look", subject=f"drafts:{actor}", facts={"what": what})


def _say_due(city: City, shown: Mapping[str, Json]) -> str:
    return city.words.moment(datetime.fromisoformat(shown["due_at"]))


COMMANDS = (
    Command(name="drafts.list", run=list_drafts),
    Command(name="drafts.show", run=show),
    Command(name="drafts.confirm", run=confirm),
    Command(name="drafts.drop", run=drop),
    Command(name="drafts.bind", run=bind),
    Command(name="drafts.unbind", run=unbind),
    Command(name="drafts.paste", run=paste),
)
