"""The made-up city that the demonstration opens with: weeks of matters, each room of the staff has work, and every address it prints opens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from sqlalchemy import func, select

from bot.demo.past_player import PastPlayer
from bot.demo.ways_in import POSTS, make_ways, open_to_newcomers
from bot.settings import load
from bot.trial import run_trial
from console.accounts import sessions
from console.pages.catalogue import PAGES
from console.pages.door import STAFF_COOKIE
from console.policy import TABLE, Role, staff_actor
from console.sign_in_settings import SignInSettings
from knowledge_base.tables import KnowledgeUse
from residents.group_drafts import GroupDraft
from routing.grid_tables import PatrolRound
from routing.month_decisions import MonthDecision
from routing.tables import Ticket
from routing.terms import Status
from store.clock import utcnow
from store.inbox import InboxMessage
from store.outbox import OutboxMessage
from store.sends import LISTS
from tests.installation import make_folder
from tests.spoken_pages import find_codes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from bot.demo.ways_in import Way
    from bot.trial import Trial
    from console.pages.routes import PageRoute
    from store.engine import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def living(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Trial, PastPlayer]]:
    """Run the demonstration's city, its past played."""
    settings = open_to_newcomers(load(environ={"JIEYING_LOG_LEVEL": "error"}))
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


async def test_what_desks_approved_is_shown_to_everybody(living: tuple[Trial, PastPlayer]) -> None:
    async with ClientSession() as client, client.get(f"{living[0].service.address}/nearby") as answer:
        page = await answer.text()

    assert (page.count(">已办完</span>"), page.count(">正在办</span>")) == (3, 1)


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


async def test_every_public_address_opens(living: tuple[Trial, PastPlayer]) -> None:
    trial, past = living
    fresh = await make_ways(trial.service.app.store, trial.service.app.city, progress=past.followed)

    seen = {way.kind: (await _visit(f"{trial.service.address}{way.path}")) for way in fresh}

    assert seen == dict.fromkeys((way.kind for way in fresh), 200)


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


async def test_no_page_of_the_staff_says_a_code_word(living: tuple[Trial, PastPlayer]) -> None:
    trial, _ = living
    store, address = trial.service.app.store, trial.service.address
    numbers = await store.read(lambda s: s.scalars(select(Ticket.number)).all())
    sends = await store.read(lambda s: s.scalars(select(OutboxMessage.id)).all())
    messages = await store.read(lambda s: s.scalars(select(InboxMessage.id).where(InboxMessage.error.is_not(None))).all())
    found: dict[str, set[str]] = {}
    for role, code in sorted(POSTS.items()):
        paths = [page.path for page in PAGES if _is_open(page, role)]
        if role in {Role.DESK, Role.UNIT_CLERK}:
            paths += [f"/staff/tickets/{number}" for number in numbers]
        if role == Role.OPERATOR:
            paths += [f"/staff/system/outbox/{one}" for one in sends] + [f"/staff/system/quarantine/{one}" for one in messages]
            paths += [f"/staff/system/outbox?list={one}" for one in LISTS] + [
                f"/staff/system/org?table={one}" for one in ("units", "staff")
            ]
            paths += [f"/staff/system/rows/{table}/{one}" for table, one in (("units", "LT-01-JWH"), ("staff", code))]
        token = await _begin(trial, code)
        async with ClientSession(cookies={STAFF_COOKIE: token}) as client:
            for path in paths:
                async with client.get(f"{address}{path}", allow_redirects=False) as answer:
                    if answer.content_type == "text/html" and (words := find_codes(await answer.text())):
                        found[f"{role} {path}"] = words

    assert found == {}, "\n".join(f"{path}: {sorted(words)}" for path, words in found.items())


def _is_open(page: PageRoute, role: Role) -> bool:
    return page.method == "GET" and page.staff and "{" not in page.path and role in TABLE[page.action]


async def _begin(trial: Trial, code: str) -> str:
    app, now = trial.service.app, utcnow()
    actor = staff_actor(code, org=app.city.org)
    assert actor is not None
    return await app.store.write(
        lambda s: sessions.begin(s, actor, settings=SignInSettings(), now=now, agent="", by_link=False, owes_code=False)
    )


@pytest.mark.deep
@pytest.mark.parametrize(
    "now",
    [
        "2026-11-27T12:20",
        "2026-11-28T23:50",
        "2026-11-29T00:10",
        "2026-10-03T06:00",  # holidays, and the three weeks before them
        "2027-02-08T18:00",
        "2027-03-01T02:00",
    ],
)
async def test_it_is_lived_to_its_end_on_whatever_day_and_hour(tmp_path: Path, now: str) -> None:
    settings = open_to_newcomers(load(environ={"JIEYING_LOG_LEVEL": "error"}))
    lived: list[PastPlayer] = []

    async def live(store: Store, city: City) -> None:
        player = PastPlayer(store, city, now=datetime.fromisoformat(now).replace(tzinfo=city.zone))
        await player.play()
        lived.append(player)

    async with run_trial(settings, folder=make_folder(tmp_path), tell_staff=False, before=live) as trial:
        by_status = await _count(trial, Ticket.status)

    assert (len(lived), set(by_status) >= {"dispatched", "signed", "concluded", "closed"}) == (1, True)
