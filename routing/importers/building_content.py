"""楼栋内容: what is shown to whoever scans a code of an estate or of one of its buildings.

A file holds all that is shown in the estates it names: what it leaves out is taken away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from routing.cells import make_code, read_choice, read_number
from routing.code_tables import BuildingContent
from routing.importers import BadCell, ImporterSpec, Problem, Row, Values
from routing.org_rows import remove_missing, upsert
from routing.tables import PlaceTableRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from routing.org_rows import ImportCounts

KINDS = ("notice", "service", "project")
"""通知, 服务, 民生项目."""
_TITLE, _TEXT = 40, 600
"""Characters: what a telephone shows of one item."""


def read(cells: Mapping[str, str]) -> Values:
    """Read one item; estate, building and title make its code."""
    for column, most in (("title", _TITLE), ("text", _TEXT)):
        if len(cells[column]) > most:
            raise BadCell("too_long", column=column, most=str(most))
    values: Values = {"estate": cells["estate"], "building": cells["building"], "title": cells["title"]}
    rest: Values = {
        "kind": read_choice("kind", cells["kind"] or "service", KINDS),
        "text": cells["text"],
        "phone": cells["phone"],
        "position": read_number("position", cells["position"]) or 0,
    }
    return {"code": make_code(*values.values()), **values, **rest}


def check(session: Session, rows: Sequence[Row]) -> Iterator[Problem]:
    """Find estates and buildings that the places list does not have."""
    estates = {row.values["estate"] for row in rows}
    found = select(PlaceTableRow.name, PlaceTableRow.parent).where(
        or_(PlaceTableRow.name.in_(estates), PlaceTableRow.parent.in_(estates))
    )
    known = {(parent or name, name if parent else "") for name, parent in session.execute(found)}
    whole = {estate for estate, _ in known}
    divided = {estate for estate, building in known if building}
    for row in rows:
        estate, building = row.values["estate"], row.values["building"]
        if estate not in whole:
            yield Problem(row.line, "unknown_place", {"column": "estate", "name": estate})
        elif building and estate in divided and (estate, building) not in known:
            yield Problem(row.line, "unknown_place", {"column": "building", "name": f"{estate}{building}"})


def write(session: Session, rows: Sequence[Values]) -> ImportCounts:
    """Put the items in place of all that was shown in their estates."""
    counts = upsert(session, BuildingContent, rows)
    return remove_missing(session, BuildingContent, counts, column="estate", rows=rows)


IMPORTER = ImporterSpec(
    name="building-content",
    required=("estate", "title", "text"),
    optional=("building", "kind", "phone", "position"),
    read=read,
    check=check,
    write=write,
)
