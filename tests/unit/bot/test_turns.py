"""One at a time per name, in the order of asking."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.turns import Turns


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=12))
def test_each_name_keeps_its_order_and_is_never_let_in_twice(asked: list[tuple[str, int]]) -> None:
    turns, served, inside = Turns(), [], set()

    async def enter(number: int, name: str, pauses: int) -> None:
        async with turns.of(name):
            assert name not in inside
            inside.add(name)
            for _ in range(pauses):
                await asyncio.sleep(0)
            inside.remove(name)
            served.append((name, number))

    async def run() -> None:
        await asyncio.gather(*(enter(number, name, pauses) for number, (name, pauses) in enumerate(asked)))

    asyncio.run(run())
    for name in "abc":
        assert [number for who, number in served if who == name] == [number for number, (who, _) in enumerate(asked) if who == name]


async def test_nobody_waits_for_another_name() -> None:
    turns = Turns()
    async with turns.of("a"), asyncio.timeout(5), turns.of("b"):
        assert len(turns) == 2


async def test_a_name_that_nobody_waits_for_is_forgotten() -> None:
    turns = Turns()
    for name in ("a", "b"):
        async with turns.of(name):
            assert len(turns) == 1
        assert len(turns) == 0
