"""Exchange when things go wrong, on both databases: the other side is down for a day, answers garbage, or twice; a matter changes on its way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot import erasing
from console.exchange import delivering, transfers
from console.exchange.tables import ExchangeTransfer
from console.peers import ExchangeSettings
from routing import merging, secrecy
from routing.tables import Ticket, TicketEvent
from store import outbox
from store.outbox import OutboxMessage
from tests.api_door import GRID
from tests.exchange_house import House, open_house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

RESULT, STATE = "/partner/transfers/{}/result", "/partner/transfers/{}/state"


@pytest.fixture
async def house(demo_store: Store, demo_city: tuple[Path, City], tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(demo_store, demo_city[1], tmp_path) as opened:
        yield opened


async def call(house: House, path: str, number: str, **body: str) -> tuple[int, Any]:
    status, said, _ = await house.api.call("partner", "POST", path.format(number), body=body)
    return status, said


async def set_ticket(house: House, number: str, **values: Any) -> None:
    await house.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(**values)))


async def message_id(house: House) -> int:
    last = select(OutboxMessage.id).where(OutboxMessage.audience == "partner").order_by(OutboxMessage.id.desc()).limit(1)
    return await house.api.store.read(lambda s: s.execute(last).scalar_one())


async def told_to_desk(house: House) -> Sequence[str]:
    notices = select(OutboxMessage.notice).where(OutboxMessage.target == house.api.city.desk).order_by(OutboxMessage.id)
    return await house.api.store.read(lambda s: s.scalars(notices).all())


# Down for long


def test_what_is_tried_as_shipped_is_tried_for_two_days() -> None:
    shipped = ExchangeSettings()
    pauses = [delivering.pause_after(attempt, first=shipped.first_pause_seconds) for attempt in range(1, shipped.attempts)]

    assert pauses[:3] == [30.0, 60.0, 120.0]
    assert max(pauses) == 6 * 3600
    assert timedelta(hours=48) < timedelta(seconds=sum(pauses)) < timedelta(hours=60)


async def test_a_matter_that_does_not_arrive_comes_back_to_the_desk_and_may_go_again(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(404, {})]
    await house.deliver()

    assert await house.transfer() == ("failed", "")
    assert "desk_not_reached" in await told_to_desk(house)
    [first] = house.side.got
    await house.hand_over(number)
    [again] = await house.deliver()
    assert again["id"] != first.content["id"]
    assert await house.transfer() == ("sent", "")


async def test_what_a_person_sends_once_more_has_arrived_then(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(404, {})]
    await house.deliver()
    message = await message_id(house)
    assert await house.api.store.write(lambda s: outbox.revive(s, message, now=house.clock()))
    await house.deliver()

    assert await house.transfer() == ("sent", "")


async def test_an_older_hand_over_does_not_go_after_a_newer_one(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number, text="第一次")
    house.side.answers = [(404, {})]
    await house.deliver()
    message = await message_id(house)
    await house.hand_over(number, text="第二次")
    assert await house.api.store.write(lambda s: outbox.revive(s, message, now=house.clock()))

    assert [told["nr"] for told in await house.deliver()] == ["第二次"]
    assert await house.transfer() == ("sent", "")


async def test_what_dies_at_every_attempt_ends_as_failed(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    for _ in range(4):
        await house.deliver()
        unknown = update(OutboxMessage).where(OutboxMessage.audience == "partner").values(state="unknown")
        await house.api.store.write(lambda s, unknown=unknown: s.execute(unknown))  # as if each time the process had died
    await house.deliver()

    assert len(house.side.got) == 3
    assert await house.sends() == [("transfer", "failed")]


# Garbage


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 77},
        {"id": ["J"]},
        {"state": "acknowledged", "id": "J\x00-7"},
        {"id": "", "state": "whatever"},
        [],
        "ok",
        None,
        {"id": "一" * 900},
    ],
)
async def test_whatever_is_answered_the_matter_has_arrived(house: House, answer: Any) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(200, answer)]
    await house.deliver()

    state, their_id = await house.transfer()
    assert state in {"sent", "acknowledged"}
    assert len(their_id) <= 64
    assert "\0" not in their_id
    assert await house.sends() == [("transfer", "sent")]
    assert await house.deliver() == []


async def test_an_id_that_is_a_number_is_kept(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.answers = [(200, {"id": 77, "state": "acknowledged"})]
    await house.deliver()

    assert await house.transfer() == ("acknowledged", "77")


async def test_an_answer_that_comes_in_pieces_is_read_whole(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    house.side.pieces = [b'{"id": "J-', b'77", "state": "ack', b'nowledged"}']
    await house.deliver()

    assert await house.transfer() == ("acknowledged", "J-77")


# In another order, and twice


async def test_a_late_receipt_takes_nothing_back_of_what_is_done(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    await house.deliver()
    await house.partner("police", scopes=("exchange.write",), unit="")
    assert (await call(house, RESULT, number, id="R1", act="conclude", text="已劝离"))[0] == 200
    status, said = await call(house, STATE, number, state="acknowledged", id="J-1")

    assert (status, said["state"], said["id"]) == (200, "closed", "J-1")
    assert await house.transfer() == ("closed", "J-1")
    events = select(TicketEvent.act).where(TicketEvent.act == "handed")
    assert await house.api.store.read(lambda s: s.scalars(events).all()) == []


async def test_the_id_of_a_result_means_one_result(house: House) -> None:
    one = await house.ticket()
    other = await house.ticket(resident=2, area="LA-DL-LT-01-G2")
    for number in (one, other):
        await house.hand_over(number)
    await house.deliver()
    await house.partner("police", scopes=("exchange.write",), unit="")
    assert (await call(house, RESULT, one, id="R1", act="reply", text="在看"))[0] == 200

    for number, act in ((other, "reply"), (one, "conclude")):
        status, problem = await call(house, RESULT, number, id="R1", act=act, text="已办")
        assert (status, problem["code"]) == (409, "result_reused")
    assert await house.status(other) == "dispatched"
    assert (await call(house, RESULT, other, id="R2", act="conclude", text="已办"))[0] == 200


async def test_another_system_cannot_answer_for_the_one_that_has_it(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number, peer="police")
    await house.deliver()
    await house.partner("hotline", scopes=("exchange.write",), unit="")

    assert (await call(house, STATE, number, state="closed"))[0] == 404
    assert (await call(house, RESULT, number, id="R1", act="conclude", text="已办"))[0] == 404
    assert await house.transfer() == ("sent", "")


async def test_what_the_other_side_closed_and_the_resident_did_not_find_done_it_hears_and_may_get_again(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number, peer="hotline")
    await house.deliver()
    await house.partner("hotline", scopes=("exchange.write",), unit="")
    await call(house, RESULT, number, id="R1", act="conclude", text="已办")
    await redo(house, number)
    [told] = await house.deliver()
    assert (told["number"], told["act"]) == (number, "redo")
    await house.hand_over(number, peer="hotline", text="居民说没有解决")

    [again] = await house.deliver()
    assert again["text"] == "居民说没有解决"
    assert await house.transfer() == ("sent", "")


async def redo(house: House, number: str) -> None:
    """Write down that a matter is to be done again."""
    now = house.clock()

    def write(session: Any) -> None:
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        ticket.status = "dispatched"
        given = {"actor": "resident", "before": "concluded", "after": "dispatched", "unit": ticket.unit}
        session.add(TicketEvent(ticket_id=ticket.id, at=now, act="redo", **given))

    await house.api.store.write(write)


async def test_who_sent_what_was_merged_into_another_hears_that_it_is_done_and_nobody_elses_words(house: House) -> None:
    await house.partner("hotline")
    numbers = []
    for their_id, text in (("GD-1", "路灯坏了三天"), ("GD-2", "有流浪狗追小孩")):
        body = {"id": their_id, "text": text, "area": GRID}
        _, said, _ = await house.api.call("partner", "POST", "/partner/tickets", body=body)
        numbers.append(said["number"])
    now, context = house.clock(), house.context
    await house.api.store.write(lambda s: merging.merge(s, numbers[1], into=numbers[0], actor="operator", now=now, context=context))
    assert [told["act"] for told in await house.deliver()] == ["merge"]
    await house.conclude(numbers[0])

    told = await house.deliver()
    assert [(one["number"], one["their_id"], one["status"]) for one in told] == [
        (numbers[0], "GD-1", "concluded"),
        (numbers[1], "GD-2", "concluded"),
    ]
    assert (told[0]["reply"][:3], told[1]["reply"]) == ("已修好", "")


@pytest.mark.parametrize("demo_url", ["postgresql"], indirect=True)
async def test_what_is_committed_late_is_told_though_nothing_happens_after_it(house: House) -> None:
    token, _ = await house.partner()
    await house.hook(token, "conclude")
    number = await house.ticket()
    await house.conclude(number)
    event = select(TicketEvent.id).where(TicketEvent.act == "conclude")
    slow = await house.api.store.read(lambda s: s.execute(event).scalar_one())
    hide = update(TicketEvent).where(TicketEvent.id == slow)
    await house.api.store.write(lambda s: s.execute(hide.values(act="note")))  # it has its number, and is not there yet
    assert await house.deliver() == []
    await house.api.store.write(lambda s: s.execute(hide.values(act="conclude")))

    assert [told["id"] for told in await house.deliver()] == [f"event-{slow}"]


# What changes on its way


async def test_a_matter_sealed_on_its_way_does_not_leave_in_free_words(house: House) -> None:
    number = await house.ticket(text="三单元有人打孩子")
    await house.hand_over(number, text="三单元有人打孩子，请出警")
    now, context = house.clock(), house.context
    await house.api.store.write(lambda s: secrecy.keep_secret(s, number, actor="operator", now=now, context=context))

    assert await house.deliver() == []
    assert await house.transfer() == ("failed", "")
    assert list(await told_to_desk(house)) == ["desk_sealed"] * 2  # that it is sealed, and that it has news
    await house.hand_over(number, text="请核实一起线索")
    [told] = await house.deliver()
    assert told["nr"] == "请核实一起线索"


async def test_a_matter_that_turns_out_to_be_about_them_does_not_reach_them_nor_its_result(house: House) -> None:
    police = next(unit.code for unit in house.context.org.units.values() if unit.kind == "police")
    waiting = await house.ticket()
    await house.hand_over(waiting)
    await set_ticket(house, waiting, refused=[police])
    assert await house.deliver() == []

    handed = await house.ticket(resident=2, area="LA-DL-LT-01-G2")
    await house.hand_over(handed)
    assert len(await house.deliver()) == 1
    await set_ticket(house, handed, refused=[police])
    await house.conclude(handed)
    assert await house.deliver() == []


async def test_a_matter_that_is_done_meanwhile_goes_nowhere(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    await house.conclude(number)

    assert await house.deliver() == []
    assert await house.transfer() == ("failed", "")


async def test_the_failure_of_an_older_hand_over_leaves_the_newer_one_alone(house: House) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    row = await house.api.store.read(lambda s: s.scalars(select(ExchangeTransfer)).one())
    now = house.clock()
    await house.api.store.write(
        lambda s: transfers.note_failure(
            s, {"transfer": row.id, "event": 0, "number": number}, city=house.api.city, settings=ExchangeSettings(), now=now
        )
    )

    assert await house.transfer() == ("waiting", "")  # of another hand-over than the one that waits


# The record of what was given


async def test_what_was_given_to_others_is_on_record_for_three_years_and_no_longer(
    house: House, demo_settings: Settings, demo_city: tuple[Path, City]
) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    await house.deliver()
    made = house.clock()

    async def clean_up(days: float) -> list[tuple[str, str]]:
        now = made + timedelta(days=days)
        await house.api.store.write(lambda s: erasing.run_due(s, demo_city[1], now=now))
        return await house.sends()

    assert made.replace(year=made.year + 3) <= made + timedelta(days=demo_settings.privacy.call_days)
    assert await clean_up(demo_settings.privacy.call_days - 1) == [("transfer", "sent")]
    assert await clean_up(demo_settings.privacy.call_days + 1) == []


async def test_what_has_not_left_yet_is_kept_however_old_it_is(house: House, demo_city: tuple[Path, City]) -> None:
    number = await house.ticket()
    await house.hand_over(number)
    now = house.clock() + timedelta(days=5000)
    await house.api.store.write(lambda s: erasing.run_due(s, demo_city[1], now=now))

    assert await house.sends() == [("transfer", "pending")]
