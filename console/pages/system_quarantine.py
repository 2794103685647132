"""隔离的来信: messages that the program could not handle. Nothing of what they say is in the list; one is shown masked, for a reason that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import Table, name_columns, read_all, save, say_more, write_moment
from console.pages.system import PATH, may_write
from console.pages.system_outbox import read_number, require_sight
from console.problems import Problem
from store import quarantine
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.inbox import InboxMessage

QUARANTINE = f"{PATH}/quarantine"
LIST_SIZE = 50
_DIGITS = 18


def show_list(call: PageCall) -> Page:
    """Show the quarantined messages, or those that were put away."""
    put_away, after = call.query.get("list", "") == "put_away", read_number(call.query.get("after", ""))
    rows = quarantine.list_set_aside(call.session, put_away=put_away, after=after, limit=LIST_SIZE + 1)
    shown = rows[:LIST_SIZE]
    return Page(
        template="system/quarantine.html",
        values={
            "messages": [_describe(row) for row in shown],
            "put_away": put_away,
            "count": quarantine.count(call.session),
            "after": after,
            "next": shown[-1].id if len(rows) > LIST_SIZE else 0,
            "may_write": may_write(call),
        },
    )


def save_list(call: PageCall) -> File:
    """Save the quarantined messages, or those that were put away, without what they say."""
    put_away = call.query.get("list", "") == "put_away"

    def read(after: int | None, limit: int) -> tuple[Sequence[InboxMessage], int | None]:
        rows = quarantine.list_set_aside(call.session, put_away=put_away, after=after or 0, limit=limit)
        return rows, rows[-1].id if len(rows) == limit else None

    rows, more = read_all(read)
    name = call.city.name_code
    table = Table(
        title=name("title", "quarantine"),
        note=say_more(call, more=more),
        columns=name_columns(call, "id", "received", "set_aside", "channel", "trouble", "told"),
        rows=tuple(
            (
                one["id"],
                write_moment(call, one["received_at"]),
                write_moment(call, one["outcome_at"]),
                name("channel", one["channel"]),
                one["error"],
                name("told", "yes" if one["answered"] else "no"),
            )
            for one in map(_describe, rows)
        ),
    )
    return save(call, "quarantine", (table,), subject="quarantine", facts={"list": "put_away" if put_away else ""})


def show_message(call: PageCall, *, words: str | None = None, problem: Problem | None = None) -> Page:
    """Show one message with what is known of it, and what can be done; `words` are what it says, if they were asked for."""
    row = _find(call)
    return Page(
        template="system/message.html",
        status=problem.status if problem is not None else 200,
        values={
            "message": _describe(row),
            "readable": call.city.system.is_readable(call.session, row.id),
            "words": words,
            "problem": problem,
            "may_write": may_write(call),
        },
    )


def open_words(call: PageCall) -> Page:
    """Show what a message says, masked, for a reason."""
    row = _find(call)
    require_sight(call, row.ticket or "")
    words = call.city.system.open_message(call.session, row.id, reason=call.form.get("reason", ""), actor=call.actor.code)
    return show_message(call, words=words)


def replay(call: PageCall) -> Redirect:
    """Have a message handled once more; Problem (409) for one that the program cannot read."""
    message = _find(call).id
    if not call.city.system.is_readable(call.session, message):
        raise Problem(409, "unreadable")
    done = quarantine.replay(call.session, message, now=call.now)
    return _answer(call, done=done, action="message.replay", flash="message_replayed")


def put_away(call: PageCall) -> Redirect:
    """Put a message away that a person took care of."""
    done = quarantine.put_away(call.session, _find(call).id, now=call.now)
    return _answer(call, done=done, action="message.put_away", flash="message_put_away")


def take_back(call: PageCall) -> Redirect:
    """Set a message aside again that was put away."""
    done = quarantine.take_back(call.session, _find(call).id, now=call.now)
    return _answer(call, done=done, action="message.take_back", flash="message_taken_back")


def _describe(row: InboxMessage) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "received_at": row.received_at,
        "outcome": row.outcome,
        "outcome_at": row.outcome_at,
        "error": row.error or "",
        "has_words": row.payload is not None,
        "answered": row.reply_via in {"passive", "active"},
    }


def _answer(call: PageCall, *, done: bool, action: str, flash: str) -> Redirect:
    if done:
        record(call.session, actor=call.actor.code, action=action, subject=f"message:{call.path['message']}")
    return Redirect(to=QUARANTINE, flash=flash if done else "nothing")


def _find(call: PageCall) -> InboxMessage:
    given = call.path["message"]
    row = quarantine.find(call.session, int(given)) if given.isascii() and given.isdecimal() and len(given) <= _DIGITS else None
    if row is None:
        raise Problem(404, "not_found")
    return row


def _again(call: PageCall, problem: Problem) -> Page:
    return show_message(call, problem=problem)


_ACTS = (("replay", replay), ("put_away", put_away), ("take_back", take_back))
PAGES = (
    PageRoute(path=QUARANTINE, name="system_quarantine", action="system.read", run=show_list),
    PageRoute(path=f"{QUARANTINE}/save/{{form}}", name="system_quarantine_save", action="system.read", run=save_list),
    PageRoute(path=f"{QUARANTINE}/{{message}}", name="system_message", action="system.read", run=show_message),
    PageRoute(
        path=f"{QUARANTINE}/{{message}}/words",
        name="system_message_words",
        action="system.write",
        run=open_words,
        method="POST",
        again=_again,
    ),
    *(
        PageRoute(
            path=f"{QUARANTINE}/{{message}}/{name}",
            name=f"system_message_{name}",
            action="system.write",
            run=run,
            method="POST",
            again=_again,
        )
        for name, run in _ACTS
    ),
)
