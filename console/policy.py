"""Who may do what through the API: one table, one question. Pure.

    authorize(actor, action, resource) -> Allowed | Denied(reason)

The table says which rows of an action a role reaches (`Rows`). It only ever takes away from what routing.sight shows: a ticket that sight does
not show is not there for anybody, and what a role's rows do not hold is not there either (`unseen`: 404, never 403). A role that never does
something is told so before anything is looked up (`role`, `scope`: 403), so that the answer says nothing about any ticket.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

from routing import sight
from routing.sight import Sight, Viewer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.facts import TicketFacts
    from routing.org import OrgChart


class Role(StrEnum):
    """The roles of the API: those of the staff's posts, the resident with the link of a ticket, and a partner's program."""

    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    LIAISON = "liaison"
    UNIT_CLERK = "unit_clerk"
    DESK = "desk"
    SEAT = "seat"
    SUPERVISOR = "supervisor"
    KNOWLEDGE_EDITOR = "knowledge_editor"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    PARTNER = "partner"
    NOBODY = "nobody"
    """A post whose role the table does not have: it sees who it is, no more."""


class Rows(StrEnum):
    """Which rows of an action a role reaches."""

    NONE = "none"
    ALL = "all"
    """What has no rows of its own: one's own post, the organisation, the duty list, the knowledge entries, the figures (of which areas, the route
    asks routing.coverage)."""
    SEEN = "seen"
    """The tickets that routing.sight shows."""
    UNIT = "unit"
    """Of these, the ones that one's own unit has or assists with."""
    AREA = "area"
    """Of these, the ones that lie in one's own area, or that one reported."""
    NEAR = "near"
    """The tickets that lie in one's own grid or that one reported, also where sight shows nothing of them: for looking on the spot. None that is
    confidential or about anybody."""
    REPORTED = "reported"
    """The tickets that one reported oneself."""
    OWN = "own"
    """The ticket whose link somebody holds."""


Action = str
"""What a route does: `me.read`, `tickets.read`, `act.dispatch`, …"""

Kind = Literal["staff", "partner", "resident"]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls: a post of the staff by its code, a partner by its name, or whoever holds the link of a ticket."""

    kind: Kind
    code: str
    role: Role
    unit: str = ""
    posts: tuple[str, ...] = ()
    """Where they work: their own unit, and the one they are stationed at."""
    area: str = ""
    scopes: tuple[Action, ...] = ()
    """A partner's: the actions it was given."""
    fields: tuple[str, ...] = ()
    """A partner's: of a ticket it gets these and no others."""

    @property
    def viewer(self) -> Viewer:
        """As whom routing.sight looks at this actor. A partner sees what the unit it works for sees, and nothing without one."""
        return Viewer("unit", self.unit) if self.kind == "partner" else Viewer("staff", self.code)


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be acted on: nothing in particular, or one ticket."""

    ticket: TicketFacts | None = None
    org: OrgChart | None = None
    """Needed with a ticket: who stands where."""


class Allowed(msgspec.Struct, frozen=True):
    """It may be done; `rows` says within which rows."""

    rows: Rows


class Denied(msgspec.Struct, frozen=True):
    """It may not be done. role, scope: never by this role or partner. unseen: for them there is no such row."""

    reason: Literal["role", "scope", "unseen"]


_READERS: dict[Role, Rows] = {
    Role.GRID_WORKER: Rows.AREA,
    Role.LIAISON: Rows.UNIT,
    Role.UNIT_CLERK: Rows.UNIT,
    Role.DESK: Rows.SEEN,
    Role.SEAT: Rows.SEEN,
    Role.SUPERVISOR: Rows.SEEN,
    Role.AUDITOR: Rows.SEEN,
    Role.PARTNER: Rows.UNIT,
}
_ACTORS: dict[Role, Rows] = {role: rows for role, rows in _READERS.items() if role not in {Role.AUDITOR, Role.PARTNER}}
_WORKERS: dict[Role, Rows] = {role: rows for role, rows in _ACTORS.items() if role is not Role.SEAT}
_DESKS: dict[Role, Rows] = {Role.DESK: Rows.SEEN, Role.SUPERVISOR: Rows.SEEN}
_STAFF: dict[Role, Rows] = {role: Rows.ALL for role in Role if role not in {Role.RESIDENT, Role.NOBODY, Role.PARTNER}}

_UNITS_ACTS = (
    "sign", "return", "reply", "conclude", "progress", "original", "ask_more", "resume", "ask_extension", "ask_pause", "answer_supervision",
    "task", "task_sign", "task_reply", "task_return", "task_cancel",
)  # fmt: skip
_DESKS_ACTS = (
    "dispatch", "transfer", "decline", "close", "kind", "split", "separate", "merge", "unmerge", "raise", "follow_up", "grant", "refuse",
    "seal", "keep_from", "draft", "approve", "reassign", "arbitrate", "carry", "explain", "supervise", "instruct",
)  # fmt: skip

TABLE: Mapping[Action, Mapping[Role, Rows]] = {
    "me.read": dict.fromkeys((role for role in Role if role is not Role.RESIDENT), Rows.ALL),
    "reported.read": {Role.GRID_WORKER: Rows.REPORTED, Role.LIAISON: Rows.REPORTED},
    "tickets.read": _READERS,
    "events.read": _READERS,
    "tickets.file": dict.fromkeys((Role.GRID_WORKER, Role.LIAISON, Role.DESK, Role.SEAT, Role.SUPERVISOR, Role.PARTNER), Rows.ALL),
    "org.read": _STAFF | {Role.PARTNER: Rows.ALL},
    "duties.read": _STAFF | {Role.PARTNER: Rows.ALL},
    "knowledge.read": _STAFF | {Role.PARTNER: Rows.ALL},
    "figures.read": {Role.DESK: Rows.ALL, Role.SUPERVISOR: Rows.ALL, Role.AUDITOR: Rows.ALL},
    "figures.list": {Role.DESK: Rows.SEEN, Role.SUPERVISOR: Rows.SEEN, Role.AUDITOR: Rows.SEEN},
    "months.decide": {Role.DESK: Rows.ALL, Role.SUPERVISOR: Rows.ALL},
    "workloads.read": {Role.SUPERVISOR: Rows.ALL},
    "partner.read": {Role.PARTNER: Rows.UNIT},
    "partner.write": {Role.PARTNER: Rows.ALL},
    "exchange.write": {Role.PARTNER: Rows.ALL},
    "own.read": {Role.RESIDENT: Rows.OWN},
    "own.act": {Role.RESIDENT: Rows.OWN},
    "pages.read": {Role.RESIDENT: Rows.ALL},
    "pages.write": {Role.RESIDENT: Rows.ALL},
    "desk.work": _DESKS,
    "desk.file": {Role.DESK: Rows.ALL, Role.SUPERVISOR: Rows.ALL},
    "mine.work": {Role.UNIT_CLERK: Rows.UNIT, Role.LIAISON: Rows.UNIT},
    "grid.work": {Role.GRID_WORKER: Rows.AREA, Role.LIAISON: Rows.AREA},
    "seat.work": dict.fromkeys((Role.SEAT, Role.DESK), Rows.ALL),
    "knowledge.edit": dict.fromkeys((Role.KNOWLEDGE_EDITOR, Role.OPERATOR), Rows.ALL),
    "words.read": dict.fromkeys((Role.KNOWLEDGE_EDITOR, Role.SUPERVISOR, Role.OPERATOR), Rows.ALL),
    "words.edit": {Role.KNOWLEDGE_EDITOR: Rows.ALL},
    "system.read": dict.fromkeys((Role.OPERATOR, Role.AUDITOR), Rows.ALL),
    "system.write": {Role.OPERATOR: Rows.ALL},
    "pictures.read": _ACTORS,
    "act.note": _ACTORS,
    "act.acknowledge": _ACTORS,
    "act.evaluate": {Role.GRID_WORKER: Rows.REPORTED, Role.LIAISON: Rows.REPORTED},
    "act.verify": _DESKS | {Role.GRID_WORKER: Rows.NEAR},
    **dict.fromkeys((f"act.{name}" for name in _UNITS_ACTS), _WORKERS),
    **dict.fromkeys((f"act.{name}" for name in _DESKS_ACTS), _DESKS),
}
"""Action -> role -> the rows it reaches; a role that is not named reaches none. What somebody may do with a row they reach, routing decides."""

SCOPES = tuple(action for action, roles in TABLE.items() if Role.PARTNER in roles and action != "me.read")
"""The actions that a partner can be given."""


def role_of(name: str) -> Role:
    """Give the role of a post by the word that stands in the staff list; NOBODY for a word that no post has."""
    posts = frozenset(Role) - {Role.RESIDENT, Role.PARTNER, Role.NOBODY}
    return next((role for role in posts if role == name), Role.NOBODY)


def staff_actor(code: str, *, org: OrgChart) -> Actor | None:
    """Give as whom a post of the staff acts today; None if nobody who is active has this code."""
    person = org.staff.get(code)
    if person is None:
        return None
    return Actor(kind="staff", code=person.code, role=role_of(person.role), unit=person.unit, posts=person.posts, area=person.area)


def rows_of(actor: Actor, action: Action) -> Rows:
    """Say which rows of an action an actor reaches; KeyError for an action that the table does not have."""
    rows = TABLE[action].get(actor.role, Rows.NONE)
    given = actor.kind != "partner" or action in actor.scopes or action == "me.read"
    return rows if given else Rows.NONE


def authorize(actor: Actor, action: Action, resource: Resource | None = None) -> Allowed | Denied:
    """Decide whether an actor may do something, with a ticket if one is given. KeyError for an action that the table does not have."""
    rows = rows_of(actor, action)
    if rows is Rows.NONE:
        return Denied("scope" if actor.role in TABLE[action] else "role")
    ticket = resource.ticket if resource is not None else None
    if resource is None or ticket is None or resource.org is None:
        return Allowed(rows)
    return Allowed(rows) if _holds(rows, actor, ticket, resource.org) else Denied("unseen")


def _holds(rows: Rows, actor: Actor, ticket: TicketFacts, org: OrgChart) -> bool:
    """Tell whether a ticket is one of the rows that an actor reaches."""
    reported = bool(actor.code) and actor.kind == "staff" and ticket.reporter_staff == actor.code
    if rows is Rows.REPORTED:
        return reported
    if rows is Rows.NEAR:
        here = bool(actor.area and ticket.area) and org.within(ticket.area, actor.area)
        return (reported or here) and not (ticket.confidential or ticket.refused or ticket.refused_staff)
    if sight.decide(ticket, actor.viewer, org=org) is Sight.NONE:
        return False
    if rows is Rows.UNIT:
        return not {actor.unit, *actor.posts}.isdisjoint(map(org.standing_unit, (ticket.unit, *ticket.assisting)))
    if rows is Rows.AREA:
        return reported or not actor.area or org.within(ticket.area, actor.area)
    return rows is Rows.SEEN
