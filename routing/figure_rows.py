"""What the events of tickets say, one row a ticket, read in SQL: the only reading of events that figures are made of.

Who a ticket counts for (area, item, channel, source, kind) stands on its row; what became of it is read from its events alone.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Select, Text, and_, bindparam, case, cast, func, literal, select, true
from sqlalchemy.orm import aliased

from routing.figures import Dimension, Story, Tally, add, tally
from routing.tables import Ticket, TicketEvent
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session

RUNS = ("dispatch", "transfer", "arbitrate", "reassign")
"""Acts that give a ticket to a unit anew; a redo leaves it with the one that had it."""
RETURNS = ("return",)
CLOSES = ("close", "explain")
REDOS = ("redo", "redo_part", "reopen", "reassign")
HOLDS = ("accept", *RUNS, *RETURNS, *REDOS, "reply", "conclude", "carry", "raise", "climb", "move", "seal", "keep_from")
"""Acts whose event says who has a ticket because it is their work; whoever decides on it for a while is not meant."""
LEVELLED = ("reply", "conclude", *CLOSES)
ANSWERS = ("contacted", "solved", "satisfied")
_SAYS = (*CLOSES, "follow_up")
_AT_ONCE = 500
"""Tickets whose events are read at once: databases may bind no more than 999 values."""

_e = TicketEvent
_IDS: BindParameter[int] = bindparam("ids", expanding=True)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets are counted: received from `since` to before `until`, of these values by dimension (none given: all)."""

    since: datetime
    until: datetime
    values: dict[Dimension, tuple[str, ...]] = {}


def list_stories(session: Session, *, ids: Collection[int]) -> list[Story]:
    """Read the stories of these tickets, by their ids in order."""
    found: list[Story] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        found += _read(session, ordered[start : start + _AT_ONCE])
    return found


def find_ids(session: Session, scope: Scope) -> list[int]:
    """Find the tickets that were received in a period, whatever else they are."""
    received = select(_e.ticket_id).where(_e.act == "accept", _e.at >= scope.since, _e.at < scope.until)
    return list(session.execute(received.order_by(_e.ticket_id)).scalars())


def count(session: Session, scope: Scope, *, now: datetime) -> Tally:
    """Count straight from the events, without any roll-up: slow for a year, and what the roll-up is checked against."""
    ids = find_ids(session, scope)
    runs = list_runs(session, ids=ids)
    return add(
        part
        for story in list_stories(session, ids=ids)
        for unit, part in split(story, runs.get(story.ticket, {}), now=now)
        if is_within(scope, dimensions_of(story, unit=unit))
    )


def is_within(scope: Scope, facts: Mapping[Dimension, str]) -> bool:
    """Tell whether what counts under these values is asked for."""
    return all(facts[name] in wanted for name, wanted in scope.values.items())


def split(story: Story, runs: dict[str, tuple[int, int]], *, now: datetime) -> list[tuple[str, Tally]]:
    """Split what a ticket counts as by unit: dispatches and returns belong to the unit they went to, all else to the one that has it."""
    whole = msgspec.structs.asdict(tally(story, now=now)) | {"dispatches": 0, "returned": 0}
    parts = {story.unit: Tally(**whole)}
    for unit, (given, returned) in runs.items():
        before = parts.get(unit, Tally())
        parts[unit] = msgspec.structs.replace(before, dispatches=given, returned=returned)
    return list(parts.items())


def dimensions_of(story: Story, *, unit: str) -> dict[Dimension, str]:
    """Give what a unit's part of a ticket counts under in each dimension."""
    return {
        "all": "",
        "area": story.area,
        "unit": unit,
        "level": story.level,
        "channel": story.channel,
        "line": story.line,
        "source": story.source,
        "item": story.item,
        "kind": story.kind,
    }


def list_runs(session: Session, *, ids: Collection[int]) -> dict[int, dict[str, tuple[int, int]]]:
    """Read, by ticket and unit, how often it was dispatched there and returned from there."""
    found: dict[int, dict[str, tuple[int, int]]] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        chunk = ordered[start : start + _AT_ONCE]
        given = select(_e.ticket_id, _e.unit, func.count()).where(_e.ticket_id.in_(chunk), _e.act.in_(RUNS))
        for ticket, unit, times in session.execute(given.group_by(_e.ticket_id, _e.unit)):
            found.setdefault(ticket, {})[unit] = (times, 0)
        giver = func.coalesce(_e.facts["from"].as_string(), literal(""))
        back = select(_e.ticket_id, giver, func.count()).where(_e.ticket_id.in_(chunk), _is_return())
        for ticket, unit, times in session.execute(back.group_by(_e.ticket_id, giver)):
            units = found.setdefault(ticket, {})
            units[unit] = (units.get(unit, (0, 0))[0], times)
    return found


def _is_return() -> ColumnElement[bool]:
    """A return that a unit, or the desk for it, made; one that follows a resident's correction is nobody's refusal."""
    return and_(_e.act.in_(RETURNS), func.coalesce(_e.facts["corrected"].as_boolean(), literal(value=False)).is_not(true()))


def _last(*acts: str, and_also: ColumnElement[bool] | None = None) -> ColumnElement[Any]:
    """Find the last event of one of these acts."""
    condition = _e.act.in_(acts) if and_also is None else and_(_e.act.in_(acts), and_also)
    return func.max(case((condition, _e.id)))


def _times(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((condition, _e.id)))


def _says(name: str) -> ColumnElement[bool]:
    return func.coalesce(_e.facts[name].as_string(), literal("")) != ""


def _select_marks() -> Subquery:
    """Select which events of a ticket matter: the first, the last, the last of each kind; and how many there were of some."""
    return (
        select(
            _e.ticket_id,
            func.min(case((_e.act == "accept", _e.id))).label("accept"),
            func.max(_e.id).label("last"),
            _last(*HOLDS).label("hold"),
            _last(*CLOSES).label("close"),
            _last("decline").label("decline"),
            _last(*LEVELLED, and_also=_says("level")).label("level"),
            func.min(case((_e.act.in_(RUNS), _e.id))).label("first_run"),
            _last(*RUNS).label("last_run"),
            _last(*RETURNS).label("last_return"),
            _last("after").label("after"),
            *(_last(*_SAYS, and_also=_says(name)).label(name) for name in ANSWERS),
            _times(_e.act == "join").label("joined"),
            _times(and_(_e.act == "separate", _says("into"))).label("separated"),
            _times(_e.act.in_(RUNS)).label("dispatches"),
            _times(_is_return()).label("returned"),
            _times(_e.act.in_(RETURNS)).label("all_returned"),
            _times(_e.act.in_(REDOS)).label("redone"),
        )
        .where(_e.ticket_id.in_(_IDS))
        .group_by(_e.ticket_id)
        .subquery()
    )


def _select_clocks(*, dialect: str, moves_only: bool) -> Subquery:
    """Select, by ticket, what was last said of the first round of its resident's clock, and its due time then.

    `moves_only` leaves out what moves the due time alone: a clock that is held up stays so when the calendar changes.
    """
    if dialect == "postgresql":
        rows_of = func.json_array_elements(_e.facts["clocks"])
        entries = rows_of.table_valued("value", with_ordinality="key", joins_implicitly=True).render_derived()
        field: list[ColumnElement[Any]] = [entries.c.value.op("->>")(place) for place in range(4)]
    else:
        entries = func.json_each(_e.facts, literal("$.clocks")).table_valued("key", "value", joins_implicitly=True)
        field = [cast(func.json_extract(entries.c.value, f"$[{place}]"), Text) for place in range(4)]
    latest = func.row_number().over(partition_by=_e.ticket_id, order_by=(_e.id.desc(), entries.c.key.desc())).label("place")
    ranked = select(_e.ticket_id, field[2].label("what"), field[3].label("due"), latest)
    ranked = ranked.where(_e.ticket_id.in_(_IDS), field[0] == "resident", field[1] == "1")
    rows = (ranked.where(field[2].not_in(("extend", "recount"))) if moves_only else ranked).subquery()
    return select(rows.c.ticket_id, rows.c.what, rows.c.due).where(rows.c.place == 1).subquery()


@cache
def _select_stories(dialect: str) -> Select[Any]:
    """Select the stories of the tickets `ids`. Made once: making it costs more than reading a hundred tickets by it."""
    marks = _select_marks()
    clocks, dues = (_select_clocks(dialect=dialect, moves_only=moves_only) for moves_only in (True, False))
    names = ("accept", "last", "hold", "close", "decline", "level", "first_run", "last_run", "after", *ANSWERS)
    events = {name: aliased(TicketEvent, name=f"at_{name}") for name in names}
    statement: Select[Any] = select(
        marks,
        Ticket.area,
        Ticket.channel,
        Ticket.origin_line.label("line"),
        Ticket.source,
        Ticket.item,
        Ticket.kind,
        events["accept"].at.label("received_at"),
        events["accept"].facts["follows"].as_string().label("follows"),
        events["last"].after.label("status"),
        events["hold"].unit.label("unit"),
        events["decline"].facts["route"].as_string().label("route"),
        events["level"].facts["level"].as_string().label("levelled"),
        events["first_run"].unit.label("first_unit"),
        events["last_run"].unit.label("last_unit"),
        events["after"].facts["well"].as_boolean().label("well"),
        *(events[name].facts[name].as_string().label(f"{name}_said") for name in ANSWERS),
        clocks.c.what.label("clock"),
        dues.c.due,
    ).join(Ticket, Ticket.id == marks.c.ticket_id)
    for name, event in events.items():
        is_outer = name not in {"accept", "last"}
        statement = statement.join(event, event.id == marks.c[name], isouter=is_outer)
    for said in (clocks, dues):
        statement = statement.join(said, said.c.ticket_id == marks.c.ticket_id, isouter=True)
    return statement.order_by(marks.c.ticket_id)


def _read(session: Session, ids: list[int]) -> list[Story]:
    statement = _select_stories(session.get_bind().dialect.name)
    return [_tell(row) for row in session.execute(statement, {"ids": ids}).mappings()]


def _tell(row: Any) -> Story:
    """Make a story of a row. What was said of an earlier close, before the matter was taken up again, is not said of this one."""
    closed = row["close"] or 0

    def since_close(mark: str, value: Any) -> Any:
        return value if closed and (row[mark] or 0) >= closed else None

    return Story(
        ticket=row["ticket_id"],
        received_at=row["received_at"],
        status=Status(row["status"]),
        **{name: row[name] or "" for name in ("area", "channel", "line", "source", "follows", "item", "kind", "unit", "route")},
        level=row["levelled"] or "",
        joined=row["joined"] - row["separated"],
        clock=row["clock"] or "",
        due_at=datetime.fromisoformat(row["due"]) if row["due"] else None,
        **{name: since_close(name, row[f"{name}_said"]) or "" for name in ANSWERS},
        well=since_close("after", row["well"]) is not False,
        dispatches=row["dispatches"],
        returned=row["returned"],
        corrected=row["all_returned"] - row["returned"],
        redone=row["redone"],
        first_unit=row["first_unit"] or "",
        last_unit=row["last_unit"] or "",
        is_back=(row["last_return"] or 0) > (row["last_run"] or 0) or row["status"] == Status.ACCEPTED.value,
        last_event=row["last"],
    )
