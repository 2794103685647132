"""Whose fault a failure is."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store.engine import StoreBroken, StoreClosed
from store.trouble import is_store_trouble


class FromPostgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "error",
    [
        StoreClosed(),
        StoreBroken(),
        ConnectionRefusedError(),
        TimeoutError(),
        PoolTimeoutError("pool is used up"),
        OperationalError("INSERT", {}, sqlite_error(sqlite3.SQLITE_BUSY)),
        OperationalError("INSERT", {}, sqlite_error(sqlite3.SQLITE_FULL)),
        OperationalError("INSERT", {}, sqlite_error(sqlite3.SQLITE_IOERR_FSYNC)),
        DBAPIError("SELECT", {}, FromPostgres("57P01")),
        DBAPIError("SELECT", {}, FromPostgres("08003")),
        DBAPIError("SELECT", {}, FromPostgres("53100")),
        DBAPIError("SELECT", {}, FromPostgres("40P01")),
        FromPostgres("57P03"),
    ],
    ids=repr,
)
def test_the_stores_trouble_passes(error: Exception) -> None:
    assert is_store_trouble(error) is True


@pytest.mark.parametrize(
    "error",
    [
        KeyError("text"),
        ValueError(),
        IntegrityError("INSERT", {}, FromPostgres("23505")),
        DataError("INSERT", {}, FromPostgres("22021")),
        ProgrammingError("SELECT", {}, FromPostgres("42703")),
        OperationalError("SELECT", {}, sqlite_error(sqlite3.SQLITE_ERROR)),
        IntegrityError("INSERT", {}, sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE)),
    ],
    ids=repr,
)
def test_what_would_fail_again_is_not_the_stores_fault(error: Exception) -> None:
    assert is_store_trouble(error) is False
