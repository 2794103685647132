"""A storm stands behind nobody but itself: so many of a group at once, and nobody else waits for them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import Group, Inbound
from bot.flood import Lanes, source_of
from bot.transcripts import join_lines


def write(group: str = "", sender: str = "oA") -> Inbound:
    return Inbound(
        channel="gateway",
        key="k",
        sender=sender,
        kind="text",
        sent_at=datetime(2026, 11, 23, tzinfo=UTC),
        scope="group" if group else "person",
        group=Group(id=group) if group else None,
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["g1", "g2", "g3"]), max_size=30), st.integers(1, 5))
def test_a_group_never_has_more_than_its_share_and_keeps_its_order(asked: list[str], at_once: int) -> None:
    lanes = Lanes(at_once)
    inside = dict.fromkeys(asked, 0)
    entered: list[tuple[str, int]] = []

    async def enter(group: str, number: int) -> None:
        async with lanes.of(write(group)):
            entered.append((group, number))
            inside[group] += 1
            assert inside[group] <= at_once
            await asyncio.sleep(0)
            inside[group] -= 1

    async def run() -> None:
        await asyncio.gather(*(enter(group, number) for number, group in enumerate(asked)))

    asyncio.run(run())
    for group in inside:
        assert [number for name, number in entered if name == group] == [n for n, name in enumerate(asked) if name == group]


async def test_a_group_that_is_quiet_again_is_forgotten() -> None:
    lanes = Lanes(2)
    async with lanes.of(write("g1")), lanes.of(write("g1")), lanes.of(write("g2")):
        assert len(lanes) == 2
    assert len(lanes) == 0


async def test_who_writes_alone_waits_for_no_group_and_no_group_for_another() -> None:
    lanes = Lanes(1)
    async with lanes.of(write("g1")), asyncio.timeout(5), lanes.of(write("g2")), lanes.of(write()), lanes.of(write()):
        assert len(lanes) == 2


def test_what_is_left_behind_stands_in_its_groups_queue_or_its_senders() -> None:
    assert (source_of(write("g1", "oA")), source_of(write("", "oA"))) == ("g1", "oA")


def test_what_was_said_again_and_again_stands_there_once_with_its_count() -> None:
    assert join_lines(["快点来修", "路灯坏了", "快点来修 ", "", "快点来修"]) == "快点来修 ×3\n路灯坏了"
    assert join_lines([]) == ""


@given(st.lists(st.text(min_size=1, max_size=8).map(str.strip).filter(lambda text: text and "\n" not in text), max_size=20))
def test_no_line_is_lost(texts: list[str]) -> None:
    lines = join_lines(texts).split("\n") if texts else []
    assert len(lines) == len(set(texts))
    assert all(any(line.startswith(text) for line in lines) for text in texts)
