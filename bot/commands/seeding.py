"""The made-up city, put into the database by the same importers that a real city uses. Doing it twice changes nothing.

SeedBroken    a shipped file has problems: a fault of the program
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import bot
import routing
from bot.city import note_change
from bot.commands import Command, Json
from bot.commands.imports import KNOWLEDGE
from knowledge_base.importers import discover as knowledge_importers
from routing.importers import discover as table_importers
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City

FOLDER = Path(bot.__path__[0]) / "seed_city"
DUTY_LISTS = Path(routing.__path__[0]) / "duty_lists"

TABLES = ("areas", "area-shapes", "units", "staff", "roster", "places", "building-content", "groups", "emergency")
"""Each refers only to what stands before it."""


class SeedBroken(Exception):
    """A shipped table has problems."""


def seed(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is handed the city
    """Put the made-up city in place; per table the rows that were made, changed and left alone."""
    importers = table_importers()
    counts: dict[str, dict[str, int]] = {}
    for table, path in _list_files():
        preview = importers[table].preview(session, path)
        if preview.problems:
            raise SeedBroken(f"{path.name}: {preview.problems[:3]}")
        done: dict[str, int] = msgspec.to_builtins(importers[table].apply(session, preview))
        before = counts.get(table, {})
        counts[table] = {name: before.get(name, 0) + number for name, number in done.items()}
    importer = knowledge_importers()[KNOWLEDGE]
    entries = importer.preview(FOLDER / "knowledge.csv")
    if entries.problems:
        raise SeedBroken(f"knowledge.csv: {entries.problems[:3]}")
    counts["knowledge"] = msgspec.to_builtins(importer.apply(session, entries, now=now, by="seed"))
    note_change(session)
    record(session, actor="operator", action="seed", subject="city", facts=counts)
    return counts


def seed_if_empty(session: Session, city: City, *, now: datetime) -> Json:
    """Put the made-up city in place where there is no city at all; the counts, or null."""
    return None if city.org.areas else seed(session, city, now=now)


def _list_files() -> Iterator[tuple[str, Path]]:
    for table in TABLES:
        yield table, FOLDER / f"{table.replace('-', '_')}.csv"
    for path in sorted(DUTY_LISTS.glob("*.csv")):
        yield "duty-list", path


COMMANDS = (Command(name="seed", run=seed), Command(name="seed_if_empty", run=seed_if_empty))
