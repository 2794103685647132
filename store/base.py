"""What every table shares: the declarative base, constraint names, and the column types that guard a rule.

UTCDateTime refuses naive times, Sealed refuses anything that did not come out of store.sealing, so neither a time without
a zone nor a person in plain text can be written by mistake.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, DateTime, LargeBinary, MetaData, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from store.sealing import is_sealed

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.orm import Session

Json = dict[str, Any]


class UTCDateTime(TypeDecorator[datetime]):
    """A moment; goes in with a zone, comes out in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC (naive on SQLite, whose driver keeps no zone)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone cannot be stored: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[bytes]):
    """Bytes that store.sealing has sealed (key id in their header); plain text is refused."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Let sealed bytes through and nothing else."""
        if value is not None and not is_sealed(value):
            raise ValueError("a sealed column takes only what store.sealing sealed")
        return value


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, str: Text, Json: JSON, list[Any]: JSON}


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that knows ON CONFLICT, in the words of this session's database."""
    return postgresql.insert(table) if session.get_bind().dialect.name == "postgresql" else sqlite.insert(table)


def insert_once(session: Session, table: type[Base], values: Json, *, index: list[str]) -> bool:
    """Insert a row unless one with the same `index` columns stands already; True if it was inserted."""
    statement = (
        insert_into(session, table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=index)
        .returning(*[getattr(table, name) for name in index])
    )
    return session.execute(statement).first() is not None
