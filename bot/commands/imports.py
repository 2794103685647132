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
from routing.importers import discover as table_importers
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.importers import Problem as EntryProblem
    from routing.importers import Problem as RowProblem

KNOWLEDGE = "csv_table"


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
    importer = knowledge_importers()[KNOWLEDGE]
    with _as_file(city, name, content) as path:
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
    now: datetime,  # noqa: ARG001 - every command is told the time
    table: str,
    name: str,
    content: str,
    actor: str,
    only_preview: bool = False,
) -> Json:
    """Import rows of the organisation, places, duty list …; the same result as that of entries."""
    importer = table_importers()[table]
    with _as_file(city, name, content) as path:
        preview = importer.preview(session, path)
    result = {
        "applied": not (preview.problems or only_preview),
        "rows": len(preview.rows),
        "counts": {},
        "problems": _say_problems("import_city", preview.problems),
        "used": {},
        "unused": list(preview.unused),
    }
    if result["applied"]:
        counts = importer.apply(session, preview)
        note_change(session)
        result["counts"] = msgspec.to_builtins(counts)
        record(session, actor=actor, action="import", subject=table, facts=msgspec.to_builtins(counts))
    return result


def _say_problems(section: str, problems: Iterable[EntryProblem | RowProblem]) -> list[str]:
    """Say each problem with its line; line 0 is the whole file."""
    return [
        fill("cli", "import_problem" if problem.line else "import_problem_of_file", {"line": problem.line, "what": what})
        for problem in problems
        for what in [fill(section, problem.key, problem.facts)]
    ]


@contextmanager
def _as_file(city: City, name: str, content: str) -> Iterator[Path]:
    """Give the bytes a file while inside: importers read paths."""
    with tempfile.TemporaryDirectory(dir=city.settings.folder) as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(base64.b64decode(content))
        yield path


COMMANDS = (
    Command(name="import.knowledge", run=import_knowledge),
    Command(name="import.table", run=import_table),
)
