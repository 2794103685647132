"""分诊台: what waits comes by its due time, is given to a unit by one press, and nothing is shown or counted that somebody may not see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from routing.queues import IS_KEPT, is_plain
from routing.tables import Incident, IncidentMember, Ticket
from routing.track_tables import TicketRequest
from store.clock import utcnow
from tests.api_door import ELSEWHERE, GRID, POSTS, UNIT
from tests.integration.test_api import copy_ticket, count_queries, give

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages, Seen

DESK = "/staff/desk"
LAMP = "路灯坏了三天，晚上很黑"


def rows_of(seen: Seen) -> list[str]:
    return re.findall(r'data-row="([^"]+)"', seen.text)


def counts_of(seen: Seen) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r'href="\?tab=(\w+)"[^>]*>[^<]* <b>(\d+)</b>', seen.text)}


def form_of(seen: Seen, number: str, unit: str = "") -> dict[str, str]:
    """Read the first form that gives a ticket to a unit."""
    row = seen.text.partition(f'data-row="{number}"')[2].partition("</li>")[0]
    fields = dict(re.findall(r'name="(edition|query|unit|item|back|into)" value="([^"]*)"', row))
    fields["edition"] = fields["edition"].replace("&#34;", '"')
    return fields | ({"unit": unit} if unit else {})


async def change(pages: Pages, number: str, **values: Any) -> None:
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(**values)))


async def waiting(pages: Pages, text: str = LAMP, **values: Any) -> str:
    """Open a ticket that waits at the desk of the grid, with the proposals that it was opened with."""
    facts = {name: values.pop(name) for name in ("area", "resident", "confidential", "tier", "about", "kind") if name in values}
    opened = await pages.api.open(text, **facts)
    number = opened.ticket.number
    await change(pages, number, status="accepted", unit=opened.ticket.desk, dispatched_at=None, **values)
    return number


async def read(pages: Pages, number: str) -> tuple[str, str, str]:
    def find(session: Session) -> tuple[str, str, str]:
        row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        return row.status, row.unit, row.item

    return await pages.api.store.read(find)


async def test_one_press_gives_a_waiting_ticket_to_the_unit_that_was_proposed(pages: Pages) -> None:
    number = await waiting(pages)
    seen = await pages.visit("desk", DESK)
    form = form_of(seen, number)

    sent = await pages.visit("desk", f"{DESK}/{number}/dispatch", form=form)

    assert (sent.status, sent.location) == (303, DESK)
    assert await read(pages, number) == ("dispatched", form["unit"], form["item"])
    assert number not in rows_of(await pages.visit("desk", DESK))


async def test_a_unit_is_chosen_by_its_name(pages: Pages) -> None:
    number = await waiting(pages)
    seen = await pages.visit("desk", DESK)
    unit = form_of(seen, number)["unit"]
    name = pages.api.city.org.units[unit].name

    sent = await pages.visit("desk", f"{DESK}/{number}/dispatch", form={**form_of(seen, number, unit=name), "item": ""})

    assert f'<option value="{name}">' in seen.text
    assert sent.status == 303
    assert (await read(pages, number))[:2] == ("dispatched", unit)


async def test_a_name_that_no_unit_has_is_said_beside_the_ticket_with_what_was_typed(pages: Pages) -> None:
    number = await waiting(pages)
    seen = await pages.visit("desk", DESK)

    sent = await pages.visit("desk", f"{DESK}/{number}/dispatch", form=form_of(seen, number, unit="没有这个单位"))

    assert sent.status == 422
    row = sent.text.partition(f'data-row="{number}"')[2].partition("</li>")[0]
    assert 'role="alert"' in row
    assert 'value="没有这个单位"' in row
    assert (await read(pages, number))[0] == "accepted"


async def test_what_somebody_else_has_changed_meanwhile_is_not_done_again(pages: Pages) -> None:
    number = await waiting(pages)
    form = form_of(await pages.visit("desk", DESK), number)
    await pages.api.act("desk", number, "note", {"text": "看过了"})

    sent = await pages.visit("desk", f"{DESK}/{number}/dispatch", form=form)

    assert sent.status == 409
    assert (await read(pages, number))[0] == "accepted"
    assert rows_of(sent).count(number) == 1


async def test_what_is_due_first_stands_first_and_the_pages_go_on_without_a_gap(pages: Pages) -> None:
    number, now = await waiting(pages), utcnow()
    copies = await pages.api.store.write(lambda s: copy_ticket(s, number, 70))
    for at, copied in enumerate(reversed(copies)):
        await change(pages, copied, due_at=now + timedelta(minutes=at // 2))  # two are due at each moment
    found: list[str] = []
    seen = await pages.visit("desk", DESK)
    while True:
        found += rows_of(seen)
        following = re.search(r'href="(\?tab=wait&amp;cursor=[^"]+)"', seen.text)
        if following is None:
            break
        seen = await pages.visit("desk", DESK + following[1].replace("&amp;", "&"))

    listed = [one for one in found if one in copies]
    assert sorted(listed) == sorted(copies)
    assert len(found) == len(set(found))
    dues = {copied: at // 2 for at, copied in enumerate(reversed(copies))}
    assert [dues[one] for one in listed] == sorted(dues[one] for one in listed)


async def test_red_matters_stand_on_top_of_every_tab_until_they_are_answered(pages: Pages) -> None:
    number = await waiting(pages)
    await change(pages, number, tier="red", acknowledged_at=None)
    for tab in ("wait", "back", "decide", "held", "late", "answered"):
        seen = await pages.visit("desk", f"{DESK}?tab={tab}")
        assert (tab, rows_of(seen).count(number)) == (tab, 1)
    assert f"/staff/tickets/{number}/acknowledge" in seen.text

    form = {**form_of(seen, number), "back": "desk", "query": "tab=late"}
    sent = await pages.visit("desk", f"/staff/tickets/{number}/acknowledge", form=form)

    assert (sent.status, sent.location) == (303, "/staff/desk?tab=late")
    assert f"/staff/tickets/{number}/acknowledge" not in (await pages.visit("desk", DESK)).text


@pytest.mark.parametrize(
    ("tab", "changes"),
    [
        ("back", {"returns": 1}),
        ("back", {"status": "review"}),
        ("held", {"status": "paused"}),
        ("held", {"status": "carried"}),
        ("late", {"status": "signed", "unit": UNIT, "due_at": utcnow() - timedelta(hours=1)}),
        ("answered", {"status": "concluded", "unit": UNIT}),
    ],
)
async def test_each_ticket_stands_in_the_queue_that_says_what_it_waits_for(pages: Pages, tab: str, changes: dict[str, Any]) -> None:
    before = counts_of(await pages.visit("desk", DESK))
    number = await waiting(pages)
    await change(pages, number, **changes)

    found = {name: rows_of(await pages.visit("desk", f"{DESK}?tab={name}")) for name in before}

    assert [name for name, rows in found.items() if number in rows] == [tab]
    after = counts_of(await pages.visit("desk", DESK))
    assert {name: after[name] - before[name] for name in before} == {name: int(name == tab) for name in before}


async def test_an_application_is_granted_where_it_is_listed(pages: Pages) -> None:
    opened = await pages.api.open(LAMP)
    number, now = opened.ticket.number, utcnow()
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    await change(pages, number, dispatched_at=now - timedelta(hours=1), due_at=now + timedelta(days=1))
    await pages.api.act("unit_clerk", number, "sign")
    until = (now + timedelta(days=3)).isoformat()
    status, _ = await pages.api.act("unit_clerk", number, "ask_extension", {"until": until, "text": "要等配件"})
    assert status == 200

    seen = await pages.visit("desk", f"{DESK}?tab=decide")
    sent = await pages.visit("desk", f"/staff/tickets/{number}/grant", form={**form_of(seen, number), "back": "desk"})

    assert (sent.status, sent.location.partition("?")[0]) == (303, DESK)
    state = await pages.api.store.read(lambda s: s.scalars(select(TicketRequest.state)).one())
    assert state == "granted"


async def test_a_ticket_that_tells_of_the_same_incident_is_offered_for_merging(pages: Pages) -> None:
    first, second = await waiting(pages, resident=11), await waiting(pages, "路灯又坏了，黑得看不见路", resident=12)

    def gather(session: Session) -> None:
        ids = list(session.scalars(select(Ticket.id).where(Ticket.number.in_([first, second]))))
        session.add(Incident(id=1, opened_at=utcnow(), last_at=utcnow(), area=GRID, item="", residents=2))
        session.flush()
        session.add_all(IncidentMember(ticket_id=one, incident_id=1) for one in ids)

    await pages.api.store.write(gather)
    seen = await pages.visit("desk", DESK)
    form = {**form_of(seen, second), "into": first, "back": "desk"}

    sent = await pages.visit("desk", f"/staff/tickets/{second}/merge", form=form)

    assert f'name="into" value="{first}"' in seen.text
    assert sent.status == 303
    assert (await read(pages, second))[0] == "merged"


async def test_what_is_kept_from_somebody_is_neither_shown_nor_counted(pages: Pages) -> None:
    before = counts_of(await pages.visit("desk", DESK))
    code = POSTS["desk"].code
    hidden = await waiting(pages, "指挥室的人不接电话", resident=21, refused_staff=[code])
    about_unit = await waiting(pages, resident=22, refused=[POSTS["desk"].unit.replace("DESK", pages.api.city.desk)])

    seen = await pages.visit("desk", DESK)

    assert hidden != about_unit
    assert counts_of(seen) == before
    assert {hidden, about_unit}.isdisjoint(rows_of(seen))
    assert (await pages.visit("desk", f"{DESK}/{hidden}/dispatch", form={"unit": UNIT, "edition": "*"})).status == 404


async def test_of_a_confidential_matter_the_queue_shows_that_it_is_there_and_no_word(pages: Pages) -> None:
    number = await waiting(pages, "被家里人打了，阑珊", confidential=True)
    await change(pages, number, tier="red")

    seen = await pages.visit("desk", DESK)
    row = seen.text.partition(f'data-row="{number}"')[2].partition("</li>")[0]

    assert "阑珊" not in seen.text
    assert "红色" not in row, "whoever may not know that it is red does not learn it from its place"


async def test_another_streets_desk_does_not_have_it_and_the_one_above_does(pages: Pages) -> None:
    here, there = await waiting(pages), await waiting(pages, area=ELSEWHERE, resident=2)
    org = pages.api.city.org
    others = [one.code for one in org.staff.values() if one.role == "desk" and one.unit == org.desk_for(ELSEWHERE).code]
    above = [one.code for one in org.staff.values() if one.role == "desk" and one.unit == org.top_desk().code]

    seen = {code: rows_of(await pages.visit(code, DESK)) for code in (others[0], above[0])}

    assert org.desk_for(ELSEWHERE) != org.desk_for(GRID)
    assert (here in seen[others[0]], there in seen[others[0]]) == (False, True)
    assert {here, there} <= set(seen[above[0]])


async def test_the_number_of_queries_does_not_grow_with_the_queue(pages: Pages) -> None:
    number = await waiting(pages)
    await pages.visit("desk", DESK)
    with count_queries() as few:
        await pages.visit("desk", DESK)
    await pages.api.store.write(lambda s: copy_ticket(s, number, 29))
    with count_queries() as many:
        seen = await pages.visit("desk", DESK)

    assert len(rows_of(seen)) >= 30
    assert len(many) == len(few)


@pytest.mark.parametrize("query", ["?tab=red", "?tab=nothing", "?cursor=x", "?cursor=MTIz"])
async def test_an_address_that_means_nothing_is_refused(pages: Pages, query: str) -> None:
    assert (await pages.visit("desk", DESK + query)).status == 422


@pytest.mark.parametrize(
    ("refused", "staff", "is_kept"), [([], [], False), ([], None, False), (["X"], [], True), ([], ["Y"], True)]
)
async def test_a_ticket_is_either_kept_from_somebody_or_plain(
    pages: Pages, refused: list[str], staff: list[str] | None, *, is_kept: bool
) -> None:
    number = await waiting(pages, refused=refused, refused_staff=staff)

    def find(session: Session) -> tuple[list[str], list[str]]:
        kept, plain = [session.scalars(select(Ticket.number).where(one)).all() for one in (IS_KEPT, is_plain())]
        return list(kept), list(plain)

    assert await pages.api.store.read(find) == (([number], []) if is_kept else ([], [number]))
