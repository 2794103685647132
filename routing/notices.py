"""Who is told what when something happens to a ticket. Pure: a notice is a key, facts and an audience; the sentences stand in texts.toml [notice].

Whoever acts is answered in the conversation at once and not told again. A unit the matter is about is never told. A time limit is
named only once a unit has the ticket. Notices carry the public place, never the exact one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from routing.terms import Notice

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.lifecycle import Act

WarningKind = Literal["due_soon", "overdue", "alarm"]
Audience = Literal["resident", "unit", "desk", "roster"]

WORDS = frozenset({"reply", "text"})
"""Facts under these names are what somebody wrote: whoever keeps a notice keeps these sealed."""

PLAIN = ("number", "title", "unit", "desk", "place", "summary")
TIMED = (*PLAIN, "due_at")
KEYS: dict[str, tuple[str, ...]] = {
    "dispatched": TIMED,
    "replied": (*TIMED, "reply"),
    "concluded": (*TIMED, "reply"),
    "closed": PLAIN,
    "redo": (*TIMED, "count"),
    "reopened": (*PLAIN, "count"),
    "unit_dispatched": TIMED,
    "unit_assist": TIMED,
    "unit_recalled": (*PLAIN, "text"),
    "unit_added": (*PLAIN, "text"),
    "unit_urged": TIMED,
    "unit_redo": (*TIMED, "count", "reply", "text"),
    "unit_withdrawn": PLAIN,
    "unit_due_soon": TIMED,
    "unit_overdue": TIMED,
    "desk_waiting": PLAIN,
    "desk_call_back": PLAIN,
    "desk_voice": PLAIN,
    "desk_returned": (*PLAIN, "text"),
    "desk_reopened": (*PLAIN, "count", "reply", "text"),
    "desk_added": (*PLAIN, "text"),
    "desk_urged": PLAIN,
    "desk_overdue": TIMED,
    "red_alarm": PLAIN,
    "unit_sealed": ("number", "desk", "due_at"),
    "desk_sealed": ("number", "desk"),
    "roster_sealed": ("number", "desk"),
}
"""Every notice there is, and the facts its text may use. `due_at` is a moment (ISO 8601, UTC), the rest is text or a number."""

Who = Literal["residents", "unit", "unit_before", "assisting", "desk", "waiting_desk", "roster"]
"""`unit` is left out while the desk has the ticket itself, `waiting_desk` while it does not, `roster` unless life is in danger."""

TOLD: dict[str, tuple[tuple[Who, str], ...]] = {
    "accept": (("waiting_desk", "desk_waiting"), ("roster", "red_alarm")),
    "dispatch": (("residents", "dispatched"), ("unit", "unit_dispatched"), ("assisting", "unit_assist")),
    "return": (("desk", "desk_returned"), ("unit_before", "unit_recalled")),
    "reply": (("residents", "replied"),),
    "conclude": (("residents", "concluded"),),
    "close": (("residents", "closed"),),
    "redo": (("residents", "redo"), ("unit", "unit_redo")),
    "reopen": (("residents", "reopened"), ("desk", "desk_reopened")),
    "urge": (("unit", "unit_urged"), ("waiting_desk", "desk_urged")),
    "add": (("unit", "unit_added"), ("waiting_desk", "desk_added")),
    "withdraw": (("unit", "unit_withdrawn"),),
    "alarm": (("roster", "red_alarm"),),
    "due_soon": (("unit", "unit_due_soon"),),
    "overdue": (("unit", "unit_overdue"), ("desk", "desk_overdue")),
}
"""By act, or warning of supervision: who is told what. An act that is not here tells nobody."""

_SEALED = {"unit": "unit_sealed", "desk": "desk_sealed", "roster": "roster_sealed"}
"""What staff hear of a confidential matter, or one about a unit: that there is one. Their road may be a group in which others read along."""

_AT_DESK = {"asked_person": "desk_call_back", "voice_only": "desk_voice"}
"""Why a matter waits at the desk may ask for something of its own."""


class Teller(Protocol):
    """What an act hands its notices to, in its own transaction, so that none is ever lost (bot puts them into the outbox)."""

    def __call__(self, session: Session, notice: Notice, /) -> None:
        """Keep a notice for sending. Everything sent for it has a cause beginning with `notice.cause`, so that it can be called off."""
        ...


def for_event(
    ticket: TicketFacts,
    act: Act | WarningKind,
    *,
    event: int,
    text: str = "",
    by: int | None = None,
    before: str = "",
) -> tuple[Notice, ...]:
    """List who is told of an act. `event` numbers it, `by` is the resident who acted, `before` the unit that had the ticket until now.

    `text` (masked) is what came with the act: the reason of a return, an addition, what was still wrong.
    """
    values = _list_facts(ticket, text=text)
    notices: list[Notice] = []
    for who, name in TOLD.get(act, ()):
        audience, targets = _find_targets(ticket, who, by=by, before=before)
        key = _choose_key(ticket, name, audience)
        cause = alarm_cause(ticket.number) if who == "roster" else "event:"
        notices += [
            Notice(
                key=key,
                audience=audience,
                target=target,
                facts={fact: values[fact] for fact in KEYS[key]},
                urgent=audience != "resident" and (ticket.tier != "none" or act == "overdue"),
                cause=f"{cause}{event}:{name}:{target}",
            )
            for target in targets
            if audience == "resident" or target not in ticket.refused
        ]
    return tuple(notices)


def _choose_key(ticket: TicketFacts, name: str, audience: Audience) -> str:
    if audience != "resident" and (ticket.confidential or ticket.refused):
        return _SEALED[audience]
    return _AT_DESK.get(ticket.reason, name) if name == "desk_waiting" else name


def alarm_cause(number: str) -> str:
    """Give the cause all alarms of a ticket begin with."""
    return f"alarm:{number}:"


def _find_targets(ticket: TicketFacts, who: Who, *, by: int | None, before: str) -> tuple[Audience, tuple[str, ...]]:
    match who:
        case "residents":
            return "resident", tuple(str(person) for person in ticket.people if person != by)
        case "unit":
            return "unit", () if ticket.at_desk else (ticket.unit,)
        case "unit_before":
            return "unit", (before,) if before else ()
        case "assisting":
            return "unit", ticket.assisting
        case "roster":
            return "roster", (ticket.desk,) if ticket.tier == "red" else ()
        case "desk" | "waiting_desk":
            return "desk", (ticket.desk,) if who == "desk" or ticket.at_desk else ()


def _list_facts(ticket: TicketFacts, *, text: str) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "title": ticket.title,
        "unit": ticket.unit_name,
        "desk": ticket.desk_name,
        "place": ticket.public_place,
        "summary": ticket.summary,
        "due_at": ticket.due_at.isoformat(),
        "reply": ticket.reply,
        "text": text,
        "count": ticket.redo_count,
    }
