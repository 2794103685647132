"""One round of a duty: each work in its own transaction, so that one that fails stops no other and is put aside if it fails again and again.

Trouble of the store is no work's fault: it ends the round, and nothing is counted. What is put aside is left alone until the next start of the
service, or until an operator has it tried again; they are alarmed once, the doctor names it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from store import failures, outbox
from store.audit import record
from store.trouble import is_store_trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

log = structlog.get_logger(__name__)


class Rounds:
    """Goes over what is due and remembers what failed."""

    def __init__(self, *, store: Store, city: City, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._city = city
        self._clock = clock

    async def each(self, works: Mapping[int, Callable[[Session], object]], *, what: str) -> int:
        """Do each work (by its row's id) in its own transaction; one that fails says so. Returns how many succeeded."""
        failed = await self._store.read(lambda s: failures.of_duty(s, what))
        over = set(failed) - set(works)
        done = 0
        for one, work in works.items():
            if failed.get(one):
                continue
            try:
                await self._store.write(work)
            except Exception as error:
                if is_store_trouble(error):
                    raise
                log.exception("duty failed", action="duty_failed", what=what, id=one)
                await self._store.write(partial(self._note, what=what, one=one, reason=type(error).__name__))
            else:
                done += 1
                over |= {one} & set(failed)
        if over:
            await self._store.write(lambda s: failures.forget(s, what, over))
        return done

    def _note(self, session: Session, *, what: str, one: int, reason: str) -> None:
        """Count a failure; the last one that is borne puts the work aside and alarms an operator."""
        now, most = self._clock(), self._city.settings.worker.most_failures
        if not failures.note(session, what, one, reason=reason, most=most, now=now):
            return
        record(session, actor="system", action="put_aside", subject=f"{what}:{one}", facts={"reason": reason})
        outbox.put(
            session,
            cause=f"aside:{what}:{one}",
            audience="operator",
            target="operator",
            channel=self._city.find_channel("operator", "operator"),
            notice="duty_aside",
            facts={"what": what, "id": one, "reason": reason, "times": most},
            urgent=True,
            shown=not self._city.find_channel("operator", "operator"),
            now=now,
        )
