"""What is only counted where others listen: a list that is read out in a room names none of these matters. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from routing.notice_table import PRIVATE_HAZARDS

if TYPE_CHECKING:
    from collections.abc import Sequence


class Named(Protocol):
    """What of a ticket the answer depends on."""

    @property
    def confidential(self) -> bool:
        """Whether it is a confidential matter."""

    @property
    def kind(self) -> str:
        """The kind of request."""

    @property
    def hazard(self) -> str:
        """The danger that was read from it, "" for none."""

    @property
    def refused(self) -> Sequence[str]:
        """The units that must never see it."""

    @property
    def refused_staff(self) -> Sequence[str] | None:
        """The persons who must never see it."""


def may_be_named(ticket: Named) -> bool:
    """Tell whether a list for a meeting may name a ticket: those it is about, or who must not hear of it, may sit there.

    Not what is confidential, an accusation, about a unit or a person, or by its nature nobody's business.
    """
    is_about_somebody = bool(ticket.refused or ticket.refused_staff) or ticket.kind == "report"
    return not (ticket.confidential or is_about_somebody or ticket.hazard in PRIVATE_HAZARDS)
