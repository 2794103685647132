"""Who is told what when something happens to a ticket. Pure: a notice is a key, facts and an audience; the sentences stand in texts.toml [notice].

Whoever acts is answered in the conversation at once and not told again. A unit the matter is about is never told; where that is the last
desk there is, the operator is. Of a confidential matter neighbours who joined hear only that it is closed. A time limit is
named only once a unit has the ticket. Notices carry the public place, and who has to go there opens the exact one (OPENS): only the alarm to
each person on duty brings it along (`exact`, sealed), as nobody who runs to a fire has time to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from routing.notice_table import ALARM, AT_DESK, FULLER, KEYS, MORE, OVER, PRIVATE_HAZARDS, SEALED, STRANDED, TOLD
from routing.terms import NOBODY, Notice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.notice_table import Audience, Who
    from routing.swelling import Alarm


class Teller(Protocol):
    """What an act hands its notices to, in its own transaction, so that none is ever lost (bot puts them into the outbox)."""

    def __call__(self, session: Session, notice: Notice, /) -> None:
        """Keep a notice for sending. Everything sent for it has a cause beginning with `notice.cause`, so that it can be called off."""
        ...


def for_event(
    ticket: TicketFacts,
    act: str,
    *,
    event: int,
    text: str = "",
    by: int | None = None,
    before: str = "",
    more: Mapping[str, Any] | None = None,
) -> tuple[Notice, ...]:
    """List who is told of an act. `event` numbers it, `by` is the resident who acted, `before` the unit that had the ticket until now.

    `act` is an act of routing.lifecycle or another row of TOLD; `more` are facts that the ticket itself has not.

    `text` (masked) is what came with the act: the reason of a return, an addition, what was still wrong. The opener alone reads an answer
    with the doors of homes that stand in it.
    """
    values = _list_facts(ticket, text=text) | dict.fromkeys(MORE, "") | dict(more or {})
    opener, own = str(ticket.resident_id), {"reply": ticket.reply}
    notices: list[Notice] = []
    for who, name in TOLD.get(act, ()):
        audience, targets = _find_targets(ticket, who, act=act, by=by, before=before)
        if audience == "desk" and who != "decider" and ticket.desk in ticket.refused:
            audience, targets = "operator", ("operator",) if targets else ()
        fact, fuller = FULLER.get(name, ("number", name))
        key = _choose_key(ticket, fuller if values[fact] else name, audience)
        notices += [
            Notice(
                key=key,
                audience=audience,
                target=target,
                facts={fact: (values | own if target == opener else values)[fact] for fact in KEYS[key]},
                urgent=audience != "resident" and (ticket.tier != "none" or act == "overdue"),
                at_night=ticket.tier != "none",
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
            at_night=True,
            cause=f"{alarm_cause(ticket.number)}{event}:{key}:{target}",
        )
        for audience, target, key in rung
    )


def tells_place(ticket: TicketFacts) -> bool:
    """Tell whether an alarm may bring the exact place: not of what is confidential, about somebody, or by its nature nobody's business."""
    return not (ticket.confidential or ticket.refused or ticket.refused_staff or ticket.hazard in PRIVATE_HAZARDS)


def for_operator(ticket: TicketFacts, key: Literal["operator_unheard", "operator_undecided", "operator_overdue"]) -> Notice:
    """Tell the operator, once per ticket, that the organisation has nobody for what has to be done."""
    values = _list_facts(ticket, text="")
    return Notice(
        key=key,
        audience="operator",
        target="operator",
        facts={fact: values[fact] for fact in KEYS[key]},
        urgent=True,
        at_night=True,
        cause=f"{alarm_cause(ticket.number)}{key}",
    )


def for_merged(ticket: TicketFacts, *, event: int, unit: str, into: str) -> Notice:
    """Tell the unit that has the ticket into which another one was merged (`ticket`) what came with it; under that one's own event."""
    values = _list_facts(ticket, text="") | {"into": into}
    facts = {fact: values[fact] for fact in KEYS["unit_merged_in"]}
    at_night, cause = ticket.tier != "none", f"event:{event}:unit_merged_in:{unit}"
    return Notice(key="unit_merged_in", audience="unit", target=unit, facts=facts, at_night=at_night, cause=cause)


def for_merged_over(ticket: TicketFacts, *, event: int, count: int) -> Notice:
    """Tell the resident of a merged ticket that what it went on as is done for the `count`th time; of that they hear nothing.

    `event` is the one of its merge.
    """
    values = _list_facts(ticket, text="")
    facts = {fact: values[fact] for fact in KEYS["merged_over"]}
    target = str(ticket.resident_id)
    return Notice(
        key="merged_over", audience="resident", target=target, facts=facts, cause=f"event:{event}:merged_over{count}:{target}"
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


def for_track(ticket: TicketFacts, key: str, *, target: str, text: str, due_at: datetime, cause: str, other: str = "") -> Notice:
    """Tell one unit or desk of what runs beside a ticket's status: a sub-task, a supervision. `other` names the unit it is about."""
    audience: Audience = "desk" if key.startswith("desk_") or target == ticket.desk else "unit"
    chosen = _choose_key(ticket, key, audience)
    values = _list_facts(ticket, text=text) | {"due_at": due_at.isoformat(), "other": other}
    facts = {fact: values[fact] for fact in KEYS[chosen]}
    return Notice(
        key=chosen,
        audience=audience,
        target=target,
        facts=facts,
        urgent=ticket.tier != "none",
        at_night=ticket.tier != "none",
        cause=f"{cause}:{chosen}",
    )


def for_plan(plan: str, year: int, *, desk: str, name: str, count: int) -> Notice:
    """Tell a desk, once a season, how many tasks of a seasonal plan were not done before it began."""
    facts = {"plan": name, "count": count, "year": year}
    return Notice(key="desk_plan_undone", audience="desk", target=desk, facts=facts, cause=f"plan:{plan}:{year}:{desk}")


def for_early_warning(month: str, *, desk: str, count: int) -> Notice:
    """Tell a desk that its supervisors should look at how so many workers or units did in a month; who they are, a list of their own says."""
    facts = {"month": month, "count": count}
    return Notice(key="desk_early_warning", audience="desk", target=desk, facts=facts, cause=f"warning:{month}:{desk}:{count}")


def for_overdue(ticket: TicketFacts, *, event: int, desk: str) -> Notice:
    """Tell a desk higher up that a matter below it is late and still not done."""
    key = _choose_key(ticket, "desk_overdue_above", "desk")
    values = _list_facts(ticket, text="")
    facts = {fact: values[fact] for fact in KEYS[key]}
    return Notice(
        key=key,
        audience="desk",
        target=desk,
        facts=facts,
        urgent=ticket.tier != "none",
        at_night=ticket.tier != "none",
        cause=f"event:{event}:{key}:{desk}",
    )


def for_later(ticket: TicketFacts, *, event: int) -> tuple[Notice, ...]:
    """Tell the residents that their answer comes later than they were told, because the calendar has changed."""
    facts = {fact: _list_facts(ticket, text="")[fact] for fact in KEYS["recounted"]}
    return tuple(
        Notice(key="recounted", audience="resident", target=str(person), facts=facts, cause=f"event:{event}:recounted:{person}")
        for person in ticket.people
        if person != NOBODY
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
        return "unit_sealed_over" if name in OVER else SEALED[audience]
    return AT_DESK.get(ticket.reason, name) if name == "desk_waiting" else name


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
        case "reporter" | "asked_reporter":
            worker = ticket.reporter_staff if who == "reporter" else ticket.asked_reporter
            return "staff", (worker,) if worker else ()
        case "unit" | "unit_before" | "assisting":
            lead = () if ticket.at_desk else (ticket.unit,)
            return "unit", {"unit": lead, "unit_before": (before,) if before else (), "assisting": ticket.assisting}[who]
        case "watcher":
            return "unit", (ticket.watcher,) if ticket.watcher else ()
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
