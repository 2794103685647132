"""What an operator does about sign-ins on the command line, and the link that a first start gives. On both databases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from bot.cli.accounts import say_first_link
from bot.commands import discover
from bot.commands.accounts import make_first_link
from bot.texts import fill
from console.accounts import links, logins, sessions
from console.policy import staff_actor
from console.tokens import NoPost
from store.clock import utcnow

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


async def run(store: Store, city: City, name: str, **arguments: Any) -> Any:
    return await store.write(lambda s: discover()[name].run(s, city, now=utcnow(), **arguments))


async def test_a_first_start_gives_the_first_operator_a_link_until_somebody_has_signed_in(demo_store: Store, city: City) -> None:
    first = await run(demo_store, city, "accounts.first")
    again = await run(demo_store, city, "accounts.first")
    token = again["path"].rpartition("/")[2]

    assert (first["code"], first["name"]) == ("OP001", city.org.staff["OP001"].name)
    assert await demo_store.read(lambda s: links.find_owner(s, token, now=utcnow(), org=city.org)) == "OP001"
    old = first["path"].rpartition("/")[2]
    assert await demo_store.read(lambda s: links.find_owner(s, old, now=utcnow(), org=city.org)) is None
    await demo_store.write(lambda s: logins.hold(s, "GW001", now=utcnow()))
    assert await run(demo_store, city, "accounts.first") is None


async def test_where_no_operator_is_in_the_list_nobody_gets_a_link(store: Store, city: City) -> None:
    empty = type("Empty", (), {"org": type("Org", (), {"staff": {}})(), "settings": city.settings})()

    assert await store.write(lambda s: make_first_link(s, empty, now=utcnow())) == {"code": ""}


async def test_a_link_is_made_and_looked_after_by_the_commands(demo_store: Store, city: City) -> None:
    made = await run(demo_store, city, "accounts.link", code="GW001", minutes=None, actor="OP001")

    assert re.fullmatch(r"/staff/link/[A-Za-z0-9_-]{43}", made["path"])
    with pytest.raises(NoPost):
        await run(demo_store, city, "accounts.link", code="NOBODY", minutes=None, actor="OP001")


async def test_sign_ins_are_listed_and_ended(demo_store: Store, city: City) -> None:
    actor = staff_actor("GW001", org=city.org)
    assert actor is not None
    begun = {
        "settings": city.settings.sign_in,
        "now": utcnow(),
        "agent": "Firefox on Windows",
        "by_link": False,
        "owes_code": False,
    }
    tokens = [await demo_store.write(lambda s: sessions.begin(s, actor, **begun)) for _ in range(3)]

    listed = await run(demo_store, city, "accounts.sessions", code="GW001")
    assert [one["agent"] for one in listed] == ["Firefox / Windows"] * 3
    number = listed[0]["id"]
    assert await run(demo_store, city, "accounts.end", code="GW001", number=number, actor="OP001") == {"code": "GW001", "ended": 1}
    assert await run(demo_store, city, "accounts.end", code="GW001", number=number, actor="OP001") == {"code": "GW001", "ended": 0}
    assert await run(demo_store, city, "accounts.end", code="GW001", number=None, actor="OP001") == {"code": "GW001", "ended": 2}
    found = [await demo_store.read(lambda s, one=token: sessions.find(s, one, now=utcnow(), org=city.org)) for token in tokens]
    assert found == [None, None, None]
    for name in ("accounts.sessions", "accounts.end", "accounts.totp_reset", "accounts.unlock"):
        needed = {"accounts.end": {"number": None, "actor": "OP001"}, "accounts.sessions": {}}.get(name, {"actor": "OP001"})
        with pytest.raises(NoPost):
            await run(demo_store, city, name, code="NOBODY", **needed)


async def test_nothing_to_unlock_and_nothing_to_reset_is_said(demo_store: Store, city: City) -> None:
    assert await run(demo_store, city, "accounts.unlock", code="GW001", actor="OP001") == {"code": "GW001", "was": False}
    assert await run(demo_store, city, "accounts.totp_reset", code="OP001", actor="operator") == {"code": "OP001", "was": False}
    await demo_store.write(lambda s: logins.shut(s, "GW001", by="OP001", now=utcnow(), org=city.org))
    assert await run(demo_store, city, "accounts.unlock", code="GW001", actor="OP001") == {"code": "GW001", "was": True}


FOUND = {"code": "OP001", "name": "柏舟", "path": "/staff/link/x", "until": "11月24日"}


@pytest.mark.parametrize(
    ("found", "journal", "said"),
    [
        (FOUND, False, fill("cli", "first_link", {**FOUND, "url": "https://city.example/staff/link/x"})),
        (FOUND, True, fill("cli", "first_link_hint", {"code": "OP001"})),
        ({"code": ""}, False, fill("cli", "first_no_operator")),
    ],
)
def test_the_link_is_said_on_the_terminal_and_not_into_a_journal(
    found: dict[str, str], said: str, *, journal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    if journal:
        monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    with CliRunner().isolation() as streams:
        say_first_link(found, address="https://city.example")
        printed = streams[0].getvalue().decode()

    assert printed == said + "\n"
    assert ("/staff/link/x" in printed) is (found is FOUND and not journal)
