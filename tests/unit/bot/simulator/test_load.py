from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.load import Load, Sentences, Summary, run_load, write_messages
from bot.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SENTENCES = Sentences(questions=("居住证怎么办", "几点开门"), matters=("路灯不亮",), places=("安泰路",), short=("进度", "谢谢"))
SOUND = Summary(
    pushed=100,
    acknowledged=99,
    attempts={},
    passive=99,
    active=0,
    doubled=0,
    contradicted=0,
    refused_sends={},
    seconds=2.0,
    half_within=0.0,
    most_within=0.0,
)


@given(messages=st.integers(1, 200), seed=st.integers())
def test_the_same_seed_writes_the_same(messages: int, seed: int) -> None:
    load = Load(messages=messages, concurrency=4, seed=seed)

    written = write_messages(load, SENTENCES)

    assert written == write_messages(load, SENTENCES)
    assert len(written) == messages
    assert {text for _, text in written} <= {"居住证怎么办", "几点开门", "安泰路路灯不亮", "进度", "谢谢"}
    assert {len(openid) for openid, _ in written} == {28}


@asynccontextmanager
async def service(answers: list[tuple[int, str]]) -> AsyncIterator[Simulator]:
    """Run a service that gives these answers in turn, the last one for ever, and the platform that pushes to it."""

    async def take(_request: web.Request) -> web.Response:
        status, text = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.Response(status=status, text=text)

    application = web.Application()
    application.router.add_post("/wechat", take)
    async with TestServer(application) as server:
        simulator = Simulator(str(server.make_url("/wechat")), "wx1", "token", "a" * 42 + "A", "gh_1")
        try:
            yield simulator
        finally:
            await simulator.close()


async def test_what_is_taken_is_counted_as_acknowledged() -> None:
    done: list[int] = []

    async with service([(200, "success")]) as simulator:
        load = Load(messages=30, concurrency=5, seed=1)
        summary = await run_load(simulator, load, SENTENCES, quiet_seconds=0.0, progress=done.append)

    assert (summary.pushed, summary.acknowledged, summary.attempts) == (30, 30, {"success": 30})
    assert (summary.passive, summary.active, summary.doubled, summary.contradicted) == (0, 0, 0, 0)
    assert sum(done) == 30
    assert summary.is_sound
    assert 0 < summary.half_within <= summary.most_within <= summary.seconds


@pytest.mark.parametrize("change", [{"acknowledged": 98}, {"doubled": 1}, {"contradicted": 1}])
def test_what_is_lost_or_doubled_is_not_sound(change: dict[str, int]) -> None:
    assert SOUND.is_sound
    assert SOUND.per_second == 50.0
    assert not msgspec.structs.replace(SOUND, **change).is_sound
