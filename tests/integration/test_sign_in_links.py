"""A one-time link opens once, within its time, for one of those who come; a sign-in ends when it should. On both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import func, select

from console.accounts import links, logins, sessions
from console.accounts.signing_in import Refused, SignedIn
from console.accounts.tables import SignInFailure, SignInLink, StaffSession
from console.tokens import NoPost
from tests.accounts import ORG, Office, open_office

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

CLOSED = Refused(reason="link")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    async for one in open_office(store):
        await one.give_password("DK1")
        yield one


async def test_a_link_opens_once(office: Office) -> None:
    token = await office.make_link()
    opened = await office.open_link(token)

    assert isinstance(opened, SignedIn)
    assert (await office.found(opened.token)).actor.code == "DK1"
    assert await office.open_link(token) == CLOSED


async def test_of_twenty_who_come_at_the_same_moment_one_comes_in(office: Office) -> None:
    token = await office.make_link("GW1")

    answers = await asyncio.gather(*(office.open_link(token) for _ in range(20)))

    assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
    assert [answer for answer in answers if not isinstance(answer, SignedIn)] == [CLOSED] * 19
    assert len(await office.store.read(lambda s: sessions.list_of(s, "GW1", now=office.now))) == 1


async def test_looking_at_a_link_does_not_use_it_up(office: Office) -> None:
    """A chat program opens links by itself to show a preview."""
    token = await office.make_link()
    for _ in range(3):
        assert await office.store.read(lambda s: links.find_owner(s, token, now=office.now, org=ORG)) == "DK1"

    assert isinstance(await office.open_link(token), SignedIn)
    assert await office.store.read(lambda s: links.find_owner(s, token, now=office.now, org=ORG)) is None


async def test_a_link_is_over_after_its_time_and_when_a_newer_one_was_made(office: Office) -> None:
    old, new = await office.make_link(), await office.make_link()
    other = await office.make_link("GW1")

    assert await office.open_link(old) == CLOSED
    office.pass_time(minutes=14, seconds=59)
    assert isinstance(await office.open_link(other), SignedIn)
    office.pass_time(seconds=1)
    assert await office.open_link(new) == CLOSED


async def test_a_link_of_nobody_is_not_made_and_one_of_a_post_that_is_gone_opens_nothing(office: Office) -> None:
    with pytest.raises(NoPost):
        await office.make_link("NOBODY")
    token = await office.make_link("GW1")
    office.org = msgspec.structs.replace(ORG, staff={"DK1": ORG.staff["DK1"]})

    assert await office.open_link(token) == CLOSED
    assert await office.open_link("made up") == CLOSED


async def test_what_an_operator_shuts_is_out_at_once_and_comes_in_neither_way(office: Office) -> None:
    token, link = await office.come_in(), await office.make_link()
    await office.store.write(lambda s: logins.shut(s, "DK1", by="OP1", now=office.now, org=ORG))
    later = await office.make_link()

    assert await office.who(token) is None
    assert (await office.open_link(link), await office.open_link(later)) == (CLOSED, CLOSED)
    assert await office.sign_in() == Refused(reason="wrong")
    assert await office.store.write(lambda s: logins.reopen(s, "DK1", by="OP1", now=office.now, org=ORG)) is True
    assert isinstance(await office.sign_in(), SignedIn)


async def test_a_sign_in_ends_when_nobody_was_there_for_an_hour(office: Office) -> None:
    token = await office.come_in()
    office.pass_time(minutes=59)
    found = await office.found(token)
    assert found.stale is True
    await office.store.write(lambda s: sessions.touch(s, found.id, now=office.now))
    office.pass_time(minutes=59)
    assert (await office.found(token)).actor.code == "DK1"
    office.pass_time(minutes=1)

    assert await office.who(token) is None


async def test_a_sign_in_ends_after_a_day_of_work_whoever_is_there(office: Office) -> None:
    token = await office.come_in()
    number = (await office.found(token)).id
    for _ in range(24):
        office.pass_time(minutes=29, seconds=59)
        await office.store.write(lambda s: sessions.touch(s, number, now=office.now))
    assert (await office.found(token)).ends_at - office.now < timedelta(minutes=1)
    office.pass_time(minutes=1)

    assert await office.who(token) is None


async def test_one_sees_where_one_is_signed_in_and_ends_one_or_all_but_ones_own(office: Office) -> None:
    first = await office.come_in(agent=FIREFOX)
    office.pass_time(minutes=1)
    second, third = await office.come_in(), await office.come_in()
    numbers = [(await office.found(token)).id for token in (first, second, third)]

    listed = await office.store.read(lambda s: sessions.list_of(s, "DK1", now=office.now))
    assert [(one.id, one.agent) for one in listed] == [(numbers[1], ""), (numbers[2], ""), (numbers[0], "Firefox / Windows")]
    assert await office.store.write(lambda s: sessions.end(s, numbers[0], code="GW1", by="GW1", now=office.now)) is False
    assert await office.store.write(lambda s: sessions.end(s, numbers[0], code="DK1", by="DK1", now=office.now)) is True
    assert await office.store.write(lambda s: sessions.end(s, numbers[0], code="DK1", by="DK1", now=office.now)) is False
    assert await office.store.write(lambda s: sessions.end_all(s, "DK1", by="DK1", now=office.now, but=numbers[2])) == 1
    assert [await office.who(token) is not None for token in (first, second, third)] == [False, False, True]


async def test_the_token_of_forms_is_the_sessions_own_and_nothing_that_opens_it(office: Office) -> None:
    tokens = [await office.come_in(), await office.come_in()]
    forms = [(await office.found(token)).csrf for token in tokens]

    assert len({*tokens, *forms}) == 4
    assert (await office.found(tokens[0])).csrf == forms[0]
    assert [await office.who(form) for form in forms] == [None, None]
    assert await office.who("") is None


async def test_a_list_of_posts_says_how_each_signs_in(office: Office) -> None:
    await office.come_in()
    await office.make_link("GW1")
    await office.store.write(lambda s: logins.shut(s, "AU1", by="OP1", now=office.now, org=ORG))
    for _ in range(5):
        await office.sign_in("OP1", "wrong one")

    states = {one.code: one for one in await office.store.read(lambda s: logins.list_states(s, org=ORG, now=office.now))}

    assert sorted(states) == ["AU1", "DK1", "GW1", "OP1"]
    assert [code for code, one in states.items() if one.has_password] == ["DK1"]
    assert [(code, one.sessions, one.used_at) for code, one in states.items() if one.sessions] == [("DK1", 1, office.now)]
    assert {code: one.link_until for code, one in states.items() if one.link_until} == {"GW1": office.now + timedelta(minutes=15)}
    assert {code: one.waits_until for code, one in states.items() if one.waits_until} == {"OP1": office.now + timedelta(seconds=30)}
    assert {code: one.shut_at for code, one in states.items() if one.shut_at} == {"AU1": office.now}


async def test_what_is_long_over_is_forgotten_at_the_next_sign_in(office: Office) -> None:
    await office.come_in()
    await office.sign_in("NOBODY", "wrong one")
    await office.make_link()
    office.pass_time(days=181)
    await office.come_in()
    await office.make_link()

    def count(session: Session) -> dict[str, int | None]:
        tables = (SignInFailure, SignInLink, StaffSession)
        return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in tables}

    assert await office.store.read(count) == {"sign_in_failure": 1, "sign_in_link": 1, "staff_session": 1}
