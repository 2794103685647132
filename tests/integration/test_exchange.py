"""Exchange with other systems, on both databases, with a real server playing the other side: webhooks, hand-over, results, partners' tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from console import tokens
from console.exchange import hooks, transfers
from console.exchange.signing import ID, is_signed
from console.exchange.tables import PartnerTicket, Webhook
from console.tables import PartnerCall
from routing import desk, secrecy
from routing.errors import RefusedUnit
from routing.tables import Ticket, TicketEvent
from store import outbox
from store.clock import utcnow
from store.outbox import OutboxMessage
from tests.api_door import ELSEWHERE, GRID, UNIT
from tests.exchange_house import House, open_house
from tests.integration.test_api import copy_ticket, count_queries
from tests.other_side import SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres


@pytest.fixture
async def house(demo_store: Store, demo_city: tuple[Path, City], tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(demo_store, demo_city[1], tmp_path) as opened:
        yield opened


# Webhooks


async def test_what_happens_is_told_signed_with_the_partners_fields_and_no_more(house: House) -> None:
    token, _ = await house.partner()
    before = await house.ticket()
    await house.conclude(before)  # before it was asked for
    await house.hook(token, "conclude")
    number = await house.ticket(resident=2, area=GRID.replace("G1", "G2"))
    await house.conclude(number)

    [told] = await house.deliver()
    assert set(told) == {"id", "event", "at", "ticket"}
    assert (told["event"], told["ticket"]) == ("conclude", told["ticket"] | {"number": number, "status": "concluded"})
    assert set(told["ticket"]) == {"number", "status", "title"}
    [got] = house.side.got
    assert is_signed(got.body, got.headers, secret=SECRET, now=house.clock())
    assert got.headers[ID] == told["id"]
    assert await house.deliver() == []  # once


async def test_it_is_tried_again_under_the_same_id_until_it_is_taken(house: House) -> None:
    token, _ = await house.partner()
    await house.hook(token, "conclude")
    await house.conclude(await house.ticket())
    house.side.answers = [(503, {})]

    [first] = await house.deliver()
    assert await house.deliver() == []  # not before its pause is over
    house.clock.more += timedelta(seconds=61)
    [second] = await house.deliver()
    assert first == second
    assert [got.headers[ID] for got in house.side.got] == [first["id"]] * 2
    assert await house.sends() == [("webhook", "sent")]


async def test_what_may_have_arrived_goes_again(house: House) -> None:
    token, _ = await house.partner()
    await house.hook(token, "conclude")
    await house.conclude(await house.ticket())
    [first] = await house.deliver()
    unknown = update(OutboxMessage).where(OutboxMessage.audience == "partner").values(state="unknown")
    await house.api.store.write(lambda s: s.execute(unknown))  # the process died before it could mark it

    assert await house.deliver() == [first]
    assert await house.sends() == [("webhook", "sent")]


async def test_410_turns_an_address_off(house: House) -> None:
    token, _ = await house.partner()
    hook = await house.hook(token, "conclude")
    await house.conclude(await house.ticket())
    house.side.answers = [(410, {})]
    await house.deliver()
    await house.conclude(await house.ticket(resident=2, area=GRID.replace("G1", "G2")))

    assert await house.deliver() == []
    row = await house.api.store.read(lambda s: s.get_one(Webhook, hook))
    assert (row.state, row.reason) == ("off", "gone")
    assert await house.sends() == [("webhook", "failed")]


async def test_what_nobody_takes_is_a_dead_letter_that_can_go_once_more(house: House) -> None:
    token, _ = await house.partner()
    hook = await house.hook(token, "conclude")
    await house.conclude(await house.ticket())
    house.side.answers = [(500, {})] * 3
    for _ in range(3):
        await house.deliver()
        house.clock.more += timedelta(hours=1)

    assert await house.sends() == [("webhook", "failed")]
    row = await house.api.store.read(lambda s: s.get_one(Webhook, hook))
    assert row.reason == "unreachable"
    message = await house.api.store.read(
        lambda s: s.scalars(select(OutboxMessage.id).where(OutboxMessage.audience == "partner")).one()
    )
    await house.api.store.write(lambda s: s.execute(update(Webhook).values(state="on")))
    assert await house.api.store.write(lambda s: outbox.revive(s, message, now=house.clock()))
    assert len(await house.deliver()) == 1
    assert not await house.api.store.write(lambda s: outbox.revive(s, message, now=house.clock()))


async def test_what_is_not_for_the_partner_is_never_told(house: House) -> None:
    token, given = await house.partner()
    await house.hook(token, "conclude", "note")
    foreign = (await house.api.open(area=ELSEWHERE, resident=3)).ticket.number
    sealed, ours = await house.ticket(), await house.ticket(resident=2, area=GRID.replace("G1", "G2"))
    context, now = house.context, house.clock()
    for number in (foreign, sealed, ours):
        await house.api.store.write(lambda s, n=number: desk.note(s, n, text="看过", actor="operator", now=now, context=context))
    await house.api.store.write(lambda s: secrecy.keep_secret(s, sealed, actor="operator", now=now, context=context))

    told = await house.deliver()
    assert [one["ticket"]["number"] for one in told] == [ours]  # the sealed one has left the unit
    await house.api.store.write(lambda s: tokens.revoke(s, token, kind="partner", by="operator", now=now))
    await house.conclude(ours)
    assert await house.deliver() == []
    assert given not in str([got.content for got in house.side.got])


async def test_a_hook_needs_a_token_that_may_read_events_and_an_address_that_may_be_called(house: House) -> None:
    token, _ = await house.partner(scopes=("tickets.read",))
    good, _ = await house.partner()
    make = {"url": "https://example.org/x", "secret_file": house.secret, "events": ["conclude"], "fields": [], "private_hosts": ()}
    org, now = house.api.city.org, house.clock()
    for changed, error in (
        ({"token_id": token}, hooks.NoPartnerToken),
        ({"token_id": 999}, hooks.NoPartnerToken),
        ({"url": "http://example.org/x"}, hooks.BadAddress),
        ({"url": "https://192.168.0.1/x"}, hooks.BadAddress),
        ({"secret_file": "/nowhere"}, hooks.BadAddress),
        ({"events": ["explode"]}, hooks.UnknownAct),
        ({"fields": ["reply"]}, tokens.NoField),
    ):
        given: dict[str, Any] = {"token_id": good, **make, **changed}
        with pytest.raises(error):
            await house.api.store.write(lambda s, g=given: hooks.make(s, "Partner", by="operator", now=now, org=org, **g))
    assert await house.api.store.read(lambda s: s.scalar(select(func.count()).select_from(Webhook))) == 0


# Hand-over and results


async def test_a_matter_is_handed_over_acknowledged_and_its_result_is_an_act_on_the_ticket(house: House) -> None:
    number = await house.ticket()
    house.side.answers = [(200, {"id": "J-77", "state": "acknowledged"})]
    await house.hand_over(number, text="有人堵路，请查看")

    [told] = await house.deliver()
    assert told == {"id": told["id"], "ajbh": number, "nr": "有人堵路，请查看", "jj": False}
    assert house.side.got[0].path == "/110/transfers"
    assert is_signed(house.side.got[0].body, house.side.got[0].headers, secret=SECRET, now=house.clock())
    assert await house.transfer() == ("acknowledged", "J-77")
    await house.partner("police", scopes=("exchange.write",), unit="")
    path = f"/partner/transfers/{number}/result"
    for _ in range(2):
        status, said, _ = await house.api.call("partner", "POST", path, body={"id": "R1", "act": "conclude", "text": "已劝离"})
        assert (status, said["state"]) == (200, "closed")
    assert said["done"] is False
    assert await house.status(number) == "concluded"
    events = await house.api.store.read(
        lambda s: [
            (e.act, e.actor, e.facts.get("origin")) for e in s.scalars(select(TicketEvent).where(TicketEvent.act == "conclude"))
        ]
    )
    assert events == [("conclude", "partner:police", "police")]


async def test_a_refusal_comes_back_to_the_desk_and_it_may_go_again(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    with pytest.raises(transfers.HandedAlready):
        await house.hand_over(number)
    house.side.answers = [(200, {"id": "J-1", "state": "refused", "reason": "不属于警情"})]
    await house.deliver()

    assert await house.transfer() == ("refused", "J-1")
    told = await house.api.store.read(
        lambda s: list(s.scalars(select(OutboxMessage.target).where(OutboxMessage.notice == "desk_handed_back")))
    )
    assert told == [house.api.city.desk]
    await house.hand_over(number)
    assert len(await house.deliver()) == 1
    assert await house.transfer() == ("sent", "J-1")


async def test_what_does_not_reach_the_other_side_is_seen(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(400, {})]
    await house.deliver()

    assert await house.transfer() == ("failed", "")
    assert await house.sends() == [("transfer", "failed")]


async def test_only_what_was_handed_to_it_can_another_system_answer(house: House) -> None:
    number = await house.ticket()
    await house.partner("police", scopes=("exchange.write",), unit="")
    for path, body in (
        (f"/partner/transfers/{number}/state", {"state": "acknowledged"}),
        (f"/partner/transfers/{number}/result", {"id": "R1", "act": "conclude", "text": "已办"}),
        ("/partner/transfers/20990101-0001/state", {"state": "closed"}),
    ):
        assert (await house.api.call("partner", "POST", path, body=body))[0] == 404
    assert await house.status(number) == "dispatched"


async def test_a_state_that_comes_later_is_kept_once(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    await house.deliver()
    await house.partner("police", scopes=("exchange.write",), unit="")
    for _ in range(2):
        status, said, _ = await house.api.call(
            "partner", "POST", f"/partner/transfers/{number}/state", body={"state": "acknowledged", "id": "J-9"}
        )
        assert (status, said["id"], said["state"]) == (200, "J-9", "acknowledged")
    acts = await house.api.store.read(lambda s: s.scalar(select(func.count()).where(TicketEvent.act == "handed")))
    assert acts == 1


async def test_a_confidential_matter_goes_without_place_and_hour_and_not_in_its_words(house: House) -> None:
    said = "三单元有人打孩子，请不要说是我讲的"
    number = await house.ticket(text=said, confidential=True)
    with pytest.raises(Exception, match="says too much"):
        await house.hand_over(number, peer="hotline", text="三单元有人打孩子")
    await house.hand_over(number, peer="hotline", text="请核实一起家庭暴力线索")

    [told] = await house.deliver()
    assert (told["place"], told["confidential"], told["text"]) == ("", True, "请核实一起家庭暴力线索")
    assert told["opened_at"].endswith("16:00:00Z")  # midnight of the city: the day, not the hour


async def test_the_other_side_hears_what_becomes_of_a_matter_it_has_but_not_what_it_did_itself(house: House) -> None:
    number = await house.ticket()
    house.side.answers = [(200, {"id": "J-77", "state": "acknowledged"})]
    await house.hand_over(number, peer="hotline")
    await house.deliver()
    await house.partner("hotline", scopes=("exchange.write",), unit="")
    path = f"/partner/transfers/{number}/result"
    assert (await house.api.call("partner", "POST", path, body={"id": "R1", "act": "reply", "text": "在看"}))[0] == 200
    assert await house.deliver() == []
    await house.conclude(number)

    [told] = await house.deliver()
    assert (told["their_id"], told["act"]) == ("J-77", "conclude")


async def test_a_redirect_is_not_followed(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(302, {})]

    assert len(await house.deliver()) == 1
    assert await house.transfer() == ("failed", "")


async def test_nothing_goes_to_those_whom_it_is_about(house: House) -> None:
    number = await house.ticket()
    police = next(unit.code for unit in house.context.org.units.values() if unit.kind == "police")
    for refused in ([police], ["?"]):
        about = update(Ticket).where(Ticket.number == number).values(refused=refused)
        await house.api.store.write(lambda s, about=about: s.execute(about))
        with pytest.raises(RefusedUnit):
            await house.hand_over(number)
    assert await house.sends() == []


# Partners' tickets


async def test_an_id_of_a_partner_means_one_ticket_however_often_it_is_sent(house: House) -> None:
    await house.partner("hotline")
    body = {"id": "GD-1", "text": "柳树街井盖不见了", "area": GRID}

    async def send(**changed: str) -> tuple[int, Any]:
        status, said, _ = await house.api.call("partner", "POST", "/partner/tickets", body={**body, **changed})
        return status, said

    status, first = await send()
    assert (status, first["created"], first["id"]) == (200, True, "GD-1")
    assert await send() == (200, first | {"created": False, "joined": False})
    _, more = await send(text="柳树街井盖不见了，在菜场门口")
    assert (more["number"], more["created"]) == (first["number"], False)
    acts = await house.api.store.read(lambda s: list(s.scalars(select(TicketEvent.act).order_by(TicketEvent.id))))
    assert acts.count("add") == 1
    row = await house.api.store.read(lambda s: s.scalars(select(PartnerTicket)).one())
    assert (row.partner, row.their_id) == ("hotline", "GD-1")
    lines = await house.api.store.read(lambda s: list(s.scalars(select(Ticket.origin_line))))
    assert lines == ["hotline"]


async def test_more_words_for_what_is_over_are_refused(house: House) -> None:
    await house.partner("hotline")
    _, said, _ = await house.api.call("partner", "POST", "/partner/tickets", body={"id": "GD-1", "text": "路灯坏了", "area": GRID})
    close = update(Ticket).values(status="closed")
    await house.api.store.write(lambda s: s.execute(close))

    status, problem, _ = await house.api.call(
        "partner", "POST", "/partner/tickets", body={"id": "GD-1", "text": "路灯又坏了", "area": GRID}
    )
    assert (status, problem["code"]) == (409, "not_allowed")
    assert said["number"] in {number for (number,) in await house.api.store.read(lambda s: s.execute(select(Ticket.number)).all())}


async def test_a_danger_that_a_partner_sends_rings_like_any_other(house: House) -> None:
    await house.partner("hotline")
    _, said, _ = await house.api.call(
        "partner", "POST", "/partner/tickets", body={"id": "GD-1", "text": "柳树街3号楼着火了，有人困在里面", "area": GRID}
    )
    tier = await house.api.store.read(lambda s: s.execute(select(Ticket.tier)).scalar_one())

    assert (said["danger"], tier) == (True, "red")


async def test_a_partner_reads_what_happened_since_and_its_own_in_its_fields(house: House) -> None:
    number = await house.ticket()
    foreign = (await house.api.open(area=ELSEWHERE, resident=3)).ticket.number
    await house.partner("hotline", fields=("status", "title", "summary"))
    _, sent, _ = await house.api.call(
        "partner", "POST", "/partner/tickets", body={"id": "GD-1", "text": DAMP_THERE, "area": ELSEWHERE}
    )

    house.clock.more += timedelta(seconds=10)  # what has just happened comes a few seconds later
    status, page, _ = await house.api.call("partner", "GET", "/partner/tickets")
    assert status == 200
    found = {one["number"]: one for one in page["items"]}
    assert set(found) == {number, sent["number"]}
    assert foreign not in str(page)
    assert set(found[number]) == {"number", "status", "title", "summary", "their_id"}
    assert found[sent["number"]] == {"number": sent["number"], "status": found[sent["number"]]["status"], "their_id": "GD-1"}
    await house.conclude(number)
    house.clock.more += timedelta(seconds=10)
    _, later, _ = await house.api.call("partner", "GET", "/partner/tickets", cursor=page["next"])
    assert [(one["number"], one["status"]) for one in later["items"]] == [(number, "concluded")]
    _, nothing, _ = await house.api.call("partner", "GET", "/partner/tickets", cursor=later["next"])
    assert (nothing["items"], nothing["next"], nothing["more"]) == ([], later["next"], False)
    assert (await house.api.call("partner", "GET", "/partner/tickets", cursor="not-ours"))[0] == 422


async def test_pages_of_what_happened_hold_as_many_as_asked_for_in_few_queries(house: House) -> None:
    number = await house.ticket()
    copies = await house.api.store.write(lambda s: copy_ticket(s, number, 60))
    await house.api.store.write(lambda s: tell_of(s, copies))
    await house.partner("Partner")
    house.clock.more += timedelta(seconds=10)
    seen: list[str] = []
    cursor, more, pages = "", True, 0
    while more:
        with count_queries() as asked:
            _, page, _ = await house.api.call("partner", "GET", "/partner/tickets", cursor=cursor, limit=25)
        assert len(page["items"]) <= 25
        assert len([one for one in asked if one.startswith("SELECT")]) <= 8, asked
        seen += [one["number"] for one in page["items"]]
        cursor, more, pages = page["next"], page["more"], pages + 1
    assert pages >= 3
    assert set(copies) <= set(seen)


def tell_of(session: Session, numbers: list[str]) -> None:
    """Let something happen to each of some tickets."""
    for row in session.execute(select(Ticket.id, Ticket.key_id).where(Ticket.number.in_(numbers))):
        at = utcnow() - timedelta(minutes=1)
        session.add(TicketEvent(ticket_id=row.id, at=at, act="note", actor="operator", after="dispatched", unit=UNIT))


async def test_every_call_of_a_partner_leaves_a_row_refused_ones_too(house: House) -> None:
    await house.partner("Partner", scopes=("partner.read",))
    await house.api.call("partner", "GET", "/partner/tickets")
    await house.api.call("partner", "POST", "/partner/tickets", body={"id": "1", "text": "路灯"})
    await house.api.call("partner", "POST", "/partner/transfers/20990101-0001/state", body={"state": "closed"})

    calls = await house.api.store.read(
        lambda s: [(row.action, row.status) for row in s.scalars(select(PartnerCall).order_by(PartnerCall.id))]
    )
    assert calls == [("partner.read", 200), ("partner.write", 403), ("exchange.write", 403)]


async def test_results_go_back_to_the_system_that_sent_the_matter(house: House) -> None:
    await house.partner("hotline")
    _, sent, _ = await house.api.call("partner", "POST", "/partner/tickets", body={"id": "GD-1", "text": "路灯坏了", "area": GRID})
    await house.deliver()
    await house.conclude(sent["number"])

    [told] = await house.deliver()
    assert (told["their_id"], told["number"], told["act"], told["status"]) == ("GD-1", sent["number"], "conclude", "concluded")
    assert told["reply"].startswith("已修好")
    assert "13800138000" not in told["reply"]
    assert house.side.got[-1].path == "/12345/results"
    assert await house.sends() == [("result", "sent")]


DAMP_THERE = "楼道里的杂物没人清，堆到了门口"
