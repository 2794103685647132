"""数: what one ticket counts as, and every figure that is made of such counts. Pure.

    Story       what the events of a ticket say of it (routing.figure_rows reads them)
    tally       Story -> Tally: counts of 0 and 1, and how often something was done; Tallies add up
    list_figures   Tally -> Figure: numerator, denominator, and what was left out, each by its count

All figures of a report are of the same tickets: those received in the period, as they stand now. Nothing is ever typed in.
A denominator of 0 gives no figure, neither 0 % nor 100 %.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

import msgspec

from routing.terms import OPEN_STATUSES, Level, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Dimension = Literal["all", "area", "unit", "level", "channel", "line", "source", "item", "kind"]
"""全部 · 区域 · 单位 · 解决层级 · 渠道 · 来源热线 · 入口（扫码等） · 职责事项 · 诉求类型."""
FigureCode = Literal[
    "received", "people", "closed_rate", "on_time_rate", "contact_rate", "resolved_rate", "satisfied_rate", "unrated_rate",
    "return_rate", "multi_return_count", "redo_rate", "repeat_rate", "came_back_count", "dispatch_accuracy",
    "local_resolution_rate", "awaiting_count", "overdue_count",
    "first_response_rate", "seat_answer_rate", "self_service_rate", "kb_hit_rate",
]  # fmt: skip
Excluded = Literal[
    "withdrawn", "declined", "malicious", "merged", "running", "unclocked", "silent", "corrected", "undecided", "unlevelled",
    "unasked", "left_early", "off_hours",
]  # fmt: skip
"""What is left out of a figure, and why: the sentence stands in texts.toml [figures]."""

MALICIOUS = "malicious"
"""The route of what was declined because it was no request at all; every other route says who is there for it."""
_LOCAL = frozenset({Level.GRID, Level.COMMUNITY, Level.STREET})
_CENT = Decimal("0.01")
_MANY = 2


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What the events of one ticket say. `clock` and `due_at` are the last said of the first round of the resident's clock."""

    ticket: int
    received_at: datetime
    status: Status
    area: str = ""
    unit: str = ""
    level: str = ""
    channel: str = ""
    line: str = ""
    source: str = ""
    item: str = ""
    kind: str = ""
    route: str = ""
    follows: str = ""
    joined: int = 0
    """Neighbours who joined, less those who were given a ticket of their own since: that one counts them. Below 0 where a merge had brought them."""
    clock: str = ""
    due_at: datetime | None = None
    contacted: str = ""
    solved: str = ""
    satisfied: str = ""
    well: bool = True
    dispatches: int = 0
    returned: int = 0
    corrected: int = 0
    redone: int = 0
    first_unit: str = ""
    last_unit: str = ""
    is_back: bool = False
    """It was given to a unit and has come back to the desk since."""
    last_event: int = 0


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts that add up. `said` counts who answered a question at all; what was closed in silence is in none of them."""

    received: int = 0
    joined: int = 0
    withdrawn: int = 0
    declined: int = 0
    malicious: int = 0
    merged: int = 0
    closed: int = 0
    awaiting: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0
    unclocked: int = 0
    contacted: int = 0
    contacted_said: int = 0
    solved: int = 0
    solved_said: int = 0
    satisfied: int = 0
    satisfied_said: int = 0
    unrated: int = 0
    dispatches: int = 0
    returned: int = 0
    corrected: int = 0
    returned_twice: int = 0
    redone: int = 0
    dispatched: int = 0
    first_right: int = 0
    undecided: int = 0
    local: int = 0
    levelled: int = 0
    came_back: int = 0

    @property
    def counted(self) -> int:
        """How many tickets are left after the exclusions."""
        return self.received - self.withdrawn - self.declined - self.malicious - self.merged


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: `count` of `of`; `of` None is a count alone. `excluded` says what was left out, and how many."""

    code: FigureCode
    count: int
    of: int | None = None
    excluded: tuple[tuple[Excluded, int], ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, two decimals, half up; None where there is nothing to divide by."""
        return round_percent(self.count, self.of) if self.of else None


def round_percent(count: int, of: int) -> Decimal:
    """Give count/of in percent with two decimals, half rounded up: 3821 of 4067 is 93.95."""
    return (Decimal(count) * 100 / Decimal(of)).quantize(_CENT, rounding=ROUND_HALF_UP)


def add(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    sums = dict.fromkeys(Tally.__struct_fields__, 0)
    for each in tallies:
        for name in sums:
            sums[name] += getattr(each, name)
    return Tally(**sums)


def follow_codes(parts: Mapping[str, Tally], follow: Callable[[str], str]) -> dict[str, Tally]:
    """Add up the parts of codes that are no more with those of what followed them; `follow` gives the code that stands for one."""
    found: dict[str, Tally] = {}
    for code, sums in parts.items():
        standing = follow(code)
        found[standing] = add((found[standing], sums)) if standing in found else sums
    return found


def tally(story: Story, *, now: datetime) -> Tally:
    """Say what one ticket counts as. What is withdrawn, declined or merged counts as that alone, beside what happened to it on the way."""
    way = {
        "received": 1,
        "joined": story.joined,
        "dispatches": story.dispatches,
        "returned": story.returned,
        "corrected": story.corrected,
        "returned_twice": int(story.returned >= _MANY),
        "came_back": int(bool(story.follows)),
    }
    left_out = _leave_out(story)
    if left_out:
        return Tally(**way, **{left_out: 1})
    return Tally(**way, **_count_time(story, now=now), **_count_unit(story), **_count_end(story))


def look_again_at(story: Story, *, now: datetime) -> datetime | None:
    """Give the moment at which a ticket begins to count as something else without any event: when it falls due. None if it does not."""
    is_running = not _leave_out(story) and _read_clock(story, now=now) == "running"
    return story.due_at if is_running and story.clock != "pause" else None


def list_figures(sums: Tally) -> tuple[Figure, ...]:
    """List the figures of tickets, in the order in which they are read."""
    left_out: tuple[tuple[Excluded, int], ...] = (
        ("withdrawn", sums.withdrawn), ("declined", sums.declined), ("malicious", sums.malicious), ("merged", sums.merged),
    )  # fmt: skip
    untimed: tuple[tuple[Excluded, int], ...] = (("running", sums.running), ("unclocked", sums.unclocked))

    def ask(code: FigureCode, count: int, said: int) -> Figure:
        return Figure(code=code, count=count, of=said, excluded=(("silent", sums.closed - said),))

    return (
        Figure(code="received", count=sums.received),
        Figure(code="people", count=sums.received + sums.joined),
        Figure(code="closed_rate", count=sums.closed, of=sums.counted, excluded=left_out),
        Figure(
            code="on_time_rate",
            count=sums.on_time,
            of=sums.on_time + sums.late + sums.overdue,
            excluded=(*left_out, *untimed),
        ),
        Figure(code="overdue_count", count=sums.overdue),
        Figure(code="awaiting_count", count=sums.awaiting),
        ask("contact_rate", sums.contacted, sums.contacted_said),
        ask("resolved_rate", sums.solved, sums.solved_said),
        ask("satisfied_rate", sums.satisfied, sums.satisfied_said),
        Figure(code="unrated_rate", count=sums.unrated, of=sums.closed),
        Figure(code="redo_rate", count=sums.redone, of=sums.closed),
        Figure(code="return_rate", count=sums.returned, of=sums.dispatches, excluded=(("corrected", sums.corrected),)),
        Figure(code="multi_return_count", count=sums.returned_twice),
        Figure(
            code="dispatch_accuracy",
            count=sums.first_right,
            of=sums.dispatched,
            excluded=(*left_out, ("undecided", sums.undecided)),
        ),
        Figure(code="repeat_rate", count=sums.joined + sums.merged, of=sums.received + sums.joined),
        Figure(code="came_back_count", count=sums.came_back),
        Figure(
            code="local_resolution_rate",
            count=sums.local,
            of=sums.levelled,
            excluded=(("unlevelled", sums.closed - sums.levelled),),
        ),
    )


def _leave_out(story: Story) -> str:
    """Name what keeps a ticket out of the figures; "" if nothing does."""
    match story.status:
        case Status.WITHDRAWN:
            return "withdrawn"
        case Status.DECLINED:
            return "malicious" if story.route == MALICIOUS else "declined"
        case Status.MERGED:
            return "merged"
        case _:
            return ""


def _read_clock(story: Story, *, now: datetime) -> str:
    """Say how a ticket stands to the time its resident was promised first."""
    match story.clock:
        case "stop:met":
            return "on_time"
        case "stop:late":
            return "late"
        case "" | "void":
            return "unclocked"
        case "pause":
            return "running"
        case _:
            return "overdue" if story.due_at is not None and story.due_at < now else "running"


def _count_time(story: Story, *, now: datetime) -> dict[str, int]:
    return {_read_clock(story, now=now): 1}


def _count_unit(story: Story) -> dict[str, int]:
    if not story.first_unit:
        return {}
    if story.is_back:
        return {"undecided": 1}
    return {"dispatched": 1, "first_right": int(story.first_unit == story.last_unit)}


def _count_end(story: Story) -> dict[str, int]:
    if story.status in OPEN_STATUSES:
        return {"awaiting": int(story.status == Status.CONCLUDED)}
    said = (story.contacted, story.solved, story.satisfied)
    return {
        "closed": 1,
        "contacted": int(story.contacted == "yes"),
        "contacted_said": int(bool(story.contacted)),
        "solved": int(story.solved == "yes" and story.well),
        "solved_said": int(bool(story.solved)),
        "satisfied": int(story.satisfied in {"yes", "basic"}),
        "satisfied_said": int(bool(story.satisfied)),
        "unrated": int(not any(said)),
        "redone": int(story.redone > 0),
        "levelled": int(bool(story.level)),
        "local": int(story.level in _LOCAL),
    }
