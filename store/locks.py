"""One at a time by name, inside a transaction: keeps one resident's messages in order when several processes work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def hold(session: Session, name: str) -> None:
    """Hold the named lock until this transaction ends. SQLite has one writer, so there every transaction holds every lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
