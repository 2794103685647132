"""What may not be done with a ticket. Each says in one sentence what was broken; the edge maps the class to words and codes.

TicketError
├── NoTicket          no ticket has this number, or it may not be seen
├── NotAllowed        this act, from this status, by this role
├── NotYours          the ticket is not with this person's unit or desk
├── Missing           the act needs something that was not given
├── NotConfidential   there is no 转办摘要: units read the matter itself
├── SummaryUnfit      the 转办摘要 still says something that leads to a person
├── SummaryDoubted    the resident wants to talk about the 转办摘要 first
├── NoIncident        no incident has this number, or nothing of it may be seen
├── NotSplit          some of the incident's tickets have to be named, and some to be left
├── UnknownName       nobody in the organisation has this code or name
└── WrongDispatch
    ├── SameUnit          the unit whose work was twice not well done
    ├── UnknownUnit       no such unit, or a desk
    ├── UnknownItem       no such duty item
    ├── RefusedUnit       the matter is about this unit: it must never see it
    ├── SummaryMissing    a confidential matter leaves the desk only with an approved 转办摘要
    └── WrongLevel        the duty item may not be given to a unit of this level
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.terms import Status


class TicketError(Exception):
    """This cannot be done with a ticket."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoTicket(TicketError):
    """There is no ticket with this number that you may see."""


class NotAllowed(TicketError):
    """This act is not allowed now."""

    def __init__(self, *, act: str, status: Status, role: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{act} is not allowed from {status} for {role or 'anyone'}; allowed: {', '.join(allowed) or 'nothing'}")
        self.act = act
        self.status = status
        self.role = role
        self.allowed = allowed


class NotYours(TicketError):
    """This ticket is not with your unit or desk."""


class Missing(TicketError):
    """The act needs something more."""

    def __init__(self, *, act: str, needs: tuple[str, ...]) -> None:
        super().__init__(f"{act} needs: {', '.join(needs)}")
        self.act = act
        self.needs = needs


class NotConfidential(TicketError):
    """This matter is not confidential."""


class SummaryUnfit(TicketError):
    """The summary still says something that leads to a person."""

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__(f"the summary says too much: {', '.join(kind for kind, _ in faults)}")
        self.faults = faults
        """(kind, the words), in the order of the text."""


class SummaryDoubted(TicketError):
    """The resident wants to talk about the summary before it leaves."""


class NoIncident(TicketError):
    """There is no incident with this number that you may see."""


class NotSplit(TicketError):
    """Name some of the incident's tickets and leave at least one."""


class UnknownName(TicketError):
    """Nobody in the organisation has this code."""


class WrongDispatch(TicketError):
    """The ticket cannot be dispatched like this."""


class SameUnit(WrongDispatch):
    """This is the unit whose work was twice not well done: name another one."""


class UnknownUnit(WrongDispatch):
    """There is no such handling unit (a desk is none)."""


class UnknownItem(WrongDispatch):
    """There is no such duty item."""


class RefusedUnit(WrongDispatch):
    """The matter is about this unit or its people: it must never see it."""


class SummaryMissing(WrongDispatch):
    """A confidential matter leaves the desk only with an approved summary."""


class WrongLevel(WrongDispatch):
    """The duty list does not let units of this level have this item."""
