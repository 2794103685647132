"""审计: who did what to what, the newest first, by who, what, on what and when; saved as a table. What is about a hidden ticket is not there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

from console.pages.audit_words import name_fact, name_value
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import Table, name_columns, read_all, save, say_more, write_moment
from console.pages.system import PATH
from console.pages.system_outbox import find_hidden, read_number
from console.problems import wrong
from routing.lifecycle import Act
from store import audit
from store.audit import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from store.audit import AuditEntry

AUDIT = f"{PATH}/audit"
LIST_SIZE = 50
MOST = 10_000
"""Acts of one table: what somebody reads through; more is asked for by days."""
_LONGEST = 80
_FILTERS = ("actor", "act", "subject", "since", "until")
_ACTS = frozenset(get_args(Act))


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
            "acts": list_acts(call),
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
    """Describe an act: who by name where they have one. `some` are its facts without the counts of nothing among many."""
    person = call.context.org.staff.get(row.actor)
    facts = [(name_fact(call, path), name_value(call, path, value)) for path, value in _list_facts("", row.facts)]
    return {
        "id": row.id,
        "at": row.at,
        "actor": row.actor,
        "person": person is not None,
        "name": person.name if person is not None else call.city.name_code("actor", row.actor),
        "action": row.action,
        "act": name_act(call, row.action),
        "subject": row.subject,
        "about": name_subject(call, row.subject),
        "facts": facts,
        "some": [(name, value) for name, value in facts if value and (len(facts) == 1 or value != "0")],
    }


def save_list(call: PageCall) -> File:
    """Save the acts that were asked for, the newest first; that they were saved is kept too."""
    wanted = read_wanted(call)

    def read(before: int | None, limit: int) -> tuple[Sequence[AuditEntry], int | None]:
        rows = audit.list_entries(call.session, wanted, before=before or 0, limit=limit)
        return keep_seen(call, rows), rows[-1].id if len(rows) == limit else None

    rows, more = read_all(read, most=MOST)
    table = Table(
        title=call.city.name_code("title", "audit"),
        note=say_more(call, more=more, most=MOST),
        columns=name_columns(call, "at", "actor", "name", "act", "action", "subject", "facts"),
        rows=tuple(
            (
                write_moment(call, one["at"]),
                one["actor"],
                one["name"],
                one["act"],
                one["action"],
                one["subject"],
                call.city.say_figure("between").join(f"{name} {value}" for name, value in one["facts"]),
            )
            for one in (describe(call, row) for row in rows)
        ),
    )
    return save(call, "audit", (table,), subject="audit", action="audit.save")


def _list_facts(prefix: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """List the facts of an act one by one, nested ones with their path."""
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _list_facts(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def name_subject(call: PageCall, subject: str) -> str:
    """Name what an act was done to: its kind in words, and which one; a unit or somebody of the staff by name."""
    kind, _, code = subject.partition(":")
    person = call.context.org.staff.get(code) if kind == "staff" else None
    named = call.city.name_code("subject", kind)
    what = call.city.name_code("table", kind) if named == kind else named
    return " ".join(filter(None, (what, person.name if person is not None else "", code)))


def list_acts(call: PageCall) -> list[tuple[str, str]]:
    """List the acts that can be asked for: code and name."""
    kept = [(code, call.city.name_code("audit", code)) for code in call.city.list_names("audit")]
    return [*kept, *((f"ticket.{act}", name_act(call, f"ticket.{act}")) for act in sorted(_ACTS))]


def name_act(call: PageCall, action: str) -> str:
    """Name an act in words, those of the lifecycle as tickets do."""
    area, _, act = action.partition(".")
    return call.city.say_word(f"act_{act}") if area == "ticket" and act in _ACTS else call.city.name_code("audit", action)


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
    PageRoute(path=f"{AUDIT}/save/{{form}}", name="system_audit_save", action="system.read", run=save_list),
)
