"""人工坐席: who waits for a person, the talk with one of them, and what is said to them; the figure of the first answers in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console.asked import Code, Text  # noqa: TC001 - msgspec reads the annotations
from console.pages.pictures import serve
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge_base.entry import Entry
    from residents.made_pictures import Size

PATH = "/staff/seat"
FIGURE_DAYS = 7
ENTRIES = 5
"""Knowledge entries shown for a question."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said, or what the ticket is to say."""

    text: Text


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The knowledge entry that is to be said."""

    entry: Code


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why it has to be read as it was written."""

    reason: Text


def show_queue(call: PageCall) -> Page:
    """Show who waits, who is talked with, and how fast first answers came."""
    found = call.city.seats.list_waiting(call.session, actor=call.actor.code, now=call.now)
    values = {
        "mine": [one for one in found if one.mine],
        "waiting": [one for one in found if one.state == "waiting"],
        "others": [one for one in found if one.state == "claimed" and not one.mine],
        "figures": call.city.seats.count(call.session, now=call.now, days=FIGURE_DAYS),
        "days": FIGURE_DAYS,
        "minutes": call.city.seats.answer_minutes,
    }
    return Page(template="seat/queue.html", values=values)


def show_talk(call: PageCall, *, problem: Problem | None = None, reason: str = "") -> Page:
    """Show a talk that one has claimed; `reason` opens the words as they were written, and is kept."""
    talk = call.city.seats.show(call.session, _number(call), actor=call.actor.code, now=call.now, reason=reason)
    question = call.query.get("q", "").strip()[:200]
    values: dict[str, Any] = {
        "talk": talk,
        "question": question,
        "entries": find_entries(call, question) if question else [],
        "phrases": call.city.seats.phrases,
        "problem": problem,
        "typed": call.form if problem is not None else {},
        "reason": reason,
        "mine": [one for one in call.city.seats.list_waiting(call.session, actor=call.actor.code, now=call.now) if one.mine],
    }
    return Page(template="seat/talk.html", values=values, status=problem.status if problem is not None else 200)


def _make_picture(size: Size) -> Callable[[PageCall], File]:
    """Make what shows a picture that came in one's own talk."""

    def show(call: PageCall) -> File:
        body = call.city.seats.open_picture(
            call.session, _number(call), token=call.path["token"], size=size, actor=call.actor.code, now=call.now
        )
        return serve(body, size)

    return show


def find_entries(call: PageCall, question: str) -> list[Entry]:
    """Find the published knowledge entries that answer a question, best first."""
    entries = call.city.entries
    return [entries[code] for code in call.city.find_entries(question) if code in entries][:ENTRIES]


def claim(call: PageCall) -> Redirect:
    """Take a talk."""
    call.city.seats.claim(call.session, _number(call), actor=call.actor.code, now=call.now)
    return Redirect(to=_path(call))


def say(call: PageCall) -> Redirect:
    """Say something to the resident."""
    words = call.read_form(Words).text
    call.city.seats.say(call.session, _number(call), text=words, actor=call.actor.code, now=call.now)
    return Redirect(to=_path(call))


def answer(call: PageCall) -> Redirect:
    """Say a knowledge entry."""
    entry = call.read_form(Chosen).entry
    if entry not in call.city.entries:
        raise Problem(404, "not_found")
    call.city.seats.answer(call.session, _number(call), entry=entry, actor=call.actor.code, now=call.now)
    return Redirect(to=_path(call))


def open_ticket(call: PageCall) -> Redirect:
    """Open a ticket for what was talked about."""
    words = call.read_form(Words).text
    call.city.seats.open_ticket(call.session, _number(call), text=words, actor=call.actor.code, now=call.now)
    return Redirect(to=_path(call), flash="seat_ticket")


def hand_back(call: PageCall) -> Redirect:
    """Give the conversation back to the bot."""
    call.city.seats.hand_back(call.session, _number(call), actor=call.actor.code, now=call.now)
    return Redirect(to=PATH, flash="seat_handed_back")


def close(call: PageCall) -> Redirect:
    """Finish a talk."""
    call.city.seats.close(call.session, _number(call), actor=call.actor.code, now=call.now)
    return Redirect(to=PATH, flash="seat_finished")


def unseal(call: PageCall) -> Page:
    """Show a talk as it was written, this once, for a reason that is kept."""
    return show_talk(call, reason=call.read_form(Reason).reason)


def _number(call: PageCall) -> int:
    """Read which talk is meant; Problem (404) for what is no number of one."""
    given = call.path["talk"]
    if not (given.isascii() and given.isdecimal() and len(given) < 10):  # noqa: PLR2004 - what fits into a row's number
        raise Problem(404, "not_found")
    return int(given)


def _path(call: PageCall) -> str:
    return f"{PATH}/{_number(call)}"


def _again(call: PageCall, problem: Problem) -> Page:
    """Show the talk again with what was typed; where it is not one's own any more, what is wrong stands on a page of its own."""
    found = call.city.seats.list_waiting(call.session, actor=call.actor.code, now=call.now)
    if not any(one.mine and str(one.talk) == call.path["talk"] for one in found):
        raise problem
    return Page(
        template="seat/refused.html", values={"problem": problem, "typed": call.form, "talk": _number(call)}, status=problem.status
    )


_ACTS: dict[str, Callable[[PageCall], Page | Redirect]] = {
    "claim": claim,
    "say": say,
    "answer": answer,
    "ticket": open_ticket,
    "back": hand_back,
    "close": close,
    "unseal": unseal,
}
PAGES = (
    PageRoute(path=PATH, name="seat", action="seat.work", run=show_queue),
    PageRoute(path="/staff/seat/{talk}", name="seat_talk", action="seat.work", run=show_talk, writes=True),
    PageRoute(
        path="/staff/seat/{talk}/media/{token}", name="seat_picture", action="seat.work", run=_make_picture("view"), writes=True
    ),
    PageRoute(
        path="/staff/seat/{talk}/media/{token}/small",
        name="seat_picture_small",
        action="seat.work",
        run=_make_picture("thumbnail"),
        writes=True,
    ),
    *(
        PageRoute(
            path=f"/staff/seat/{{talk}}/{name}", name=f"seat_{name}", action="seat.work", run=run, method="POST", again=_again
        )
        for name, run in _ACTS.items()
    ),
)
