"""What a call may ask: the queries of lists and the bodies of acts. The constraints stand in the document, and what breaks them is answered 422."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from routing.checking import Found  # noqa: TC001 - msgspec reads the annotation
from routing.desk import ReturnReason  # noqa: TC001 - msgspec reads the annotation
from routing.terms import Status  # noqa: TC001 - msgspec reads the annotation

Code = Annotated[str, Meta(min_length=1, max_length=64)]
OptionalCode = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
OptionalText = Annotated[str, Meta(max_length=4000)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Cursor = Annotated[str, Meta(max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a call asks; a name that is not there is refused, so that no slip goes unseen."""


class Paged(Asked, frozen=True):
    """Which part of a list."""

    limit: Limit = 50
    cursor: Cursor = ""


class TicketsAsked(Paged, frozen=True):
    """Which tickets: those of all that is given."""

    status: list[Status] = []
    unit: OptionalCode = ""
    desk: OptionalCode = ""
    area: OptionalCode = ""
    kind: OptionalCode = ""
    overdue: bool = False
    updated_since: Moment | None = None


class EntriesAsked(Paged, frozen=True):
    """Which entries: those that answer `q`, or all by code."""

    q: Annotated[str, Meta(max_length=200)] = ""


class FiguresAsked(Asked, frozen=True):
    """Which figures: of what was received from one day to another of the city, both included.

    Without days, of this month until today; without an area, of all that the caller's desk covers.
    """

    since: date | None = msgspec.field(default=None, name="from")
    until: date | None = msgspec.field(default=None, name="to")
    area: OptionalCode = ""
    unit: OptionalCode = ""
    level: OptionalCode = ""
    channel: OptionalCode = ""
    item: OptionalCode = ""
    kind: OptionalCode = ""


class File(Asked, frozen=True):
    """代办: what is filed for somebody, or was found. The place is read from the words; `area` is where it is if they do not say."""

    text: Text
    place: Annotated[str, Meta(max_length=200)] = ""
    area: OptionalCode = ""
    kind: Literal["consult", "help", "complaint", "report", "suggestion", "praise"] = "help"
    requester: Literal["resident", "merchant", "company", "property", "unit"] = "resident"
    confidential: bool = False


class Nothing(Asked, frozen=True):
    """An act that needs nothing more: send {}."""


class Dispatch(Asked, frozen=True):
    """派单: to whom, and for which duty item; without one it is the first proposed item that the unit is there for."""

    unit: Code
    item: OptionalCode = ""


class Return(Asked, frozen=True):
    """退单: why it is not theirs, by which article of the duty list, and whose it is."""

    reason: ReturnReason
    text: Text
    article: OptionalCode = ""
    suggested: OptionalCode = ""


class Say(Asked, frozen=True):
    """An act with words."""

    text: Text


class SayMore(Asked, frozen=True):
    """An act that may come with words."""

    text: OptionalText = ""


class ChangeKind(Asked, frozen=True):
    """改诉求类型."""

    kind: Literal["consult", "help", "complaint", "report", "suggestion", "praise"]


class KeepFrom(Asked, frozen=True):
    """回避: whom it is about, by code or by name."""

    units: Annotated[list[Code], Meta(max_length=50)] = []
    staff: Annotated[list[Code], Meta(max_length=50)] = []
    names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=50)] = []


class Approve(Asked, frozen=True):
    """Approve the 转办摘要; `talked`: somebody has talked with the resident who wanted it."""

    talked: bool = False


class Reassign(Asked, frozen=True):
    """改派: another unit takes it, for these reasons."""

    unit: Code
    text: Text
    item: OptionalCode = ""


class Decline(Asked, frozen=True):
    """不予受理: the statutory route by its code, and why, in words the resident reads."""

    route: Code
    text: Text


class Split(Asked, frozen=True):
    """拆分: the texts of the parts that get a ticket of their own, and what the original is about now."""

    parts: Annotated[list[Text], Meta(min_length=1, max_length=10)]
    text: Text


class Separate(Asked, frozen=True):
    """分开: which neighbour gets a ticket of their own; 1 is who joined first."""

    follower: Annotated[int, Meta(ge=1, le=10_000)]
    text: Text


class Merge(Asked, frozen=True):
    """并单: the number of the ticket that goes on."""

    into: Code


class Task(Asked, frozen=True):
    """协办任务: to whom, what, and until when; without it most of what is left of the lead's time."""

    unit: Code
    text: Text
    due_at: Moment | None = None


class Cancel(Asked, frozen=True):
    """Whose task is taken back."""

    unit: Code


class GiveBack(Asked, frozen=True):
    """Why a task is not this unit's."""

    reason: ReturnReason
    text: Text


class Apply(Asked, frozen=True):
    """申请延期或中止: until when, and why, in words the resident reads."""

    until: Moment
    text: Text


class Verify(Asked, frozen=True):
    """核查: what was found on the spot."""

    found: Found
    text: OptionalText = ""


class Oversee(Asked, frozen=True):
    """督办或批示: what is asked, and in how many working days it is to be answered; 0 is the usual."""

    text: Text
    days: Annotated[int, Meta(ge=0, le=365)] = 0


class Evaluate(Asked, frozen=True):
    """What the grid worker who reported it, or the resident on the telephone, says of the result."""

    contacted: Literal["", "yes", "no"] = ""
    solved: Literal["", "yes", "partly", "no"] = ""
    satisfied: Literal["", "yes", "basic", "no"] = ""
    text: OptionalText = ""


class Open(Asked, frozen=True):
    """Why the original has to be read."""

    reason: Text
