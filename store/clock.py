"""The wall clock. utcnow is the only place that reads it; everything that decides takes `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Read the wall clock as an aware moment in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place
