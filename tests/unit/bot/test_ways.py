"""Which way an answer goes."""

from __future__ import annotations

import pytest

from bot.channels import Group, Inbound
from bot.ways import choose_way, is_silent
from store.clock import utcnow


@pytest.mark.parametrize(
    ("decided", "edge_waits", "way"),
    [
        ("open", True, "passive"),
        ("open", False, "open"),
        ("active", True, "active"),
        ("active", False, "active"),
    ],
)
def test_what_the_edge_decided_stands(decided: str, edge_waits: bool, way: str) -> None:
    assert choose_way(decided, edge_waits=edge_waits, keeps=False) == way


@pytest.mark.parametrize("edge_waits", [True, False])
def test_what_a_channel_keeps_by_itself_waits_for_no_delivery(edge_waits: bool) -> None:
    assert choose_way("open", edge_waits=edge_waits, keeps=True) == "active"


@pytest.mark.parametrize(
    ("group", "silent"),
    [(None, False), (Group(id="g", can_reply=True), False), (Group(id="g", can_reply=False), True)],
)
def test_only_a_group_without_a_way_back_is_silent(group: Group | None, silent: bool) -> None:
    scope = "person" if group is None else "group"
    assert is_silent(Inbound(channel="x", key="1", sender="o", kind="text", sent_at=utcnow(), scope=scope, group=group)) is silent
