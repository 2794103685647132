"""The reports as the pages see them (console.report_port.ReportRoom): the commands of the reports, on the city of the running service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.commands import report
from bot.refusals import Refusal
from bot.reporting import conversation, lists
from bot.reporting.pack import Pack
from bot.reporting.plots import draw_both
from bot.reporting.workbook import write_workbook
from console.problems import Problem
from console.report_port import PackOut, SectionOut

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.reporting.pack import Section
    from routing.early_warnings import WarningSettings
    from routing.figures import Figure
    from routing.trail_basis import Basis
    from routing.warning_signs import Sign


class ReportRoom:
    """What supervisors read of the figures of the running service."""

    def __init__(self, city: City) -> None:
        self._city = city

    @property
    def basis(self) -> Basis:
        """What signs and deeds are read by."""
        return self._city.make_basis()

    @property
    def warnings(self) -> WarningSettings:
        """From how many tickets on somebody's supervisor is told."""
        return self._city.settings.warnings

    @property
    def few(self) -> int:
        """Of fewer people than these nothing is told that could say who they are."""
        return self._city.settings.report.few_people

    def say_sign(self, sign: Sign) -> str:
        """Say what a sign was read from."""
        return lists.say_sign(sign)

    def list_talk_figures(self, session: Session, *, since: datetime, until: datetime, now: datetime) -> Sequence[Figure]:
        """List the figures of the conversation itself, which know no area."""
        settings = self._city.settings
        return conversation.list_figures(
            session,
            since=since,
            until=until,
            now=now,
            zone=self._city.zone,
            minutes=settings.report.first_answer_minutes,
            seat=settings.seat,
        )

    def make_month(self, session: Session, *, month: str, area: str, actor: str, now: datetime) -> PackOut:
        """Make the monthly pack of an area."""
        pack = self._make(session, month=month, area=area, actor=actor, now=now)
        return PackOut(title=pack.title, made=pack.made, sections=tuple(_describe(section) for section in pack.sections))

    def write_month(self, session: Session, *, month: str, area: str, actor: str, now: datetime) -> bytes:
        """Write the monthly pack as a workbook (XLSX)."""
        return write_workbook(self._make(session, month=month, area=area, actor=actor, now=now))

    def decide(
        self, session: Session, *, month: str, area: str, what: str, unit: str, due_on: date | None, actor: str, now: datetime
    ) -> None:
        """Write down what a month's meeting decided."""
        due = due_on.isoformat() if due_on is not None else ""
        try:
            report.decide(session, self._city, now=now, month=month, what=what, unit=unit, due=due, area=area, actor=actor)
        except Refusal as error:
            raise _refuse(error) from error

    def settle(self, session: Session, decision: int, *, result: str, dropped: bool, actor: str, now: datetime) -> None:
        """Say what became of a decision."""
        try:
            report.settle(session, self._city, now=now, decision=decision, result=result, dropped=dropped, actor=actor)
        except Refusal as error:
            raise _refuse(error) from error

    def _make(self, session: Session, *, month: str, area: str, actor: str, now: datetime) -> Pack:
        try:
            made = report.make_month(session, self._city, now=now, month=month, area=area, as_is=True, actor=actor)
        except Refusal as error:
            raise _refuse(error) from error
        return msgspec.convert(made, Pack)


def _refuse(error: Refusal) -> Problem:
    return Problem(422, "report_refused", detail=str(error))


def _describe(section: Section) -> SectionOut:
    return SectionOut(
        key=section.key,
        title=section.title,
        note=section.note,
        columns=section.columns,
        rows=section.rows,
        plot=draw_both(section.plot) if section.plot is not None else "",
        incidents=section.incidents,
    )
