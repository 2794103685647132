"""Whose fault a failure is: the store's, which passes by itself, or that of the work, which would fail again.

Sources: SQLite's result codes (sqlite.org/rescode.html) and PostgreSQL's error classes (appendix A of its manual).
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store.engine import StoreError

_SQLITE_ERROR = 1
"""A statement that SQLite cannot carry out, such as one on a table that is not there: asking again changes nothing."""

_POSTGRES = frozenset({"08", "25", "40", "53", "55", "57", "58", "XX"})
"""Connection, transaction state (a standby), lost race, resources, locks, an operator's shutdown, system error, internal error."""


def is_store_trouble(error: BaseException) -> bool:
    """Tell whether the store could not do its work just now (away, full, locked, closed): what was asked may be asked again later."""
    if isinstance(error, (StoreError, OSError, PoolTimeoutError)):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)  # asyncpg: wrapped while it runs, bare while it connects
    if isinstance(state, str):
        return state[:2] in _POSTGRES
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return isinstance(error, OperationalError) and code & 0xFF != _SQLITE_ERROR
    return isinstance(error, (OperationalError, InterfaceError)) or getattr(error, "connection_invalidated", False)
