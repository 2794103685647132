"""巡查与未诉先办: rounds and seasonal tasks are ticked off on the way; what was found becomes a ticket, what was put right at once a light record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from console.asked import OptionalText  # noqa: TC001 - msgspec reads the annotation
from console.pages.grid import PATH, again, choose_grid, list_grids, read_number
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import Problem
from routing import patrols, season_tasks
from routing.errors import NothingTold, NotYourGrid, UnknownWork
from routing.patrols import Fixed

if TYPE_CHECKING:
    from collections.abc import Callable

SEASON = f"{PATH}/season"
T = TypeVar("T")


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What a round came to: all well, something found (`open`), or put right at once (`fixed`)."""

    what: Literal["well", "open", "fixed"] = "well"
    text: OptionalText = ""
    place: str = ""
    item: str = ""


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What of a task was done: these items or all, and what was found."""

    items: list[str] = []
    all: bool = False
    text: OptionalText = ""
    place: str = ""


def record_round(call: PageCall) -> Redirect:
    """Record a round: all well, or what was found, or what was put right."""
    noted, number = call.read_form(Noted), read_number(call.path["round"])
    if noted.what != "well" and not noted.text.strip():
        raise NothingTold
    grid = _require(lambda: patrols.find_round(call.session, number).area)
    found = [call.city.grid.read_found(noted.text, grid=grid, actor=call.actor.code, place=noted.place, item=noted.item)]
    fixed = [Fixed(text=noted.text, place=noted.place, item=noted.item)]
    done = _require(
        lambda: patrols.record_round(
            call.session,
            number,
            actor=call.actor.code,
            found=found if noted.what == "open" else (),
            fixed=fixed if noted.what == "fixed" else (),
            now=call.now,
            context=call.context,
        )
    )
    if done.opened:
        one = done.opened[0]
        return Redirect(
            to=f"{PATH}?opened={one.joined_to or one.ticket.number}", flash="grid_joined" if one.joined_to else "grid_found"
        )
    return Redirect(to=PATH, flash="grid_spot" if done.fixed else "grid_well")


def solve(call: PageCall) -> Redirect:
    """Keep that something was put right at once, outside any round."""
    noted, grid = call.read_form(Noted), choose_grid(call)
    fixed = Fixed(text=noted.text, place=noted.place)
    patrols.solve_on_spot(call.session, grid, fixed, actor=call.actor.code, now=call.now, context=call.context)
    return Redirect(to=PATH, flash="grid_spot")


def show_season(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the tasks before the season that are not done."""
    values = {
        "tasks": season_tasks.list_open(call.session, actor=call.actor.code, org=call.context.org),
        "grids": list_grids(call),
        "problem": problem,
        "tried": call.path.get("task", ""),
        "typed": call.form if problem is not None else {},
    }
    return Page(template="grid/season.html", values=values, status=problem.status if problem is not None else 200)


def record_task(call: PageCall) -> Redirect:
    """Tick off items of a task; what was found becomes a ticket."""
    ticked, number = call.read_form(Ticked), read_number(call.path["task"])
    if not (ticked.items or ticked.all or ticked.text.strip()):
        raise Problem(422, "nothing_ticked", detail=call.city.say_page("grid_nothing_ticked"))
    task = _require(lambda: season_tasks.find_task(call.session, number))
    read = call.city.grid.read_found
    found = [read(ticked.text, grid=task.area, actor=call.actor.code, place=ticked.place)] if ticked.text.strip() else []
    facts, opened = _require(
        lambda: season_tasks.record_task(
            call.session,
            number,
            actor=call.actor.code,
            items=list_all(call, number) if ticked.all else ticked.items,
            found=found,
            now=call.now,
            context=call.context,
        )
    )
    if opened:
        return Redirect(to=f"{PATH}?opened={opened[0].joined_to or opened[0].ticket.number}", flash="grid_found")
    return Redirect(to=SEASON, flash="grid_task_done" if facts.done_at else "grid_ticked")


def list_all(call: PageCall, number: int) -> tuple[str, ...]:
    """List all items that a task has left, for ticking them at once."""
    tasks = season_tasks.list_open(call.session, actor=call.actor.code, org=call.context.org)
    return next((one.left for one in tasks if one.id == number), ())


def _require(find: Callable[[], T]) -> T:
    """Do what names a round or a task; Problem (404) where for the caller there is none."""
    try:
        return find()
    except (UnknownWork, NotYourGrid) as error:
        raise Problem(404, "not_found") from error


PAGES = (
    PageRoute(path=f"{PATH}/rounds/{{round}}", name="grid_round", action="grid.work", run=record_round, method="POST", again=again),
    PageRoute(path=f"{PATH}/solved", name="grid_solved", action="grid.work", run=solve, method="POST", again=again),
    PageRoute(path=SEASON, name="grid_season", action="grid.work", run=show_season),
    PageRoute(
        path=f"{SEASON}/{{task}}",
        name="grid_task",
        action="grid.work",
        run=record_task,
        method="POST",
        again=lambda call, problem: show_season(call, problem=problem),
    ),
)
