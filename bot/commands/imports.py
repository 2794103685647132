"""Tables into the city: previewed, then put in place in one transaction, or refused with every problem and its line.

The file's bytes travel with the command, so the service needs no right to read the folder of the one who asks.
"""

from __future__ import annotations

import base64
import tempfile
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bot.city import note_change
from bot.commands import Command, Json
from bot.texts import fill
from knowledge_base.importers import discover as knowledge_importers
from knowledge_base.importers import find_importer
from routing import supervision
from routing.grid_size import find_odd_sizes
from routing.importers import discover as table_importers
from routing.terms import Area
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.importers import Problem as EntryProblem
    from routing.importers import Preview
    from routing.importers import Problem as RowProblem

KNOWLEDGE = "csv_table"
"""What reads a file whose name says nothing."""
CALENDAR = "calendar"
"""The table whose import moves due times: every open ticket is looked at again."""

_NAMED = 5  # grids named in a remark; the rest is counted


def import_knowledge(
    session: Session,
    city: City,
    *,
    now: datetime,
    name: str,
    content: str,
    actor: str,
    only_preview: bool = False,
    skip_bad: bool = False,
    source_date: str = "",
    **options: Json,
) -> Json:
    """Import entries; {"applied", "rows", "counts", "problems", "used", "unused"}. `content` is the file in base64."""
    importer = find_importer(name) or knowledge_importers()[KNOWLEDGE]
    with as_file(city, name, content) as path:
        preview = importer.preview(path, source_date=date.fromisoformat(source_date) if source_date else None, **options)
    blocked = preview.is_blocked or (bool(preview.problems) and not skip_bad)
    result = {
        "applied": not (blocked or only_preview),
        "rows": len(preview.entries),
        "counts": {},
        "problems": _say_problems("import_entry", preview.problems),
        "used": msgspec.to_builtins(preview.used),
        "unused": list(preview.unused),
    }
    if result["applied"]:
        counts = importer.apply(session, preview, now=now, by=actor, skip_bad=skip_bad)
        result["counts"] = msgspec.to_builtins(counts)
        record(session, actor=actor, action="import", subject="knowledge", facts=msgspec.to_builtins(counts))
    return result


def import_table(
    session: Session,
    city: City,
    *,
    now: datetime,
    table: str,
    name: str,
    content: str,
    actor: str,
    only_preview: bool = False,
) -> Json:
    """Import rows of the organisation, places, duty list …; the same result as that of entries."""
    importer = table_importers()[table]
    with as_file(city, name, content) as path:
        preview = importer.preview(session, path)
    result = {
        "applied": not (preview.problems or only_preview),
        "rows": len(preview.rows),
        "counts": {},
        "problems": _say_problems("import_city", preview.problems),
        "used": {},
        "unused": list(preview.unused),
        "remarks": _remark(table, preview, city),
    }
    if result["applied"]:
        counts = importer.apply(session, preview)
        note_change(session)
        if table == CALENDAR:
            supervision.look_at_all(session, now=now)
        result["counts"] = msgspec.to_builtins(counts)
        record(session, actor=actor, action="import", subject=table, facts=msgspec.to_builtins(counts))
    return result


def _remark(table: str, preview: Preview, city: City) -> list[str]:
    """Say what of a table is unusual and no mistake: grids of an odd size."""
    if table != "areas":
        return []
    settings = city.settings.grids
    areas = [msgspec.convert(row.values, Area) for row in preview.rows]
    odd = find_odd_sizes(areas, settings=settings)
    named = "、".join(f"{one.name} {one.households}" for one in odd[:_NAMED]) + ("…" if len(odd) > _NAMED else "")
    facts = {"count": len(odd), "names": named, "least": settings.least_households, "most": settings.most_households}
    return [fill("cli", "import_grid_size", facts)] if odd else []


def _say_problems(section: str, problems: Iterable[EntryProblem | RowProblem]) -> list[str]:
    """Say each problem with its line; line 0 is the whole file."""
    return [
        fill("cli", "import_problem" if problem.line else "import_problem_of_file", {"line": problem.line, "what": what})
        for problem in problems
        for what in [fill(section, problem.key, problem.facts)]
    ]


@contextmanager
def as_file(city: City, name: str, content: str) -> Iterator[Path]:
    """Give the bytes a file while inside: importers read paths."""
    with tempfile.TemporaryDirectory(dir=city.settings.folder) as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(base64.b64decode(content))
        yield path


COMMANDS = (
    Command(name="import.knowledge", run=import_knowledge),
    Command(name="import.table", run=import_table),
)
