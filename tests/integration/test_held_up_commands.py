"""What holds a ticket up, tasks and supervision as commands: each does what it says, and each refusal says in Chinese what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App, make_channels
from bot.texts import fill
from tests.integration.test_desk_act_commands import LAMP, do, refused, write

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


def day(shown: dict[str, Any], *, days: int) -> str:
    """Give a day so long after a ticket is due, as it is written with --until."""
    return (datetime.fromisoformat(shown["due_at"]) + timedelta(days=days)).date().isoformat()


def find_staff(app: App, unit: str) -> str:
    return next(person.code for person in app.city.org.staff.values() if person.unit == unit)


def find_helper(app: App, *, unit: str) -> str:
    """Find another unit where somebody works, that is no desk."""
    org = app.city.org
    staffed = {person.unit for person in org.staff.values()}
    return next(code for code, one in sorted(org.units.items()) if code in staffed and one.kind != "desk" and code != unit)


async def open_lamp(app: App) -> tuple[str, dict[str, Any]]:
    number = await write(app, LAMP)
    return number, await do(app, "show", number=number)


async def test_the_resident_is_asked_and_the_matter_waits(app: App) -> None:
    number, _ = await open_lamp(app)
    waiting = await do(app, "ask_more", number=number, text="是哪一盏灯", actor="operator")
    again = await refused(app, "ask_more", number=number, text="是哪一盏灯", actor="operator")

    assert (waiting["status"], waiting["status_name"]) == ("waiting", fill("cli", "status_waiting"))
    assert fill("cli", "act_ask_more") in again


async def test_an_extension_is_applied_for_and_another_person_decides(app: App) -> None:
    number, shown = await open_lamp(app)
    clerk = find_staff(app, shown["unit"])
    asked = {"number": number, "kind": "extension", "until": day(shown, days=7), "text": "等配件", "actor": clerk}
    early = await refused(app, "apply", **asked | {"until": day(shown, days=-1)})
    await do(app, "apply", **asked)
    twice = await refused(app, "apply", **asked)
    own = await refused(app, "grant", number=number, actor=clerk)
    granted = await do(app, "grant", number=number, actor="operator")
    nothing = await refused(app, "refuse", number=number, text="不行", actor="operator")

    due = datetime.fromisoformat(granted["due_at"]).astimezone(app.city.zone)
    assert due.isoformat()[:19] == f"{asked['until']}T23:59:59"
    assert (early, twice) == (fill("cli", "error_until_wrong"), fill("cli", "error_applied_already"))
    assert (own, nothing) == (fill("cli", "error_own_application"), fill("cli", "error_nothing_applied"))


async def test_a_refusal_leaves_the_time_as_it_is(app: App) -> None:
    number, shown = await open_lamp(app)
    asked = {"kind": "extension", "until": day(shown, days=7), "text": "等配件", "actor": find_staff(app, shown["unit"])}
    await do(app, "apply", number=number, **asked)
    still = await do(app, "refuse", number=number, text="先办起来", actor="operator")

    assert (still["due_at"], still["status"]) == (shown["due_at"], shown["status"])


async def test_a_pause_is_granted_and_ended_before_its_day(app: App) -> None:
    number, shown = await open_lamp(app)
    clerk = find_staff(app, shown["unit"])
    early = await refused(app, "resume", number=number, actor="operator")
    await do(app, "apply", number=number, kind="pause", until=day(shown, days=20), text="等解冻", actor=clerk)
    paused = await do(app, "grant", number=number, actor="operator")
    resumed = await do(app, "resume", number=number, actor="operator")

    assert (paused["status"], resumed["status"]) == ("paused", "signed")
    assert fill("cli", "act_resume") in early


async def test_a_task_is_given_signed_and_answered_before_the_lead_concludes(app: App) -> None:
    number, shown = await open_lamp(app)
    helper = find_helper(app, unit=shown["unit"])
    worker = find_staff(app, helper)
    await do(app, "sign", number=number, actor="operator")
    none = await refused(app, "task.cancel", number=number, unit=helper, actor="operator")
    await do(app, "task.give", number=number, unit=helper, text="配合围挡", until=day(shown, days=-1), actor="operator")
    waits = await refused(app, "conclude", number=number, text="修好了", actor="operator")
    await do(app, "task.sign", number=number, actor=worker)
    await do(app, "task.reply", number=number, text="围挡好了", actor=worker)
    done = await do(app, "conclude", number=number, text="修好了", actor="operator")

    assert none == fill("cli", "error_no_task")
    assert waits == fill("cli", "error_tasks_open", {"units": helper})
    assert done["status"] == "concluded"


async def test_a_task_is_given_back_or_taken_back(app: App) -> None:
    number, shown = await open_lamp(app)
    helper = find_helper(app, unit=shown["unit"])
    worker = find_staff(app, helper)
    given = {"number": number, "unit": helper, "text": "配合围挡", "actor": "operator"}
    await do(app, "task.give", **given)
    await do(app, "task.return", number=number, reason="remit", text="不归我们", actor=worker)
    over = await refused(app, "task.reply", number=number, text="好了", actor=worker)
    await do(app, "task.give", **given)
    await do(app, "task.cancel", number=number, unit=helper, actor="operator")
    gone = await refused(app, "task.sign", number=number, actor=worker)
    unknown = await refused(app, "task.give", **given | {"unit": "NOBODY"})

    assert {over, gone} == {fill("cli", "error_no_task")}
    assert unknown == fill("cli", "error_unknown_unit")


@pytest.mark.parametrize("kind", ["supervise", "instruct"])
async def test_supervision_is_answered_once_and_changes_no_time(app: App, kind: str) -> None:
    number, shown = await open_lamp(app)
    asked = await do(app, kind, number=number, text="请抓紧", days=2, actor="operator")
    answered = await do(app, "answer", number=number, text="明天换", actor="operator")
    nothing = await refused(app, "answer", number=number, text="明天换", actor="operator")

    stand = [(one["due_at"], one["status"]) for one in (shown, asked, answered)]
    assert stand == [stand[0]] * 3
    assert nothing == fill("cli", "error_no_supervision")


async def test_who_has_nothing_to_do_with_it_may_not(app: App) -> None:
    number, shown = await open_lamp(app)
    stranger = find_staff(app, find_helper(app, unit=shown["unit"]))

    for act, arguments in (
        ("ask_more", {"text": "哪一盏"}),
        ("apply", {"kind": "pause", "until": day(shown, days=20), "text": "等等"}),
        ("task.give", {"unit": shown["unit"], "text": "帮忙"}),
        ("supervise", {"text": "请抓紧"}),
        ("answer", {"text": "好了"}),
    ):
        assert await refused(app, act, number=number, actor=stranger, **arguments) == fill("cli", "error_not_yours")
    assert (await do(app, "show", number=number))["status"] == shown["status"]
