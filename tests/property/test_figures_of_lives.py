"""Random lives of real tickets: what the events of the real acts come to is the same in SQL, in the sums by day and in a plain fold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from routing import figure_rows, tally_rows
from routing.figure_rows import Scope
from routing.figures import Tally, add
from routing.tables import TicketEvent
from routing.tally_rows import Span
from tests.figure_fold import fold
from tests.histories import Event
from tests.office import NOON
from tests.property.test_lives_in_database import live

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from store.engine import Store

ZONE = ZoneInfo("Asia/Shanghai")
LIVES, MANY_LIVES = 20, 200
UNTIL = NOON + timedelta(days=400)
SPAN = Span(first=NOON.date(), last=UNTIL.date())


def fold_all(session: Session, *, now: datetime) -> Tally:
    tickets: dict[int, list[Event]] = {}
    for row in session.execute(select(TicketEvent).order_by(TicketEvent.id)).scalars():
        tickets.setdefault(row.ticket_id, []).append(Event(row.at, row.act, row.after, row.unit, row.facts))
    counts: Counter[str] = Counter()
    for events in tickets.values():
        counts.update(fold(events, now=now))
    return Tally(**counts)


@pytest.mark.deep_on_postgres
async def test_three_ways_to_count_agree_on_real_acts(store: Store, request: pytest.FixtureRequest) -> None:
    many = MANY_LIVES if request.config.getoption("--deep") else LIVES
    for seed in range(many):
        await store.write(lambda s, seed=seed: live(s, seed))
        if seed % 7 == 0:
            await store.write(lambda s: tally_rows.refresh(s, now=NOON, zone=ZONE))

    for now in (NOON + timedelta(days=30), UNTIL):
        await store.write(lambda s, now=now: tally_rows.refresh_all(s, now=now, zone=ZONE))
        folded = await store.read(lambda s, now=now: fold_all(s, now=now))
        assert folded.received >= many
        scope = Scope(since=NOON, until=UNTIL)
        assert await store.read(lambda s, now=now, scope=scope: figure_rows.count(s, scope, now=now)) == folded
        assert await store.read(lambda s: tally_rows.read_sum(s, SPAN)) == folded
        by_unit = await store.read(lambda s: tally_rows.read_by(s, SPAN, "unit"))
        assert add(by_unit.values()) == folded
