"""What the API says of what runs beside a ticket: its clocks, the tasks of assisting units, open supervision. Every name is part of the contract."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec

from residents.masking import mask

if TYPE_CHECKING:
    from console.surroundings import CityView
    from routing.clocks import Run
    from routing.register import Shown


class ClockOut(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a clock (kind desk, unit, resident, …): since when, by when, and how it stands (running, met, late, void)."""

    kind: str
    round: int
    started_at: datetime
    due_at: datetime
    result: str
    paused: bool
    basis: list[str]
    """How the due time was counted, line by line."""


class TaskOut(msgspec.Struct, frozen=True, kw_only=True):
    """A task of an assisting unit (state open, signed, replied, returned, cancelled)."""

    unit: str
    unit_name: str
    state: str
    due_at: datetime


class SupervisionOut(msgspec.Struct, frozen=True, kw_only=True):
    """Supervision (kind supervise) or an instruction (instruct) that is still to be answered."""

    kind: str
    state: str
    due_at: datetime


def describe_clocks(shown: Shown, *, city: CityView) -> list[ClockOut]:
    """Describe the clocks of a ticket."""
    return [_describe_clock(run, city=city) for run in shown.clocks]


def describe_tasks(shown: Shown) -> list[TaskOut]:
    """Describe the tasks of a ticket."""
    return [TaskOut(unit=one.unit, unit_name=one.unit_name, state=one.state, due_at=one.due_at) for one in shown.tasks]


def describe_supervisions(shown: Shown) -> list[SupervisionOut]:
    """Describe what of a ticket's supervision is open."""
    return [SupervisionOut(kind=one.kind, state=one.state, due_at=one.due_at) for one in shown.supervisions]


def _describe_clock(run: Run, *, city: CityView) -> ClockOut:
    return ClockOut(
        kind=run.kind,
        round=run.round,
        started_at=run.started_at,
        due_at=run.due_at,
        result=run.result,
        paused=run.is_running and run.paused_at is not None,
        basis=[mask(city.explain(line)) for line in run.basis],
    )
