"""Bringing a database to this version's schema, and refusing to serve on any other.

SchemaWrong       the database is older or newer than this program; says which command mends it
ReferencesLost    rows name others that are not there; nothing was migrated
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from store.engine import FileLock, beside, postgres_engine, sqlite_engine

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session


class SchemaWrong(Exception):
    """The database's schema is not this program's."""

    def __init__(self, found: str | None, expected: str) -> None:
        super().__init__(f"the database's schema is {found or 'empty'}, this program needs {expected}: run `jieying migrate`")
        self.found = found
        self.expected = expected


class ReferencesLost(Exception):
    """Rows of the database name others that are not there."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(f"rows name others that are not there ({', '.join(tables)}): nothing was changed, restore a backup")
        self.tables = tables


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def expected_version() -> str:
    """Name the newest migration this program carries."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def version_of(session: Session) -> str | None:
    """Read the schema version of an open database; None if it is empty."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def require_schema(session: Session) -> None:
    """Refuse a database whose schema is not this program's."""
    found, expected = version_of(session), expected_version()
    if found != expected:
        raise SchemaWrong(found, expected)


def migrate(url: str) -> str:
    """Bring the database at this address to the newest schema; returns the version.

    StoreLocked while a service runs on the file, SchemaWrong for a database that this program has no way from (a newer one's).
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        lock = FileLock(beside(str(address.database), ".lock"))
        try:
            engine = sqlite_engine(url, migrating=True)
            with engine.begin() as connection:
                _upgrade(connection)
                _require_references(connection)
            engine.dispose()
        finally:
            lock.release()
    else:
        _await(_upgrade_postgres(url))
    return expected_version()


def _upgrade(connection: Connection) -> None:
    config = _config()
    found = MigrationContext.configure(connection).get_current_revision()
    if found not in {None, *(one.revision for one in ScriptDirectory.from_config(config).walk_revisions())}:
        raise SchemaWrong(found, expected_version())
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _require_references(connection: Connection) -> None:
    """Refuse, and so undo, a migration of SQLite after which a row names one that is not there."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise ReferencesLost(sorted({f"{table} -> {named}" for table, _row, named, _key in lost}))


async def _upgrade_postgres(url: str) -> None:
    engine = postgres_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _await(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, also where an event loop runs already."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()
