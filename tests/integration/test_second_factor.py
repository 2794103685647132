"""Operators and auditors have a second factor: without it they are nobody, and each of its codes opens once. On both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pyotp
import pytest

from console.accounts import logins
from console.accounts.logins import CodeProved, NoCodePending
from console.accounts.signing_in import Refused, SignedIn
from console.policy import Role
from store.keys import DataKeyRow
from tests.accounts import Office, open_office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

WRONG = Refused(reason="wrong")


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async for one in open_office(store):
        for code in ("OP1", "AU1", "DK1"):
            await one.give_password(code)
        yield one


def code_of(office: Office, secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(office.now, counter_offset=steps)


async def set_up(office: Office, code: str = "OP1") -> tuple[str, str]:
    """Set a second factor up; gives the secret and the token of the sign-in it was done in."""
    token = await office.come_in(code)
    number = (await office.found(token)).id
    secret = await office.store.write(lambda s: logins.start_code(s, code, now=office.now))
    given = code_of(office, secret)
    assert await office.store.write(lambda s: logins.prove_code(s, code, given, keep=number, now=office.now)) is True
    office.pass_time(minutes=2)
    return secret, token


@pytest.mark.parametrize("code", ["OP1", "AU1"])
async def test_an_operator_or_auditor_is_nobody_until_the_second_factor_is_set_up(office: Office, code: str) -> None:
    before = await office.found(await office.come_in(code))
    _, token = await set_up(office, code)
    after = await office.found(token)

    assert (before.actor.role, before.owes_code) == (Role.NOBODY, True)
    assert (after.actor.role, after.owes_code) == (Role(office.org.staff[code].role), False)


async def test_who_knew_only_the_password_is_put_out_when_it_is_set_up(office: Office) -> None:
    other = await office.come_in("OP1")
    _, token = await set_up(office)

    assert await office.who(other) is None
    assert (await office.found(token)).actor.role is Role.OPERATOR


async def test_a_wrong_code_sets_nothing_up(office: Office) -> None:
    token = await office.come_in("OP1")
    number = (await office.found(token)).id
    secret = await office.store.write(lambda s: logins.start_code(s, "OP1", now=office.now))
    wrong = code_of(office, secret, steps=5)

    assert await office.store.write(lambda s: logins.prove_code(s, "OP1", wrong, keep=number, now=office.now)) is False
    assert (await office.found(token)).actor.role is Role.NOBODY
    assert await office.store.write(lambda s: logins.start_code(s, "OP1", now=office.now)) == secret


async def test_from_then_on_the_password_alone_opens_nothing(office: Office) -> None:
    secret, _ = await set_up(office)

    assert await office.sign_in("OP1") == WRONG
    assert await office.sign_in("OP1", code="000000" if code_of(office, secret) != "000000" else "111111") == WRONG
    assert await office.sign_in("OP1", "wrong one", code=code_of(office, secret)) == WRONG
    assert isinstance(await office.sign_in("OP1", code=code_of(office, secret)), SignedIn)


async def test_a_code_opens_once_and_none_before_it_opens_any_more(office: Office) -> None:
    secret, _ = await set_up(office)
    used, before = code_of(office, secret), code_of(office, secret, steps=-1)

    assert isinstance(await office.sign_in("OP1", code=used), SignedIn)
    assert await office.sign_in("OP1", code=used) == WRONG
    assert await office.sign_in("OP1", code=before) == WRONG
    assert isinstance(await office.sign_in("OP1", code=code_of(office, secret, steps=1)), SignedIn)


async def test_of_four_who_come_with_the_same_code_at_once_one_comes_in(office: Office) -> None:
    secret, _ = await set_up(office)
    given = code_of(office, secret)

    answers = await asyncio.gather(*(office.sign_in("OP1", code=given) for _ in range(4)))

    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_phones_clock_may_be_half_a_minute_off(office: Office, steps: int, opens: bool) -> None:
    secret, _ = await set_up(office)

    assert isinstance(await office.sign_in("OP1", code=code_of(office, secret, steps=steps)), SignedIn) is opens


async def test_a_link_of_who_has_a_second_factor_needs_a_code_and_a_wrong_one_leaves_the_link(office: Office) -> None:
    secret, _ = await set_up(office)
    link = await office.make_link("OP1")

    assert await office.open_link(link) == Refused(reason="code")
    assert await office.open_link(link, code=code_of(office, secret, steps=7)) == Refused(reason="code")
    assert isinstance(await office.open_link(link, code=code_of(office, secret)), SignedIn)


async def test_codes_beside_a_link_cannot_be_guessed_without_end(office: Office) -> None:
    secret, _ = await set_up(office)
    link = await office.make_link("OP1")
    wrong = code_of(office, secret, steps=7)
    answers = [await office.open_link(link, code=wrong) for _ in range(5)]
    last = await office.open_link(link, code=code_of(office, secret))

    assert answers == [Refused(reason="code")] * 5
    assert isinstance(last, Refused)
    assert last.reason == "wait"


async def test_others_may_have_one_and_are_then_asked_for_it(office: Office) -> None:
    assert (await office.found(await office.come_in("DK1"))).actor.role is Role.DESK
    secret, _ = await set_up(office, "DK1")

    assert await office.sign_in("DK1") == WRONG
    assert isinstance(await office.sign_in("DK1", code=code_of(office, secret)), SignedIn)


async def test_a_second_factor_that_is_taken_away_takes_its_key_and_the_sign_ins_with_it(office: Office) -> None:
    secret, token = await set_up(office)
    row = await office.store.read(lambda s: logins.find(s, "OP1"))
    assert row is not None
    assert row.totp is not None
    assert secret.encode() not in row.totp
    key = row.totp_key

    assert await office.store.write(lambda s: logins.reset_code(s, "OP1", by="operator", now=office.now)) is True
    assert await office.store.read(lambda s: s.get(DataKeyRow, key)) is None
    assert await office.who(token) is None
    assert (await office.found(await office.come_in("OP1"))).actor.role is Role.NOBODY
    assert await office.store.write(lambda s: logins.reset_code(s, "OP1", by="operator", now=office.now)) is False


async def test_it_is_set_up_in_order(office: Office) -> None:
    with pytest.raises(NoCodePending):
        await office.store.write(lambda s: logins.prove_code(s, "DK1", "123456", keep=0, now=office.now))
    await set_up(office)
    with pytest.raises(CodeProved):
        await office.store.write(lambda s: logins.start_code(s, "OP1", now=office.now))
    with pytest.raises(CodeProved):
        await office.store.write(lambda s: logins.prove_code(s, "OP1", "123456", keep=0, now=office.now))
