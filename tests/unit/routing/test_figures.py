"""Figures: what a ticket counts as, what is left out, how shares are rounded, and that nothing to divide by gives no figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.figures import Figure, Story, Tally, add, follow_codes, list_figures, look_again_at, round_percent, tally
from routing.terms import Status

NOW = datetime(2026, 3, 20, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = Story(ticket=1, received_at=NOW - 5 * DAY, status=Status.DISPATCHED, unit="U", clock="start", due_at=NOW + DAY)
CLOSED = msgspec.structs.replace(OPEN, status=Status.CLOSED, clock="stop:met", level="street")


@dataclass(frozen=True)
class Read:
    """The figures of a tally, by code."""

    sums: Tally

    def __getitem__(self, code: str) -> Figure:
        return {figure.code: figure for figure in list_figures(self.sums)}[code]  # type: ignore[index]  # the tests name codes


def count(story: Story, **changes: object) -> Tally:
    return tally(msgspec.structs.replace(story, **changes), now=NOW)


@pytest.mark.parametrize(
    ("count", "of", "percent"),
    [
        (3821, 4067, "93.95"),
        (1152, 1175, "98.04"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
    ],
)
def test_shares_are_rounded_half_up_to_two_decimals(count: int, of: int, percent: str) -> None:
    assert round_percent(count, of) == Decimal(percent)


def test_nothing_to_divide_by_is_no_figure() -> None:
    shares = {figure.code: figure.percent for figure in list_figures(Tally())}

    assert set(shares.values()) == {None}
    assert Figure(code="closed_rate", count=0, of=3).percent == Decimal("0.00")


@pytest.mark.parametrize(
    ("status", "route", "name"),
    [
        (Status.WITHDRAWN, "", "withdrawn"),
        (Status.MERGED, "", "merged"),
        (Status.DECLINED, "litigation", "declined"),
        (Status.DECLINED, "malicious", "malicious"),
    ],
)
def test_what_is_left_out_is_counted_as_that_alone(status: Status, route: str, name: str) -> None:
    sums = count(CLOSED, status=status, route=route, dispatches=1, satisfied="yes", first_unit="U", last_unit="U")

    assert sums == Tally(received=1, dispatches=1, **{name: 1})
    assert sums.counted == 0
    assert (name, 1) in Read(sums)["closed_rate"].excluded


@pytest.mark.parametrize(
    ("clock", "due", "name"),
    [
        ("stop:met", -1, "on_time"),
        ("stop:late", -1, "late"),
        ("start", -1, "overdue"),
        ("resume", 1, "running"),
        ("pause", -1, "running"),
        ("void", -1, "unclocked"),
        ("", 0, "unclocked"),
    ],
)
def test_time_is_judged_by_the_first_round_of_the_resident_s_clock(clock: str, due: int, name: str) -> None:
    sums = count(OPEN, clock=clock, due_at=NOW + due * DAY)

    assert {each: getattr(sums, each) for each in ("on_time", "late", "overdue", "running", "unclocked")} == {
        each: int(each == name) for each in ("on_time", "late", "overdue", "running", "unclocked")
    }


def test_what_is_not_due_yet_is_in_no_rate_and_is_looked_at_again() -> None:
    read = Read(count(OPEN))

    assert (read["on_time_rate"].of, read["on_time_rate"].percent) == (0, None)
    assert look_again_at(OPEN, now=NOW) == NOW + DAY
    assert look_again_at(msgspec.structs.replace(OPEN, clock="pause"), now=NOW) is None
    assert look_again_at(CLOSED, now=NOW) is None


def test_closed_is_not_concluded_is_not_solved() -> None:
    concluded, closed = count(OPEN, status=Status.CONCLUDED), count(CLOSED, solved="no")

    assert (concluded.awaiting, concluded.closed) == (1, 0)
    assert (closed.closed, closed.solved, closed.solved_said) == (1, 0, 1)


@pytest.mark.parametrize(("solved", "well", "counted"), [("yes", True, 1), ("yes", False, 0), ("partly", True, 0), ("no", True, 0)])
def test_half_solved_or_broken_again_is_not_solved(solved: str, well: bool, counted: int) -> None:
    sums = count(CLOSED, solved=solved, well=well)

    assert (sums.solved, sums.solved_said) == (counted, 1)


def test_silence_is_neither_good_nor_bad() -> None:
    read = Read(count(CLOSED))

    assert (read["unrated_rate"].count, read["unrated_rate"].of) == (1, 1)
    for code in ("contact_rate", "resolved_rate", "satisfied_rate"):
        assert (read[code].of, read[code].excluded) == (0, (("silent", 1),))


def test_a_ticket_that_is_open_again_is_not_closed() -> None:
    assert count(CLOSED, status=Status.DISPATCHED, redone=1, solved="yes").closed == 0


@pytest.mark.parametrize(("level", "local"), [("grid", 1), ("street", 1), ("district", 0), ("city", 0)])
def test_what_a_street_or_less_resolved_is_local(level: str, local: int) -> None:
    assert (count(CLOSED, level=level).local, count(CLOSED, level=level).levelled) == (local, 1)


def test_a_level_that_nobody_knows_is_said() -> None:
    assert Read(count(CLOSED, level=""))["local_resolution_rate"].excluded == (("unlevelled", 1),)


def test_the_first_unit_is_right_if_it_has_it_in_the_end() -> None:
    kept = count(CLOSED, first_unit="U", last_unit="U")
    moved = count(CLOSED, first_unit="U", last_unit="V")
    back = count(OPEN, first_unit="U", last_unit="U", is_back=True)

    assert [(each.first_right, each.dispatched, each.undecided) for each in (kept, moved, back)] == [
        (1, 1, 0),
        (0, 1, 0),
        (0, 0, 1),
    ]


def test_cases_and_people_are_counted_apart() -> None:
    read = Read(add([count(OPEN, joined=3), count(OPEN)]))

    assert (read["received"].count, read["people"].count) == (2, 5)
    assert (read["repeat_rate"].count, read["repeat_rate"].of) == (3, 5)


@given(
    st.lists(
        st.builds(
            Story,
            ticket=st.just(1),
            received_at=st.just(NOW),
            status=st.sampled_from(Status),
            clock=st.sampled_from(["", "start", "pause", "stop:met", "stop:late", "void"]),
            due_at=st.sampled_from([None, NOW - DAY, NOW + DAY]),
            solved=st.sampled_from(["", "yes", "partly", "no"]),
            satisfied=st.sampled_from(["", "yes", "basic", "no"]),
            contacted=st.sampled_from(["", "yes", "no"]),
            route=st.sampled_from(["", "malicious"]),
            returned=st.integers(0, 3),
            dispatches=st.integers(3, 5),
            redone=st.integers(0, 2),
            level=st.sampled_from(["", "street", "city"]),
            first_unit=st.sampled_from(["", "U"]),
            last_unit=st.sampled_from(["U", "V"]),
            is_back=st.booleans(),
        ),
        max_size=30,
    )
)
def test_no_share_is_below_none_or_above_all_and_nothing_is_lost(stories: list[Story]) -> None:
    sums = add(tally(story, now=NOW) for story in stories)

    assert sums.received == len(stories)
    assert sums.counted == sums.on_time + sums.late + sums.overdue + sums.running + sums.unclocked
    for figure in list_figures(sums):
        assert figure.count >= 0
        assert figure.of is None or figure.count <= figure.of
        assert all(number >= 0 for _, number in figure.excluded)
        assert figure.of != 0 or figure.percent is None


def test_what_is_no_more_counts_under_what_followed_it() -> None:
    parts = {"G1": Tally(received=2, closed=1), "OLD": Tally(received=3), "GONE": Tally(received=5), "": Tally(received=7)}

    found = follow_codes(parts, lambda code: "G1" if code == "OLD" else code)
    assert found == {"G1": Tally(received=5, closed=1), "GONE": Tally(received=5), "": Tally(received=7)}
    assert add(found.values()) == add(parts.values())
