"""机构调整: grids split and merge, a worker moves, a unit retires. Each first says what would follow where; only then it can be done."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any

from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.pages.system import may_write
from console.pages.system_rows import ORG
from console.pages.tickets import list_units
from console.problems import Problem, wrong
from routing.terms import Level

CHANGE = f"{ORG}/change"
COMMANDS = {
    "merge_grids": ("into", "others", "name"),
    "split_grid": ("grid", "content"),
    "move_worker": ("worker", "grid", "unit", "successor"),
    "retire_unit": ("unit", "successor"),
}
"""Change -> the fields of its form."""


def show_form(call: PageCall, *, plan: Any = None, problem: Problem | None = None) -> Page:
    """Show the form of a change; `plan` is what would follow, with what stands against it."""
    org = call.context.org
    given = call.form.get("change", "") or call.query.get("change", "")
    return Page(
        template="system/change.html",
        status=problem.status if problem is not None else 200,
        values={
            "changes": tuple(COMMANDS),
            "change": given if given in COMMANDS else next(iter(COMMANDS)),
            "grids": [(one.code, one.name) for one in org.areas.values() if one.level == Level.GRID],
            "units": list_units(org),
            "workers": [(one.code, one.name) for one in org.staff.values() if one.role == "grid_worker"],
            "typed": call.form,
            "plan": plan,
            "moves": count_moves(plan) if plan is not None else [],
            "problem": problem,
            "may_write": may_write(call),
        },
    )


def count_moves(plan: Any) -> list[tuple[str, str, int, int]]:
    """Count what follows where: what, where to, how many, and of how many nobody said so. Which tickets they are stands nowhere."""
    counts = Counter((one["table_name"], one["to_name"]) for one in plan["moves"])
    defaults = Counter((one["table_name"], one["to_name"]) for one in plan["moves"] if one["by_default"])
    return [(*key, count, defaults[key]) for key, count in sorted(counts.items())]


def show_plan(call: PageCall) -> Page:
    """Show what a change would do; nothing is changed."""
    return show_form(call, plan=_run(call, dry_run=True))


def carry_out(call: PageCall) -> Page | Redirect:
    """Carry a change out, or show what stands against it."""
    plan = _run(call, dry_run=False)
    if plan["troubles"]:
        return show_form(call, plan=plan, problem=Problem(409, "troubles"))
    return Redirect(to=ORG, flash="nothing" if plan["empty"] else "org_changed")


def _run(call: PageCall, *, dry_run: bool) -> Any:
    change = call.form.get("change", "")
    if change not in COMMANDS:
        raise wrong("form.change", "Expected one of " + ", ".join(COMMANDS))
    given: dict[str, Any] = {name: call.form.get(name, "") for name in COMMANDS[change]}
    if "others" in given:
        given["others"] = [line.strip() for line in given["others"].splitlines() if line.strip()]
    if "content" in given:
        given |= {"name": "parts.csv", "content": base64.b64encode(given["content"].encode()).decode()}
    return call.city.system.run(call.session, f"org.{change}", now=call.now, actor=call.actor.code, dry_run=dry_run, **given)


def _again(call: PageCall, problem: Problem) -> Page:
    return show_form(call, problem=problem)


PAGES = (
    PageRoute(path=CHANGE, name="system_change", action="system.write", run=show_form),
    PageRoute(
        path=f"{CHANGE}/plan",
        name="system_change_plan",
        action="system.write",
        run=show_plan,
        method="POST",
        reads=True,
        again=_again,
    ),
    PageRoute(path=f"{CHANGE}/do", name="system_change_do", action="system.write", run=carry_out, method="POST", again=_again),
)
