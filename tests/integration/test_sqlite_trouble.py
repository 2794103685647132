"""What SQLite's one writer promises when things go wrong: nobody is told that something was kept which was not, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from store.audit import AuditEntry, record
from store.engine import SqliteStore, StoreBroken, StoreClosed
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.sealing import Vault


@pytest.fixture
async def store(sqlite_template: Path, tmp_path: Path, vault: Vault) -> AsyncIterator[SqliteStore]:
    shutil.copy(sqlite_template, tmp_path / "x.db")
    opened = SqliteStore(f"sqlite:///{tmp_path / 'x.db'}", vault)
    yield opened
    await opened.close()


def write_little(session: Session) -> None:
    record(session, actor="system", action="little", subject="x")


def write_much(session: Session) -> None:
    record(session, actor="system", action="much", subject="x" * 2_000_000)


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(AuditEntry)).scalar_one()


async def limit_to(store: SqliteStore, more: int) -> None:
    """Let the file grow by so many pages and no more: a full disk."""
    pages = await store.write(lambda s: s.execute(text("PRAGMA page_count")).scalar_one())
    await store.write(lambda s: s.execute(text(f"PRAGMA max_page_count = {pages + more}")).scalar_one())


async def test_on_a_full_disk_nobody_is_told_that_a_lost_unit_was_kept(store: SqliteStore) -> None:
    """A full disk makes SQLite roll the whole transaction back, not only the unit that met it."""
    await limit_to(store, 20)
    units = (write_little, write_little, write_much, write_little, write_little)
    results = await asyncio.gather(*(store.write(unit) for unit in units), return_exceptions=True)
    kept = sum(result is None for result in results)
    assert await store.read(count) == kept
    assert isinstance(results[2], StoreBroken)
    assert all(result is None or is_store_trouble(result) for result in results)
    await limit_to(store, 10_000)
    await store.write(write_much)
    await store.write(write_little)
    assert await store.read(count) == kept + 2


async def test_a_unit_that_ends_oddly_leaves_the_writer_alive(store: SqliteStore) -> None:
    def leave(_session: Session) -> None:
        raise GeneratorExit

    first, odd, last = await asyncio.gather(
        store.write(write_little), store.write(leave), store.write(write_little), return_exceptions=True
    )
    assert (first, type(odd), last) == (None, GeneratorExit, None)
    assert await store.read(count) == 2


async def test_after_closing_nothing_is_read_or_written(store: SqliteStore) -> None:
    await store.close()
    with pytest.raises(StoreClosed):
        await store.read(count)
    with pytest.raises(StoreClosed):
        await store.write(write_little)


async def test_what_was_asked_before_closing_is_done(store: SqliteStore) -> None:
    asked = [asyncio.create_task(store.write(write_little)) for _ in range(20)]
    reading = asyncio.create_task(store.read(count))
    await asyncio.sleep(0)
    await store.close()
    assert [await one for one in asked] == [None] * 20
    assert 0 <= await reading <= 20


def test_what_is_no_database_is_said_at_once(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database, but long enough to look like a file" * 100)
    for _ in range(2):  # the lock was let go
        with pytest.raises(DatabaseError, match="not a database"):
            SqliteStore(f"sqlite:///{tmp_path / 'x.db'}", vault)


async def test_a_reader_in_the_way_delays_nobody_and_the_log_is_emptied_later(store: SqliteStore, tmp_path: Path) -> None:
    log = tmp_path / "x.db-wal"
    reader = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM audit_entry").fetchone()
    await store.write(write_little)
    async with asyncio.timeout(2):
        await store.truncate_log()
    assert log.stat().st_size > 0
    reader.execute("COMMIT")
    reader.close()
    await store.write(write_little)
    assert log.stat().st_size == 0
    assert await store.read(count) == 2


async def test_a_log_that_cannot_be_emptied_does_not_stop_the_writer(store: SqliteStore) -> None:
    class Refusing:
        def __init__(self, inner: sqlite3.Connection) -> None:
            self.inner = inner

        def execute(self, statement: str) -> sqlite3.Cursor:
            if "wal_checkpoint" in statement:
                raise sqlite3.OperationalError("disk I/O error")
            return self.inner.execute(statement)

    store._log_connection = lambda: Refusing(store._writer.connection.dbapi_connection)  # type: ignore[assignment,method-assign]
    async with asyncio.timeout(5):
        await store.truncate_log()
        await store.write(write_little)
    assert await store.read(count) == 1
