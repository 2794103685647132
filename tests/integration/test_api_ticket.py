"""One ticket through the API, on both databases: its clocks, tasks, supervision and kin are for who sees all of it, and of a confidential one for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from routing import cooperating, overseeing
from routing.tables import Ticket
from store.clock import utcnow
from tests.api_door import UNIT, Api, open_api
from tests.integration.test_api import count_queries, give

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

BESIDE = ("clocks", "tasks", "supervisions", "merged_into", "split_from", "first_receiver")
EMPTY = {"clocks": [], "tasks": [], "supervisions": [], "merged_into": "", "split_from": "", "first_receiver": ""}


@pytest.fixture
async def api(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Api]:
    async with open_api(demo_store, demo_city[1]) as opened:
        yield opened


def find_helper(api: Api) -> str:
    """Find a unit that can be given a task."""
    return next(code for code, unit in sorted(api.city.org.units.items()) if unit.kind == "department" and code != UNIT)


def put_beside(session: Session, api: Api, number: str) -> None:
    """Give a ticket a task, two supervisions of which one is answered, and kin."""
    at = {"actor": "operator", "now": utcnow(), "context": api.city.context(now=utcnow())}
    cooperating.give_task(session, number, unit=find_helper(api), text="配合围挡，电话13812345678", **at)  # type: ignore[arg-type] # as above
    for kind in ("supervise", "instruct"):
        overseeing.oversee(session, number, kind=kind, text="请抓紧，联系13812345678", **at)  # type: ignore[arg-type] # as above
    overseeing.answer(session, number, text="在办", **at)  # type: ignore[arg-type] # as above
    kin = {"merged_into": "20200101-0001", "split_from": "20200101-0002", "first_receiver": UNIT}
    session.execute(update(Ticket).where(Ticket.number == number).values(**kin))


async def open_with_all(api: Api) -> str:
    number = (await api.open()).ticket.number
    await api.store.write(lambda s: give(s, number, UNIT))
    await api.store.write(lambda s: put_beside(s, api, number))
    return number


def pick(ticket: dict[str, Any]) -> dict[str, Any]:
    return {name: ticket[name] for name in BESIDE}


async def test_who_sees_all_sees_the_clocks_the_tasks_and_what_is_asked(api: Api) -> None:
    number = await open_with_all(api)

    _, shown, _ = await api.call("desk", "GET", f"/tickets/{number}")
    running = [(one["kind"], one["round"], one["result"], one["paused"]) for one in shown["clocks"] if one["result"] == "running"]
    assert ("resident", 1, "running", False) in running
    assert all(one["due_at"] > one["started_at"] and one["basis"] for one in shown["clocks"])
    assert [(one["unit"], one["state"]) for one in shown["tasks"]] == [(find_helper(api), "open")]
    assert [(one["kind"], one["state"]) for one in shown["supervisions"]] == [("instruct", "open")]
    assert (shown["merged_into"], shown["split_from"], shown["first_receiver"]) == ("20200101-0001", "20200101-0002", UNIT)
    assert "13812345678" not in str(shown)


async def test_the_words_of_a_basis_are_words(api: Api) -> None:
    number = await open_with_all(api)

    _, shown, _ = await api.call("desk", "GET", f"/tickets/{number}")
    assert [line for one in shown["clocks"] for line in one["basis"] if "{" in line or "\t" in line] == []


async def test_of_a_confidential_one_nobody_sees_any(api: Api) -> None:
    number = await open_with_all(api)
    assert (await api.act("desk", number, "seal"))[0] == 200
    kin = await api.store.read(lambda s: s.scalars(select(Ticket.split_from).where(Ticket.number == number)).one())

    status, shown, _ = await api.call("desk", "GET", f"/tickets/{number}")
    assert (status, shown["confidential"], kin) == (200, True, "20200101-0002")
    assert pick(shown) == EMPTY


async def test_who_assists_sees_none_of_it(api: Api) -> None:
    number = await open_with_all(api)
    api.tokens["partner"] = (await api.issue("partner", unit=find_helper(api), fields=(*BESIDE, "title"))).token

    status, shown, _ = await api.call("partner", "GET", f"/tickets/{number}")
    assert (status, pick(shown), bool(shown["title"])) == (200, EMPTY, True)


async def test_one_ticket_costs_a_few_queries(api: Api) -> None:
    number = await open_with_all(api)
    await api.call("desk", "GET", "/me")
    with count_queries() as seen:
        assert (await api.call("desk", "GET", f"/tickets/{number}"))[0] == 200

    assert len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]) <= 8, seen
