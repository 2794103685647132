"""A resident's own matters on the web: whose they are, what is shown of them, and that each act goes the dialogue's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from sqlalchemy import select

from routing import register, representing
from routing.tables import Ticket
from store.keys import open_key
from store.outbox import OutboxMessage
from tests.integration.test_api import copy_ticket, count_queries, give
from tests.page_resident import ROAD, acts, conclude, look, meet

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import Opened
    from tests.page_door import Pages
    from tests.page_resident import Neighbour

Way = Literal["link", "browser"]
WAYS: tuple[Way, ...] = ("link", "browser")
PHONE = "13900001234"
SECRET = "举报网格员柏舟收红包"


def address(opened: Opened, way: Way) -> str:
    return f"/t/{opened.token}" if way == "link" else f"/my/{opened.ticket.number}"


async def write(pages: Pages, me: Neighbour, opened: Opened, way: Way, act: str, **form: str) -> tuple[int, str]:
    """Send an act's form; gives the status and what the page after it says of it."""
    base = address(opened, way)
    seen = await (me.visit(f"{base}/{act}", form) if way == "browser" else pages.visit("", f"{base}/{act}", form=form))
    flash = seen.headers.get("Set-Cookie", "").partition("jieying_flash=")[2].partition(";")[0]
    return seen.status, flash


async def told(pages: Pages, unit: str) -> str:
    """Read all that a unit was told, sealed or not."""

    def read(session: Session) -> str:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.target == unit)).all()
        words = [open_key(session, row.key_id).open(row.words).decode() for row in rows if row.key_id and row.words]
        return "\n".join([*words, *(str(row.facts) for row in rows)])

    return await pages.api.store.read(read)


# Whose it is


async def test_the_list_is_of_this_browser_and_what_waits_for_its_owner_comes_first(pages: Pages) -> None:
    me, other = await meet(pages), await meet(pages)
    answered, newer, foreign = await me.open(), await me.open("公园长椅坏了"), await other.open("小区停水两天了")
    await conclude(pages, answered.ticket.number)

    seen = await me.visit("/my")

    assert seen.status == 200
    numbers = [one.ticket.number for one in (answered, newer)]
    assert [number for number in numbers if number in seen.text] == numbers
    assert seen.text.index(numbers[0]) < seen.text.index(numbers[1])
    assert foreign.ticket.number not in seen.text
    assert "请您说说办得怎么样" in seen.text


@pytest.mark.parametrize("path", ["/my/{number}", "/my/{number}/urge"])
async def test_a_matter_of_somebody_else_is_not_there(pages: Pages, path: str) -> None:
    me, other = await meet(pages), await meet(pages)
    opened = await me.open()
    form = {} if path.endswith("urge") else None

    for seen in (
        await other.visit(path.format(number=opened.ticket.number), form),
        await pages.visit("", path.format(number=opened.ticket.number), form=form),
        await pages.visit("", path.format(number=opened.ticket.number), form=form, cookies={"jieying_me": "x' OR 1=1 --"}),
    ):
        assert (seen.status, opened.ticket.title in seen.text) == (404, False)
    assert await acts(pages, opened.ticket.number) == ["accept", "dispatch"]


async def test_who_has_no_matter_is_told_where_theirs_are(pages: Pages) -> None:
    me = await meet(pages)

    assert "现在没有在办的事" in (await me.visit("/my")).text
    assert "这个浏览器里还没有您的事" in (await pages.visit("", "/my")).text


async def test_a_link_opens_its_one_matter_and_no_other_token_does(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()

    seen = await pages.visit("", f"/t/{opened.token}")

    assert (seen.status, opened.ticket.title in seen.text) == (200, True)
    assert '<meta name="robots" content="noindex, nofollow">' in seen.text
    assert seen.headers["Cache-Control"] == "no-store"
    for token in (opened.token[:-1] + ("a" if opened.token[-1] != "a" else "b"), opened.ticket.number, "nothing"):
        assert (await pages.visit("", f"/t/{token}")).status == 404


# What is shown


@pytest.mark.parametrize("way", WAYS)
async def test_a_matter_says_who_has_it_and_by_when_only_once_somebody_has_it(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    sent, waiting = await me.open(), await me.open("这里的事情很奇怪我也说不清楚")
    assert waiting.ticket.at_desk

    with_unit, at_desk = await me.visit(address(sent, way)), await me.visit(address(waiting, way))

    assert (sent.ticket.unit_name in with_unit.text, "前答复您" in with_unit.text) == (True, True)
    assert ("前答复您" in at_desk.text, "定了由谁办，马上告诉您时间" in at_desk.text) == (False, True)


async def test_the_reply_is_read_in_full_by_its_resident_and_without_numbers_by_a_link(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()
    await conclude(pages, opened.ticket.number, f"换好了，有事打{PHONE}")

    own, linked = await me.visit(address(opened, "browser")), await pages.visit("", address(opened, "link"))

    assert (PHONE in own.text, PHONE in linked.text, "换好了" in linked.text) == (True, False, True)


@pytest.mark.parametrize("way", WAYS)
async def test_of_a_confidential_matter_a_page_shows_its_number_and_no_word(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    opened = await me.open(SECRET, confidential=True, kind="report")

    seen = await me.visit(address(opened, way))
    listed = await me.visit("/my")

    assert seen.status == 200
    for page in (seen, listed):
        assert opened.ticket.number in page.text
        for word in (SECRET, "柏舟", "红包", "柳树街", opened.ticket.unit_name, "已受理<br>"):
            assert (word, word in page.text) == (word, False)


async def test_a_neighbour_who_joined_sees_how_far_it_is_and_no_word_of_the_first(pages: Pages) -> None:
    me, neighbour = await meet(pages), await meet(pages)
    opened = await me.open(f"{ROAD}，我叫阮清秋")
    joined = await neighbour.open(ROAD)
    assert joined.joined_to == opened.ticket.number

    seen = await neighbour.visit(f"/my/{opened.ticket.number}")

    assert (seen.status, "您跟进的" in seen.text, "阮清秋" in seen.text) == (200, True, False)
    assert (await neighbour.visit(f"/my/{opened.ticket.number}/add", {"text": "还是黑的"})).status == 303


async def test_the_list_takes_as_many_queries_whatever_stands_in_it(pages: Pages) -> None:
    me = await meet(pages)
    number = (await me.open()).ticket.number
    with count_queries() as few:
        await me.visit("/my")
    copied = await pages.api.store.write(lambda s: copy_ticket(s, number, 12))
    with count_queries() as many:
        seen = await me.visit("/my")

    assert [one in seen.text for one in (number, *copied)] == [True] * 13
    assert len(many) == len(few)


async def test_the_list_has_the_matters_that_the_dialogue_has(pages: Pages) -> None:
    me, neighbour, other = await meet(pages), await meet(pages), await meet(pages)
    for text in (ROAD, "公园长椅坏了", SECRET):
        await me.open(text, confidential=text == SECRET)
    joined = await neighbour.open(ROAD)
    told = await other.open("3号楼的王大爷家漏水，帮他说一声")
    now, context = pages.api.clock(), pages.api.city.context(now=pages.api.clock())
    await pages.api.store.write(
        lambda s: representing.represent(s, told.ticket.number, proxy_id=other.id, represented_id=me.id, now=now, context=context)
    )

    for one in (me, neighbour, other):
        full, listed = [
            await pages.api.store.read(lambda s, read=read, one=one: read(s, one.id, org=context.org, now=now))
            for read in (register.facts_for_resident, register.list_for_resident)
        ]
        kept = ("number", "title", "status", "unit_name", "due_at", "asks", "standing", "confidential", "public_place")
        assert [[getattr(ticket, name) for name in kept] for ticket in listed] == [
            [getattr(ticket, name) for name in kept] for ticket in full
        ]
    assert joined.joined_to in (await neighbour.visit("/my")).text


# What can be done


@pytest.mark.parametrize("way", WAYS)
async def test_who_says_it_is_solved_closes_it(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    opened = await me.open()
    await conclude(pages, opened.ticket.number)

    done = await write(pages, me, opened, way, "rate", solved="yes", satisfied="yes", contacted="yes")

    ticket = (await look(pages, opened.ticket.number)).ticket
    assert done == (303, "own_rated")
    assert (ticket.status, ticket.solved, ticket.satisfied, ticket.contacted) == ("closed", "yes", "yes", "yes")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("form", "said", "status"),
    [
        ({"solved": "no", "text": "还是黑的"}, "own_redo", "dispatched"),
        ({"solved": "partly", "text": "只亮了一盏"}, "own_redo_part", "dispatched"),
        ({"solved": "partly"}, "own_rate_ask_part", "concluded"),
        ({"satisfied": "no"}, "own_redo", "dispatched"),
        ({"solved": "yes"}, "own_rate_ask_satisfied", "concluded"),
    ],
)
async def test_what_is_not_solved_goes_back_and_what_was_not_said_is_asked(
    pages: Pages, way: Way, form: dict[str, str], said: str, status: str
) -> None:
    me = await meet(pages)
    opened = await me.open()
    await conclude(pages, opened.ticket.number)

    done = await write(pages, me, opened, way, "rate", **form)

    assert (done, (await look(pages, opened.ticket.number)).ticket.status) == ((303, said), status)
    assert (await me.visit(address(opened, way))).status == 200


@pytest.mark.parametrize("way", WAYS)
async def test_words_are_added_and_whoever_has_it_is_reminded_so_often_a_day(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    opened = await me.open()

    assert await write(pages, me, opened, way, "add", text="旁边那盏也坏了") == (303, "own_added")
    most = pages.api.city.context(now=pages.api.clock()).desk.urges_per_day
    said = [await write(pages, me, opened, way, "urge") for _ in range(most + 1)]

    assert said == [(303, "own_urged")] * most + [(303, "own_urged_already")]
    assert await acts(pages, opened.ticket.number) == ["accept", "dispatch", "add", *["urge"] * most]


@pytest.mark.parametrize("way", WAYS)
async def test_who_takes_it_back_has_it_taken_back(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    opened = await me.open()

    assert await write(pages, me, opened, way, "withdraw") == (303, "own_withdrawn")
    assert (await look(pages, opened.ticket.number)).ticket.status == "withdrawn"
    again = await write(pages, me, opened, way, "withdraw")
    assert again == ((303, "own_withdraw_refused") if way == "link" else (404, ""))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("act", "form", "shown"),
    [
        ("add", {"text": ""}, "请写一句。"),
        ("add", {"text": "灯" * 2001}, "太长了，最多 2000 个字。"),
        ("rate", {}, "请选一项或写一句。"),
        ("rate", {"solved": "perhaps", "text": "不知道"}, "请选一项或写一句。"),
    ],
)
async def test_a_form_that_lacks_something_is_shown_again_and_changes_nothing(
    pages: Pages, way: Way, act: str, form: dict[str, str], shown: str
) -> None:
    me = await meet(pages)
    opened = await me.open()
    await conclude(pages, opened.ticket.number)

    seen = await me.visit(f"{address(opened, way)}/{act}", form)

    assert (seen.status, shown in seen.text) == (422, True)
    assert (form.get("text") or "灯泡已换好") in seen.text
    assert await acts(pages, opened.ticket.number) == ["accept", "dispatch", "conclude"]


async def test_who_says_too_much_in_an_hour_waits_and_keeps_what_they_typed(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()
    base = f"/my/{opened.ticket.number}"

    said = [(await me.visit(f"{base}/add", {"text": f"第{count}句"})).status for count in range(19)]
    seen = await me.visit(f"{base}/add", {"text": "还有一句话要说"})

    assert said == [303] * 19
    assert (seen.status, "刚才说得太多了" in seen.text, "还有一句话要说" in seen.text) == (409, True, True)
    assert (await acts(pages, opened.ticket.number)).count("add") == 19


async def test_a_form_from_elsewhere_does_nothing(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()

    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        seen = await me.visit(f"/my/{opened.ticket.number}/withdraw", {}, headers=headers)
        assert seen.status == 403
    assert (await look(pages, opened.ticket.number)).ticket.status == "dispatched"


@pytest.mark.parametrize("way", WAYS)
async def test_a_danger_among_added_words_is_a_danger(pages: Pages, way: Way) -> None:
    me = await meet(pages)
    opened = await me.open()

    assert await write(pages, me, opened, way, "add", text="着火了，电线冒烟烧起来了") == (303, "own_emergency")

    red = await pages.api.store.read(lambda s: list(s.scalars(select(Ticket.number).where(Ticket.tier == "red"))))
    assert len(red) == 1
    assert "add" in await acts(pages, opened.ticket.number)


async def test_what_is_said_badly_of_whoever_has_it_goes_its_own_way(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open("安泰花园3号楼电梯坏了")
    await pages.api.store.write(lambda s: give(s, opened.ticket.number, "WY-01"))
    bad = "物业的人还骂我"

    assert await write(pages, me, opened, "browser", "add", text=bad) == (303, "own_apart")

    assert "add" not in await acts(pages, opened.ticket.number)
    assert bad not in await told(pages, "WY-01")


async def test_nothing_is_offered_that_the_matter_does_not_allow(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()
    await write(pages, me, opened, "browser", "withdraw")

    seen = await me.visit(address(opened, "link"))

    assert (seen.status, "<form" in seen.text) == (200, False)
