"""Idempotency-Key: the same call under the same key is carried out once, and answered the same each time. Kept for two days."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, select, update

from console.problems import Problem
from console.routes import Reply
from console.tables import GivenAnswer
from store.base import insert_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

_KEPT = timedelta(days=2)


def fingerprint(method: str, path: str, condition: str, content: bytes) -> str:
    """Tell one call from another: the same bytes to the same place on the same edition."""
    head = f"{method}\n{path}\n{condition}\n".encode()
    return hashlib.sha256(head + content).hexdigest()


def answer_once(
    session: Session, *, actor: str, key: str, call: str, now: datetime, run: Callable[[], Reply], status: int
) -> Reply:
    """Carry a call out, or give the answer that it had; Problem (409) if the key was used for another call.

    The row is written before the work: of two that come at once the second waits, and reads the first one's answer.
    """
    session.execute(delete(GivenAnswer).where(GivenAnswer.at < now - _KEPT))
    values: dict[str, Any] = {"actor": actor, "key": key, "call": call, "status": 0, "answer": {}, "at": now}
    if not insert_once(session, GivenAnswer, values, index=["actor", "key"]):
        row = session.execute(
            select(GivenAnswer.call, GivenAnswer.answer).where(GivenAnswer.actor == actor, GivenAnswer.key == key)
        ).one()
        if row.call != call:
            raise Problem(409, "key_reused")
        return Reply(body=row.answer["body"], etag=row.answer["etag"])
    reply = run()
    kept = {"body": msgspec.to_builtins(reply.body), "etag": reply.etag}
    session.execute(
        update(GivenAnswer).where(GivenAnswer.actor == actor, GivenAnswer.key == key).values(status=status, answer=kept)
    )
    return reply
