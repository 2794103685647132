"""试派: what is tried comes to what a resident's message would come to, and nothing is left of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from routing import desk
from routing.facts import Origin
from store.base import Base
from tests.page_door import at_hour, open_pages

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages, Seen

TRIAL = "/staff/system/try"


async def try_out(pages: Pages, text: str, *, role: str = "operator", **more: str) -> Seen:
    return await pages.visit(role, TRIAL, form={"text": text, **more})


def verdict_of(seen: Seen) -> str:
    return re.findall(r'role="status"><b>([^<]*)</b>', seen.text)[-1]


@pytest.mark.parametrize(
    "text",
    [
        "安泰花园3号楼的路灯坏了三天，没人修",
        "和平里小区垃圾桶满了好几天没人清运",
        "那个事你们看看",
        "安泰花园2号楼燃气味很大，有人晕倒了",
    ],
)
async def test_what_is_tried_is_what_would_happen(pages: Pages, text: str) -> None:
    tried = await try_out(pages, text)
    view, now = pages.api.city, pages.api.clock()
    report, utterance = view.read_report(text, place="", area="")
    opened = await pages.api.store.write(
        lambda s: (
            desk.open_ticket(
                s,
                report=report,
                resident_id=1,
                origin=Origin(inbox_id=None, channel="terminal"),
                context=view.context(now=now),
                now=now,
                utterance=utterance,
            ).ticket
        )
    )

    sent = opened.status == "dispatched"
    assert (tried.status, verdict_of(tried)) == (200, f"{'自动派给' if sent else '不自动派，等在'}{view.org.name_of(opened.unit)}")
    assert ("红色 · 有生命危险" in tried.text) == (opened.tier == "red")
    assert [line for line in opened.why if view.explain(line) not in tried.text] == []


async def test_of_what_is_tried_nothing_is_left(pages: Pages) -> None:
    def count(session: Session) -> dict[str, int]:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}

    await pages.sign_in("operator")
    before = await pages.api.store.read(count)
    assert (await try_out(pages, "安泰花园2号楼着火了，有人困在里面")).status == 200

    assert await pages.api.store.read(count) == before


@pytest.mark.parametrize(("hour", "desk"), [(10, "柳塘街道社会治理指挥室"), (22, "东篱区社会治理指挥室")], ids=["day", "night"])
async def test_who_is_accused_is_named_as_kept_from_it(
    demo_store: Store, demo_city: tuple[Path, City], hour: int, desk: str
) -> None:
    async with open_pages(demo_store, demo_city[1], clock=at_hour(demo_city[1], hour)) as pages:
        seen = await try_out(pages, "安泰社区居委会乱收费，还骂人", area="LA-DL-LT-01")

    assert re.findall(r"<dt>不给看</dt><dd>([^<]*)</dd>", seen.text)[0].split("、")[0] == "安泰社区居委会"
    assert verdict_of(seen) == f"不自动派，等在{desk}"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": " "}, "写上居民会说的话"),
        ({"text": "长" * 2001}, "写上居民会说的话，不超过 2000 字"),
        ({"text": "路灯坏了", "area": "nowhere"}, "没有这个区域"),
    ],
)
async def test_what_cannot_be_tried_says_so_and_keeps_what_was_typed(pages: Pages, form: dict[str, str], said: str) -> None:
    seen = await pages.visit("operator", TRIAL, form=form)

    assert (seen.status, said in seen.text, f">{form['text'].strip()}" in seen.text) == (422, True, True)


async def test_words_are_only_words_and_nobody_else_tries(pages: Pages) -> None:
    hostile = await try_out(pages, "<script>alert(1)</script>路灯坏了")

    assert (hostile.status, "<script>alert" in hostile.text) == (200, False)
    assert [(await try_out(pages, "路灯坏了", role=role)).status for role in ("unit_clerk", "grid_worker", "knowledge_editor")] == [
        403
    ] * 3
