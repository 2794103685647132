"""发送: what may or may not have arrived and wants a decision, what failed, what waits; each decision by a person, audited.

What a send says is in no list; one at a time it is shown masked, for a reason that is kept, and never to whom its matter is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select

from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import Table, name_columns, read_all, save, say_more, write_moment
from console.pages.system import PATH, may_write
from console.problems import Problem, wrong
from routing import sight
from routing.sight import Sight
from routing.tables import Ticket
from store import outbox, sends
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from store.outbox import OutboxMessage
    from store.sends import SendList

OUTBOX = f"{PATH}/outbox"
LIST_SIZE = 50
_DIGITS = 18
_NAMELESS = frozenset({"resident", "operator"})
"""Readers of whom nothing more is said: a resident is nobody's business, and of operators there is one post."""


def show_list(call: PageCall) -> Page:
    """Show the sends of one list; a number looks for one."""
    which, channel, after = read_list(call), call.query.get("channel", "").strip(), read_number(call.query.get("after", ""))
    rows = sends.list_sends(call.session, which, channel=channel, after=after, limit=LIST_SIZE + 1)
    shown = rows[:LIST_SIZE]
    return Page(
        template="system/outbox.html",
        values={
            "which": which,
            "lists": sends.LISTS,
            "counts": sends.count(call.session),
            "sends": describe(call, shown),
            "channel": channel,
            "channels": [one.name for one in call.city.system.describe().channels],
            "after": after,
            "next": shown[-1].id if len(rows) > LIST_SIZE else 0,
            "filter": urlencode({"list": which, "channel": channel}),
            "may_write": may_write(call),
        },
    )


def save_list(call: PageCall) -> File:
    """Save the sends of one list, without their words, as the list shows them."""
    which, channel = read_list(call), call.query.get("channel", "").strip()

    def read(after: int | None, limit: int) -> tuple[Sequence[OutboxMessage], int | None]:
        rows = sends.list_sends(call.session, which, channel=channel, after=after or 0, limit=limit)
        return rows, rows[-1].id if len(rows) == limit else None

    rows, more = read_all(read)
    name = call.city.name_code
    table = Table(
        title=f"{name('title', 'outbox')} {name('send', which)}",
        note=say_more(call, more=more),
        columns=name_columns(call, "id", "written", "audience", "target", "channel", "notice", "number", "tried", "trouble"),
        rows=tuple(
            (
                one["id"],
                write_moment(call, one["created_at"]),
                name("audience", one["audience"]),
                one["target"],
                name("channel", one["channel"]),
                name("notice", one["notice"]),
                one["number"],
                one["attempt"],
                one["trouble"],
            )
            for one in describe(call, rows)
        ),
    )
    return save(call, f"outbox-{which}", (table,), subject="outbox", facts={"list": which, "channel": channel})


def show_send(call: PageCall, *, words: str | None = None, problem: Problem | None = None) -> Page:
    """Show one send with what is known of it, and what can be decided; `words` are what it says, if they were asked for."""
    row = _find(call)
    [described] = describe(call, [row])
    return Page(
        template="system/send.html",
        status=problem.status if problem is not None else 200,
        values={
            "send": described,
            "listed": sends.list_of(row) or "",
            "words": words,
            "problem": problem,
            "may_write": may_write(call),
        },
    )


def open_words(call: PageCall) -> Page:
    """Show what a send says, masked, for a reason."""
    row = _find(call)
    require_sight(call, str(row.facts.get("number", "")))
    words = call.city.system.open_send(call.session, row.id, reason=call.form.get("reason", ""), actor=call.actor.code)
    return show_send(call, words=words)


def note_arrived(call: PageCall) -> Redirect:
    """Settle an unknown send: it arrived."""
    done = outbox.resolve(call.session, _find(call).id, again=False, now=call.now)
    return _answer(call, done=done, decided="arrived", flash="send_arrived")


def send_again(call: PageCall) -> Redirect:
    """Send again what did not arrive: a person has found out, or it failed."""
    message = _find(call).id
    done = outbox.resolve(call.session, message, again=True, now=call.now) or sends.send_again(call.session, message, now=call.now)
    return _answer(call, done=done, decided="again", flash="send_again")


def give_up(call: PageCall) -> Redirect:
    """Give a send up that failed or has not left."""
    return _answer(call, done=sends.give_up(call.session, _find(call).id), decided="give_up", flash="send_given_up")


def describe(call: PageCall, rows: Sequence[OutboxMessage]) -> list[dict[str, Any]]:
    """Describe sends without their words; of a ticket that is hidden from whoever looks neither its number nor who was told. One query for all."""
    hidden = find_hidden(call, (str(row.facts.get("number", "")) for row in rows))
    return [_describe(call, row, hidden=str(row.facts.get("number", "")) in hidden) for row in rows]


def name_trouble(call: PageCall, error: str | None) -> str:
    """Say what kept a send from arriving; "" where nothing did."""
    return call.city.name_code("trouble", sends.find_trouble(error)) if error else ""


def find_hidden(call: PageCall, numbers: Iterable[str]) -> frozenset[str]:
    """Find which of these tickets whoever looks must not know of. One query for a page of them."""
    wanted = {number for number in numbers if number}
    if not wanted:
        return frozenset()
    org, viewer = call.context.org, call.actor.viewer
    tickets = call.session.scalars(select(Ticket).where(Ticket.number.in_(wanted)))
    return frozenset(ticket.number for ticket in tickets if sight.decide(ticket, viewer, org=org) is Sight.NONE)


def require_sight(call: PageCall, number: str) -> None:
    """Refuse (404) the words of a ticket to whoever does not see all of it; what is about no ticket is for whoever runs the service."""
    ticket = call.session.scalar(select(Ticket).where(Ticket.number == number)) if number else None
    if ticket is not None and sight.decide(ticket, call.actor.viewer, org=call.context.org) is not Sight.FULL:
        raise Problem(404, "not_found")


def read_list(call: PageCall) -> SendList:
    """Read which list is asked for; Problem (422) for one that there is not."""
    given = call.query.get("list", "") or "unknown"
    found = next((one for one in sends.LISTS if one == given), None)
    if found is None:
        raise wrong("query.list", "Expected one of " + ", ".join(sends.LISTS))
    return found


def read_number(value: str, *, where: str = "query.after") -> int:
    """Read a row's number; 0 for none, Problem (422) for what is none."""
    if value and not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS):
        raise wrong(where, "Expected a number")
    return int(value or 0)


def _describe(call: PageCall, row: OutboxMessage, *, hidden: bool) -> dict[str, Any]:
    org = call.context.org
    named = {"unit": org.name_of, "desk": org.name_of}.get(row.audience)
    person = org.staff.get(row.target) if row.audience == "staff" else None
    target = named(row.target) if named is not None else person.name if person is not None else row.target
    return {
        "id": row.id,
        "state": row.state,
        "audience": row.audience,
        "target": "" if hidden or row.audience in _NAMELESS else target,
        "channel": row.channel,
        "notice": row.notice,
        "number": "" if hidden else str(row.facts.get("number", "")),
        "hidden": hidden,
        "urgent": row.urgent,
        "attempt": row.attempt,
        "error": row.error or "",
        "trouble": name_trouble(call, row.error),
        "created_at": row.created_at,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
    }


def _answer(call: PageCall, *, done: bool, decided: str, flash: str) -> Redirect:
    """Keep who decided what, if anything changed, and go back to where the decision was made."""
    number = call.path["send"]
    if done:
        record(call.session, actor=call.actor.code, action="outbox.decide", subject=f"outbox:{number}", facts={"decided": decided})
    given = call.form.get("list", "")
    back = f"{OUTBOX}?{urlencode({'list': given})}" if given in sends.LISTS else f"{OUTBOX}/{number}"
    return Redirect(to=back, flash=flash if done else "nothing")


def _find(call: PageCall) -> OutboxMessage:
    given = call.path["send"]
    row = sends.find(call.session, int(given)) if given.isascii() and given.isdecimal() and len(given) <= _DIGITS else None
    if row is None:
        raise Problem(404, "not_found")
    return row


def _again(call: PageCall, problem: Problem) -> Page:
    return show_send(call, problem=problem)


_DECISIONS = (("arrived", note_arrived), ("again", send_again), ("give_up", give_up))
PAGES = (
    PageRoute(path=OUTBOX, name="system_outbox", action="system.read", run=show_list),
    PageRoute(path=f"{OUTBOX}/save/{{form}}", name="system_outbox_save", action="system.read", run=save_list),
    PageRoute(path=f"{OUTBOX}/{{send}}", name="system_send", action="system.read", run=show_send),
    PageRoute(
        path=f"{OUTBOX}/{{send}}/words",
        name="system_send_words",
        action="system.write",
        run=open_words,
        method="POST",
        again=_again,
    ),
    *(
        PageRoute(path=f"{OUTBOX}/{{send}}/{name}", name=f"system_send_{name}", action="system.write", run=run, method="POST")
        for name, run in _DECISIONS
    ),
)
