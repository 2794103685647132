"""Which page opens for whom: the policy's table, page by page and role by role, and nothing without a form of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.pages.catalogue import PAGES
from console.policy import TABLE, Role, Rows, role_of, rows_of, staff_actor
from tests.api_door import POSTS, UNIT
from tests.integration.test_api import give

if TYPE_CHECKING:
    from console.pages.routes import PageRoute
    from tests.page_door import Pages

STAFF_PAGES = [page for page in PAGES if page.staff]
DONE = {200, 303}
REFUSED = {404, 409, 410, 422, 428}
"""What a page may answer to somebody who may ask for it, where there is nothing or the form is empty."""


def name_page(page: PageRoute) -> str:
    return f"{page.method}-{page.name}"


def fill_path(page: PageRoute, number: str) -> str:
    """Fill the variables of a path: tickets with a real one, everything else with a code that nothing has."""
    path = page.path.replace("{number}", number)
    while "{" in path:
        begin, end = path.index("{"), path.index("}")
        path = f"{path[:begin]}nothing{path[end + 1 :]}"
    return path


async def go(pages: Pages, role: str, page: PageRoute, number: str) -> int:
    """Open a page, or send its form empty, in a sign-in of its own: some forms end it."""
    form = {} if page.method == "POST" else None
    pages.cookies.pop(role, None)
    return (await pages.visit(role, fill_path(page, number), form=form)).status


def test_every_page_names_an_action_of_the_policy_and_is_served_once() -> None:
    assert {page.action for page in PAGES} - set(TABLE) == set()
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)
    assert len({(page.method, page.name) for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("role", [role for role in POSTS if role != "role_unheard_of"])
async def test_a_page_opens_for_a_role_exactly_where_the_policy_says_so(pages: Pages, role: str) -> None:
    number = (await pages.api.open()).ticket.number
    actor = staff_actor(POSTS[role].code, org=pages.api.city.org)
    assert actor is not None

    found = {(page, await go(pages, role, page, number)) for page in STAFF_PAGES}

    wrong = {}
    for page, status in found:
        allowed = rows_of(actor, page.action) is not Rows.NONE
        if status not in (DONE | REFUSED if allowed else {403}):
            wrong[name_page(page)] = status
    assert wrong == {}


async def test_who_has_no_role_sees_their_own_account_and_nothing_else(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number
    assert role_of("role_unheard_of") is Role.NOBODY

    open_ones = {name_page(page) for page in STAFF_PAGES if await go(pages, "role_unheard_of", page, number) != 403}

    assert open_ones == {name_page(page) for page in STAFF_PAGES if Role.NOBODY in TABLE[page.action]}


async def test_nobody_who_is_not_signed_in_gets_past_the_door(pages: Pages) -> None:
    number = (await pages.api.open()).ticket.number

    for page in STAFF_PAGES:
        seen = await pages.visit("", fill_path(page, number), form={} if page.method == "POST" else None)
        assert (page.name, seen.status, seen.location.partition("?")[0]) == (page.name, 303, "/staff/sign-in")


async def test_a_cookie_that_names_no_sentence_shows_none(pages: Pages) -> None:
    seen = await pages.visit("desk", "/staff/tickets", cookies={"jieying_flash": "no_such_sentence"})

    assert (seen.status, 'class="flash"' in seen.text) == (200, False)
    assert 'class="flash"' in (await pages.visit("desk", "/staff/tickets", cookies={"jieying_flash": "saved"})).text


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        ({"csrf": "0" * 128}, {}),
        ({}, {"Origin": "https://elsewhere.example"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
    ],
)
async def test_a_form_that_is_not_from_this_session_does_nothing(
    pages: Pages, form: dict[str, str], headers: dict[str, str]
) -> None:
    opened = await pages.api.open()
    number = opened.ticket.number

    seen = await pages.visit("desk", f"/staff/tickets/{number}/note", form={"text": "x", "edition": "*", **form}, headers=headers)

    assert seen.status == 403
    status, shown, _ = await pages.api.call("desk", "GET", f"/tickets/{number}/events")
    assert (status, [one["act"] for one in shown["items"]].count("note")) == (200, 0)


async def test_a_complaint_about_a_grid_worker_is_on_no_page_of_theirs(pages: Pages) -> None:
    worker = POSTS["grid_worker"].code
    canary = "格外阑珊"
    opened = await pages.api.open(f"网格员柏舟收了红包{canary}", confidential=True, about=(worker,), kind="report")
    plain = await pages.api.open("路灯坏了")
    await pages.api.store.write(lambda s: give(s, plain.ticket.number, UNIT))

    for page in STAFF_PAGES:
        if page.method == "GET":
            seen = await pages.visit("grid_worker", fill_path(page, opened.ticket.number))
            assert (page.name, canary in seen.text) == (page.name, False)
            assert (page.name, f">{opened.ticket.number}<" in seen.text) == (page.name, False)
    assert (await pages.visit("grid_worker", f"/staff/tickets/{opened.ticket.number}")).status == 404
    assert (await pages.visit("grid_worker", f"/staff/tickets/{plain.ticket.number}")).status == 200
