"""Whoever has the password comes in; whoever guesses is slowed down, learns nothing, and harms nobody else. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text

from console.accounts import logins
from console.accounts.passwords import AT_ONCE, PasswordUnfit
from console.accounts.signing_in import Refused, SignedIn
from console.policy import Role
from store.base import Base
from tests.accounts import HERE, ORG, PASSWORD, SETTINGS, CountingArgon, Office, open_office, staff

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

WRONG = Refused(reason="wrong")


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async for one in open_office(store):
        await one.give_password("DK1")
        yield one


def wait_of(seconds: float) -> Refused:
    return Refused(reason="wait", wait=timedelta(seconds=seconds))


async def test_the_right_password_comes_in_however_the_code_is_written(office: Office) -> None:
    for name in ("DK1", " dk1 "):
        token = await office.come_in(name)
        found = await office.found(token)

        assert (found.actor.code, found.actor.role, found.actor.unit) == ("DK1", Role.DESK, "S1-desk")
        assert (found.stale, found.by_link, found.owes_code) == (False, False, False)


async def test_a_password_is_the_same_on_every_keyboard(office: Office) -> None:
    assert isinstance(await office.sign_in("DK1", "柳树街的 １７ 盏路灯"), SignedIn)
    assert await office.sign_in("DK1", "柳树街的 18 盏路灯") == WRONG


async def test_a_refusal_never_says_what_was_wrong(office: Office) -> None:
    await office.give_password("GW1")
    await office.store.write(lambda s: logins.shut(s, "GW1", by="OP1", now=office.now, org=office.org))

    tries = [("DK1", "wrong one"), ("NOBODY", PASSWORD), ("GW1", PASSWORD), ("AU1", PASSWORD), ("AU1", ""), ("", "")]

    assert [await office.sign_in(name, password) for name, password in tries] == [WRONG] * 6


async def test_each_of_them_costs_one_comparison(office: Office) -> None:
    argon = office.argon
    assert isinstance(argon, CountingArgon)
    costs = []
    for name, password in (("DK1", "wrong one"), ("NOBODY", PASSWORD), ("AU1", PASSWORD), ("DK1", PASSWORD)):
        before = argon.compared
        await office.sign_in(name, password)
        costs.append(argon.compared - before)

    assert costs == [1, 1, 1, 1]


@pytest.mark.parametrize("name", ["DK1", "NOBODY"])
async def test_after_five_failures_the_next_try_waits_whether_or_not_there_is_such_a_post(office: Office, name: str) -> None:
    assert [await office.sign_in(name, "wrong one") for _ in range(5)] == [WRONG] * 5
    assert await office.sign_in(name, PASSWORD) == wait_of(30)
    office.pass_time(seconds=10)
    assert await office.sign_in(name, "wrong one") == wait_of(20)
    office.pass_time(seconds=20)

    assert await office.sign_in(name, "wrong one") == WRONG
    assert await office.sign_in(name, "wrong one") == wait_of(60)


async def test_after_the_wait_the_right_password_comes_in_and_counting_begins_anew(office: Office) -> None:
    for _ in range(5):
        await office.sign_in("DK1", "wrong one")
    office.pass_time(seconds=31)
    await office.come_in()

    assert [await office.sign_in("DK1", "wrong one") for _ in range(4)] == [WRONG] * 4
    await office.come_in()


async def test_no_wait_is_longer_than_the_longest(office: Office) -> None:
    for _ in range(12):
        await office.sign_in("DK1", "wrong one")
        office.pass_time(minutes=15)
    await office.sign_in("DK1", "wrong one")

    assert await office.sign_in("DK1") == wait_of(15 * 60)


async def test_a_day_later_nothing_is_counted_any_more(office: Office) -> None:
    for _ in range(5):
        await office.sign_in("DK1", "wrong one")
    office.pass_time(hours=25)

    assert [await office.sign_in("DK1", "wrong one") for _ in range(5)] == [WRONG] * 5


async def test_forty_guesses_at_the_same_moment_are_five_guesses(office: Office) -> None:
    argon = office.argon
    assert isinstance(argon, CountingArgon)

    answers = await asyncio.gather(*(office.sign_in("DK1", f"guess {number}") for number in range(40)))

    assert argon.compared == 5
    assert sorted(answer.reason for answer in answers if isinstance(answer, Refused)) == ["wait"] * 35 + ["wrong"] * 5


async def test_one_address_that_tries_many_names_waits_and_no_other_does(office: Office) -> None:
    answers = [await office.sign_in(f"NOBODY-{number}", "wrong one") for number in range(30)]

    assert answers == [WRONG] * 30
    assert await office.sign_in("DK1") == wait_of(30)
    assert isinstance(await office.sign_in("DK1", address="198.51.100.1"), SignedIn)
    assert isinstance(await office.sign_in("DK1", address=""), SignedIn)


async def test_coming_in_does_not_wash_an_address_clean(office: Office) -> None:
    """Who has a password of their own cannot use it to guess others' from the same place without end."""
    for number in range(29):
        await office.sign_in(f"NOBODY-{number}", "wrong one")
        assert isinstance(await office.sign_in("DK1"), SignedIn)

    assert await office.sign_in("NOBODY-X", "wrong one") == WRONG
    assert await office.sign_in("DK1") == wait_of(30)


async def test_an_operator_lets_a_post_in_again_at_once(office: Office) -> None:
    for _ in range(6):
        await office.sign_in("DK1", "wrong one")

    assert await office.store.write(lambda s: logins.reopen(s, "DK1", by="OP1", now=office.now, org=office.org)) is True
    assert isinstance(await office.sign_in("DK1"), SignedIn)
    assert await office.store.write(lambda s: logins.reopen(s, "DK1", by="OP1", now=office.now, org=office.org)) is False


async def test_a_post_that_is_gone_does_not_come_in(office: Office) -> None:
    office.org = msgspec.structs.replace(ORG, staff={code: one for code, one in ORG.staff.items() if code != "DK1"})

    assert await office.sign_in() == WRONG


async def test_a_storm_of_sign_ins_hashes_two_at_a_time_and_others_are_served_meanwhile(store: Store) -> None:
    argon = CountingArgon(seconds=0.01)
    async for office in open_office(store, argon=argon, settings=msgspec.structs.replace(SETTINGS, address_tries=1000)):
        storm = [asyncio.create_task(office.sign_in(f"NOBODY-{number}", "x")) for number in range(60)]
        served_before = 0
        while argon.compared < 60:
            await store.read(lambda s: s.execute(text("SELECT 1")).scalar_one())
            served_before += 1

        assert [await one for one in storm] == [WRONG] * 60
        assert argon.most_at_once == AT_ONCE
        assert served_before > 30


async def test_when_too_many_wait_the_rest_are_asked_to_come_again_and_nothing_is_counted(store: Store) -> None:
    async for office in open_office(store, argon=CountingArgon(seconds=0.05)):
        waiting = [asyncio.create_task(office.sign_in(f"NOBODY-{number}", "x", address="")) for number in range(100)]
        await asyncio.sleep(0)

        assert [await office.sign_in(), await office.open_link("x")] == [Refused(reason="busy")] * 2
        assert [subject for _, _, subject, _ in await office.audit() if subject == "staff:DK1"] == []
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_hash_of_older_parameters_is_made_anew_when_its_owner_comes_in(store: Store) -> None:
    async for office in open_office(store, argon=CountingArgon(mark="v0")):
        await office.give_password("DK1")
    async for office in open_office(store, argon=CountingArgon(mark="v1")):
        await office.sign_in("DK1", "wrong one")
        before = await store.read(lambda s: logins.find(s, "DK1").password)  # type: ignore[union-attr]  # it is there
        await office.come_in()
        after = await store.read(lambda s: logins.find(s, "DK1").password)  # type: ignore[union-attr]  # it is there

        assert (before, after) == (f"v0:{PASSWORD}", f"v1:{PASSWORD}")


async def test_with_argon2_itself(store: Store) -> None:
    async for office in open_office(store, argon=None):
        await office.give_password("DK1")
        kept = await store.read(lambda s: logins.find(s, "DK1").password)  # type: ignore[union-attr]  # it is there

        assert kept.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
        assert await office.sign_in("DK1", "wrong one") == WRONG
        assert await office.sign_in("NOBODY", PASSWORD) == WRONG
        assert isinstance(await office.sign_in("DK1"), SignedIn)


async def test_what_happened_is_written_down_and_nothing_that_opens_a_door(office: Office) -> None:
    await office.sign_in("DK1", "geheim-17")
    await office.sign_in("meinPasswort-ins-falsche-Feld", "geheim-18")
    token = await office.come_in()
    link = await office.make_link("GW1")
    await office.open_link(link)

    done = (await office.audit())[1:]

    assert [(actor, action, subject) for actor, action, subject, _ in done] == [
        ("DK1", "sign_in.refused", "staff:DK1"),
        ("nobody", "sign_in.refused", "staff"),
        ("DK1", "sign_in.done", "staff:DK1"),
        ("OP1", "link.make", "staff:GW1"),
        ("GW1", "sign_in.done", "staff:GW1"),
    ]
    assert [facts for *_, facts in done][:3] == [
        {"why": "password", "from": "203.0.113.0/24"},
        {"why": "name", "from": "203.0.113.0/24"},
        {"from": "203.0.113.0/24", "by": "password", "code": False},
    ]
    kept = await office.store.read(lambda s: str([s.execute(table.select()).all() for table in Base.metadata.sorted_tables]))
    spelled = [secret for secret in (token, link, "geheim-17", "geheim-18", "meinPasswort", HERE) if secret in kept]
    assert spelled == []


async def test_the_failure_that_closes_the_door_is_written_down_once(office: Office) -> None:
    for _ in range(9):
        await office.sign_in("DK1", "wrong one")

    actions = [action for _, action, _, _ in await office.audit()]
    assert (actions.count("sign_in.refused"), actions.count("sign_in.slowed")) == (5, 1)


async def test_a_new_password_needs_the_old_one_ends_the_other_sign_ins_and_closes_links(office: Office) -> None:
    here, there, link = await office.come_in(), await office.come_in(), await office.make_link()
    who = await office.found(here)

    assert await office.entrance.change_password(who, old="wrong one", new="晾衣绳上的五只麻雀呀", now=office.now) == WRONG
    assert await office.entrance.change_password(who, old=PASSWORD, new="晾衣绳上的五只麻雀呀", now=office.now) is None
    assert (await office.who(here), await office.who(there)) == (who, None)
    assert await office.open_link(link) == Refused(reason="link")
    assert await office.sign_in("DK1", PASSWORD) == WRONG
    assert isinstance(await office.sign_in("DK1", "晾衣绳上的五只麻雀呀"), SignedIn)


async def test_an_open_screen_is_no_way_to_guess_the_old_password(office: Office) -> None:
    who = await office.found(await office.come_in())
    answers = [
        await office.entrance.change_password(who, old=f"guess {number}", new="晾衣绳上的五只麻雀呀", now=office.now)
        for number in range(6)
    ]

    assert answers == [WRONG] * 5 + [wait_of(30)]


async def test_a_link_chooses_a_password_once_without_the_old_one(office: Office) -> None:
    opened = await office.open_link(await office.make_link())
    assert isinstance(opened, SignedIn)
    who = await office.found(opened.token)

    assert who.by_link is True
    assert await office.entrance.change_password(who, old="", new="晾衣绳上的五只麻雀呀", now=office.now) is None
    again = await office.found(opened.token)
    assert again.by_link is False
    assert await office.entrance.change_password(again, old="", new="另一句谁也想不到的话", now=office.now) == WRONG


@pytest.mark.parametrize(
    ("password", "reason"),
    [("短了", "short"), ("9 letters", "short"), ("x" * 201, "long"), ("aaaabbbbcc", "plain"), ("1234567890", "plain"),
     ("0987654321", "plain"), ("qwertyuiop", "plain"), ("abcdefghijkl", "plain"), ("my-dk1-password", "name")],
)  # fmt: skip
async def test_what_is_guessed_first_is_not_taken_and_the_reason_is_said(office: Office, password: str, reason: str) -> None:
    who = await office.found(await office.come_in())

    with pytest.raises(PasswordUnfit) as refused:
        await office.entrance.change_password(who, old=PASSWORD, new=password, now=office.now)

    assert refused.value.reason == reason
    assert isinstance(await office.sign_in(), SignedIn)


async def test_a_role_that_is_changed_is_lost_at_once_and_a_unit_is_followed(office: Office) -> None:
    token = await office.come_in()
    for changed, unit in ((staff("DK1", "desk", unit="C1-jwh"), "C1-jwh"), (staff("DK1", "operator"), None), (None, None)):
        people = {code: one for code, one in ORG.staff.items() if code != "DK1"} | ({"DK1": changed} if changed else {})
        office.org = msgspec.structs.replace(ORG, staff=people)
        found = await office.who(token)

        assert (found.actor.unit if found else None) == unit
