"""Who is told what when something happens to a ticket. Pure: a notice is a key, facts and an audience; the sentences stand in texts.toml [notice].

Whoever acts is answered in the conversation at once and not told again. A unit the matter is about is never told; where that is the last
desk there is, the operator is. Of a confidential matter neighbours who joined hear only that it is closed. A time limit is
named only once a unit has the ticket. Notices carry the public place, and who has to go there opens the exact one (OPENS): only the alarm to
each person on duty brings it along (`exact`, sealed), as nobody who runs to a fire has time to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from routing.terms import NOBODY, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.lifecycle import Act
    from routing.swelling import Alarm

WarningKind = Literal["due_soon", "overdue", "progress_due"]
Audience = Literal["resident", "unit", "desk", "roster", "operator", "staff"]

ALARM = "alarm:"
"""What the causes of alarms begin with: they ring whatever the hour, and in a rehearsal too."""

PRIVATE_HAZARDS = frozenset({"self_harm", "suicide_attempt", "family_violence", "child"})
"""Dangers of which no more than needed is told (`private` in the words of hazards), also where a matter should not be confidential."""

WORDS = frozenset({"reply", "text", "exact"})
"""Facts under these names are what somebody wrote: whoever keeps a notice keeps these sealed."""

PLAIN = ("number", "title", "unit", "desk", "place", "summary")
TIMED = (*PLAIN, "due_at")
SWOLLEN = ("incident", "item", "place", "count", "since_at", "numbers")
KEYS: dict[str, tuple[str, ...]] = {
    "proxy_asked": PLAIN,
    "proxy_all": PLAIN,
    "proxy_status": PLAIN,
    "proxy_none": ("number",),
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
    "redo_part": (*TIMED, "count"),
    "reviewed": TIMED,
    "reassigned": TIMED,
    "carried": (*TIMED, "text"),
    "still_carried": (*TIMED, "reply"),
    "progressed": (*PLAIN, "text"),
    "explained": (*PLAIN, "text"),
    "reask": PLAIN,
    "unit_redo_part": (*TIMED, "count", "reply", "text"),
    "unit_reviewed": PLAIN,
    "unit_carried": (*TIMED, "text"),
    "unit_progress_due": TIMED,
    "desk_review": (*TIMED, "reply", "text"),
    "worker_replied": (*PLAIN, "reply"),
    "worker_concluded": (*PLAIN, "reply"),
    "worker_sealed": ("number", "desk"),
    "red_alarm": (*PLAIN, "staff"),
    "staff_alarm": (*PLAIN, "exact", "staff"),
    "staff_alarm_sealed": ("number", "desk", "staff"),
    "operator_unheard": ("number", "desk"),
    "operator_undecided": ("number",),
    "unit_sealed": ("number", "desk", "due_at"),
    "desk_sealed": ("number", "desk"),
    "roster_sealed": ("number", "desk", "staff"),
    "unit_sealed_over": ("number", "desk"),
    "operator_stranded": ("number",),
    "desk_burst": SWOLLEN,
    "desk_slow_burn": SWOLLEN,
    "desk_burst_unnamed": SWOLLEN,
    "desk_slow_burn_unnamed": SWOLLEN,
}
"""Every notice there is, and the facts its text may use. `due_at` is a moment (ISO 8601, UTC), the rest is text or a number."""

Who = Literal["residents", "opener", "reporter", "unit", "unit_before", "assisting", "desk", "waiting_desk", "decider"]
"""`unit` is left out while the desk has the ticket itself, `waiting_desk` while it does not; `reporter` is the grid worker who filed it."""

TOLD: dict[str, tuple[tuple[Who, str], ...]] = {
    "accept": (("waiting_desk", "desk_waiting"),),
    "dispatch": (("residents", "dispatched"), ("unit", "unit_dispatched"), ("assisting", "unit_assist")),
    "return": (("desk", "desk_returned"), ("unit_before", "unit_recalled")),
    "reply": (("residents", "replied"), ("reporter", "worker_replied")),
    "conclude": (("residents", "concluded"), ("reporter", "worker_concluded")),
    "close": (("residents", "closed"),),
    "redo": (("residents", "redo"), ("unit", "unit_redo")),
    "reopen": (("residents", "reopened"), ("desk", "desk_reopened")),
    "urge": (("unit", "unit_urged"), ("waiting_desk", "desk_urged")),
    "add": (("unit", "unit_added"), ("waiting_desk", "desk_added")),
    "withdraw": (("unit", "unit_withdrawn"),),
    "keep_from": (("desk", "desk_sealed"),),
    "seal": (("desk", "desk_sealed"), ("unit_before", "unit_recalled")),
    "doubt": (("desk", "desk_sealed"),),
    "redo_part": (("residents", "redo_part"), ("unit", "unit_redo_part")),
    "escalate": (("residents", "reviewed"), ("decider", "desk_review"), ("unit_before", "unit_reviewed")),
    "reassign": (("residents", "reassigned"), ("unit", "unit_dispatched")),
    "carry": (("residents", "carried"), ("unit", "unit_carried")),
    "explain": (("residents", "explained"),),
    "progress": (("residents", "progressed"),),
    "progress_due": (("residents", "still_carried"), ("unit", "unit_progress_due")),
    "reask": (("opener", "reask"),),
    "due_soon": (("unit", "unit_due_soon"),),
    "overdue": (("unit", "unit_overdue"), ("desk", "desk_overdue")),
}
"""By act, or warning of supervision: who is told what. An act that is not here tells nobody."""

OPENS = frozenset(
    {
        "unit_dispatched", "unit_added", "unit_redo", "unit_redo_part", "unit_carried", "desk_waiting", "desk_call_back", "desk_added",
        "desk_returned", "desk_reopened", "red_alarm", "staff_alarm",
    }
)  # fmt: skip
"""Whoever gets one of these may open the original for the exact door (routing.secrecy.open_original), and is told so where one was masked."""

_SEALED: dict[Audience, str] = {
    "unit": "unit_sealed",
    "desk": "desk_sealed",
    "roster": "roster_sealed",
    "staff": "worker_sealed",
}
"""What staff hear of a confidential matter, or one about a unit: that there is one. Their road may be a group in which others read along."""

_OVER = frozenset({"unit_recalled", "unit_withdrawn", "unit_reviewed"})
"""What tells a unit that it has nothing to do with the matter any more."""

STRANDED = "operator_stranded"
"""The desk that has it may not see it, and none is above: somebody has to name a person."""

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

    `text` (masked) is what came with the act: the reason of a return, an addition, what was still wrong. The opener alone reads an answer
    with the doors of homes that stand in it.
    """
    values = _list_facts(ticket, text=text)
    opener, own = str(ticket.resident_id), {"reply": ticket.reply}
    notices: list[Notice] = []
    for who, name in TOLD.get(act, ()):
        audience, targets = _find_targets(ticket, who, act=act, by=by, before=before)
        if audience == "desk" and who != "decider" and ticket.desk in ticket.refused:
            audience, targets = "operator", ("operator",) if targets else ()
        key = _choose_key(ticket, name, audience)
        notices += [
            Notice(
                key=key,
                audience=audience,
                target=target,
                facts={fact: (values | own if target == opener else values)[fact] for fact in KEYS[key]},
                urgent=audience != "resident" and (ticket.tier != "none" or act == "overdue"),
                cause=f"event:{event}:{name}:{target}",
            )
            for target in targets
            if (target != str(NOBODY) if audience == "resident" else target not in ticket.refused)
        ]
    return tuple(notices)


def for_alarm(ticket: TicketFacts, *, event: int, desk: str, staff: Mapping[str, str], exact: str = "") -> tuple[Notice, ...]:
    """List what is rung at one desk: its road, and everybody on duty (names by staff code) in private, where they can be reached so.

    Only these read the `exact` place, where it may be told (tells_place) and still can be opened; else the public one.
    """
    sealed = ticket.confidential or bool(ticket.refused)
    place = exact if exact and tells_place(ticket) else ticket.public_place
    values = _list_facts(ticket, text="") | {"staff": "、".join(staff.values()), "exact": place}
    rung: list[tuple[Audience, str, str]] = [("roster", desk, "roster_sealed" if sealed else "red_alarm")]
    rung += [("staff", code, "staff_alarm_sealed" if sealed else "staff_alarm") for code in staff]
    return tuple(
        Notice(
            key=key,
            audience=audience,
            target=target,
            facts={fact: values[fact] for fact in KEYS[key]},
            urgent=True,
            cause=f"{alarm_cause(ticket.number)}{event}:{key}:{target}",
        )
        for audience, target, key in rung
    )


def tells_place(ticket: TicketFacts) -> bool:
    """Tell whether an alarm may bring the exact place: not of what is confidential, about somebody, or by its nature nobody's business."""
    return not (ticket.confidential or ticket.refused or ticket.refused_staff or ticket.hazard in PRIVATE_HAZARDS)


def for_operator(ticket: TicketFacts, key: Literal["operator_unheard", "operator_undecided"]) -> Notice:
    """Tell the operator, once per ticket, that the organisation has nobody for what has to be done."""
    values = _list_facts(ticket, text="")
    return Notice(
        key=key,
        audience="operator",
        target="operator",
        facts={fact: values[fact] for fact in KEYS[key]},
        urgent=True,
        cause=f"{alarm_cause(ticket.number)}{key}",
    )


def for_incident(incident: int, alarm: Alarm, *, desk: str, item: str, place: str, numbers: Sequence[str]) -> Notice:
    """Tell a desk that an incident has swollen, once a kind: what and where (by the names of duty item and area), how many since when.

    `numbers` are the tickets that the desk may see. Nobody's words are in it.
    """
    is_named = bool(item and place)
    return Notice(
        key=f"desk_{alarm.kind}" if is_named else f"desk_{alarm.kind}_unnamed",
        audience="desk",
        target=desk,
        facts={
            "incident": incident,
            "item": item,
            "place": place,
            "count": alarm.residents,
            "since_at": alarm.since.isoformat(),
            "numbers": "、".join(numbers),
        },
        cause=f"incident:{incident}:{alarm.kind}",
    )


def for_proxy(ticket: TicketFacts, key: str, *, target: int) -> Notice:
    """Tell somebody that a matter was filed in their name, or whoever filed it what they may see: only these two hear of it."""
    values = _list_facts(ticket, text="")
    facts = {fact: values[fact] for fact in KEYS[key]}
    return Notice(key=key, audience="resident", target=str(target), facts=facts, cause=f"proxy:{ticket.number}:{key}:{target}")


def _choose_key(ticket: TicketFacts, name: str, audience: Audience) -> str:
    if audience == "operator":
        return STRANDED
    if audience != "resident" and (ticket.confidential or ticket.refused):
        return "unit_sealed_over" if name in _OVER else _SEALED[audience]
    return _AT_DESK.get(ticket.reason, name) if name == "desk_waiting" else name


def alarm_cause(number: str) -> str:
    """Give the cause all alarms of a ticket begin with."""
    return f"{ALARM}{number}:"


def _find_targets(ticket: TicketFacts, who: Who, *, act: str, by: int | None, before: str) -> tuple[Audience, tuple[str, ...]]:
    match who:
        case "residents":
            people = ticket.people if act == "close" or not ticket.confidential else (ticket.resident_id,)
            return "resident", tuple(str(person) for person in people if person != by)
        case "opener":
            return "resident", (str(ticket.resident_id),)
        case "reporter":
            return "staff", (ticket.reporter_staff,) if ticket.reporter_staff else ()
        case "unit" | "unit_before" | "assisting":
            lead = () if ticket.at_desk else (ticket.unit,)
            return "unit", {"unit": lead, "unit_before": (before,) if before else (), "assisting": ticket.assisting}[who]
        case "desk" | "waiting_desk" | "decider":
            here = ticket.unit if who == "decider" else ticket.desk
            return "desk", () if who == "waiting_desk" and not ticket.at_desk else (here,)


def _list_facts(ticket: TicketFacts, *, text: str) -> dict[str, Any]:
    """List what texts may use; what is not sealed when a notice is kept says of a confidential matter no more than its neutral title."""
    return {
        "number": ticket.number,
        "title": ticket.title,
        "unit": ticket.unit_name,
        "desk": ticket.desk_name,
        "place": "" if ticket.confidential else ticket.public_place,
        "summary": "" if ticket.confidential else ticket.summary,
        "due_at": ticket.due_at.isoformat(),
        "reply": ticket.public_reply,
        "text": text,
        "count": ticket.redo_count,
    }
