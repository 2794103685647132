"""One lease, one token: who may fetch, what is kept, and that only the refused token is forgotten. On both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from store import shared_tokens
from store.keys import DataKeyRow
from store.shared_tokens import AccessToken, SharedToken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ACCOUNT: dict[str, Any] = {"channel": "wechat_mp", "account": "wx1"}


def make_token(value: str = "T1") -> SharedToken:
    return SharedToken(value=value, renew_at=NOW + timedelta(minutes=115), expires_at=NOW + timedelta(hours=2))


def take(session: Session, owner: str, *, minutes: float = 0) -> bool:
    now = NOW + timedelta(minutes=minutes)
    return shared_tokens.take_lease(session, **ACCOUNT, owner=owner, now=now, until=now + timedelta(minutes=1))


def put(session: Session, owner: str, value: str = "T1") -> bool:
    return shared_tokens.put(session, **ACCOUNT, owner=owner, token=make_token(value))


def get(session: Session, *, minutes: float = 0) -> SharedToken | None:
    return shared_tokens.get(session, **ACCOUNT, now=NOW + timedelta(minutes=minutes))


async def test_one_of_two_may_fetch_until_the_lease_ends(store: Store) -> None:
    assert await store.write(lambda s: [take(s, "a"), take(s, "b"), take(s, "b", minutes=0.9), take(s, "b", minutes=1)]) == [
        True, False, False, True,
    ]  # fmt: skip


async def test_a_fresh_token_is_read_and_not_fetched_until_it_is_time(store: Store) -> None:
    def work(session: Session) -> list[object]:
        return [get(session), take(session, "a"), put(session, "a"), take(session, "b"), take(session, "b", minutes=115)]

    assert await store.write(work) == [None, True, True, False, True]
    assert await store.read(lambda s: get(s, minutes=119)) == make_token()
    assert await store.read(lambda s: get(s, minutes=120)) is None


async def test_who_lost_the_lease_keeps_nothing(store: Store) -> None:
    def work(session: Session) -> list[bool]:
        return [
            put(session, "a"),
            take(session, "a"),
            take(session, "b", minutes=2),
            put(session, "a", "old"),
            put(session, "b", "new"),
        ]

    assert await store.write(work) == [False, True, True, False, True]
    assert await store.read(get) == make_token("new")


async def test_only_the_refused_token_is_forgotten(store: Store) -> None:
    def work(session: Session) -> list[bool]:
        take(session, "a")
        put(session, "a", "T2")
        return [shared_tokens.invalidate(session, **ACCOUNT, value=value) for value in ("T1", "T2", "T2")]

    assert await store.write(work) == [False, True, False]
    assert await store.read(get) is None
    assert await store.write(lambda s: take(s, "b")) is True


async def test_forgetting_where_nothing_stands_does_nothing(store: Store) -> None:
    assert await store.write(lambda s: shared_tokens.invalidate(s, **ACCOUNT, value="T1")) is False


async def test_a_lease_given_back_is_free_and_only_its_owner_gives_it_back(store: Store) -> None:
    def work(session: Session) -> list[bool]:
        take(session, "a")
        shared_tokens.release_lease(session, **ACCOUNT, owner="b")
        kept = take(session, "b")
        shared_tokens.release_lease(session, **ACCOUNT, owner="a")
        return [kept, take(session, "b")]

    assert await store.write(work) == [False, True]


async def test_accounts_do_not_share(store: Store) -> None:
    def work(session: Session) -> SharedToken | None:
        take(session, "a")
        put(session, "a")
        return shared_tokens.get(session, channel="wechat_mp", account="wx2", now=NOW)

    assert await store.write(work) is None


async def test_the_token_is_sealed_and_an_old_ones_key_is_dropped(store: Store) -> None:
    def work(session: Session) -> tuple[bytes | None, int]:
        for owner, minutes in (("a", 0), ("b", 116)):
            take(session, owner, minutes=minutes)
            put(session, owner, "plain-token")
        return session.scalars(select(AccessToken.token)).one(), session.scalars(select(func.count(DataKeyRow.id))).one()

    sealed, keys = await store.write(work)

    assert sealed is not None
    assert b"plain-token" not in sealed
    assert keys == 1


def test_a_token_does_not_show_itself() -> None:
    assert "T1" not in repr(make_token())
