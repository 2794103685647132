"""Open tickets in order come to the same whether a desk's few are sorted or its many are walked, for everybody, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.city_view import CityView
from routing import desk, listing, ordering
from routing.facts import Origin
from routing.sight import OPERATOR, Viewer
from routing.terms import OPEN_STATUSES, Report
from store.clock import utcnow
from tests.town import utter

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.ordering import Order, Place
    from store.engine import Store

SAID = ("路灯坏了", "井盖松了", "树枝断了", "楼道里堆着杂物", "公园长椅坏了", "下水道堵了")
VIEWERS = (OPERATOR, *(Viewer("staff", code) for code in ("DK001", "DK003", "DK007", "SV001", "UC001", "GW001", "LX001", "nobody")))


def open_some(session: Session, city: City) -> None:
    grids = [area.code for area in city.org.areas.values() if area.level == "grid"]
    for count, text in enumerate(SAID * 3):
        now = utcnow() - timedelta(hours=count % 5)
        desk.open_ticket(
            session,
            report=Report(text=text, areas=(grids[count * 3 % len(grids)],), confidential=count % 7 == 0),
            resident_id=count + 1,
            origin=Origin(inbox_id=None, channel="terminal"),
            context=CityView(city).context(now=now),
            now=now,
            utterance=utter(text),
        )


def walk(session: Session, order: Order, viewer: Viewer, city: City, *, few: int, limit: int) -> list[str]:
    found: list[str] = []
    place: Place | None = None
    now = utcnow()
    while True:
        page = ordering.list_open(
            session,
            order,
            wanted=listing.choose(org=city.org, now=now, viewer=viewer),
            statuses=sorted(OPEN_STATUSES),
            org=city.org,
            now=now,
            viewer=viewer,
            keep=lambda _: True,
            limit=limit,
            after=place,
            few=few,
        )
        found += [line.number for line in page.lines]
        place = page.after
        if place is None:
            return found


@pytest.mark.parametrize("order", ["due", "changed"])
async def test_sorted_or_walked_in_small_pages_or_a_large_one_the_order_is_one(
    demo_store: Store, demo_city: tuple[Path, City], order: Order
) -> None:
    city = demo_city[1]
    await demo_store.write(lambda s: open_some(s, city))

    for viewer in VIEWERS:
        whole = await demo_store.read(lambda s, v=viewer: walk(s, order, v, city, few=1000, limit=100))
        for few, limit in ((1000, 2), (0, 2), (0, 100)):
            assert (viewer, await demo_store.read(lambda s, v=viewer, f=few, n=limit: walk(s, order, v, city, few=f, limit=n))) == (
                viewer,
                whole,
            )
        newest = await demo_store.read(
            lambda s, v=viewer: listing.list_tickets(s, org=city.org, now=utcnow(), viewer=v, status=OPEN_STATUSES, limit=100)
        )
        seen = {line.number for line in newest.lines if order == "due" or not line.confidential}
        assert (viewer, set(whole), len(whole)) == (viewer, seen, len(seen))
