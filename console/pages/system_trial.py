"""试派: what would become of a message, by the duty list, the places, the organisation and the rules as they stand now. Nothing is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from console.pages.routes import Page, PageCall, PageRoute
from console.pages.system import PATH
from console.problems import Problem, wrong
from routing.opening import find_tier, is_confidential, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.terms import Assignment, Candidate, Report

TRIAL = f"{PATH}/try"
LONGEST = 2000
"""Characters of a message, as the grid worker's and the API's forms take about as many."""
_SIGNS = 6
"""Words that are named for a candidate: those that weigh most."""


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """A duty item that may be meant: how sure, in percent, and what in the words speaks for it."""

    code: str
    name: str
    lead: str
    limit: tuple[int, str, str]
    """How long, in what unit, by which calendar."""
    percent: int
    signs: tuple[str, ...]


def show_trial(call: PageCall, *, values: dict[str, Any] | None = None, problem: Problem | None = None) -> Page:
    """Show where a message is typed; `values` is what it came to."""
    return Page(
        template="system/trial.html",
        status=problem.status if problem is not None else 200,
        values={
            "typed": call.form,
            "areas": [(one.code, one.name) for one in call.context.org.list_homes()],
            "longest": LONGEST,
            "problem": problem,
            "trial": values,
        },
    )


def try_out(call: PageCall) -> Page:
    """Judge a message as one of a resident would be."""
    text, place, area = (call.form.get(name, "").strip() for name in ("text", "place", "area"))
    if not text or len(text) > LONGEST:
        raise wrong("form.text", "too_long" if text else "missing")
    if area and area not in call.context.org.areas:
        raise wrong("form.area", "unknown")
    report, utterance = call.city.read_report(text, place=place, area=area)
    candidates, assignment = judge(call.session, report, utterance, context=call.context, now=call.now)
    return show_trial(call, values=_describe(call, report, candidates, assignment))


def _describe(call: PageCall, report: Report, candidates: Sequence[Candidate], assignment: Assignment) -> dict[str, Any]:
    org = call.context.org
    return {
        "automatic": assignment.automatic,
        "unit": org.name_of(assignment.unit),
        "assisting": [org.name_of(code) for code in assignment.assisting],
        "kept_from": [org.name_of(code) for code in assignment.refused],
        "tier": find_tier(report, call.context.duty_list.item(assignment.item)),
        "kind": report.kind,
        "confidential": is_confidential(report, assignment),
        "place": report.public_place or report.place,
        "areas": [org.areas[code].name for code in report.areas if code in org.areas],
        "why": [call.city.explain(line) for line in assignment.why],
        "item": assignment.item,
        "guesses": [_describe_guess(one) for one in candidates],
    }


def _describe_guess(one: Candidate) -> Guess:
    item = one.item
    signs = sorted(one.evidence, key=lambda sign: -sign.weight)[:_SIGNS]
    return Guess(
        code=item.code,
        name=item.name,
        lead=item.lead,
        limit=(item.deadline_value, item.deadline_unit, item.deadline_calendar),
        percent=round(100 * one.confidence),
        signs=tuple(dict.fromkeys(sign.found for sign in signs)),
    )


def _again(call: PageCall, problem: Problem) -> Page:
    return show_trial(call, problem=problem)


PAGES = (
    PageRoute(path=TRIAL, name="system_trial", action="system.read", run=show_trial),
    PageRoute(path=TRIAL, name="system_try", action="system.read", run=try_out, method="POST", reads=True, again=_again),
)
