from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Missing, NotAllowed
from routing.lifecycle import TRANSITIONS, Transition, check, list_allowed, name_given
from routing.notice_table import TOLD
from routing.terms import OPEN_STATUSES, Status


@pytest.mark.parametrize(
    ("act", "status", "role", "after"),
    [
        ("dispatch", Status.ACCEPTED, "desk", Status.DISPATCHED),
        ("sign", Status.DISPATCHED, "unit", Status.SIGNED),
        ("return", Status.SIGNED, "unit", Status.ACCEPTED),
        ("reply", Status.ACCEPTED, "desk", Status.REPLIED),
        ("conclude", Status.DISPATCHED, "unit", Status.CONCLUDED),
        ("close", Status.CONCLUDED, "desk", Status.CLOSED),
        ("redo", Status.REPLIED, "system", Status.DISPATCHED),
        ("withdraw", Status.SIGNED, "resident", Status.WITHDRAWN),
        ("urge", Status.SIGNED, "resident", Status.SIGNED),
        ("note", Status.CLOSED, "unit", Status.CLOSED),
    ],
)
def test_what_is_allowed_leads_on(act: str, status: Status, role: str, after: Status) -> None:
    assert check(act, status, role) == after  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("act", "status", "role"),
    [
        ("dispatch", Status.ACCEPTED, "unit"),
        ("dispatch", Status.SIGNED, "desk"),
        ("reply", Status.ACCEPTED, "unit"),
        ("close", Status.CONCLUDED, "unit"),
        ("close", Status.DISPATCHED, "desk"),
        ("redo", Status.CONCLUDED, "resident"),
        ("rate", Status.SIGNED, "resident"),
        ("rate", Status.CLOSED, "resident"),
        ("withdraw", Status.CLOSED, "resident"),
    ],
)
def test_what_is_not_allowed_names_what_is(act: str, status: Status, role: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        check(act, status, role)  # type: ignore[arg-type]
    assert refused.value.allowed == list_allowed(status, role)  # type: ignore[arg-type]
    assert act not in refused.value.allowed


def test_an_act_says_what_it_still_needs() -> None:
    with pytest.raises(Missing) as refused:
        check("return", Status.SIGNED, "unit", name_given(text="  ", reason="area"))
    assert refused.value.needs == ("text",)
    assert check("return", Status.SIGNED, "unit", name_given(text="不归我们", reason="area")) == Status.ACCEPTED


@given(st.lists(st.sampled_from([row.act for row in TRANSITIONS]), max_size=40))
def test_whatever_is_done_what_is_over_stays_over_but_what_was_merged_may_be_parted(acts: list[str]) -> None:
    status = Status.ACCEPTED
    for act in acts:
        if act not in list_allowed(status):
            continue
        before, status = status, check(act, status)  # type: ignore[arg-type]
        assert before in OPEN_STATUSES or status == before or (before, act) == (Status.MERGED, "unmerge")


def test_every_status_can_be_reached_and_every_open_one_left() -> None:
    reached = {Status.ACCEPTED} | {row.to for row in TRANSITIONS if row.to}
    assert reached == set(Status)
    for status in OPEN_STATUSES:
        assert {row.to for row in TRANSITIONS if status in row.sources and row.to} - {status}


def test_no_act_is_allowed_twice_to_one_role() -> None:
    rows = [(row.act, status, role) for row in TRANSITIONS for status in row.sources for role in row.roles]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row.act}-{row.to or 'same'}")
def test_a_row_says_what_its_residents_are_really_told(row: Transition) -> None:
    told = [key for who, key in TOLD.get(row.act, ()) if who in {"residents", "opener"}]

    assert told == ([row.told] if row.told else [])
