"""工单的一生: the one table of what may be done with a ticket, from which status, by whom, and what it needs. Pure.

    accepted ─▶ dispatched ─▶ signed ─▶ replied ─▶ concluded ─▶ closed
        ▲            └── return ◀┘          └─────┬─────┘
        └────────────────┘                  redo ─▶ dispatched
        └── reopen, where the desk itself had answered

Twice badly done, it goes from its answer to a supervisor, who decides one of three ways:

    replied, concluded ── escalate ─▶ review ── reassign ─▶ dispatched
                                        ├── carry ─▶ carried ─▶ concluded      carried: the unit reports on it now and then
                                        └── explain ─▶ closed

From every open status the resident may withdraw. Opening (`accept`) has no row: it has no status to come from.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from routing.errors import Missing, NotAllowed
from routing.terms import OPEN_STATUSES, Status

Act = Literal[
    "accept", "dispatch", "sign", "return", "reply", "conclude", "close", "rate", "redo", "reopen",
    "withdraw", "leave", "note", "urge", "add", "join", "acknowledge", "warn",
    "represent", "allow",
    "seal", "keep_from", "draft", "doubt", "approve", "unseal",
    "kind", "redo_part", "escalate", "reassign", "carry", "explain", "progress", "evaluate", "reask", "after", "alarm",
]  # fmt: skip
Role = Literal["resident", "unit", "desk", "system", "supervisor", "reporter"]
Need = Literal["text", "reason", "unit", "rating"]

_OPEN = frozenset(OPEN_STATUSES)
_ACCEPTED = frozenset({Status.ACCEPTED})
_WORKED = frozenset({Status.DISPATCHED, Status.SIGNED})
_ANSWERED = frozenset({Status.REPLIED, Status.CONCLUDED})


class Transition(msgspec.Struct, frozen=True):
    """One row: `to` None leaves the status as it is."""

    act: Act
    sources: frozenset[Status]
    to: Status | None
    roles: tuple[Role, ...]
    needs: tuple[Need, ...] = ()


TRANSITIONS: tuple[Transition, ...] = (
    Transition("dispatch", _ACCEPTED, Status.DISPATCHED, ("desk", "system"), ("unit",)),
    Transition("sign", frozenset({Status.DISPATCHED}), Status.SIGNED, ("unit",)),
    Transition("return", _WORKED, Status.ACCEPTED, ("unit", "desk"), ("reason", "text")),
    Transition("return", frozenset({Status.DISPATCHED}), Status.ACCEPTED, ("system",)),
    Transition("reply", _WORKED | {Status.REPLIED}, Status.REPLIED, ("unit", "desk"), ("text",)),
    Transition("reply", _ACCEPTED, Status.REPLIED, ("desk",), ("text",)),
    Transition("conclude", _WORKED | {Status.REPLIED}, Status.CONCLUDED, ("unit", "desk"), ("text",)),
    Transition("conclude", _ACCEPTED, Status.CONCLUDED, ("desk",), ("text",)),
    Transition("close", _ANSWERED, Status.CLOSED, ("desk", "system")),
    Transition("rate", _ANSWERED, None, ("resident",), ("rating",)),
    Transition("redo", _ANSWERED, Status.DISPATCHED, ("desk", "system")),
    Transition("redo_part", _ANSWERED, Status.DISPATCHED, ("system",)),
    Transition("escalate", _ANSWERED, Status.REVIEW, ("system",)),
    Transition("reassign", frozenset({Status.REVIEW}), Status.DISPATCHED, ("supervisor",), ("unit", "text")),
    Transition("carry", frozenset({Status.REVIEW}), Status.CARRIED, ("supervisor",), ("text",)),
    Transition("explain", frozenset({Status.REVIEW}), Status.CLOSED, ("supervisor",), ("text",)),
    Transition("progress", frozenset({Status.CARRIED}), None, ("unit", "desk"), ("text",)),
    Transition("conclude", frozenset({Status.CARRIED}), Status.CONCLUDED, ("unit", "desk"), ("text",)),
    Transition("return", frozenset({Status.CARRIED}), Status.ACCEPTED, ("unit", "desk"), ("reason", "text")),
    Transition("evaluate", _ANSWERED, None, ("reporter",), ("rating",)),
    Transition("reask", frozenset({Status.CLOSED}), None, ("system",)),
    Transition("after", frozenset({Status.CLOSED}), None, ("resident",)),
    Transition("reopen", _ANSWERED, Status.ACCEPTED, ("desk", "system")),
    Transition("withdraw", _OPEN, Status.WITHDRAWN, ("resident",)),
    Transition("leave", _OPEN, None, ("resident",)),
    Transition("urge", _OPEN, None, ("resident", "desk")),
    Transition("add", _OPEN, None, ("resident", "desk"), ("text",)),
    Transition("join", _OPEN, None, ("resident",)),
    Transition("represent", _OPEN, None, ("resident",)),
    Transition("allow", frozenset(Status), None, ("resident",)),
    Transition("acknowledge", _OPEN, None, ("desk", "unit")),
    Transition("warn", _OPEN, None, ("system",)),
    Transition("alarm", _OPEN, None, ("system",)),
    Transition("seal", _WORKED, Status.ACCEPTED, ("desk", "resident")),
    Transition("seal", _OPEN - _WORKED, None, ("desk", "resident")),
    Transition("keep_from", _OPEN, None, ("desk",)),
    Transition("kind", _OPEN, None, ("desk",)),
    Transition("draft", _OPEN, None, ("desk",), ("text",)),
    Transition("doubt", _OPEN, None, ("resident",)),
    Transition("approve", _OPEN, None, ("desk",)),
    Transition("unseal", frozenset(Status), None, ("desk",), ("text",)),
    Transition("unseal", _OPEN, None, ("unit",), ("text",)),
    Transition("note", frozenset(Status), None, ("unit", "desk", "system"), ("text",)),
)


def check(act: Act, status: Status, role: Role | None = None, given: frozenset[Need] | None = None) -> Status:
    """Give the status after an act. NotAllowed names what may be done from here, Missing what the act still needs.

    Without a role only the status is looked at; without `given` the needs are not.
    """
    for row in TRANSITIONS:
        if row.act == act and status in row.sources and (role is None or role in row.roles):
            missing = () if given is None else tuple(need for need in row.needs if need not in given)
            if missing:
                raise Missing(act=act, needs=missing)
            return row.to or status
    raise NotAllowed(act=act, status=status, role=role or "", allowed=list_allowed(status, role))


def name_given(*, text: str = "", reason: str = "", unit: str = "", rating: str = "") -> frozenset[Need]:
    """Name what was really given with an act: blank is nothing."""
    values: tuple[tuple[Need, str], ...] = (("text", text), ("reason", reason), ("unit", unit), ("rating", rating))
    return frozenset(need for need, value in values if value.strip())


def list_allowed(status: Status, role: Role | None = None) -> tuple[Act, ...]:
    """List what may be done from a status (by a role), in the table's order."""
    acts = (row.act for row in TRANSITIONS if status in row.sources and (role is None or role in row.roles))
    return tuple(dict.fromkeys(acts))
