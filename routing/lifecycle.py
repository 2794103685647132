"""工单的一生: the one table of what may be done with a ticket: from which status, by whom, what it needs, and what it does to the clocks. Pure.

    accepted ─▶ dispatched ─▶ signed ─▶ replied ─▶ concluded ─▶ closed
        ▲            └── return ◀┘          └─────┬─────┘
        └────────────────┘                  redo ─▶ dispatched
        └── reopen, where the desk itself had answered; decline ─▶ declined

Whoever works on it may be held up, and goes on as before:

    dispatched, signed ── ask_more ─▶ waiting ── more, resume ─▶ signed
                       ── pause ────▶ paused ─── resume ───────▶ signed

Twice badly done, or twice returned, it goes to a supervisor, who decides:

    escalate, dispute ─▶ review ── reassign, arbitrate ─▶ dispatched
                          ├── carry ─▶ carried ─▶ concluded      carried: the unit reports on it now and then
                          └── explain ─▶ closed

From every open status the resident may withdraw, and the desk may merge it into another ticket (and undo that). Supervision, sub-tasks and
what is applied for run beside the status in any of them. Opening (`accept`) has no source: there is no status to come from.
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
    "transfer", "dispute", "arbitrate", "decline", "split", "merge", "unmerge", "raise", "climb", "move",
    "task", "task_sign", "task_reply", "task_return", "task_cancel",
    "ask_more", "more", "ask_extension", "extend", "refuse_extension", "ask_pause", "pause", "refuse_pause", "resume",
    "verify", "follow_up", "supervise", "instruct", "answer_supervision", "recount", "separate",
    "publish", "unpublish", "hand_over", "handed",
]  # fmt: skip
Role = Literal["resident", "unit", "desk", "system", "supervisor", "reporter", "assisting"]
Need = Literal["text", "reason", "unit", "rating", "until", "ticket"]
ClockKind = Literal["desk", "unit", "resident", "review", "progress"]
"""指挥室的钟, 承办单位的钟, 居民的钟, 裁定的钟, 挂账报进展的钟."""
ClockMove = Literal["start", "stop", "void", "pause", "resume", "extend", "again", "revive"]
"""`stop` judges it (met, late), `void` does not, `revive` takes that back; `again` begins a round of its own, the one before keeps its result."""
Tick = tuple[ClockKind, ClockMove]

_OPEN = frozenset(OPEN_STATUSES)
_ACCEPTED = frozenset({Status.ACCEPTED})
_WORKED = frozenset({Status.DISPATCHED, Status.SIGNED})
_ANSWERED = frozenset({Status.REPLIED, Status.CONCLUDED})
_HELD_UP = frozenset({Status.WAITING, Status.PAUSED})
_REVIEW = frozenset({Status.REVIEW})
_CARRIED = frozenset({Status.CARRIED})
_WITH_UNIT = _WORKED | _HELD_UP

RECEIVED: tuple[Tick, ...] = (("desk", "start"), ("resident", "start"))
TO_UNIT: tuple[Tick, ...] = (
    ("desk", "stop"), ("review", "stop"), ("progress", "void"), ("unit", "void"), ("unit", "start"), ("resident", "resume"),
)  # fmt: skip
BACK_AT_DESK: tuple[Tick, ...] = (("unit", "void"), ("progress", "void"), ("desk", "start"), ("resident", "resume"))
TO_REVIEW: tuple[Tick, ...] = (("desk", "stop"), ("unit", "stop"), ("review", "start"))
DISPUTED: tuple[Tick, ...] = (("desk", "void"), ("review", "start"))
REVIEWED: tuple[Tick, ...] = (*TO_REVIEW, ("resident", "again"))
CARRIED_ON: tuple[Tick, ...] = (
    ("review", "stop"),
    ("desk", "void"),
    ("unit", "void"),
    ("resident", "pause"),
    ("progress", "start"),
)
DONE: tuple[Tick, ...] = (("desk", "stop"), ("unit", "stop"), ("review", "stop"), ("progress", "void"), ("resident", "stop"))
OVER: tuple[Tick, ...] = (("desk", "void"), ("unit", "void"), ("review", "void"), ("progress", "void"), ("resident", "void"))
ONCE_MORE: tuple[Tick, ...] = (("desk", "stop"), ("unit", "stop"), ("unit", "start"), ("resident", "again"))
AGAIN_AT_DESK: tuple[Tick, ...] = (("desk", "stop"), ("unit", "stop"), ("desk", "start"), ("resident", "again"))
HELD_UP: tuple[Tick, ...] = (("unit", "pause"), ("resident", "pause"))
GOES_ON: tuple[Tick, ...] = (("unit", "resume"), ("resident", "resume"))
LONGER: tuple[Tick, ...] = (("unit", "extend"), ("resident", "extend"))
PARTED: tuple[Tick, ...] = (("desk", "start"), ("resident", "revive"))


class Transition(msgspec.Struct, frozen=True):
    """One row: `to` None leaves the status as it is. `told` is what its residents read of it, "" nothing; `clocks` what it does to each clock."""

    act: Act
    sources: frozenset[Status]
    to: Status | None
    roles: tuple[Role, ...]
    needs: tuple[Need, ...] = ()
    told: str = ""
    clocks: tuple[Tick, ...] = ()


TRANSITIONS: tuple[Transition, ...] = (
    Transition("accept", frozenset(), Status.ACCEPTED, ("resident", "desk", "system"), clocks=RECEIVED),
    Transition("dispatch", _ACCEPTED, Status.DISPATCHED, ("desk", "system"), ("unit",), "dispatched", TO_UNIT),
    Transition("decline", _ACCEPTED, Status.DECLINED, ("desk",), ("reason", "text"), "declined", DONE),
    Transition("sign", frozenset({Status.DISPATCHED}), Status.SIGNED, ("unit",)),
    Transition("return", _WITH_UNIT, Status.ACCEPTED, ("unit", "desk"), ("reason", "text"), clocks=BACK_AT_DESK),
    Transition("return", frozenset({Status.DISPATCHED}), Status.ACCEPTED, ("system",), clocks=BACK_AT_DESK),
    Transition("transfer", _WITH_UNIT, Status.DISPATCHED, ("desk", "supervisor"), ("unit", "text"), "transferred", TO_UNIT),
    Transition("reply", _WORKED | {Status.REPLIED}, Status.REPLIED, ("unit", "desk"), ("text",), "replied"),
    Transition("reply", _ACCEPTED, Status.REPLIED, ("desk",), ("text",), "replied"),
    Transition("conclude", _WORKED | {Status.REPLIED}, Status.CONCLUDED, ("unit", "desk"), ("text",), "concluded", DONE),
    Transition("conclude", _ACCEPTED, Status.CONCLUDED, ("desk",), ("text",), "concluded", DONE),
    Transition("verify", _ANSWERED, None, ("desk", "reporter"), ("rating",)),
    Transition("follow_up", _ANSWERED | {Status.CLOSED}, None, ("desk",), ("rating",)),
    Transition("close", _ANSWERED, Status.CLOSED, ("desk", "system"), told="closed", clocks=DONE),
    Transition("rate", _ANSWERED, None, ("resident",), ("rating",)),
    Transition("redo", _ANSWERED, Status.DISPATCHED, ("desk", "system"), told="redo", clocks=ONCE_MORE),
    Transition("redo_part", _ANSWERED, Status.DISPATCHED, ("system",), told="redo_part", clocks=ONCE_MORE),
    Transition("escalate", _ANSWERED, Status.REVIEW, ("system",), told="reviewed", clocks=REVIEWED),
    Transition("dispute", _ACCEPTED, Status.REVIEW, ("system",), clocks=DISPUTED),
    Transition("reassign", _REVIEW, Status.DISPATCHED, ("supervisor",), ("unit", "text"), "reassigned", TO_UNIT),
    Transition("arbitrate", _REVIEW, Status.DISPATCHED, ("supervisor",), ("unit", "text"), "dispatched", TO_UNIT),
    Transition("carry", _REVIEW, Status.CARRIED, ("supervisor",), ("text",), "carried", CARRIED_ON),
    Transition("carry", _WITH_UNIT | {Status.REPLIED}, Status.CARRIED, ("desk", "supervisor"), ("text",), "carried", CARRIED_ON),
    Transition("explain", _REVIEW, Status.CLOSED, ("supervisor",), ("text",), "explained", DONE),
    Transition("progress", _CARRIED, None, ("unit", "desk"), ("text",), "progressed", (("progress", "start"),)),
    Transition("conclude", _CARRIED, Status.CONCLUDED, ("unit", "desk"), ("text",), "concluded", DONE),
    Transition("return", _CARRIED, Status.ACCEPTED, ("unit", "desk"), ("reason", "text"), clocks=BACK_AT_DESK),
    Transition("evaluate", _ANSWERED, None, ("reporter",), ("rating",)),
    Transition("reask", frozenset({Status.CLOSED}), None, ("system",), told="reask"),
    Transition("after", frozenset({Status.CLOSED}), None, ("resident",)),
    Transition("reopen", _ANSWERED, Status.ACCEPTED, ("desk", "system"), told="reopened", clocks=AGAIN_AT_DESK),
    Transition("ask_more", _WORKED, Status.WAITING, ("unit", "desk"), ("text",), "more_asked", (("unit", "pause"),)),
    Transition("more", frozenset({Status.WAITING}), Status.SIGNED, ("resident", "desk", "reporter"), clocks=GOES_ON),
    Transition("ask_extension", _WORKED | {Status.REPLIED}, None, ("unit",), ("text", "until")),
    Transition("extend", _WORKED | {Status.REPLIED}, None, ("desk", "supervisor"), told="extended", clocks=LONGER),
    Transition("refuse_extension", _OPEN, None, ("desk", "supervisor"), ("text",)),
    Transition("ask_pause", _WORKED, None, ("unit",), ("text", "until")),
    Transition("pause", _WORKED, Status.PAUSED, ("desk", "supervisor"), told="paused", clocks=HELD_UP),
    Transition("refuse_pause", _OPEN, None, ("desk", "supervisor"), ("text",)),
    Transition("resume", frozenset({Status.PAUSED}), Status.SIGNED, ("unit", "desk", "system"), told="resumed", clocks=GOES_ON),
    Transition("resume", frozenset({Status.WAITING}), Status.SIGNED, ("system",), told="resumed", clocks=GOES_ON),
    Transition("task", _WORKED | {Status.REPLIED}, None, ("unit", "desk"), ("unit", "text")),
    Transition("task_sign", _OPEN, None, ("assisting",)),
    Transition("task_reply", _OPEN, None, ("assisting",), ("text",)),
    Transition("task_return", _OPEN, None, ("assisting",), ("reason", "text")),
    Transition("task_cancel", _OPEN, None, ("unit", "desk", "system")),
    Transition("split", _ACCEPTED, None, ("desk",), ("text",), "split"),
    Transition("merge", _OPEN - {Status.CONCLUDED}, Status.MERGED, ("desk",), ("ticket",), "merged", OVER),
    Transition("unmerge", frozenset({Status.MERGED}), Status.ACCEPTED, ("desk",), told="unmerged", clocks=PARTED),
    Transition("separate", _OPEN, None, ("desk",), ("text",)),
    Transition("raise", _ACCEPTED, Status.ACCEPTED, ("desk", "supervisor"), ("text",)),
    Transition("raise", _WITH_UNIT, Status.ACCEPTED, ("desk", "supervisor"), ("text",), clocks=BACK_AT_DESK),
    Transition("climb", _ACCEPTED, Status.ACCEPTED, ("system",)),
    Transition("move", _OPEN | {Status.MERGED}, None, ("system",)),
    Transition("supervise", _OPEN, None, ("desk", "supervisor"), ("text",)),
    Transition("instruct", _OPEN, None, ("desk", "supervisor"), ("text",)),
    Transition("answer_supervision", frozenset(Status), None, ("unit", "desk"), ("text",)),
    Transition("recount", _OPEN, None, ("system",)),
    Transition("withdraw", _OPEN, Status.WITHDRAWN, ("resident",), clocks=OVER),
    Transition("leave", _OPEN, None, ("resident",)),
    Transition("urge", _OPEN, None, ("resident", "desk")),
    Transition("add", _OPEN, None, ("resident", "desk", "reporter"), ("text",)),
    Transition("join", _OPEN, None, ("resident",)),
    Transition("represent", _OPEN, None, ("resident",)),
    Transition("allow", frozenset(Status), None, ("resident",)),
    Transition("acknowledge", _OPEN, None, ("desk", "unit")),
    Transition("warn", _OPEN, None, ("system",)),
    Transition("alarm", _OPEN, None, ("system",)),
    Transition("seal", _WITH_UNIT, Status.ACCEPTED, ("desk", "resident"), clocks=BACK_AT_DESK),
    Transition("seal", _OPEN - _WITH_UNIT, None, ("desk", "resident")),
    Transition("keep_from", _OPEN, None, ("desk",)),
    Transition("kind", _OPEN, None, ("desk",)),
    Transition("draft", _OPEN, None, ("desk",), ("text",)),
    Transition("doubt", _OPEN, None, ("resident",)),
    Transition("approve", _OPEN, None, ("desk",)),
    Transition("publish", _OPEN | {Status.CLOSED}, None, ("desk",), ("text",)),
    Transition("unpublish", frozenset(Status), None, ("desk",)),
    Transition("hand_over", _OPEN, None, ("desk",), ("text",), "handed_over"),
    Transition("handed", frozenset(Status), None, ("system",)),
    Transition("unseal", frozenset(Status), None, ("desk",), ("text",)),
    Transition("unseal", _OPEN, None, ("unit",), ("text",)),
    Transition("note", frozenset(Status), None, ("unit", "desk", "system"), ("text",)),
)


def check(act: Act, status: Status, role: Role | None = None, given: frozenset[Need] | None = None) -> Status:
    """Give the status after an act. NotAllowed names what may be done from here, Missing what the act still needs.

    Without a role only the status is looked at; without `given` the needs are not.
    """
    row = find_row(act, status, role)
    if row is None:
        raise NotAllowed(act=act, status=status, role=role or "", allowed=list_allowed(status, role))
    missing = () if given is None else tuple(need for need in row.needs if need not in given)
    if missing:
        raise Missing(act=act, needs=missing)
    return row.to or status


def find_row(act: Act, status: Status, role: Role | None = None) -> Transition | None:
    """Find the row of an act from a status (by a role); None where there is none."""
    rows = (row for row in TRANSITIONS if row.act == act and status in row.sources and (role is None or role in row.roles))
    return next(rows, None)


def list_ticks(act: Act, before: str) -> tuple[Tick, ...]:
    """List what an act does to the clocks, in order, from a status; the opening has none to come from."""
    rows = (row for row in TRANSITIONS if row.act == act and (before in row.sources or not row.sources))
    return next((row.clocks for row in rows), ())


def name_given(
    *, text: str = "", reason: str = "", unit: str = "", rating: str = "", until: str = "", ticket: str = ""
) -> frozenset[Need]:
    """Name what was really given with an act: blank is nothing."""
    values: dict[Need, str] = {"text": text, "reason": reason, "unit": unit, "rating": rating, "until": until, "ticket": ticket}
    return frozenset(need for need, value in values.items() if value.strip())


def list_allowed(status: Status, role: Role | None = None) -> tuple[Act, ...]:
    """List what may be done from a status (by a role), in the table's order."""
    acts = (row.act for row in TRANSITIONS if status in row.sources and (role is None or role in row.roles))
    return tuple(dict.fromkeys(acts))
