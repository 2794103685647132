"""审计: who did what to what, the newest first, by who, what, on what and when; saved as a table. What is about a hidden ticket is not there."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

import msgspec

from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.system import PATH
from console.pages.system_outbox import find_hidden, read_number
from console.problems import Problem, wrong
from knowledge_base.columns import guard
from routing.lifecycle import Act
from store import audit
from store.audit import Wanted, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from store.audit import AuditEntry

AUDIT = f"{PATH}/audit"
LIST_SIZE = 50
MOST = 10_000
"""Acts of one table: what somebody reads through; more is asked for by days."""
_AT_ONCE = 500
_LONGEST = 80
_FILTERS = ("actor", "act", "subject", "since", "until")
_ACTS = frozenset(get_args(Act))
_COLUMNS = ("at", "actor", "action", "subject", "facts", "mark")


def show_list(call: PageCall) -> Page:
    """Show the acts that were asked for."""
    before = read_number(call.query.get("before", ""), where="query.before")
    rows = audit.list_entries(call.session, read_wanted(call), before=before, limit=LIST_SIZE + 1)
    shown = rows[:LIST_SIZE]
    asked = {name: call.query.get(name, "").strip()[:_LONGEST] for name in _FILTERS}
    return Page(
        template="system/audit.html",
        values={
            "entries": [describe(call, row) for row in keep_seen(call, shown)],
            "asked": asked,
            "filter": urlencode({name: value for name, value in asked.items() if value}),
            "before": before,
            "next": shown[-1].id if len(rows) > LIST_SIZE else 0,
            "most": MOST,
        },
    )


def read_wanted(call: PageCall) -> Wanted:
    """Read which acts are wanted; days are the city's, the last one whole. Problem (422) for what is no day."""
    given = {name: call.query.get(name, "").strip()[:_LONGEST] for name in _FILTERS}
    since, until = (_read_day(call, name, given[name]) for name in ("since", "until"))
    return Wanted(
        actor=given["actor"],
        action=given["act"],
        subject=given["subject"],
        since=since,
        until=until + timedelta(days=1) if until is not None else None,
    )


def keep_seen(call: PageCall, rows: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Leave out what is about a ticket that whoever looks must not know of. One query for all of them."""
    hidden = find_hidden(call, (name for row in rows for name in _list_names(row)))
    return [row for row in rows if hidden.isdisjoint(_list_names(row))]


def describe(call: PageCall, row: AuditEntry) -> dict[str, Any]:
    """Describe an act: who by name where they have one."""
    person = call.context.org.staff.get(row.actor)
    return {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "name": person.name if person is not None else "",
        "action": row.action,
        "act": _read_act(row.action),
        "subject": row.subject,
        "facts": list(_list_facts("", row.facts)),
    }


def save_list(call: PageCall) -> File:
    """Save the acts that were asked for as CSV, the newest MOST; that they were saved is kept too."""
    if call.path["form"] != "csv":
        raise Problem(404, "not_found")
    now = call.now.astimezone(call.city.zone)
    mark = call.city.say_page("saved_by", code=call.actor.code, at=now.strftime("%Y-%m-%d %H:%M"))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_COLUMNS)
    count = 0
    for row in _read_all(call):
        facts = msgspec.json.encode(row.facts).decode() if row.facts else ""
        at = row.at.astimezone(call.city.zone).isoformat(timespec="seconds")
        writer.writerow([*map(guard, (at, row.actor, row.action, row.subject, facts)), mark])
        count += 1
    record(call.session, actor=call.actor.code, action="audit.save", subject="audit", facts={"count": count})
    return File(name=f"audit-{now:%Y%m%d-%H%M}.csv", media_type="text/csv", body=buffer.getvalue().encode("utf-8-sig"))


def _list_facts(prefix: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List the facts of an act one by one, nested ones with their path."""
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _list_facts(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _read_act(action: str) -> str:
    """Read which act of the lifecycle is meant; "" for anything else."""
    area, _, act = action.partition(".")
    return act if area == "ticket" and act in _ACTS else ""


def _read_all(call: PageCall) -> Iterator[AuditEntry]:
    wanted, before, left = read_wanted(call), 0, MOST
    while left > 0:
        rows = audit.list_entries(call.session, wanted, before=before, limit=min(_AT_ONCE, left))
        if not rows:
            return
        yield from keep_seen(call, rows)
        before, left = rows[-1].id, left - len(rows)


def _list_names(row: AuditEntry) -> Iterator[str]:
    """List whatever in an act may be the number of a ticket."""
    yield row.subject
    yield row.subject.rpartition(":")[2]
    for value in row.facts.values():
        parts = value if isinstance(value, list) else [value]
        yield from (part for part in parts if isinstance(part, str))


def _read_day(call: PageCall, name: str, value: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(value), time(), call.city.zone) if value else None
    except ValueError as error:
        raise wrong(f"query.{name}", "Expected a day (YYYY-MM-DD)") from error


PAGES = (
    PageRoute(path=AUDIT, name="system_audit", action="system.read", run=show_list),
    PageRoute(path=f"{AUDIT}/save/{{form}}", name="system_audit_save", action="system.read", run=save_list, writes=True),
)
