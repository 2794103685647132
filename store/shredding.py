"""Dropping the keys of an erasure and remembering which: in a copy of the database made before, the same keys have to be dropped again.

A key is remembered by its number and a blind mark of its secret: SQLite gives the number of a dropped key to a new one, the mark tells them apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.keys import drop_key, open_key
from store.sealing import KeyGone, vault_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_MARK = 8  # bytes: enough to tell one key of a number from the next


class Shredder:
    """Drops data keys within one transaction; `dropped` is what it dropped, number -> mark."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.dropped: dict[int, str] = {}

    def drop(self, key_id: int | None) -> None:
        """Drop a key; nothing happens if there is none (any more)."""
        if key_id is None:
            return
        mark = mark_key(self._session, key_id)
        if mark is not None:
            self.dropped[key_id] = mark
            drop_key(self._session, key_id)

    def drop_again(self, key_id: int, mark: str) -> bool:
        """Drop a key of an earlier erasure, unless another one has its number now."""
        if mark_key(self._session, key_id) != mark:
            return False
        self.drop(key_id)
        return True


def mark_key(session: Session, key_id: int) -> str | None:
    """Give the blind mark of a key; None if it is gone."""
    try:
        key = open_key(session, key_id)
    except KeyGone:
        return None
    return vault_of(session).blind("data key", key.secret)[:_MARK].hex()
