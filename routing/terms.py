"""The words of routing as plain values: what is decided on, and what a decision looks like. No database here."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations
from enum import StrEnum
from typing import Any, Literal

import msgspec


class Level(StrEnum):
    """层级: from the smallest to the widest. A tree may skip some; nothing assumes a depth."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


class UnitKind(StrEnum):
    """承办单位的种类."""

    DEPARTMENT = "department"
    STREET_OFFICE = "street_office"
    COMMUNITY = "community"
    UTILITY = "utility"
    PROPERTY_COMPANY = "property_company"
    OWNERS_COMMITTEE = "owners_committee"
    POLICE = "police"
    DESK = "desk"


class Status(StrEnum):
    """工单状态. What is allowed from where stands in routing.lifecycle."""

    ACCEPTED = "accepted"  #: 已受理, at the desk
    DISPATCHED = "dispatched"  #: 已派单, with a unit
    SIGNED = "signed"  #: 已签收 by the unit
    REPLIED = "replied"  #: 已答复, work not yet declared done
    CONCLUDED = "concluded"  #: 已办结 by the unit; the resident is asked
    REVIEW = "review"  #: 待裁定: twice not well done, a supervisor decides
    CARRIED = "carried"  #: 已挂账: cannot be done soon; the unit reports on it from time to time
    WAITING = "waiting"  #: 待补充: the resident was asked for more
    PAUSED = "paused"  #: 已中止: held up, with leave and until a day
    CLOSED = "closed"  #: 已结案 by the desk
    WITHDRAWN = "withdrawn"  #: 已撤回 by the resident
    DECLINED = "declined"  #: 不予受理; the resident was told where the statutory route begins
    MERGED = "merged"  #: 已并单: it goes on as another ticket


ReturnReason = Literal["area", "ownership", "remit", "other"]
"""属地不符 / 权属不符 / 职能不符 / 其他."""

UNKNOWN = "?"
"""Stands among the refused where somebody is accused whom the organisation's lists do not have: it is kept from all until a person has looked."""

SCAN = "scan"
"""The source of what was reported through a code."""
NOBODY = 0
"""Stands where a ticket's resident would: a neighbour was heard in a group, a grid worker reported it, and nobody asked who it was."""

OPEN_STATUSES = frozenset(Status) - {Status.CLOSED, Status.WITHDRAWN, Status.DECLINED, Status.MERGED}


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """区域: a node of the organisation tree. `kind` of a grid is residential, merchant or dedicated."""

    code: str
    name: str
    level: Level
    parent: str = ""
    kind: str = ""
    households: int = 0
    aliases: tuple[str, ...] = ()


class HandlingUnit(msgspec.Struct, frozen=True, kw_only=True):
    """承办单位 (a desk is one too): what it is for (`functions`) and for which area."""

    code: str
    name: str
    kind: UnitKind
    area: str
    functions: tuple[str, ...] = ()
    parent: str = ""
    private: bool = False


class DutyItem(msgspec.Struct, frozen=True, kw_only=True):
    """职责事项: one row of the duty list. deadline_unit hours|days, deadline_calendar working|calendar."""

    code: str
    name: str
    category: str
    words: tuple[str, ...]
    phrasings: tuple[str, ...]
    level: Level
    lead: str
    assisting: tuple[str, ...] = ()
    deadline_value: int = 5
    deadline_unit: Literal["hours", "days"] = "days"
    deadline_calendar: Literal["working", "calendar"] = "working"
    tier: Literal["normal", "orange"] = "normal"
    basis: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    allowed_levels: tuple[Level, ...] = ()
    enforceable: bool = False
    public_space: bool = True
    std_code: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """诉求: what is to be routed. Built from an intent's Draft by bot/effects; `area` is the one grid the place resolved to, if any."""

    text: str
    kind: str = "help"
    place: str = ""
    public_place: str = ""
    place_name: str = ""
    """The road, estate or landmark alone (of a scanned door the building): what may be said of the place where the writer lives."""
    at_home: bool = False
    """The place is where the writer says they live, or the door whose code they scanned."""
    areas: tuple[str, ...] = ()
    property_unit: str = ""
    tier: Literal["red", "orange", "none"] = "none"
    hazard: str = ""
    confidential: bool = False
    about: tuple[str, ...] = ()
    said: str = ""
    """The whole message, where `text` is one of several matters in it: whom it accuses is kept from all of them."""
    reason: str = ""
    reporter_staff: str = ""
    """Staff code, when a grid worker files it."""
    follows: str = ""
    """The number of the resident's finished ticket that this comes back to."""
    beside: tuple[str, ...] = ()
    """The numbers of tickets opened for other matters of the same message: it joins none of them."""
    apart: bool = False
    """It joins no ticket: a person took it apart."""
    split_from: str = ""
    """The number of the ticket it was split off."""
    received_at: datetime | None = None
    """When it was received, if that is not now: the resident's time runs from there."""
    requester: str = "resident"
    """诉求人种类: resident, merchant, company, property or unit."""
    source: str = ""
    """What brought the writer here: scan for a code; "" for a message of their own."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that speaks for a duty item: the word, phrasing or piece found, and its weight.

    `learned` is what was found in messages, not in the list; `own` what this city's earlier dispatches have taught.
    """

    found: str
    weight: float
    kind: Literal["word", "phrasing", "name", "learned", "own"]


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A duty item that may be meant, with what speaks for it. `score` is what the duty list's own words speak; `confidence` is 0..1."""

    item: DutyItem
    score: float
    confidence: float
    evidence: tuple[Evidence, ...]


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """时限: the moment, and how it was counted, line by line."""

    due_at: datetime
    basis: tuple[str, ...]


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """派遣结论: where the matter goes and why. `automatic` False means it waits at `unit`, a desk, with its ranked candidates."""

    unit: str
    desk: str
    automatic: bool
    item: str = ""
    assisting: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Units that must never see this matter (conflict of interest), and all that answer to them; UNKNOWN for somebody no list has."""
    refused_staff: tuple[str, ...] = ()
    """Persons (staff codes) who must never see it, wherever they work."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be told what: a notice key and its facts, never sentences. audience: resident | unit | desk | roster | operator | staff."""

    key: str
    audience: Literal["resident", "unit", "desk", "roster", "operator", "staff"]
    target: str
    """Resident id (as text), unit code, desk code, or staff code."""
    facts: dict[str, Any] = {}
    urgent: bool = False
    at_night: bool = False
    """It cannot wait until the quiet hours are over: an alarm, or an urgent matter."""
    cause: str = ""
    """What it is told for (ticket event and destination): the same cause is told once."""
