from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from residents import consent
from residents.consent import Consent
from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables["consent"]])
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def test_the_notice_is_known_by_its_version(session: Session) -> None:
    assert not consent.knows(session, resident_id=1, kind="notice", version="1")
    consent.give(session, resident_id=1, kind="notice", version="1", now=NOW)
    assert consent.knows(session, resident_id=1, kind="notice", version="1")
    assert not consent.knows(session, resident_id=1, kind="notice", version="2")
    assert not consent.knows(session, resident_id=2, kind="notice", version="1")


def test_each_version_stays_with_its_time_and_is_written_once(session: Session) -> None:
    for version, now in (("1", NOW), ("1", LATER), ("2", LATER)):
        consent.give(session, resident_id=1, kind="notice", version=version, now=now)
    assert [(row.version, row.at) for row in session.query(Consent).order_by(Consent.id)] == [("1", NOW), ("2", LATER)]


def test_who_was_never_asked_does_not_refuse(session: Session) -> None:
    assert not consent.refuses(session, resident_id=1, kind="broadcast")


def test_what_was_taken_back_is_refused_until_it_is_given_again(session: Session) -> None:
    consent.take_back(session, resident_id=1, kind="broadcast", version="1", now=NOW)
    assert consent.refuses(session, resident_id=1, kind="broadcast")
    consent.take_back(session, resident_id=1, kind="broadcast", version="1", now=LATER)
    consent.give(session, resident_id=1, kind="broadcast", version="1", now=LATER)
    assert not consent.refuses(session, resident_id=1, kind="broadcast")
    assert [(row.at, row.withdrawn_at) for row in session.query(Consent).order_by(Consent.id)] == [(NOW, NOW), (LATER, None)]


def test_the_latest_of_each_kind_stands(session: Session) -> None:
    consent.give(session, resident_id=1, kind="notice", version="1", now=NOW)
    consent.give(session, resident_id=1, kind="notice", version="2", now=LATER)
    consent.take_back(session, resident_id=1, kind="broadcast", version="2", now=LATER)
    assert [(row.kind, row.version) for row in consent.list_latest(session, resident_id=1)] == [("notice", "2"), ("broadcast", "2")]
