"""The API, on both databases: who gets in, what they see, what happens when several act at once; every answer is checked against the document."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event, func, select

from console import tokens
from console.catalogue import ROUTES
from console.tables import ApiToken, GivenAnswer, PartnerCall
from routing.tables import Ticket, TicketEvent
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import CLERKS, ELSEWHERE, GRID, POSTS, UNIT, Api, find_operation, open_api
from tests.front_door import read_readable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

MUCH = 1000
"""Tickets of others."""


@pytest.fixture
async def api(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Api]:
    async with open_api(demo_store, demo_city[1]) as opened:
        yield opened


async def open_for_unit(api: Api, **facts: Any) -> str:
    """Open a ticket that the grid's community committee has."""
    opened = await api.open(**facts)
    number = opened.ticket.number
    await api.store.write(lambda s: give(s, number, UNIT))
    return number


def give(session: Session, number: str, unit: str) -> None:
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    ticket.unit, ticket.status, ticket.assisting = unit, "dispatched", []


def copy_ticket(session: Session, number: str, times: int, **changed: Any) -> list[str]:
    """Copy a ticket's row, under other numbers."""
    row = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    values = {column.name: getattr(row, column.name) for column in Ticket.__table__.columns if column.name != "id"}
    numbers = [f"20200101-{count:04d}" for count in range(times)]
    for copied in numbers:
        session.add(Ticket(**{**values, "number": copied, "token_hash": copied, **changed}))
    return numbers


def count(session: Session, table: Any, *where: Any) -> int:
    return session.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Remember every statement that any engine is given while inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


# Who gets in


async def test_nobody_gets_in_without_a_valid_token(api: Api) -> None:
    expired = await api.issue("desk", days=1)
    revoked = await api.issue("desk")
    left = await api.store.write(
        lambda s: tokens.issue_for_staff(s, CLERKS[0].code, days=1, by="operator", now=utcnow(), org=api.city.org)
    )
    await api.store.write(lambda s: tokens.revoke(s, revoked.id, kind="staff", by="operator", now=utcnow()))
    await api.store.write(lambda s: setattr(s.get_one(ApiToken, expired.id), "expires_at", utcnow() - timedelta(seconds=1)))
    await api.store.write(lambda s: setattr(s.get_one(ApiToken, left.id), "owner", "SOMEBODY-WHO-LEFT"))

    for given in ("", "Bearer ", "Basic abc", "Bearer jys_unknown", *(f"Bearer {one.token}" for one in (expired, revoked, left))):
        status, problem, response = await api.call("", "GET", "/me", headers={"Authorization": given} if given else {})
        assert (status, problem["code"], response.headers["WWW-Authenticate"]) == (401, "unauthorized", "Bearer")


async def test_many_wrong_tokens_are_slowed_down_and_a_right_one_never(api: Api) -> None:
    wrong = {"Authorization": "Bearer jys_wrong"}
    answered = [(await api.call("", "GET", "/me", headers=wrong))[0] for _ in range(22)]

    assert answered == [401] * 20 + [429] * 2
    assert (await api.call("desk", "GET", "/me"))[0] == 200


async def test_a_token_is_kept_as_a_hash_and_its_use_is_known(api: Api) -> None:
    issued = await api.issue("desk")
    api.tokens["desk"] = issued.token
    await api.call("desk", "GET", "/me")

    assert issued.token not in await api.store.read(read_readable)
    assert issued.token not in repr(issued)
    row = await api.store.read(lambda s: s.get_one(ApiToken, issued.id))
    assert row.used_at is not None
    acts = await api.store.read(lambda s: list(s.scalars(select(AuditEntry.action).where(AuditEntry.action.like("token.%")))))
    assert acts == ["token.issue"]


# What they see


PATHS = {"number": "20990101-0001", "token": "no-such-link", "code": "NO-SUCH"}
WORDED = (
    "reply", "conclude", "close", "note", "draft", "carry", "explain", "progress", "raise", "task_reply", "ask_more", "refuse", "supervise",
    "instruct", "answer_supervision",
)  # fmt: skip
WORDLESS = (
    "sign", "acknowledge", "seal", "keep_from", "approve", "evaluate", "unmerge", "task_sign", "resume", "grant", "follow_up",
)  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {
    "file": {"text": "路口的井盖不见了"},
    "partner_send": {"id": "GD-1", "text": "路口的井盖不见了"},
    "transfer_state": {"state": "acknowledged"},
    "transfer_result": {"id": "R-1", "act": "reply", "text": "已派人"},
    "act_dispatch": {"unit": UNIT},
    "act_return": {"reason": "remit", "text": "不归我们管"},
    "act_kind": {"kind": "complaint"},
    "act_reassign": {"unit": UNIT, "text": "换一家"},
    "act_original": {"reason": "核实地点"},
    "act_transfer": {"unit": UNIT, "text": "换一家"},
    "act_arbitrate": {"unit": UNIT, "text": "归他们"},
    "act_decline": {"route": "court", "text": "在打官司"},
    "act_split": {"parts": ["路灯坏了"], "text": "井盖不见了"},
    "act_separate": {"follower": 1, "text": "是两回事"},
    "act_merge": {"into": "20990101-0002"},
    "act_task": {"unit": UNIT, "text": "配合围挡"},
    "act_task_return": {"reason": "remit", "text": "不归我们管"},
    "act_task_cancel": {"unit": UNIT},
    "act_ask_extension": {"until": "2026-12-01T10:00:00+08:00", "text": "等配件"},
    "act_ask_pause": {"until": "2026-12-01T10:00:00+08:00", "text": "等解冻"},
    "act_verify": {"found": "done"},
    **{f"act_{act}": {"text": "说明"} for act in WORDED},
    **{f"act_{act}": {} for act in WORDLESS},
}
ASKED = (
    "me",
    "reported",
    "my",
    "tickets",
    "ticket",
    "events",
    "figures",
    "partner_tickets",
    "areas",
    "units",
    "posts",
    "duties",
    "entries",
    "entry",
)

_READ_ALL = {"areas", "units", "posts", "duties", "entries", "entry"}
_READ_TICKETS = {"tickets", "ticket", "events"}
_NOTES = {"act_note", "act_acknowledge"}
_WORK = _NOTES | {
    f"act_{act}"
    for act in (
        "sign", "return", "reply", "conclude", "progress", "original", "ask_more", "resume", "ask_extension", "ask_pause",
        "answer_supervision", "task", "task_sign", "task_reply", "task_return", "task_cancel",
    )
}  # fmt: skip
_DESK = {
    f"act_{act}"
    for act in (
        "dispatch", "close", "kind", "seal", "keep_from", "draft", "approve", "reassign", "carry", "explain", "transfer", "decline", "split",
        "separate", "merge", "unmerge", "raise", "grant", "refuse", "verify", "follow_up", "arbitrate", "supervise", "instruct",
    )
}  # fmt: skip
MATRIX: dict[str, set[str]] = {
    "grid_worker": {"me", "reported", "file", "act_evaluate", "act_verify"} | _READ_ALL | _READ_TICKETS | _WORK,
    "liaison": {"me", "reported", "file", "act_evaluate"} | _READ_ALL | _READ_TICKETS | _WORK,
    "unit_clerk": {"me"} | _READ_ALL | _READ_TICKETS | _WORK,
    "desk": {"me", "file", "figures"} | _READ_ALL | _READ_TICKETS | _WORK | _DESK,
    "seat": {"me", "file"} | _READ_ALL | _READ_TICKETS | _NOTES,
    "supervisor": {"me", "file", "figures"} | _READ_ALL | _READ_TICKETS | _WORK | _DESK,
    "knowledge_editor": {"me"} | _READ_ALL,
    "operator": {"me"} | _READ_ALL,
    "auditor": {"me", "figures"} | _READ_ALL | _READ_TICKETS,
    "role_unheard_of": {"me"},
    "partner": {"me", "file", "partner_tickets", "partner_send", "transfer_state", "transfer_result"} | _READ_ALL | _READ_TICKETS,
}
"""Role -> the routes it may take, written out once more by hand; the resident's own route asks for no role."""


def test_the_matrix_names_every_route() -> None:
    assert {route.name for route in ROUTES} == {*BODIES, *ASKED}
    assert set().union(*MATRIX.values()) == {route.name for route in ROUTES} - {"my"}
    assert set(MATRIX) == {*POSTS, "partner"}


@pytest.mark.parametrize("role", MATRIX)
async def test_role_by_route(api: Api, role: str) -> None:
    """Where the role may, it is told that there is no such ticket or is answered; where it may not, it is told so: both for every route."""
    taken = set()
    for route in ROUTES:
        body = BODIES.get(route.name)
        headers = {"If-Match": "*"} if route.guarded else {}
        status, problem, _ = await api.call(role, route.method, route.path.format(**PATHS), body=body, headers=headers)
        assert status in {200, 201, 403, 404}
        if status != 403 and not route.open:
            taken.add(route.name)
        if status == 403:
            assert problem["code"] == ("denied_role")
    assert taken == MATRIX[role]


async def test_a_partner_without_a_scope_is_told_so(api: Api) -> None:
    api.tokens["partner"] = (await api.issue("partner", scopes=("org.read",))).token

    assert (await api.call("partner", "GET", "/areas"))[0] == 200
    status, problem, _ = await api.call("partner", "GET", "/tickets")
    assert (status, problem["code"]) == (403, "denied_scope")


@pytest.mark.deep_on_postgres
async def test_tickets_of_others_are_not_there(api: Api) -> None:
    """A thousand tickets of another street and of other units: no list has one, no number finds one, no act moves one."""
    opened = await api.open(area=ELSEWHERE)
    number = opened.ticket.number
    numbers = await api.store.write(lambda s: copy_ticket(s, number, MUCH))
    roles = ("grid_worker", "liaison", "unit_clerk", "desk", "seat", "auditor", "partner")

    hits = 0
    for place, foreign in enumerate((*numbers, number)):
        hits += (await api.call(roles[place % len(roles)], "GET", f"/tickets/{foreign}"))[0] != 404
    assert hits == 0
    for role in roles:
        status, page, _ = await api.call(role, "GET", "/tickets", limit=100)
        assert (status, page["items"]) == (200, [])
        assert (await api.call(role, "GET", f"/tickets/{number}/events"))[0] == 404
    assert (await api.act("unit_clerk", number, "note", {"text": "看看"}))[0] == 404
    assert (await api.act("desk", number, "close"))[0] == 404


async def test_a_grid_worker_sees_their_grid_and_a_liaison_the_community(api: Api) -> None:
    own = await open_for_unit(api)
    other = await open_for_unit(api, area=GRID.replace("G1", "G2"), resident=2)

    async def list_for(role: str) -> set[str]:
        return {line["number"] for line in (await api.call(role, "GET", "/tickets"))[1]["items"]}

    assert await list_for("grid_worker") == {own}
    assert await list_for("liaison") == {own, other}
    assert await list_for("desk") == {own, other}
    assert (await api.call("grid_worker", "GET", f"/tickets/{other}"))[0] == 404


async def test_of_a_confidential_matter_the_lists_have_its_number_alone(api: Api) -> None:
    number = await open_for_unit(api, confidential=True, text="有人打孩子，请不要说是我讲的")
    for filtered in ({}, {"updated_since": "2026-01-01T00:00:00Z"}):
        status, page, _ = await api.call("unit_clerk", "GET", "/tickets", **filtered)
        [line] = page["items"]
        assert status == 200
        assert {name for name, value in line.items() if value} == {
            "number",
            "status",
            "desk",
            "desk_name",
            "due_at",
            "confidential",
        }
        assert line["number"] == number
    for filtered in ({"unit": UNIT}, {"kind": "help"}, {"area": GRID}):
        assert (await api.call("desk", "GET", "/tickets", **filtered))[1]["items"] == []


async def test_filters(api: Api) -> None:
    first = await open_for_unit(api)
    second = (await api.open("公园的长椅坏了没法坐", resident=2, area=GRID.replace("G1", "G2"), kind="suggestion")).ticket
    since = utcnow().isoformat().replace("+00:00", "Z")
    await asyncio.sleep(0.01)
    assert (await api.act("desk", first, "note", {"text": "催过了"}))[0] == 200

    async def find(**asked: str) -> set[str]:
        status, page, _ = await api.call("desk", "GET", "/tickets", **asked)
        assert status == 200
        return {line["number"] for line in page["items"]}

    assert await find() == {first, second.number}
    assert await find(unit=UNIT) == {first}
    assert await find(kind="suggestion") == {second.number}
    assert await find(area=GRID) == {first}
    assert await find(area="LA-DL-LT") == {first, second.number}
    assert await find(area="NOWHERE") == set()
    assert await find(status="signed") == set()
    assert await find(overdue="true") == set()
    assert await find(updated_since=since) == {first}


async def test_the_link_of_a_ticket_opens_that_ticket_and_no_other(api: Api) -> None:
    own = await api.open("我家门口柳树街路灯坏了，住3号楼501", resident=7)
    await api.open("公园的长椅坏了没法坐", resident=7)
    await api.open("有流浪狗追小孩", resident=8)

    status, shown, _ = await api.call("", "GET", f"/my/{own.token}")
    assert (status, shown["number"], next(one["act"] for one in shown["events"])) == (200, own.ticket.number, "accept")
    assert "501" not in f"{shown['title']}{shown['place']}{shown['reply']}"
    assert (await api.call("", "GET", f"/my/{own.token[:-1]}"))[0] == 404
    assert (await api.call("", "GET", f"/my/{own.ticket.number}"))[0] == 404


async def test_a_partner_gets_its_fields_and_each_call_is_written_down(api: Api) -> None:
    number = await open_for_unit(api)
    api.tokens["partner"] = (await api.issue("partner", fields=("status", "due_at"))).token

    _, page, _ = await api.call("partner", "GET", "/tickets")
    assert [set(line) for line in page["items"]] == [{"number", "status", "due_at"}]
    _, shown, _ = await api.call("partner", "GET", f"/tickets/{number}")
    assert set(shown) == {"number", "status", "due_at"}
    await api.call("partner", "GET", "/tickets/20990101-0001")
    calls = await api.store.read(lambda s: list(s.scalars(select(PartnerCall).order_by(PartnerCall.id))))
    assert [(one.partner, one.action, one.subject, one.status, one.rows) for one in calls] == [
        ("Partner", "tickets.read", "", 200, 1),
        ("Partner", "tickets.read", number, 200, 1),
        ("Partner", "tickets.read", "20990101-0001", 404, 0),
    ]


async def test_opening_the_original_is_kept_with_its_reason(api: Api) -> None:
    number = await open_for_unit(api, text="柳树街路灯坏了，我电话13800138000")
    before = await api.store.read(lambda s: count(s, AuditEntry, AuditEntry.action == "ticket.unseal"))

    status, original = await api.act("desk", number, "original", {"reason": "核实地点"})

    assert (status, "13800138000" in original["text"]) == (200, True)
    after = await api.store.read(lambda s: count(s, AuditEntry, AuditEntry.action == "ticket.unseal"))
    assert after == before + 1
    assert (await api.act("auditor", number, "original", {"reason": "看看"}))[0] == 403
    assert (await api.act("desk", number, "original", {"reason": " "}))[0] == 422


# What happens when several act


async def test_whoever_acts_on_an_older_edition_is_told_what_happened_since(api: Api) -> None:
    number = await open_for_unit(api)
    _, shown, response = await api.call("desk", "GET", f"/tickets/{number}")
    etag = shown["etag"]
    assert response.headers["ETag"] == etag

    status, done = await api.act("unit_clerk", number, "sign", etag=etag)
    assert (status, done["status"]) == (200, "signed")
    status, problem = await api.act("desk", number, "note", {"text": "问一下"}, etag=etag)

    assert (status, problem["code"]) == (409, "changed")
    assert problem["current"]["etag"] == done["etag"]
    assert [(one["act"], one["actor"]) for one in problem["current"]["since"]] == [("sign", "API-unit_clerk")]
    assert (await api.act("desk", number, "note", {"text": "问一下"}, etag=done["etag"]))[0] == 200
    assert (await api.act("desk", number, "note", {"text": "问一下"}, etag='"0.0"'))[0] == 409
    assert (await api.act("desk", number, "note", {"text": "问一下"}, etag="anything"))[0] == 409
    status, problem, _ = await api.call("desk", "POST", f"/tickets/{number}/note", body={"text": "没有版本"})
    assert (status, problem["code"]) == (428, "edition_missing")


async def test_of_twenty_who_act_at_once_one_wins(api: Api) -> None:
    number = (await api.open()).ticket.number
    await api.store.write(lambda s: wait_at_desk(s, number))
    etag = (await api.call("desk", "GET", f"/tickets/{number}"))[1]["etag"]
    for clerk in CLERKS:
        await api.token(clerk.code)

    answered = await asyncio.gather(*(api.act(one.code, number, "dispatch", {"unit": UNIT}, etag=etag) for one in CLERKS))

    assert sorted(status for status, _ in answered) == [200] + [409] * 19
    assert {problem["code"] for status, problem in answered if status == 409} == {"changed"}
    assert await api.store.read(lambda s: count(s, TicketEvent, TicketEvent.act == "dispatch", TicketEvent.actor != "system")) == 1


def wait_at_desk(session: Session, number: str) -> None:
    ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
    ticket.unit, ticket.status, ticket.assisting, ticket.item = ticket.desk, "accepted", [], ""
    ticket.candidates = []


async def test_a_key_makes_a_call_happen_once(api: Api) -> None:
    number = await open_for_unit(api)
    said = {"text": "已联系施工队"}
    first = await api.act("unit_clerk", number, "note", said, key="k-1")
    again = await asyncio.gather(*(api.act("unit_clerk", number, "note", said, key="k-1") for _ in range(5)))

    assert first[0] == 200
    assert again == [first] * 5
    assert await api.store.read(lambda s: count(s, TicketEvent, TicketEvent.act == "note")) == 1
    status, problem = await api.act("unit_clerk", number, "note", {"text": "另一句"}, key="k-1")
    assert (status, problem["code"]) == (409, "key_reused")
    assert (await api.act("desk", number, "note", {"text": "另一句"}, key="k-1"))[0] == 200  # keys are each caller's own
    assert (await api.act("unit_clerk", number, "note", said, key="空格 不行"))[0] == 422
    assert "施工队" not in await api.store.read(lambda s: str([one.answer for one in s.scalars(select(GivenAnswer))]))


async def test_a_call_that_failed_may_be_made_again_under_its_key(api: Api) -> None:
    number = await open_for_unit(api)

    assert (await api.act("unit_clerk", number, "progress", {"text": "在办"}, key="k-2"))[0] == 409
    assert (await api.act("unit_clerk", number, "sign", key="k-2"))[0] == 200


async def test_filing_opens_a_ticket_once(api: Api) -> None:
    filed = {"text": "巡查时看到柳树街的路灯坏了三盏"}
    headers = {"Idempotency-Key": "patrol-1"}
    status, first, _ = await api.call("grid_worker", "POST", "/tickets", body=filed, headers=headers)
    _, again, _ = await api.call("grid_worker", "POST", "/tickets", body=filed, headers=headers)

    assert (status, first["joined"]) == (201, False)
    assert again == first
    ticket = await api.store.read(lambda s: s.scalars(select(Ticket).where(Ticket.number == first["number"])).one())
    assert (ticket.reporter_staff, ticket.channel, ticket.area, ticket.resident_id) == (POSTS["grid_worker"].code, "api", GRID, 0)
    status, problem, _ = await api.call("grid_worker", "POST", "/tickets", body={**filed, "area": "NOWHERE"})
    assert (status, problem["fields"][0]["where"]) == (422, "body.area")


async def test_an_empty_key_is_refused_and_nothing_is_opened(api: Api) -> None:
    def tickets(session: Session) -> int:
        return count(session, Ticket, Ticket.id > 0)

    before = await api.store.read(tickets)
    filed = {"text": "巡查时看到柳树街的路灯坏了三盏"}
    status, problem, _ = await api.call("grid_worker", "POST", "/tickets", body=filed, headers={"Idempotency-Key": ""})

    assert (status, problem["fields"][0]["where"]) == (422, "header.Idempotency-Key")
    assert await api.store.read(tickets) == before


async def test_a_danger_that_is_filed_rings(api: Api) -> None:
    _, filed, _ = await api.call("grid_worker", "POST", "/tickets", body={"text": "三号楼着火了，有人困在里面"})

    assert await api.store.read(lambda s: s.scalars(select(Ticket.tier).where(Ticket.number == filed["number"])).one()) == "red"


async def test_routing_says_why_an_act_may_not_be(api: Api) -> None:
    number = await open_for_unit(api)

    for act, body, status, code in (
        ("dispatch", {"unit": UNIT}, 409, "not_allowed"),
        ("close", {}, 409, "not_allowed"),
        ("approve", {}, 409, "not_confidential"),
        ("return", {"reason": "remit", "text": "不归我们", "suggested": "NOBODY"}, 422, "unknown_unit"),
        ("keep_from", {"staff": ["NOBODY"]}, 422, "unknown_name"),
        ("dispatch", {"unit": ""}, 422, "invalid"),
        ("return", {"reason": "lunch", "text": "不归我们"}, 422, "invalid"),
        ("sign", {"extra": 1}, 422, "invalid"),
    ):
        answered, problem = await api.act("desk", number, act, body)
        assert (act, answered, problem["code"]) == (act, status, code)
        assert problem["detail"]


# Pages and the rest


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
async def test_pages_give_every_ticket_once_while_others_come_in(api: Api, limit: int) -> None:
    number = await open_for_unit(api)
    numbers = await api.store.write(lambda s: copy_ticket(s, number, 23))
    walked: list[str] = []
    cursor = ""
    for turn in range(30):
        _, page, _ = await api.call("desk", "GET", "/tickets", limit=limit, cursor=cursor)
        walked += [line["number"] for line in page["items"]]
        if turn == 1:
            await api.open("公园的长椅坏了没法坐", resident=9)
        if page["next"] is None:
            break
        cursor = page["next"]

    assert walked == [*reversed(numbers), number]
    assert (await api.call("desk", "GET", "/tickets", cursor="nonsense!"))[0] == 422


async def test_a_page_costs_a_few_queries_whatever_the_number_of_rows(api: Api) -> None:
    number = await open_for_unit(api)
    for role in ("grid_worker", "desk"):
        await api.call(role, "GET", "/me")
    spent = {}
    for rows in (0, 900):
        await api.store.write(lambda s, rows=rows: copy_ticket(s, number, rows, area=GRID.replace("G1", "G2")))
        with count_queries() as seen:
            status, _, _ = await api.call("grid_worker", "GET", "/tickets", limit=50)
        assert status == 200
        spent[rows] = len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))])
    with count_queries() as seen:
        await api.call("desk", "GET", "/tickets", limit=100)

    assert spent[0] == 2
    assert max(spent.values()) <= 8
    assert len(seen) <= 8


async def test_a_page_of_what_is_not_for_the_caller_goes_on(api: Api) -> None:
    """A partner of the desk has what the desk itself holds; what its units hold makes a page empty, not the list."""
    number = (await api.open()).ticket.number
    await api.store.write(lambda s: give(s, number, api.city.desk))
    await api.store.write(lambda s: copy_ticket(s, number, 1200, unit=UNIT))
    api.tokens["partner"] = (await api.issue("partner", unit=api.city.desk)).token
    found, cursor, turns = [], "", 0
    while cursor is not None:
        _, page, _ = await api.call("partner", "GET", "/tickets", limit=50, cursor=cursor)
        found += page["items"]
        cursor, turns = page["next"], turns + 1

    assert [line["number"] for line in found] == [number]
    assert turns > 1


async def test_what_http_itself_refuses_is_a_problem_too(api: Api) -> None:
    token = {"Authorization": f"Bearer {await api.token('desk')}"}
    url = f"{api.address}/api/v1"

    async def ask(method: str, path: str, **given: Any) -> tuple[int, str, str]:
        response = await api.client.request(method, url + path, **{"headers": token, **given})
        return response.status, response.content_type, (await response.json(content_type=None))["code"]

    problem = "application/problem+json"
    json = {**token, "Content-Type": "application/json"}
    assert await ask("GET", "/nowhere") == (404, problem, "not_found")
    assert await ask("DELETE", "/tickets") == (405, problem, "method_not_allowed")
    assert await ask("POST", "/tickets", data="text=x") == (415, problem, "not_json")
    assert await ask("POST", "/tickets", data="{", headers=json) == (400, problem, "malformed")
    assert await ask("POST", "/tickets", data=b'{"text": "\xff"}', headers=json) == (400, problem, "malformed")
    assert await ask("POST", "/tickets", data=b'{"text": "a\\u0000b"}', headers=json) == (422, problem, "invalid")
    assert await ask("POST", "/tickets", data=b'"' + b"x" * 70_000 + b'"', headers=json) == (413, problem, "too_large")
    assert await ask("GET", "/tickets?limit=0") == (422, problem, "invalid")
    assert await ask("GET", "/tickets?limit=5&limit=6") == (422, problem, "invalid")
    assert await ask("GET", "/tickets?colour=red") == (422, problem, "invalid")
    assert await ask("GET", "/tickets/%00") == (422, problem, "invalid")


async def test_a_fault_of_the_program_says_nothing_of_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(_text: str) -> list[str]:
        raise ValueError("secret of the house")

    monkeypatch.setattr(api.city, "find_entries", break_down)
    status, problem, _ = await api.call("desk", "GET", "/entries", q="医保")

    assert (status, problem["code"], "secret" in str(problem)) == (500, "broken", False)
    assert "secret of the house" in capsys.readouterr().out


async def test_the_document_is_served_and_is_what_the_routes_say(api: Api) -> None:
    response = await api.client.get(f"{api.address}/api/v1/openapi.json")
    document = await response.json()

    assert (response.status, document["openapi"]) == (200, "3.1.0")
    assert {(method.upper(), path) for path, operations in document["paths"].items() for method in operations} == {
        (route.method, f"/api/v1{route.path}") for route in ROUTES
    }
    assert all(find_operation(route.method, route.path) for route in ROUTES)
