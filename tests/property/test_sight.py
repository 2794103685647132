"""Nobody sees or hears what is kept from them, whatever city it is, whatever happened to the matter, whichever way they look.

A random city, a random matter with what becomes of it (redo, return, neighbours, secrecy asked for later, whom it is about found out later),
and everybody's eyes on every notice, list, search, export, page and command. `--deep` draws many more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import bot.app  # noqa: F401 - every table of the house
from routing import notices, secrecy, sight
from routing.sight import OPERATOR
from store.base import Base
from store.sealing import Vault
from tests.property.cities import cities
from tests.property.stories import WORDS, Story, play, stories
from tests.town import build_town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from routing.facts import TicketFacts
    from routing.terms import Notice

QUICK, DEEP = 10, 1500
"""How many stories are drawn."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    found = create_engine("sqlite://")
    Base.metadata.create_all(found)
    yield found
    found.dispose()


def let_happen(engine: Engine, story: Story) -> None:
    with engine.connect() as connection, connection.begin() as outer:
        with Session(connection, join_transaction_mode="create_savepoint", info={"vault": Vault({1: bytes(range(32))})}) as session:
            play(session, story)
        outer.rollback()


def test_nobody_sees_or_hears_what_is_kept_from_them(engine: Engine, request: pytest.FixtureRequest) -> None:
    examples = DEEP if request.config.getoption("--deep") else QUICK

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def happen(data: st.DataObject) -> None:
        let_happen(engine, data.draw(stories(data.draw(cities()))))

    happen()


TOWN = build_town()
"""The town of the routing tests: C1-jwh is refused by accusing it, the highest desk (3rd of all units) by hand, W1 is a grid worker of C1-jwh."""
SECRET = Story(org=TOWN, grid="G1", kind="report", confidential=True, red=False, accused="C1-jwh", acts=(("add", 0), ("join", 0)))
KEPT = Story(org=TOWN, grid="G1", kind="help", confidential=False, red=False, accused="", acts=(("keep_from_unit", 3), ("urge", 0)))
LATER = Story(org=TOWN, grid="G1", kind="help", confidential=False, red=False, accused="", acts=(("keep_secret", 0), ("add", 0)))
PERSON = Story(
    org=TOWN, grid="G1", kind="complaint", confidential=False, red=False, accused="W1", acts=(("approve", 0), ("dispatch", 2))
)
WORKED = Story(
    org=TOWN,
    grid="G1",
    kind="report",
    confidential=True,
    red=False,
    accused="",
    acts=(("approve", 0), ("dispatch", 1), ("redo", 0)),
)


BURNS = Story(
    org=TOWN, grid="G1", kind="help", confidential=False, red=True, accused="", acts=(("join", 0), ("add", 0)), hazard="fire"
)
BEATEN = Story(org=TOWN, grid="G1", kind="help", confidential=False, red=True, accused="", acts=(), hazard="family_violence")


@pytest.mark.parametrize(
    "story",
    [SECRET, KEPT, LATER, PERSON, WORKED, BURNS, BEATEN],
    ids=["secret", "kept", "later", "person", "worked", "burns", "beaten"],
)
def test_a_told_story_leaks_nothing(engine: Engine, story: Story) -> None:
    let_happen(engine, story)


def _all_refused_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "is_kept_from", lambda *_: False)


def _people_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sight.decide
    monkeypatch.setattr(sight, "decide", lambda matter, _viewer, **others: real(matter, OPERATOR, **others))


def _nothing_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "limit", lambda ticket, _sight, **_: ticket)


def _notices_told_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    real = notices.for_event
    blind = lambda ticket, *given, **others: real(msgspec.structs.replace(ticket, refused=()), *given, **others)  # noqa: E731
    monkeypatch.setattr(notices, "for_event", blind)


def _notices_unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = notices.for_event

    def open_up(ticket: TicketFacts, *given: Any, **others: Any) -> tuple[Notice, ...]:
        bare = msgspec.structs.replace(ticket, confidential=False, refused=(), summary=WORDS)
        return real(bare, *given, **others)

    monkeypatch.setattr(notices, "for_event", open_up)


def _old_notices_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy.quoting, "seal", lambda *_, **__: None)


def _door_told_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "tells_place", lambda _: True)


def _door_told_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    real = notices.for_alarm

    def tell(ticket: TicketFacts, *, exact: str, **others: Any) -> tuple[Notice, ...]:
        return real(msgspec.structs.replace(ticket, public_place=exact), exact=exact, **others)

    monkeypatch.setattr(notices, "for_alarm", tell)


def _pending_notices_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy.quoting, "call_off", lambda *_, **__: None)


@pytest.mark.parametrize(
    ("mutation", "story"),
    [
        (_all_refused_forgotten, KEPT),
        (_people_forgotten, PERSON),
        (_nothing_blanked, SECRET),
        (_notices_told_to_all, KEPT),
        (_notices_unsealed, SECRET),
        (_old_notices_kept, LATER),
        (_pending_notices_kept, KEPT),
        (_door_told_to_all, BEATEN),
        (_door_told_the_group, BURNS),
    ],
)
def test_a_leak_is_found(engine: Engine, monkeypatch: pytest.MonkeyPatch, mutation: Callable[..., None], story: Story) -> None:
    """Each hole that could be torn into sight is seen by the check: it is able to fail."""
    mutation(monkeypatch)

    with pytest.raises(AssertionError):
        let_happen(engine, story)
