"""What residents' use asks of the editors: questions in vain, in groups, that become entries or need none; and what is proposed, to accept or to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.pages.knowledge import PATH
from console.pages.routes import Page, PageCall, PageRoute, Redirect

if TYPE_CHECKING:
    from console.problems import Problem

MISSES = f"{PATH}/misses"
PROPOSALS = f"{PATH}/proposals"
_MOST = 100
"""Groups shown: what most residents asked; the rest comes up as these are dealt with."""

_PROPOSED = 50
"""Proposals shown, more than somebody decides at a sitting: each is read anew from where it stands."""


def show_misses(call: PageCall) -> Page:
    """Show what was asked in vain."""
    return Page(template="knowledge/misses.html", values={"misses": call.city.knowledge.list_misses(call.session, limit=_MOST)})


def dismiss(call: PageCall) -> Redirect:
    """Keep that a group of questions needs no entry."""
    key = call.form.get("key", "")
    done = call.city.knowledge.settle_miss(call.session, key, answered=False, by=call.actor.code, now=call.now)
    return Redirect(to=MISSES, flash="miss_dismissed" if done else "nothing")


def show_proposals(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show what is proposed."""
    return Page(
        template="knowledge/proposals.html",
        status=problem.status if problem is not None else 200,
        values={"proposals": call.city.knowledge.list_proposals(call.session, limit=_PROPOSED, now=call.now), "problem": problem},
    )


def accept(call: PageCall) -> Redirect:
    """Do what is proposed, in the words that were typed."""
    key, text = call.form.get("key", ""), call.form.get("text", "")
    done = call.city.knowledge.accept(call.session, key, by=call.actor.code, now=call.now, text=text)
    return Redirect(to=PROPOSALS, flash="proposal_accepted" if done else "nothing")


def refuse(call: PageCall) -> Redirect:
    """Let a proposal go."""
    done = call.city.knowledge.refuse(call.session, call.form.get("key", ""), by=call.actor.code, now=call.now)
    return Redirect(to=PROPOSALS, flash="proposal_refused" if done else "nothing")


def _show_again(call: PageCall, problem: Problem) -> Page:
    return show_proposals(call, problem=problem)


PAGES = (
    PageRoute(path=MISSES, name="misses", action="knowledge.edit", run=show_misses),
    PageRoute(path=f"{MISSES}/dismiss", name="miss_dismiss", action="knowledge.edit", run=dismiss, method="POST"),
    PageRoute(path=PROPOSALS, name="proposals", action="knowledge.edit", run=show_proposals),
    PageRoute(
        path=f"{PROPOSALS}/accept", name="proposal_accept", action="knowledge.edit", run=accept, method="POST", again=_show_again
    ),
    PageRoute(path=f"{PROPOSALS}/refuse", name="proposal_refuse", action="knowledge.edit", run=refuse, method="POST"),
)
