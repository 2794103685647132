"""值班, 学出来的模型, 保存期限: who is on duty when, which learned version serves, and what was and will be deleted because its time is over."""

from __future__ import annotations

from sqlalchemy import select

from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.pages.system import PATH, may_write
from console.pages.system_outbox import read_number
from console.problems import wrong
from residents.erasing import Erasure
from routing.roster import list_on_duty
from routing.tables import ShiftRow

ROSTERS = f"{PATH}/rosters"
MODELS = f"{PATH}/models"
RETENTION = f"{PATH}/retention"
LIST_SIZE = 30


def show_rosters(call: PageCall) -> Page:
    """Show for every desk its shifts, who is on duty now, and the hours in which nobody is; and in which order the rules of routing speak."""
    org = call.context.org
    shifts: dict[str, list[dict[str, str]]] = {}
    for row in call.session.scalars(select(ShiftRow).order_by(ShiftRow.desk, ShiftRow.days, ShiftRow.starts)):
        shift = {name: getattr(row, name) for name in ("days", "starts", "ends", "staff", "backup")}
        shifts.setdefault(row.desk, []).append(shift)
    desks = sorted(org.desks.values(), key=lambda desk: (-len(org.gaps(desk)), desk.code))
    return Page(
        template="system/rosters.html",
        values={
            "desks": [
                {
                    "code": desk.code,
                    "name": desk.name,
                    "shifts": shifts.get(desk.code, []),
                    "now": [
                        org.staff[code].name
                        for code in list_on_duty(org.shifts.get(desk.code, ()), now=call.now, tz=call.city.zone)
                        if code in org.staff
                    ],
                    "gaps": [(gap.day, _say_time(gap.starts), _say_time(gap.ends)) for gap in org.gaps(desk)],
                }
                for desk in desks
            ],
            "names": {code: one.name for code, one in org.staff.items()},
            "rules": call.city.system.list_settings()["routing"].get("rules", []),
            "may_write": may_write(call),
        },
    )


def show_models(call: PageCall) -> Page:
    """Show the learned versions with their figures."""
    versions = call.city.system.run(call.session, "models.list", now=call.now)
    serving = any(one["serving"] for one in versions)
    return Page(template="system/models.html", values={"versions": versions, "serving": serving, "may_write": may_write(call)})


def use_model(call: PageCall) -> Redirect:
    """Put a version into service."""
    version = read_number(call.form.get("version", ""), where="form.version")
    if not version:
        raise wrong("form.version", "Expected a number")
    call.city.system.run(call.session, "models.use", now=call.now, version=version, actor=call.actor.code)
    return Redirect(to=MODELS, flash="model_used")


def go_back(call: PageCall) -> Redirect:
    """Go back to the version that served before."""
    call.city.system.run(call.session, "models.back", now=call.now, actor=call.actor.code)
    return Redirect(to=MODELS, flash="model_back")


def show_retention(call: PageCall) -> Page:
    """Show what was erased, and if it is asked for what is over its time now; that looks at every table, and deletes nothing."""
    before = read_number(call.query.get("before", ""), where="query.before")
    statement = select(Erasure).order_by(Erasure.id.desc()).limit(LIST_SIZE + 1)
    rows = call.session.scalars(statement.where(Erasure.id < before) if before else statement).all()
    shown = rows[:LIST_SIZE]
    counted = call.query.get("count") == "1"
    return Page(
        template="system/retention.html",
        values={
            "runs": [
                {
                    "receipt": row.receipt,
                    "kind": row.kind,
                    "asked_at": row.asked_at,
                    "done_at": row.done_at,
                    "counts": {name: count for name, count in row.counts.items() if count},
                }
                for row in shown
            ],
            "next": shown[-1].id if len(rows) > LIST_SIZE else 0,
            "due": call.city.system.count_over_time(call.session, now=call.now) if counted else None,
            "settings": call.city.system.list_settings()["privacy"],
        },
    )


def _say_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


PAGES = (
    PageRoute(path=ROSTERS, name="system_rosters", action="system.read", run=show_rosters),
    PageRoute(path=MODELS, name="system_models", action="system.read", run=show_models),
    PageRoute(path=f"{MODELS}/use", name="system_models_use", action="system.write", run=use_model, method="POST"),
    PageRoute(path=f"{MODELS}/back", name="system_models_back", action="system.write", run=go_back, method="POST"),
    PageRoute(path=RETENTION, name="system_retention", action="system.read", run=show_retention),
)
