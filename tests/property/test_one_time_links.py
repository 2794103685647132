"""Whatever is made, opened, waited for and shut in whatever order: a link opens at most once, and only while it is the newest, in time and not closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from console.accounts import links, lockout, logins
from console.accounts.tables import SignInFailure, SignInLink, StaffLogin, StaffSession
from console.sign_in_settings import SignInSettings
from store.audit import AuditEntry
from store.base import Base
from store.sealing import Vault
from tests.accounts import ORG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LASTS, KEEP = timedelta(minutes=15), timedelta(days=180)
TABLES = [Base.metadata.tables[kind.__tablename__] for kind in (SignInFailure, SignInLink, StaffLogin, StaffSession, AuditEntry)]
POSTS = ("DK1", "GW1")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.sampled_from(POSTS)),
        st.tuples(st.just("open"), st.integers(0, 5)),
        st.tuples(st.just("look"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.integers(1, 12)),
        st.tuples(st.just("choose"), st.sampled_from(POSTS)),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://")
    Base.metadata.create_all(made, tables=TABLES)
    yield made
    made.dispose()


@given(steps=STEPS)
def test_a_link_opens_at_most_once_while_it_is_the_newest_and_in_time(engine: Engine, steps: list[tuple[str, str | int]]) -> None:
    now = NOW
    made: list[tuple[str, str]] = []
    good: dict[str, tuple[str, datetime]] = {}  # post -> its newest link, while it opens, and until when
    with engine.connect() as connection, connection.begin() as transaction:
        session = Session(connection, info={"vault": Vault({1: bytes(32)})})
        for step, value in steps:
            if step == "make":
                token = links.make(session, str(value), lasts=LASTS, keep=KEEP, by="OP1", now=now, org=ORG).token
                made.append((str(value), token))
                good[str(value)] = (token, now + LASTS)
            elif step == "wait":
                now += timedelta(minutes=int(value))
            elif step == "choose":
                logins.choose_password(session, str(value), "hash", by=str(value), keep=0, now=now)
                good.pop(str(value), None)
            elif made:
                post, token = made[int(value) % len(made)]
                newest, until = good.get(post, ("", now))
                opens = newest == token and now < until
                if step == "look":
                    assert links.find_owner(session, token, now=now, org=ORG) == (post if opens else None)
                else:
                    assert links.use(session, token, now=now) == (post if opens else None)
                    if opens:
                        del good[post]
        session.close()
        transaction.rollback()


@given(tries=st.lists(st.tuples(st.sampled_from(("DK1", "NOBODY")), st.integers(0, 900)), max_size=40))
def test_however_somebody_guesses_there_are_few_tries_an_hour(engine: Engine, tries: list[tuple[str, int]]) -> None:
    """Five at once, then one after each wait: within any hour no name is tried more than 5 + 5 doublings + 4 quarters of an hour."""
    settings, now = SignInSettings(), NOW
    made: dict[str, list[datetime]] = {}
    with engine.connect() as connection, connection.begin() as transaction:
        session = Session(connection, info={"vault": Vault({1: bytes(32)})})
        for name, seconds in tries:
            now += timedelta(seconds=seconds)
            mark = lockout.mark_name(session, name)
            if lockout.count_try(session, name=mark, address="", settings=settings, now=now).wait is None:
                made.setdefault(name, []).append(now)
        session.close()
        transaction.rollback()
    for moments in made.values():
        most = max(sum(begin <= one < begin + timedelta(hours=1) for one in moments) for begin in moments)
        assert most <= 14
