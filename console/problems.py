"""What may go wrong with a call, as RFC 9457 says it: one table from error to status, one shape for all of them.

Problem      a call that is refused: its status, its code, and what to do
"""

from __future__ import annotations

import re
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy.exc import InterfaceError, OperationalError

from residents import seats
from routing import errors
from store.engine import StoreError

if TYPE_CHECKING:
    from console.surroundings import CityView

MEDIA_TYPE = "application/problem+json"

STATUS_OF: tuple[tuple[type[BaseException], int], ...] = (
    (errors.NoTicket, 404),
    (errors.NoIncident, 404),
    (errors.NotYours, 403),
    (errors.OwnApplication, 403),
    (errors.Missing, 422),
    (errors.SummaryUnfit, 422),
    (errors.NotSplit, 422),
    (errors.UnknownName, 422),
    (errors.UntilWrong, 422),
    (errors.UnknownRoute, 422),
    (errors.NotParted, 422),
    (errors.UnknownCheck, 422),
    (errors.NothingTold, 422),
    (errors.SummaryMissing, 409),
    (errors.WrongDispatch, 422),
    (errors.TicketError, 409),
    (seats.NoTalk, 404),
    (seats.SeatError, 409),
    (StoreError, 503),
    (OperationalError, 503),
    (InterfaceError, 503),
)
"""Class -> status; the first class that fits speaks. What stands in nobody's row is a fault of the program: 500."""


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one part of a call: where it stands and what is expected there."""

    where: str
    expected: str


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One act that came in between: what, when (of a confidential matter only the day), and whose act it was."""

    act: str
    at: datetime
    actor: str


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """How a ticket stands now: its edition for If-Match, its status, and what happened since the edition that was named, as far as one may see it."""

    etag: str
    status: str
    since: list[Happened] = []


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refused call (application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    fields: list[FieldProblem] = []
    current: Current | None = None


class Problem(Exception):
    """A call that is refused."""

    def __init__(
        self, status: int, code: str, *, detail: str = "", fields: tuple[FieldProblem, ...] = (), current: Current | None = None
    ) -> None:
        super().__init__(f"{status} {code} {detail}".strip())
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = fields
        self.current = current


def find_problem(error: BaseException, city: CityView) -> Problem | None:
    """Say what kind of refusal an error is; None for a fault of the program."""
    if isinstance(error, Problem):
        return error
    status = next((status for kind, status in STATUS_OF if isinstance(error, kind)), None)
    if status is None:
        return None
    return Problem(status, code_of(type(error)), detail=city.refusal(error) or "")


def code_of(kind: type[BaseException]) -> str:
    """Give the code of a class of errors: NotAllowed -> not_allowed; what is wrong with a talk is `talk`, all that the store raises `busy`."""
    if issubclass(kind, errors.TicketError):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
    return "talk" if issubclass(kind, seats.SeatError) else "busy"


def describe(problem: Problem, city: CityView) -> ProblemBody:
    """Put a problem into words: `title` names its status, `detail` says what to do."""
    return ProblemBody(
        type=f"urn:jieying:problem:{problem.code}",
        title=city.say(f"title_{problem.status}"),
        status=problem.status,
        detail=problem.detail or city.say(f"problem_{problem.code}"),
        code=problem.code,
        fields=list(problem.fields),
        current=problem.current,
    )


def wrong(where: str, expected: str) -> Problem:
    """Refuse a call because of one part of it."""
    return Problem(422, "invalid", fields=(FieldProblem(where=where, expected=expected),))


def find_field(error: Exception, part: str) -> FieldProblem:
    """Read msgspec's message (`Expected … - at `$.x``) into what is wrong and where."""
    message, _, path = str(error).partition(" - at `$")
    return FieldProblem(where=part + path.rstrip("`"), expected=message)
