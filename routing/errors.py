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
├── TooLate           it is asked for before the time is over, not after
├── UntilWrong        the moment asked for lies before the due time, or before now
├── AppliedAlready    what was applied for before is not decided yet
├── NothingApplied    there is nothing to decide
├── OwnApplication    somebody else decides on what one applied for
├── TasksOpen         assisting units have not answered yet
├── NoTask            this unit has no open task of this ticket
├── NoSupervision     there is no supervision of this number to answer
├── Barred            a supervisor decided that this unit has it
├── OtherDecision     a supervisor is asked something else: whose it is, or what follows a bad result
├── NothingAbove      there is no desk above this one
├── NobodyToAsk       nobody who may be asked stands behind this matter
├── UnknownRoute      no statutory route has this code
├── NotDeclined       a danger is never declined
├── NotTogether       these two tickets may not go on as one
├── NotParted         the parts, or what is taken apart, are not named as they must be
├── NotPublished      something keeps this matter from the public
├── UnknownCheck      the seasonal plan has no such item to check
├── UnknownWork       no grid has this code, no round or task this number
├── UnknownName       nobody in the organisation has this code or name
└── WrongDispatch
    ├── SameUnit          the unit whose work was twice not well done
    ├── SameHolder        the unit that has it already
    ├── UnknownUnit       no such unit, or a desk
    ├── UnknownItem       no such duty item
    ├── RefusedUnit       the matter is about this unit: it must never see it
    ├── SummaryMissing    a confidential matter leaves the desk only with an approved 转办摘要
    └── WrongLevel        the duty item may not be given to a unit of this level
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from routing.terms import DutyItem, Level, Status


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


class NotYourGrid(NotYours):
    """This grid is not one that you work in."""


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


class TooLate(TicketError):
    """An extension is asked for before the time is over."""


class UntilWrong(TicketError):
    """The moment asked for has to lie after the due time."""


class AppliedAlready(TicketError):
    """What was applied for before is not decided yet."""


class NothingApplied(TicketError):
    """There is nothing to decide."""


class OwnApplication(TicketError):
    """Somebody else has to decide on what you applied for."""


class TasksOpen(TicketError):
    """Assisting units have not answered yet."""

    def __init__(self, units: tuple[str, ...]) -> None:
        super().__init__(f"still to answer: {', '.join(units)}")
        self.units = units


class NoTask(TicketError):
    """Your unit has no open task of this ticket."""


class NoSupervision(TicketError):
    """There is no supervision to answer here."""


class Barred(TicketError):
    """A supervisor decided that this is yours: it cannot be returned again."""


class OtherDecision(TicketError):
    """A supervisor is asked for something else here."""

    def __init__(self, cause: Literal["dispute", "escalate"]) -> None:
        super().__init__(f"this waits for a decision on another question: {cause}")
        self.cause = cause
        """What it waits for: dispute, whose it is; escalate, what follows a result that was twice not good."""


class NothingAbove(TicketError):
    """There is no desk above this one that may have it."""


class NobodyToAsk(TicketError):
    """Nobody can be asked for more: no resident stands behind it, and no grid worker who may be asked."""


class UnknownRoute(TicketError):
    """There is no statutory route of this code."""

    def __init__(self, routes: tuple[str, ...]) -> None:
        super().__init__(f"routes: {', '.join(routes)}")
        self.routes = routes


class NotDeclined(TicketError):
    """A danger is never declined."""


class NotTogether(TicketError):
    """These two tickets may not go on as one."""

    def __init__(self, why: Literal["same", "confidential", "danger", "accused", "over", "target_over"]) -> None:
        super().__init__(f"may not be merged: {why}")
        self.why = why
        """same: one ticket twice; confidential, danger, accused: one of them is that; over, target_over: it is not open."""


class NotParted(TicketError):
    """Name the parts, or which follower goes apart."""


class NotPublished(TicketError):
    """This matter may not be shown to everybody."""

    def __init__(self, bars: tuple[str, ...]) -> None:
        super().__init__(f"not to be published: {', '.join(bars)}")
        self.bars = bars
        """Of routing.publishable.Bar, in the order of its table."""


class UnknownCheck(TicketError):
    """The sheet or plan has no such item to check; the message names it."""


class NothingTold(TicketError):
    """Nothing is said of what was found or put right."""


class UnknownWork(TicketError):
    """There is no such grid, round or task."""


class UnknownName(TicketError):
    """Nobody in the organisation has this code."""


class WrongDispatch(TicketError):
    """The ticket cannot be dispatched like this."""


class SameUnit(WrongDispatch):
    """This is the unit whose work was twice not well done: name another one."""


class SameHolder(WrongDispatch):
    """This unit has it already."""


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

    def __init__(self, item: DutyItem, level: Level | None) -> None:
        allowed = tuple(item.allowed_levels)
        super().__init__(f"{item.code} is not for {level or 'no level'}; allowed: {', '.join(allowed)}; {item.basis}")
        self.item = item.code
        self.name = item.name
        self.basis = item.basis
        self.level = level
        self.allowed = allowed
