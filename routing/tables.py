"""The tables of routing: who handles what where, and the tickets with their append-only events.

Rows of the organisation and of the duty list are filled by the importers and read into frozen values (routing.org_rows). A ticket is
the summary of its events. What a resident or a unit wrote about a matter is sealed under the ticket's own data key; title and summary are masked.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Json, Sealed

_EMPTY = literal_column("''", Text)  # the default of texts in rows older than their column, as databases give it back


class AreaRow(Base):
    """区域. One that is no more keeps its row, with the moment and the code of the area that followed it."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    households: Mapped[int] = mapped_column(default=0)
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    successor: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    retired_at: Mapped[datetime | None]


class UnitRow(Base):
    """承办单位 (a desk is one too). One that is no more keeps its row, with the moment and the code of the unit that followed it."""

    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    functions: Mapped[list[Any]] = mapped_column(default=list)
    parent: Mapped[str] = mapped_column(default="")
    private: Mapped[bool] = mapped_column(default=False)
    successor: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    retired_at: Mapped[datetime | None]


class StaffRow(Base):
    """人员: a post held by somebody. Their own phones are not kept; `work_phone` is the post's, for residents to call."""

    __tablename__ = "staff"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    unit: Mapped[str] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(default="")
    stationed: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    work_phone: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)


class ShiftRow(Base):
    """值班表: one shift of a desk, by its own content as code."""

    __tablename__ = "roster_shift"

    code: Mapped[str] = mapped_column(primary_key=True)
    desk: Mapped[str] = mapped_column(index=True)
    starts: Mapped[str]
    ends: Mapped[str]
    days: Mapped[str]
    staff: Mapped[str]
    backup: Mapped[str] = mapped_column(default="")


class GroupRow(Base):
    """A residents' group: which grid it belongs to, whether the notice is posted, which worker looks after it."""

    __tablename__ = "resident_group"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    grid: Mapped[str]
    notice_posted: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str] = mapped_column(default="")


class PlaceTableRow(Base):
    """A road, estate or landmark and the grid it lies in; a long road has a row per grid. The code is made of what identifies the row."""

    __tablename__ = "place"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str] = mapped_column(index=True)
    number_from: Mapped[int | None]
    number_to: Mapped[int | None]
    parity: Mapped[str] = mapped_column(default="all")
    parent: Mapped[str] = mapped_column(default="")
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    property_unit: Mapped[str] = mapped_column(default="")


class EmergencyContact(Base):
    """A public number to call at once, and what to do until help comes."""

    __tablename__ = "emergency_contact"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[str]
    advice: Mapped[str] = mapped_column(default="")


class CalendarDay(Base):
    """A day on which this city departs from the shipped calendar: kind is holiday or workday."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")


class DutyItemRow(Base):
    """职责事项 as imported; `list_version` counts the imports that changed it, so that a ticket can say by which it was routed."""

    __tablename__ = "duty_item"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    words: Mapped[list[Any]] = mapped_column(default=list)
    phrasings: Mapped[list[Any]] = mapped_column(default=list)
    level: Mapped[str]
    lead: Mapped[str]
    assisting: Mapped[list[Any]] = mapped_column(default=list)
    deadline_value: Mapped[int]
    deadline_unit: Mapped[str]
    deadline_calendar: Mapped[str]
    tier: Mapped[str] = mapped_column(default="normal")
    basis: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    allowed_levels: Mapped[list[Any]] = mapped_column(default=list)
    enforceable: Mapped[bool] = mapped_column(default=False)
    public_space: Mapped[bool] = mapped_column(default=True)
    std_code: Mapped[str] = mapped_column(default="")
    list_version: Mapped[int] = mapped_column(default=1)


class Ticket(Base):
    """工单: where a matter stands now. `version` guards against two people writing at once; `look_at` is when supervision looks again.

    Of the result the opener says three things (`contacted`, `solved`, `satisfied`; "" is not said), `rating` sums them up. `asked` is what of
    them is being asked once more, `unhappy` how often it was bad, `evaluated` what the grid worker who reported it (`reporter_staff`) says.
    `disputed` is the unit whose result a supervisor decides on; `reask_at` when a thing that was mended is asked after, `reasked_at` when it was.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_status_unit", "status", "unit"),
        Index("ix_ticket_status_desk", "status", "desk"),
        Index("ix_ticket_area_opened_at", "area", "opened_at"),
        Index("ix_ticket_unit_id", "unit", "id"),
        Index("ix_ticket_desk_id", "desk", "id"),
        Index("ix_ticket_handler_id", "handler", "id"),
        Index("ix_ticket_status_due_at_desk", "status", "due_at", "desk"),
        Index("ix_ticket_solved_kind", "solved", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    inbox_id: Mapped[int | None] = mapped_column(index=True)
    channel: Mapped[str]
    origin_line: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    requester: Mapped[str] = mapped_column(default="resident", server_default="resident")
    reason: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    summary: Mapped[str]
    key_id: Mapped[int]
    text: Mapped[bytes] = mapped_column(Sealed)
    place_text: Mapped[bytes | None] = mapped_column(Sealed)
    public_place: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="")
    merge_key: Mapped[str] = mapped_column(default="")
    public_space: Mapped[bool]
    confidential: Mapped[bool]
    tier: Mapped[str] = mapped_column(index=True)
    hazard: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    unit: Mapped[str]
    desk: Mapped[str]
    item: Mapped[str] = mapped_column(default="")
    assisting: Mapped[list[Any]] = mapped_column(default=list)
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    why: Mapped[list[Any]] = mapped_column(default=list)
    refused: Mapped[list[Any]] = mapped_column(default=list)
    refused_staff: Mapped[list[Any] | None] = mapped_column(default=list)
    home_name: Mapped[str | None]
    handover: Mapped[bytes | None] = mapped_column(Sealed)
    handover_state: Mapped[str] = mapped_column(default="", server_default=_EMPTY, index=True)
    automatic: Mapped[bool]
    rehearsed: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime]
    due_basis: Mapped[list[Any]] = mapped_column(default=list)
    held_since: Mapped[datetime | None]
    """When the time of whoever has it now began."""
    opened_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reply_text: Mapped[bytes | None] = mapped_column(Sealed)
    rating: Mapped[str] = mapped_column(default="")
    contacted: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    solved: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    satisfied: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    asked: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    asked_at: Mapped[datetime | None]
    unhappy: Mapped[int] = mapped_column(default=0, server_default="0")
    evaluated: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    reporter_staff: Mapped[str] = mapped_column(default="", server_default=_EMPTY, index=True)
    proxied: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many reported it for somebody else (ticket_proxy)."""
    follows: Mapped[str | None] = mapped_column(index=True)
    """The number of the finished ticket that this one comes back to."""
    disputed: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    reask_at: Mapped[datetime | None]
    reasked_at: Mapped[datetime | None]
    redo_count: Mapped[int] = mapped_column(default=0)
    returns: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often units returned it since a supervisor last decided; the second time one decides."""
    barred: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """The unit that a supervisor decided for: it may not return it again."""
    first_receiver: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """首接: who took it in, a person of the staff or the first desk; stays answerable until the close, whoever has it."""
    resolved_level: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """The level of the unit that concluded it."""
    merged_into: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """The number of the ticket it goes on as, while it is merged."""
    split_from: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """The number of the ticket it was split off."""
    resume_at: Mapped[datetime | None]
    """While it waits for the resident, or is paused: when it goes on by itself."""
    resident_due_at: Mapped[datetime | None] = mapped_column(index=True)
    """By when the resident has a right to an answer: the due time of the running resident's clock."""
    resident_warned: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """What was last said of the resident's clock: due_soon, overdue or ""."""
    source: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    """What brought the resident here: scan, patrol, plan, hotline; "" for a message."""
    followers: Mapped[int] = mapped_column(default=0)
    warned: Mapped[str] = mapped_column(default="")
    warned_at: Mapped[datetime | None]
    alarms: Mapped[int] = mapped_column(default=0)
    alarmed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    handler: Mapped[str] = mapped_column(default="", server_default=_EMPTY)
    look_at: Mapped[datetime | None] = mapped_column(index=True)
    updated_at: Mapped[datetime | None] = mapped_column(index=True)
    """When something last happened to it: the moment of its last event."""
    last_act: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy declares it so


class TicketEvent(Base):
    """流转记录: one act, never changed. `facts` hold codes only; what somebody wrote is sealed under the ticket's key.

    Dispatches and returns name the duty item they speak of and `how` it was chosen: automatic, agreed (a clerk took the first proposal), corrected.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_item_id", "item", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    act: Mapped[str]
    actor: Mapped[str]
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str]
    unit: Mapped[str]
    item: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")
    facts: Mapped[Json] = mapped_column(default=dict)
    text: Mapped[bytes | None] = mapped_column(Sealed)


class TicketClock(Base):
    """One run of one of a ticket's clocks (routing.clocks): `value`, `unit`, `calendar` and `next_day` are its term.

    `changes` are the pauses and extensions, as [kind, from, to] in ISO 8601; `result` is running, met, late or void.
    """

    __tablename__ = "ticket_clock"
    __table_args__ = (Index("ix_ticket_clock_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str]
    round: Mapped[int]
    started_at: Mapped[datetime]
    value: Mapped[int]
    unit: Mapped[str]
    calendar: Mapped[str]
    next_day: Mapped[bool]
    due_at: Mapped[datetime]
    basis: Mapped[list[Any]]
    changes: Mapped[list[Any]] = mapped_column(default=list)
    paused_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(index=True)


class TicketFollower(Base):
    """A neighbour who reported the same matter. Their words lie under a key of their own, so that erasing them touches nobody else's."""

    __tablename__ = "ticket_follower"
    __table_args__ = (UniqueConstraint("ticket_id", "resident_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    resident_id: Mapped[int] = mapped_column(index=True)
    inbox_id: Mapped[int | None]
    joined_at: Mapped[datetime]
    key_id: Mapped[int]
    text: Mapped[bytes] = mapped_column(Sealed)


class TicketProxy(Base):
    """代人反映: who reported a ticket for somebody else, and what they may see of it: asked, all, status or none.

    `represented_id` is empty where that person is not known to us: then the reporter is the contact. Nobody's name stands here.
    """

    __tablename__ = "ticket_proxy"
    __table_args__ = (UniqueConstraint("ticket_id", "proxy_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    proxy_id: Mapped[int] = mapped_column(index=True)
    represented_id: Mapped[int | None] = mapped_column(index=True)
    allowed: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class Incident(Base):
    """同一件事 that several tickets tell of (one alone is one too). Its number is never given to another; of one that was merged the rest stands.

    `residents` are the distinct people heard, `raised_…_at` is when a supervisor was told; `opened_at` and `last_at` are its first and last voice.
    """

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    area: Mapped[str] = mapped_column(default="")
    item: Mapped[str] = mapped_column(default="")
    residents: Mapped[int]
    merged_into: Mapped[int | None]
    raised_burst_at: Mapped[datetime | None]
    raised_slow_at: Mapped[datetime | None]


class IncidentMember(Base):
    """Which incident a ticket tells of; none for a ticket that was taken out for good (sealed, or its resident erased).

    `followers` is how many neighbours had joined the ticket when its incident was last looked at.
    """

    __tablename__ = "incident_member"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    by_hand: Mapped[bool] = mapped_column(default=False)
    followers: Mapped[int] = mapped_column(default=0)


class IncidentApart(Base):
    """Two incidents that a person split: nothing but a person joins them again. The smaller number first."""

    __tablename__ = "incident_apart"

    first_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, autoincrement=False)
    second_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, autoincrement=False)
