"""How domain code reaches the database: write(fn) and read(fn) on a synchronous Session, the same on SQLite and PostgreSQL.

SQLite: one writer thread owns the only writing connection (BEGIN IMMEDIATE, synchronous=FULL). It takes what waits, runs each unit in its own
savepoint and commits them together, so many messages share one fsync and a failing unit harms no other. Readers are `query_only`.
One writer also keeps us clear of SQLite's WAL-reset bug (3.7.0-3.51.2: two connections committing at once may lose a commit).
PostgreSQL: AsyncSession.run_sync over asyncpg; a unit that lost a race (serialization, deadlock) is run again.

    StoreError
    ├── StoreLocked      another process writes to this SQLite file
    ├── StoreBroken      SQLite gave the transaction up (disk full, I/O error): nothing of it was kept
    └── StoreClosed      the store was closed while this waited
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import msgspec
import structlog
from asyncpg.exceptions import PostgresError
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from store.failpoints import failpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.ext.asyncio import AsyncEngine

    from store.sealing import Vault

log = structlog.get_logger(__name__)

T = TypeVar("T")
Unit = tuple["Callable[[Session], Any]", "Future[Any]"]

_BATCH = 200  # units that share one commit at most: bounds how long the first one waits
_BUSY_MS = 4000  # a backup tool may hold the file's lock this long; WeChat waits 5 s
_LOG_MS = 100  # emptying the log waits this long for readers; messages wait with it
_READERS = 4
_RACES = frozenset({"40001", "40P01"})
_TRIES = 5


class StoreError(Exception):
    """The store could not do its work."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class StoreLocked(StoreError):
    """Another process is writing to this database file."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"the database file is in use by process {pid}")
        self.pid = pid


class StoreBroken(StoreError):
    """SQLite gave the transaction up, nothing of it was kept: is the disk full?"""


class StoreClosed(StoreError):
    """The store was closed before this could run."""


class Store(Protocol):
    """What the rest of the house sees of a database."""

    dialect: str

    async def write(self, fn: Callable[[Session], T]) -> T:
        """Run fn in a transaction; return after it is durably committed, or raise what it raised with nothing kept."""
        ...

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run fn without being able to write."""
        ...

    async def truncate_log(self) -> None:
        """Empty the write-ahead log after something was erased, so that no older page of it stays on disk."""
        ...

    async def close(self) -> None:
        """Finish what waits and close every connection."""
        ...


def open_store(url: str, vault: Vault) -> SqliteStore | PostgresStore:
    """Open the database that the settings name: sqlite:///file.db or postgresql://…"""
    if make_url(url).get_backend_name() == "sqlite":
        return SqliteStore(url, vault)
    return PostgresStore(url, vault)


def postgres_url(url: str) -> str:
    """Put the driver we use into a PostgreSQL address."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def postgres_engine(url: str, **options: Any) -> AsyncEngine:
    """Make an engine for a PostgreSQL database, whose errors quote nothing that somebody wrote."""
    engine = create_async_engine(postgres_url(url), hide_parameters=True, json_deserializer=msgspec.json.decode, **options)
    event.listen(engine.sync_engine, "handle_error", _quote_nothing)
    return engine


def _quote_nothing(context: ExceptionContext) -> None:
    """Take out of PostgreSQL's error what it quotes: the row in its DETAIL, the value in a data exception (class 22)."""
    cause = context.original_exception.__cause__
    if isinstance(cause, PostgresError):
        cause.detail = None
        if (cause.sqlstate or "").startswith("22"):
            for error in (cause, context.original_exception, context.sqlalchemy_exception):
                if error is not None:
                    error.args = (f"{type(cause).__name__} {cause.sqlstate}",)


def sqlite_engine(url: str, *, read_only: bool = False, migrating: bool = False) -> Engine:
    """Make a SQLite engine whose transactions begin IMMEDIATE (writer) or that cannot write at all (reader).

    A migration looks at the references itself, at its end: SQLite changes a table by making it anew, and a row that
    another one names would not let the old table go (sqlite.org/lang_altertable.html, 7).
    """
    engine = create_engine(
        url,
        hide_parameters=True,
        json_deserializer=msgspec.json.decode,
        poolclass=QueuePool if read_only else NullPool,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
        **({"pool_size": _READERS} if read_only else {}),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"foreign_keys={'OFF' if migrating else 'ON'}",
            "secure_delete=ON",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class FileLock:
    """The operating system's lock beside a SQLite file: one writing process at a time; the lock file names it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._file, 20).decode(errors="replace").strip()
            os.close(self._file)
            raise StoreLocked(holder or "?") from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go; the operating system does it too when the process dies."""
        os.close(self._file)


class SqliteStore:
    """One SQLite file, one writer thread, a few readers."""

    dialect = "sqlite"

    def __init__(self, url: str, vault: Vault) -> None:
        self._info = {"vault": vault}
        path = make_url(url).database
        if not path or path == ":memory:":
            raise StoreError("an in-memory database would lose messages: name a file, as in sqlite:///data/jieying.db")
        self._lock = FileLock(beside(path, ".lock"))
        self._waiting: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._writer_engine = sqlite_engine(url)
        try:
            self._writer = self._writer_engine.connect()
        except BaseException:
            self._lock.release()
            raise
        self._reader_engine = sqlite_engine(url, read_only=True)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="jieying-read")
        self._closing = False
        self._truncates = False
        self._thread = threading.Thread(target=self._serve, name="jieying-write", daemon=True)
        self._thread.start()

    async def write(self, fn: Callable[[Session], T]) -> T:
        """Run fn in the writer thread; return after the commit it shared."""
        if self._closing:
            raise StoreClosed
        future: Future[T] = Future()
        self._waiting.put((fn, future))
        return await asyncio.wrap_future(future)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run fn on a connection that cannot write."""
        if self._closing:
            raise StoreClosed

        def work() -> T:
            with Session(self._reader_engine, autoflush=False, info=self._info) as session:
                return fn(session)

        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def truncate_log(self) -> None:
        """Empty the write-ahead log with the next commit at which no reader is in its way."""
        self._truncates = True
        await self.write(lambda _session: None)

    async def close(self) -> None:
        """Commit what waits, then close."""
        if not self._closing:
            self._closing = True
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)
            await asyncio.to_thread(self._readers.shutdown)
            self._writer_engine.dispose()
            self._reader_engine.dispose()
            self._lock.release()

    def _serve(self) -> None:
        is_last = False
        try:
            while not is_last:
                units, is_last = self._take()
                self._commit(units)
        finally:
            self._writer.close()

    def _take(self) -> tuple[list[Unit], bool]:
        """Wait for one unit, then take what else is there; True when the store is closing."""
        units: list[Unit] = []
        unit = self._waiting.get()
        while unit is not None:
            units.append(unit)
            if len(units) == _BATCH:
                return units, False
            try:
                unit = self._waiting.get_nowait()
            except queue.Empty:
                return units, False
        return units, True

    def _commit(self, units: list[Unit]) -> None:
        """Run each unit in its savepoint, commit once, and only then tell those who wait."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            with Session(self._writer, expire_on_commit=False, info=self._info) as session, session.begin():
                session.connection()  # BEGIN now, so that what is missing later was given up by SQLite
                for fn, future in units:
                    if future.set_running_or_notify_cancel():
                        self._run(session, fn, future, done)
                failpoint("store.before_commit")
        except Exception as error:  # noqa: BLE001 - the commit failed (disk full, …): nobody was served
            for _, future in units:
                if not future.done():
                    future.set_exception(error)
            return
        failpoint("store.after_commit")
        if self._truncates:
            self._truncates = not self._empty_log()
        for future, result in done:
            future.set_result(result)

    def _empty_log(self) -> bool:
        """Empty the write-ahead log; False if a reader or the disk was in the way: the next commit tries again."""
        connection = self._log_connection()
        try:
            connection.execute(f"PRAGMA busy_timeout={_LOG_MS}")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("write-ahead log not emptied", action="log_not_emptied", error=type(error).__name__)
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        return not busy

    def _log_connection(self) -> sqlite3.Connection:
        """Give the driver's own connection: a checkpoint runs outside every transaction."""
        return cast("sqlite3.Connection", self._writer.connection.dbapi_connection)

    def _run(
        self, session: Session, fn: Callable[[Session], Any], future: Future[Any], done: list[tuple[Future[Any], Any]]
    ) -> None:
        """Run one unit in its savepoint. StoreBroken if SQLite has rolled the whole batch back."""
        try:
            with session.begin_nested():
                result = fn(session)
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to the one who asked; the writer lives on
            self._check_open(error)
            future.set_exception(error)
        else:
            self._check_open()
            done.append((future, result))
        session.expunge_all()  # one unit must not see another's cached rows

    def _check_open(self, cause: BaseException | None = None) -> None:
        """StoreBroken if the transaction is no longer there: sqlite3 would commit nothing without a word."""
        if not self._writer.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3 has it
            raise StoreBroken from cause


class PostgresStore:
    """One PostgreSQL database, shared by as many processes as like."""

    dialect = "postgresql"

    def __init__(self, url: str, vault: Vault) -> None:
        self._info = {"vault": vault}
        self._engine = postgres_engine(
            url,
            pool_size=10,
            max_overflow=10,
            pool_timeout=4,
            pool_pre_ping=True,
            connect_args={
                "command_timeout": 30,
                "timeout": 4,
                "server_settings": {"timezone": "UTC", "application_name": "jieying"},
            },
        )

    async def write(self, fn: Callable[[Session], T]) -> T:
        """Run fn in a transaction, again if it lost a race."""
        for _ in range(_TRIES - 1):
            try:
                return await self._once(fn)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RACES:
                    raise
        return await self._once(fn)

    async def _once(self, fn: Callable[[Session], T]) -> T:
        async with AsyncSession(self._engine, expire_on_commit=False, info=self._info) as session:
            async with session.begin():
                result = await session.run_sync(fn)
                failpoint("store.before_commit")
            failpoint("store.after_commit")
            return result

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run fn in a transaction that PostgreSQL keeps from writing."""
        async with self._engine.connect() as connection:
            await connection.execution_options(postgresql_readonly=True)
            async with AsyncSession(connection, autoflush=False, info=self._info) as session:
                return await session.run_sync(fn)

    async def truncate_log(self) -> None:
        """Leave PostgreSQL's log to its own recycling: it is not the city's file."""

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


def beside(path: str, suffix: str) -> Path:
    """Name a file beside the database file, whose folder is made if it is missing."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_name(file.name + suffix)
