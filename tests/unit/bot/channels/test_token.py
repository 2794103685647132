"""One fetch for everybody: many callers, several processes, failures, and a platform that refuses what it gave. On both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.channels import SendLater, SendNever
from bot.channels.token import FetchedToken, Timing, TokenSource
from store import shared_tokens
from tests.wechat import run_together

if TYPE_CHECKING:
    from store.engine import Store

QUICK = Timing(lease=timedelta(milliseconds=400), poll=timedelta(milliseconds=10))


class Platform:
    """Gives T1, T2, … and remembers how often it was asked."""

    def __init__(self, seconds: int = 7200) -> None:
        self.asked = 0
        self.seconds = seconds
        self.failures: list[Exception] = []
        self.now = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now

    async def fetch(self) -> FetchedToken:
        self.asked += 1
        await asyncio.sleep(0.02)
        if self.failures:
            raise self.failures.pop(0)
        return FetchedToken(value=f"T{self.asked}", seconds=self.seconds)

    def join(self, store: Store) -> TokenSource:
        """Another process of this account."""
        return TokenSource(store, channel="wechat_mp", account="wx1", fetch=self.fetch, timing=QUICK, clock=self.clock)


async def test_fifty_callers_in_five_processes_fetch_once(store: Store) -> None:
    platform = Platform()
    processes = [platform.join(store) for _ in range(5)]

    tokens = await asyncio.gather(*(process.current() for process in processes for _ in range(10)))

    assert (set(tokens), platform.asked) == ({"T1"}, 1)


async def test_fifty_callers_share_one_failure_and_the_next_try_works(store: Store) -> None:
    platform = Platform()
    platform.failures = [SendNever("wrong secret")]
    source = platform.join(store)

    results = await run_together(50, source.current)

    assert ({type(result) for result in results}, platform.asked) == ({SendNever}, 1)
    assert (await source.current(), platform.asked) == ("T2", 2)


async def test_a_refused_token_is_replaced_once_for_all(store: Store) -> None:
    platform = Platform()
    processes = [platform.join(store) for _ in range(3)]
    for process in processes:
        await process.current()

    async def replace(source: TokenSource) -> str:
        await source.drop("T1")
        return await source.current()

    tokens = await asyncio.gather(*(replace(process) for process in processes for _ in range(10)))

    assert (set(tokens), platform.asked) == ({"T2"}, 2)


async def test_a_late_refusal_of_the_old_token_leaves_the_new_one(store: Store) -> None:
    platform = Platform()
    one, two = platform.join(store), platform.join(store)
    await one.current()
    await two.current()
    await one.drop("T1")
    await one.current()

    await two.drop("T1")

    assert (await two.current(), await one.current(), platform.asked) == ("T2", "T2", 2)


async def test_it_is_renewed_five_minutes_early_and_not_before(store: Store) -> None:
    platform = Platform()
    source = platform.join(store)
    await source.current()

    platform.now += timedelta(seconds=6899)
    before = await source.current()
    platform.now += timedelta(seconds=1)

    assert (before, await source.current()) == ("T1", "T2")


async def test_a_short_lived_token_is_not_fetched_for_every_call(store: Store) -> None:
    platform = Platform(seconds=200)
    source = platform.join(store)

    for _ in range(10):
        await source.current()
        platform.now += timedelta(seconds=5)

    assert platform.asked == 1


async def test_a_failed_early_renewal_falls_back_to_the_old_token_without_storming(store: Store) -> None:
    platform = Platform()
    source = platform.join(store)
    await source.current()
    platform.now += timedelta(seconds=6950)
    platform.failures = [SendLater("busy")]

    assert [await source.current() for _ in range(5)] == ["T1"] * 5
    assert platform.asked == 2


async def test_while_another_process_renews_early_the_old_token_serves(store: Store) -> None:
    platform = Platform()
    source = platform.join(store)
    await source.current()
    platform.now += timedelta(seconds=6950)
    until = platform.now + timedelta(seconds=30)
    account = {"channel": "wechat_mp", "account": "wx1"}
    await store.write(lambda s: shared_tokens.take_lease(s, **account, owner="other", now=platform.now, until=until))

    assert (await source.current(), platform.asked) == ("T1", 1)


async def test_the_lease_of_a_dead_process_runs_out(store: Store) -> None:
    platform = Platform()
    account = {"channel": "wechat_mp", "account": "wx1"}
    until = platform.now + timedelta(seconds=30)
    await store.write(lambda s: shared_tokens.take_lease(s, **account, owner="dead", now=platform.now, until=until))
    source = platform.join(store)

    with pytest.raises(SendLater):
        await source.current()
    platform.now = until

    assert await source.current() == "T1"


async def test_a_caller_that_gives_up_does_not_stop_the_fetch(store: Store) -> None:
    platform = Platform()
    source = platform.join(store)
    caller = asyncio.create_task(source.current())
    await asyncio.sleep(0.015)
    caller.cancel()

    assert (await source.current(), platform.asked) == ("T1", 1)


async def test_closing_stops_a_fetch_under_way(store: Store) -> None:
    source = Platform().join(store)
    caller = asyncio.create_task(source.current())
    await asyncio.sleep(0.005)
    await source.close()

    with pytest.raises(asyncio.CancelledError):
        await caller
