"""A look at a database beside the process that writes to it: read only, without its lock and its keys. Doctor looks this way.

DatabaseMissing    the SQLite file is not there (opening it would make it)
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from store.engine import StoreError, postgres_engine, sqlite_engine

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_CONNECT_SECONDS = 4


class DatabaseMissing(StoreError):
    """The database file is not there yet."""


async def look(url: str, fn: Callable[[Session], T]) -> T:
    """Run fn on the database at this address without being able to write, whoever else has it open."""
    if make_url(url).get_backend_name() == "sqlite":
        return await asyncio.to_thread(_look_at_file, url, fn)
    engine = postgres_engine(url, poolclass=NullPool, connect_args={"timeout": _CONNECT_SECONDS})
    try:
        async with engine.connect() as connection:
            await connection.execution_options(postgresql_readonly=True)
            async with AsyncSession(connection, autoflush=False) as session:
                return await session.run_sync(fn)
    finally:
        await engine.dispose()


def _look_at_file(url: str, fn: Callable[[Session], T]) -> T:
    if not Path(make_url(url).database or "").is_file():
        raise DatabaseMissing
    engine = sqlite_engine(url, read_only=True)
    try:
        with Session(engine, autoflush=False) as session:
            return fn(session)
    finally:
        engine.dispose()
