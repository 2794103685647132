"""A command gives the same result through the running service and without one, on both databases; a refusal has the same words."""

from __future__ import annotations

import base64
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.commands import discover
from bot.control import (
    CommandBroke,
    CommandRefused,
    PathTooLong,
    SocketInUse,
    call,
    is_live,
    open_city,
    serve_control,
    socket_path,
)
from bot.settings import Data, Settings
from bot.texts import fill
from store import outbox
from store.audit import AuditEntry
from store.clock import utcnow
from store.engine import StoreLocked
from store.outbox import OutboxMessage
from tests.installation import make_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]

AREAS = base64.b64encode("code,name,level,parent\nC,城,city,\nG1,一网格,grid,C\n".encode()).decode()
IMPORT = {"table": "areas", "name": "areas.csv", "content": AREAS, "actor": "operator"}


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path)


@pytest.fixture(params=["service", "alone"])
async def ask(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Ask]:
    """Have commands carried out by a service that runs, or with none."""

    async def ask(name: str, arguments: dict[str, Any]) -> Any:
        assert is_live(socket_path(settings)) == (request.param == "service")
        return await call(settings, name, arguments)

    if request.param == "alone":
        yield ask
        return
    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        yield ask


def put_unknown(session: Session) -> int:
    outbox.put(
        session, cause="c:1", audience="resident", target="7", channel="terminal", notice="closed", facts=FACTS, now=utcnow()
    )
    row = session.execute(select(OutboxMessage)).scalar_one()
    row.state = "unknown"
    session.flush()
    return row.id


FACTS = {
    "number": "20260601-0001",
    "title": "路灯不亮，电话13812345678",
    "unit": "所",
    "desk": "室",
    "place": "路",
    "summary": "灯",
}


async def test_an_import_does_the_same_either_way(ask: Ask) -> None:
    first = await ask("import.table", IMPORT)
    second = await ask("import.table", IMPORT)

    assert first == {
        "applied": True,
        "rows": 2,
        "counts": {"created": 2, "changed": 0, "unchanged": 0, "removed": 0},
        "problems": [],
        "used": {},
        "unused": [],
        "remarks": [],
    }
    assert second["counts"] == {"created": 0, "changed": 0, "unchanged": 2, "removed": 0}


async def test_a_command_is_refused_in_the_same_words_either_way(ask: Ask) -> None:
    with pytest.raises(CommandRefused) as refused:
        await ask("tickets.sign", {"number": "20260601-0001", "actor": "operator"})

    assert str(refused.value) == fill("cli", "error_no_ticket")


async def test_what_the_service_imports_it_knows_at_once(settings: Settings) -> None:
    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        assert city.root == ""

        await call(settings, "import.table", IMPORT)

        assert (city.root, sorted(city.org.areas)) == ("C", ["C", "G1"])


async def test_a_send_is_decided_once_and_audited(settings: Settings) -> None:
    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        number = await store.write(put_unknown)

        listed = await call(settings, "outbox.list", {})
        decided = await call(settings, "outbox.decide", {"message": number, "again": True, "actor": "DK001"})
        with pytest.raises(CommandRefused) as refused:
            await call(settings, "outbox.decide", {"message": number, "again": False, "actor": "DK001"})

        state, audits = await store.read(
            lambda s: (
                s.get_one(OutboxMessage, number).state,
                [(row.actor, row.action, row.subject, row.facts) for row in s.execute(select(AuditEntry)).scalars()],
            )
        )
    assert [(row["id"], row["state"], "13812345678" in str(row)) for row in listed] == [(number, "unknown", False)]
    assert "〔电话〕" in listed[0]["text"]
    assert decided == {"id": number, "state": "pending"}
    assert str(refused.value) == fill("cli", "error_not_unknown", {"number": number})
    assert state == "pending"
    assert audits == [("DK001", "outbox.decide", f"outbox:{number}", {"again": True})]


async def test_a_fault_keeps_its_trace_here_and_its_name_there(settings: Settings) -> None:
    with pytest.raises(TypeError):
        await call(settings, "tickets.show", {})

    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        with pytest.raises(CommandBroke) as broken:
            await call(settings, "tickets.show", {})
        assert await call(settings, "tickets.list", {}) == {"tickets": [], "after": None}

    assert str(broken.value) == fill("cli", "error_command_broke", {"error": "TypeError"})


async def test_a_command_that_fails_leaves_nothing_behind(settings: Settings) -> None:
    bad = base64.b64encode(b"code,name,level,parent\nC,city,city,\nG1,grid,grid,NOWHERE\n").decode()

    result = await call(settings, "import.table", IMPORT | {"content": bad})

    assert (result["applied"], result["counts"], len(result["problems"])) == (False, {}, 1)
    async with open_city(settings) as (_, city):
        assert city.org.areas == {}


def test_only_what_lists_or_shows_runs_where_nothing_can_be_written() -> None:
    assert sorted(name for name, command in discover().items() if not command.writes) == [
        "accounts.sessions",
        "codes.list",
        "erase.count",
        "erase.list",
        "erase.verify",
        "exchange.hooks",
        "exchange.report",
        "incidents.list",
        "incidents.show",
        "knowledge.misses",
        "knowledge.proposals",
        "knowledge.test",
        "knowledge.words",
        "knowledge.words_history",
        "knowledge.words_try",
        "models.list",
        "outbox.list",
        "patrol.missed",
        "patrol.sheets",
        "patrol.solved",
        "plans.list",
        "plans.undone",
        "report.alarms",
        "report.figures",
        "report.month",
        "report.stationed",
        "report.workers",
        "seat.figures",
        "seat.list",
        "tickets.list",
        "tickets.search",
        "tickets.show",
        "tickets.summary.show",
        "tokens.calls",
        "tokens.list",
    ]


async def test_the_socket_is_its_owners_alone_and_goes_with_the_service(settings: Settings) -> None:
    path = socket_path(settings)
    umask = os.umask(0)
    try:
        async with open_city(settings) as (store, city), serve_control(settings, store, city):
            mode = path.stat().st_mode & 0o777
            live = is_live(path)
    finally:
        os.umask(umask)

    assert (mode, live) == (0o600, True)
    assert not path.exists()


async def test_a_file_that_a_dead_service_left_is_no_service(settings: Settings) -> None:
    path = socket_path(settings)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(os.fspath(path))
    assert path.is_socket()

    assert await call(settings, "tickets.list", {}) == {"tickets": [], "after": None}
    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        assert is_live(path)


async def test_two_services_cannot_share_a_data_folder(settings: Settings) -> None:
    async with open_city(settings) as (store, city), serve_control(settings, store, city):
        with pytest.raises(SocketInUse):
            async with serve_control(settings, store, city):
                pytest.fail("the second one started")
        assert await call(settings, "tickets.list", {}) == {"tickets": [], "after": None}


async def test_a_file_that_is_being_written_is_said_and_a_server_is_shared(settings: Settings) -> None:
    async with open_city(settings):
        if settings.database_url.startswith("sqlite"):
            with pytest.raises(StoreLocked) as locked:
                await call(settings, "tickets.list", {})
            assert locked.value.pid == str(os.getpid())
        else:
            assert await call(settings, "tickets.list", {}) == {"tickets": [], "after": None}


def test_a_path_that_no_socket_can_have_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)

    with pytest.raises(PathTooLong) as refused:
        socket_path(Settings(data=Data(dir=str(folder))))

    assert str(refused.value) == fill("cli", "error_path_too_long", {"path": folder / "control.sock", "most": 100})


async def test_files_of_imports_are_gone_afterwards(settings: Settings) -> None:
    await call(settings, "import.table", IMPORT)

    assert sorted(path.name for path in settings.folder.iterdir()) == ["jieba", "master.key"]
