"""职责清单: the city's own duty items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from routing import duty_list
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import upsert
from routing.tables import DutyItemRow
from routing.terms import DutyItem
from routing.why import read_explanation
from store.counters import current_number, next_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts

VERSION = "duty_list"
"""The counter of imports that changed the list."""


def read(cells: Mapping[str, str]) -> Values:
    """Read one item."""
    items, problems = duty_list.read_rows([(0, cells)], file="")
    for problem in problems:
        raise BadCell("bad_item", error=read_explanation(problem.what)[1].get("problem", problem.what))
    values = msgspec.structs.asdict(items[0])
    return {name: _plain(value) for name, value in values.items()}


def check(_session: Session, _rows: Sequence[Row]) -> tuple[Problem, ...]:
    """A function that no unit carries is no problem: the desk has such matters."""
    return ()


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the items in place by their codes; those that are new or differ bear the list's next version."""
    counts = upsert(session, DutyItemRow, rows, stamp={"list_version": current_number(session, VERSION) + 1})
    if counts.created or counts.changed:
        next_number(session, VERSION)
    return counts


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return str(value) if isinstance(value, str) else value


IMPORTER = ImporterSpec(
    name="duty-list",
    required=duty_list.REQUIRED,
    optional=tuple(name for name in DutyItem.__struct_fields__ if name not in duty_list.REQUIRED),
    read=read,
    check=check,
    write=write,
)
