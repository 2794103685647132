"""What the pages of figures need of the house's bot, which words reports and reads the conversations: handed in with the city (console.surroundings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from routing.early_warnings import WarningSettings
    from routing.figures import Figure
    from routing.trail_basis import Basis
    from routing.warning_signs import Sign


class SectionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the monthly pack: a table, what has to be known to read it, and perhaps a plot (<svg> elements of ours, one for a wide screen and one for a phone; "" for none).

    `incidents` gives row by row which incident it tells of, 0 for none; nothing where no row does.
    """

    key: str
    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    plot: str = ""
    incidents: tuple[int, ...] = ()


class PackOut(msgspec.Struct, frozen=True, kw_only=True):
    """The monthly pack of an area, as it may be shown at the meeting."""

    title: str
    made: str
    sections: tuple[SectionOut, ...]


class ReportRoom(Protocol):
    """The reports of the city. What cannot be made or written down is a Problem that says why (422, 409)."""

    @property
    def basis(self) -> Basis:
        """What signs and deeds are read by."""

    @property
    def warnings(self) -> WarningSettings:
        """From how many tickets on somebody's supervisor is told."""

    @property
    def few(self) -> int:
        """Of fewer people than these nothing is told that could say who they are."""

    def say_sign(self, sign: Sign) -> str:
        """Say what a sign was read from."""

    def list_talk_figures(self, session: Session, *, since: datetime, until: datetime, now: datetime) -> Sequence[Figure]:
        """List the figures of the conversation itself, which know no area."""

    def make_month(self, session: Session, *, month: str, area: str, actor: str, now: datetime) -> PackOut:
        """Make the monthly pack of an area, of what is in the sums by now."""

    def write_month(self, session: Session, *, month: str, area: str, actor: str, now: datetime) -> bytes:
        """Write the monthly pack as a workbook (XLSX)."""

    def decide(
        self, session: Session, *, month: str, area: str, what: str, unit: str, due_on: date | None, actor: str, now: datetime
    ) -> None:
        """Write down what a month's meeting decided."""

    def settle(self, session: Session, decision: int, *, result: str, dropped: bool, actor: str, now: datetime) -> None:
        """Say what became of a decision."""
