"""The two numbers of an incident that swells lead to its tickets: those that the caller may see, and how many they are of all."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from routing.tables import Incident, IncidentMember, Ticket
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import ELSEWHERE, GRID, POSTS
from tests.integration.pages.test_figures_page import FIGURES, address, fold, opened, rows_of
from tests.integration.test_api import count_queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

PATH = "/staff/figures/incident"
LINK = re.compile(rf'href="({PATH}\?[^"]+)"')


async def swell(pages: Pages, numbers: list[str], *, number: int = 1, people: int = 3, area: str = GRID) -> None:
    """Write down an incident that a supervisor was told of."""

    def gather(session: Session) -> None:
        now = utcnow()
        session.add(Incident(id=number, opened_at=now, last_at=now, area=area, item="", residents=people, raised_burst_at=now))
        session.flush()
        for one in session.scalars(select(Ticket.id).where(Ticket.number.in_(numbers))):
            session.add(IncidentMember(ticket_id=one, incident_id=number))

    await pages.api.store.write(gather)
    await fold(pages)


def link_of(text: str) -> str:
    return html.unescape(LINK.findall(text)[0])


async def test_an_incident_on_the_page_of_figures_leads_to_its_tickets_and_no_others(pages: Pages) -> None:
    numbers = [await opened(pages, resident=resident) for resident in (1, 2, 3)]
    await opened(pages, resident=4)
    await swell(pages, numbers)

    listed = await pages.visit("supervisor", link_of((await pages.visit("supervisor", FIGURES)).text))

    assert (listed.status, sorted(rows_of(listed))) == (200, sorted(numbers))
    assert "都在这里" in listed.text


async def test_so_does_the_pack_of_the_month(pages: Pages) -> None:
    numbers = [await opened(pages, resident=resident) for resident in (1, 2, 3)]
    await swell(pages, numbers)

    pack = await pages.visit("supervisor", "/staff/figures/month?show=1")

    assert LINK.sub("", pack.text).count(f'href="{PATH}') == 0
    assert sorted(rows_of(await pages.visit("supervisor", link_of(pack.text)))) == sorted(numbers)


async def test_what_somebody_may_not_see_is_not_listed_and_they_are_told_that_there_is_more(pages: Pages) -> None:
    numbers = [await opened(pages, resident=resident) for resident in (1, 2, 3)]
    about = {"refused_staff": [POSTS["supervisor"].code]}
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == numbers[0]).values(**about)))
    await swell(pages, numbers)
    asked = address(PATH, incident="1")

    seen, saved, whole = (
        await pages.visit("supervisor", asked),
        await pages.visit("supervisor", address(f"{PATH}/save/csv", incident="1")),
        await pages.visit("desk", asked),
    )

    assert sorted(rows_of(seen)) == sorted(numbers[1:])
    assert "一共 3 件，您看得到其中 2 件" in seen.text
    assert [number in saved.text for number in numbers] == [False, True, True]
    assert sorted(rows_of(whole)) == sorted(numbers)
    kept = await pages.api.store.read(lambda s: s.scalars(select(AuditEntry).where(AuditEntry.action == "figures.save")).one())
    assert (kept.facts["incident"], kept.facts["count"]) == (1, 2)


async def test_of_few_people_nothing_is_listed(pages: Pages) -> None:
    await swell(pages, [await opened(pages, resident=resident) for resident in (1, 2)], people=2)

    seen = await pages.visit("supervisor", FIGURES)

    assert ("2 人反映" in seen.text, LINK.findall(seen.text)) == (True, [])
    assert (await pages.visit("supervisor", address(PATH, incident="1"))).status == 404


@pytest.mark.parametrize(("asked", "status"), [("1", 404), ("2", 404), ("", 422), ("x", 422), ("0", 422)])
async def test_another_streets_incident_and_what_is_none_is_not_there(pages: Pages, asked: str, status: int) -> None:
    await swell(pages, [await opened(pages, resident=resident) for resident in (1, 2, 3)])
    org = pages.api.city.org
    other = next(one.code for one in org.staff.values() if one.role == "desk" and one.unit == org.desk_for(ELSEWHERE).code)

    assert (await pages.visit(other, address(PATH, incident=asked))).status == status


async def test_the_number_of_queries_does_not_grow_with_the_tickets_and_the_list_goes_on(pages: Pages) -> None:
    counts, sizes = [], []
    for number, many in ((1, 3), (2, 12)):
        await swell(pages, [await opened(pages, resident=100 * number + one) for one in range(many)], number=number)
        await pages.visit("supervisor", address(PATH, incident=str(number)))
        with count_queries() as seen:
            sizes.append(len(rows_of(await pages.visit("supervisor", address(PATH, incident=str(number))))))
        counts.append(len(seen))

    assert sizes == [3, 12]
    assert counts[0] == counts[1]
