"""The made-up city that the demonstration opens with: weeks of matters, each room of the staff has work, and every address it prints opens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from sqlalchemy import func, select

from bot.demo.past_player import PastPlayer
from bot.demo.ways_in import POSTS, ask_no_second_factor, make_ways
from bot.settings import load
from bot.trial import run_trial
from console.policy import Role
from knowledge_base.tables import KnowledgeUse
from residents.group_drafts import GroupDraft
from routing.grid_tables import PatrolRound
from routing.month_decisions import MonthDecision
from routing.tables import Ticket
from routing.terms import Status
from store.clock import utcnow
from store.inbox import InboxMessage
from store.outbox import OutboxMessage
from tests.installation import make_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.city import City
    from bot.demo.ways_in import Way
    from bot.trial import Trial
    from store.engine import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Trial, PastPlayer]]:
    """Run the demonstration's city, its past played."""
    settings = ask_no_second_factor(load(environ={"JIEYING_LOG_LEVEL": "error"}))
    players: list[PastPlayer] = []

    async def live(store: Store, city: City) -> None:
        players.append(PastPlayer(store, city, now=utcnow()))
        await players[0].play()

    async with run_trial(settings, folder=make_folder(tmp_path_factory.mktemp("living")), tell_staff=False, before=live) as trial:
        yield trial, players[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ways(living: tuple[Trial, PastPlayer]) -> list[Way]:
    trial, past = living
    return await make_ways(trial.service.app.store, trial.service.app.city, progress=past.followed)


async def _count(trial: Trial, column: Any) -> dict[str, int]:
    """Count rows by what stands in a column."""
    rows = await trial.service.app.store.read(lambda s: s.execute(select(column, func.count()).group_by(column)).all())
    return dict(rows)


async def test_every_state_of_a_matter_is_there_and_most_are_well_closed(living: tuple[Trial, PastPlayer]) -> None:
    by_status = await _count(living[0], Ticket.status)

    assert set(by_status) == {status.value for status in Status}
    assert by_status[Status.CLOSED] > sum(by_status.values()) // 3


async def test_the_hard_ones_are_there_too(living: tuple[Trial, PastPlayer]) -> None:
    trial, past = living

    assert set(await _count(trial, Ticket.tier)) == {"none", "orange", "red"}
    assert (await _count(trial, Ticket.confidential))[True] >= 1
    assert max(await _count(trial, Ticket.redo_count)) >= 1
    assert max(await _count(trial, Ticket.returns)) == 2
    assert past.tickets["邻居也说"] == past.tickets["并单的前一件"]


async def test_every_room_has_work(living: tuple[Trial, PastPlayer]) -> None:
    trial, _ = living

    assert (await _count(trial, OutboxMessage.state))["unknown"] == 1
    assert (await _count(trial, InboxMessage.outcome))["quarantined"] == 1
    assert (await _count(trial, GroupDraft.state))["waiting"] == 2
    assert (await _count(trial, KnowledgeUse.kind))["missed"] == 3
    assert len(await _count(trial, PatrolRound.done_at)) > 1


async def test_last_month_decided_two_things_and_one_is_done(living: tuple[Trial, PastPlayer]) -> None:
    assert await _count(living[0], MonthDecision.state) == {"pending": 1, "done": 1}


async def test_one_answer_ends_soon(living: tuple[Trial, PastPlayer]) -> None:
    city = living[0].service.app.city
    today = utcnow().astimezone(city.zone).date()
    ending = [
        entry.code
        for entry in city.matcher.entries.values()
        if entry.valid_to and today <= entry.valid_to <= today + timedelta(days=14)
    ]

    assert ending == ["YS-001"]


async def test_there_is_a_way_in_for_every_role(ways: list[Way]) -> None:
    assert {way.kind for way in ways} == {"resident", "chat", "place", "progress", *POSTS}
    assert set(POSTS) == set(Role) - {Role.RESIDENT, Role.PARTNER, Role.NOBODY, Role.LIAISON}


async def test_every_public_address_opens(living: tuple[Trial, PastPlayer], ways: list[Way]) -> None:
    seen = {way.kind: (await _visit(f"{living[0].service.address}{way.path}")) for way in ways}

    assert seen == dict.fromkeys((way.kind for way in ways), 200)


async def test_a_link_lets_its_role_in_once_and_without_a_second_factor(living: tuple[Trial, PastPlayer]) -> None:
    trial, past = living
    address, app = trial.service.address, trial.service.app
    fresh = await make_ways(app.store, app.city, progress=past.followed)
    led: dict[str, str] = {}
    for way in fresh:
        if way.kind in POSTS:
            async with ClientSession() as client, client.post(f"{address}{way.path}", allow_redirects=False) as answer:
                led[way.kind] = answer.headers.get("Location", "")
            async with ClientSession() as other, other.post(f"{address}{way.path}", allow_redirects=False) as again:
                assert again.status == 410, way.kind

    assert led == dict.fromkeys(POSTS, "/staff/account/password")


async def _visit(url: str) -> int:
    async with ClientSession() as client, client.get(url) as answer:
        return answer.status
