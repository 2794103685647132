"""Random lives of real tickets: signs and deeds as they are kept are those of the events, whatever is read of them when, and by whatever basis."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select

from routing import deeds, kept_signs, sign_rows, trail_folds, workloads
from routing.early_warnings import KINDS, WarningSettings, find_warned
from routing.sight import OPERATOR
from routing.sign_rows import Period
from routing.terms import Level
from routing.trail_basis import make_basis
from routing.trail_tables import TicketDeed, TicketSign, WorkMonth
from routing.warning_signs import SignSettings
from tests.office import NOON
from tests.property.test_lives_in_database import context, live

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.early_warnings import Workload
    from routing.trail_basis import Basis
    from routing.warning_signs import Sign
    from store.engine import Store

ZONE = ZoneInfo("Asia/Shanghai")
LIVES, MANY_LIVES = 12, 150
BASIS = make_basis(
    SignSettings(hollow_minutes=300, returns=1, said_least=4), org=context.org, duty_list=context.duty_list, zone=ZONE
)
WHOLE = Period(since=NOON - timedelta(days=1), until=NOON + timedelta(days=600))
MONTHS = [date(2026, 3 + place, 1) for place in range(3)]
WARNED_FROM_ONE = WarningSettings(overdue=1, came_back=1, redone=1, late_extension=1, hollow=1, least_percent=0)
OTHERS: tuple[dict[str, Any], ...] = (
    {"staff": BASIS.staff - {"LAMP-1"}},
    {"levels": dict.fromkeys(BASIS.levels, Level.GRID), "allowed": {"SZ-1": (Level.STREET,)}},
    {"levels": dict.fromkeys(BASIS.levels, Level.GRID), "allowed": {}},
    {"levels": {}, "allowed": {"SZ-1": (Level.STREET,)}},
    {"settings": SignSettings(hollow_minutes=2, returns=2)},
    {"zone": "UTC"},
    {},
)


def list_plainly(session: Session, basis: Basis) -> list[Sign]:
    return sorted(
        sign_rows.list_signs(session, WHOLE, basis=basis, keep=lambda _: True), key=lambda sign: (sign.at, sign.number, sign.kind)
    )


def list_kept(session: Session, basis: Basis) -> list[Sign]:
    found = kept_signs.list_signs(session, WHOLE, basis=basis, org=context.org, viewer=OPERATOR)
    return sorted(found, key=lambda sign: (sign.at, sign.number, sign.kind))


def name_nobody(signs: list[Sign]) -> list[Sign]:
    return [msgspec.structs.replace(sign, actor="") for sign in signs]


def sum_plainly(session: Session, period: Period, basis: Basis) -> dict[tuple[bool, str], dict[str, list[str]]]:
    """Sum up, by whom and kind, the tickets of each deed as its event tells it."""
    found: dict[tuple[bool, str], dict[str, list[str]]] = {}
    for ticket, trail in sign_rows.list_trails(session, period, basis=basis, keep=trail_folds.is_told, acts=deeds.ACTS):
        for deed in deeds.list_deeds(trail, staff=basis.staff, settings=basis.settings):
            for is_unit, code in ((False, deed.actor), (True, deed.unit)):
                numbers = found.setdefault((is_unit, code), {}).setdefault(deed.kind, []) if code else []
                if period.since <= deed.at < period.until and ticket.number not in numbers:
                    numbers.append(ticket.number)
    return {whose: left for whose, kinds in found.items() if (left := {kind: some for kind, some in kinds.items() if some})}


def check_month(session: Session, month: date, basis: Basis) -> tuple[Workload, ...]:
    """Check a month's counts and the tickets behind each; gives the counts."""
    _, period = workloads.find_period(month, ZoneInfo(basis.zone))
    plain = sum_plainly(session, period, basis)
    book = workloads.read_book(session, period, basis=basis)
    counted = {(load.is_unit, load.code): (load.counts, load.worked_on) for load in book.loads}
    assert counted == {
        whose: ({kind: len(some) for kind, some in kinds.items()}, len({one for some in kinds.values() for one in some}))
        for whose, kinds in plain.items()
    }
    warned = find_warned(book.loads, WARNED_FROM_ONE)
    cards = workloads.list_cards(session, book, warned, viewer=OPERATOR, org=context.org)
    assert {(card.warned.is_unit, card.warned.code, card.warned.kind): list(card.visible) for card in cards} == {
        (*whose, kind): sorted(some) for whose, kinds in plain.items() for kind, some in kinds.items() if kind in KINDS
    }
    return book.loads


def check(session: Session, basis: Basis) -> tuple[list[Sign], list[tuple[Workload, ...]]]:
    """Check all that is kept against the events; gives the signs and the counts by month."""
    plain = name_nobody(list_plainly(session, basis))
    assert name_nobody(list_kept(session, basis)) == plain
    return plain, [check_month(session, month, basis) for month in MONTHS]


def read_tables(session: Session) -> list[Any]:
    tables = (TicketSign, TicketDeed, WorkMonth)
    rows = [session.execute(select(*table.__table__.columns).order_by(*table.__table__.primary_key)).all() for table in tables]
    return [[tuple(row) for row in some if getattr(row, "tickets", 1)] for some in rows]


@pytest.mark.deep_on_postgres
async def test_what_is_kept_is_what_the_events_say(store: Store, request: pytest.FixtureRequest) -> None:
    many = MANY_LIVES if request.config.getoption("--deep") else LIVES
    chance = random.Random(5)
    for seed in range(many):
        await store.write(lambda s, seed=seed: live(s, seed))
        if chance.random() < 0.3:
            await store.write(lambda s: trail_folds.refresh(s, basis=BASIS))
        if seed % 5 == 4:
            await store.read(lambda s: check(s, BASIS))

    await store.write(lambda s: trail_folds.refresh_all(s, basis=BASIS))
    assert await store.read(lambda s: trail_folds.find_behind(s, BASIS)) == frozenset()
    signs, loads = await store.read(lambda s: check(s, BASIS))
    assert {"hollow", "bounced", "back_soon"} <= {sign.kind for sign in signs}
    assert any(loads)

    before = await store.read(read_tables)
    await store.write(lambda s: trail_folds.rebuild(s, basis=BASIS))
    assert await store.read(read_tables) == before
    assert all(before)
    assert await store.write(lambda s: trail_folds.refresh(s, basis=BASIS)) == 0


@pytest.mark.deep_on_postgres
async def test_what_another_basis_reads_otherwise_is_read_again(store: Store) -> None:
    for seed in range(20, 27):
        await store.write(lambda s, seed=seed: live(s, seed))
    await store.write(lambda s: trail_folds.refresh_all(s, basis=BASIS))
    found = [await store.read(lambda s: check(s, BASIS))]

    for changes in OTHERS:
        other = msgspec.structs.replace(BASIS, **changes)
        assert await store.read(lambda s, b=other: trail_folds.find_behind(s, b)) is None
        found.append(await store.read(lambda s, b=other: check(s, b)))
        await store.write(lambda s, b=other: trail_folds.refresh_all(s, basis=b))
        assert await store.read(lambda s, b=other: trail_folds.find_behind(s, b)) == frozenset()
        assert await store.read(lambda s, b=other: check(s, b)) == found[-1]
    assert found[0] == found[-1]
    assert [place for place, one in enumerate(found) if one != found[0]] == [1, 2, 5], "each of these is read otherwise"
