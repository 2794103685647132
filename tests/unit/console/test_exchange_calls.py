"""Whom we call, and how both sides know each other: signatures, addresses that are never called, and the field names of a city."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from console.exchange.calling import Caller, Forbidden, GuardedResolver, Unreachable, check_address, is_public
from console.exchange.messages import name_fields
from console.exchange.reconciling import Ours, Theirs, compare
from console.exchange.signing import SIGNATURE, TIMESTAMP, NoSecret, is_signed, read_secret, sign

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SECRET = "a-secret-of-both-sides"
LATE = timedelta(minutes=30)


def test_what_was_signed_is_known_and_nothing_else() -> None:
    headers = sign(b'{"a":1}', secret=SECRET, message_id="event-1", now=NOW)

    assert is_signed(b'{"a":1}', headers, secret=SECRET, now=NOW + timedelta(seconds=299))
    assert not is_signed(b'{"a":2}', headers, secret=SECRET, now=NOW)
    assert not is_signed(b'{"a":1}', headers, secret=SECRET + "x", now=NOW)
    assert not is_signed(b'{"a":1}', headers, secret=SECRET, now=NOW + timedelta(seconds=301))  # an old one sent again
    assert not is_signed(b'{"a":1}', headers | {TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}, secret=SECRET, now=NOW)
    assert not is_signed(b'{"a":1}', headers | {TIMESTAMP: "9" * 5000}, secret=SECRET, now=NOW)
    assert not is_signed(b'{"a":1}', headers | {TIMESTAMP: "soon"}, secret=SECRET, now=NOW)
    assert not is_signed(b'{"a":1}', {name: value for name, value in headers.items() if name != SIGNATURE}, secret=SECRET, now=NOW)


def test_a_secret_is_long_enough_or_none(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(NoSecret):
        read_secret(str(path))
    path.write_text("short")
    with pytest.raises(NoSecret):
        read_secret(str(path))
    path.write_text(SECRET + "\n")
    assert read_secret(str(path)) == SECRET


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1", "fe80::1", "fc00::1",
        "::ffff:10.0.0.1", "2002:0a00:0001::1", "64:ff9b::a00:1", "::10.0.0.1", "240.0.0.1", "224.0.0.1", "not an address",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3:8443/x", "ftp://example.org/", "/hook", "",
        "https://user:word@example.org/", "https://[::ffff:169.254.169.254]/", "https://[broken/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called(url: str) -> None:
    with pytest.raises(Forbidden):
        check_address(url, private_hosts=())


def test_a_private_host_that_is_named_may_be_called() -> None:
    check_address("http://10.1.2.3:8080/x", private_hosts=("10.1.2.3",))
    check_address("https://example.org/hook", private_hosts=())
    with pytest.raises(Forbidden):
        check_address("http://10.1.2.4/x", private_hosts=("10.1.2.3",))


async def test_a_name_that_leads_into_a_private_network_is_not_called() -> None:
    guarded, named = GuardedResolver(private_hosts=()), GuardedResolver(private_hosts=("localhost",))
    with pytest.raises(OSError, match="private"):
        await guarded.resolve("localhost", 443)
    assert [one["port"] for one in await named.resolve("localhost", 443)]
    caller = Caller(request_seconds=2.0, private_hosts=())
    with pytest.raises(Unreachable):
        await caller.post("https://localhost:1/hook", b"{}", {})
    for one in (guarded, named, caller):
        await one.close()


def test_fields_go_under_the_names_of_the_other_side_and_no_others_go() -> None:
    assert name_fields({"number": "1", "text": "x"}, {"number": "gdbh"}) == {"gdbh": "1"}
    assert name_fields({"number": "1", "text": "x"}, {}) == {"number": "1", "text": "x"}


def ours(number: str, state: str, *, minutes: int = 5, direction: str = "out", their_id: str = "") -> Ours:
    at = NOW - timedelta(minutes=minutes)
    return Ours(direction=direction, number=number, their_id=their_id, state=state, at=at)  # type: ignore[arg-type]


def test_both_books_agree_or_every_difference_is_named() -> None:
    mine = [
        ours("1", "acknowledged"),
        ours("2", "acknowledged"),
        ours("3", "sent", minutes=31),
        ours("4", "failed"),
        ours("5", "closed", their_id="P5"),
        ours("6", "acknowledged", direction="in", their_id="P6"),
    ]
    theirs = [
        Theirs(number="1", state="acknowledged"),
        Theirs(id="P5", state="refused"),
        Theirs(id="P6"),
        Theirs(id="P9", state="sent"),
    ]
    balance = compare(mine, theirs, now=NOW, late=LATE)

    assert (balance.sent, balance.received, balance.agreeing) == (5, 1, 2)
    assert sorted((line.difference, line.number or line.their_id) for line in balance.lines) == [
        ("differing", "5"),
        ("late", "3"),
        ("missing_here", "P9"),
        ("missing_there", "2"),
        ("undelivered", "4"),
    ]


def test_without_the_other_sides_list_only_what_we_know_is_said() -> None:
    balance = compare([ours("1", "sent", minutes=29), ours("2", "waiting", minutes=40)], None, now=NOW, late=LATE)

    assert [(line.difference, line.number) for line in balance.lines] == [("late", "2")]
    assert compare([], [], now=NOW, late=LATE).lines == ()
