"""改口, 又坏了, 代人反映 on both databases: the right place, the right unit, the old number, and who may see what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from residents import conversations
from routing import correcting, desk, following, proxies, register, representing
from routing.errors import NoTicket
from routing.facts import Origin
from routing.tables import Ticket, TicketEvent, TicketProxy
from routing.terms import Status
from store.keys import open_key
from tests.office import LAMP_OUT, NOON, Teller, build_context, report_lamp
from tests.town import report_at, utter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.correcting import Corrected
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

MINUTE = timedelta(minutes=1)
PROXY, PERSON, STRANGER = 1, 2, 3
NOISE_HEARD = "楼上天天咚咚响，半夜拖椅子，跑跳声"

teller = Teller()
context = build_context(teller)


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def noise(session: Session, **changes: object) -> str:
    """Open a ticket about noise, with the community of grid G1, and forget what was told."""
    number = report_lamp(session, context, **{"text": NOISE_HEARD, "place": "柳树街12号", **changes}).ticket.number  # type: ignore[arg-type]
    teller.notices.clear()
    return number


def correct(
    session: Session, number: str, *, text: str = "说错了，是桃园路8号", meant: str = "", place: str = "桃园路8号", area: str = "G3"
) -> Corrected:
    right = correcting.RightPlace(text=place, public=place, area=area) if place else None
    return correcting.correct(
        session, number, resident_id=1, text=text, meant=utter(meant), place=right, now=NOON + MINUTE, context=context
    )


async def test_the_right_place_stands_on_the_ticket_and_its_unit_hears_it(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        corrected = correct(s, number, place="柳树街14号", area="G1")
        ticket = s.execute(select(Ticket).where(Ticket.number == number)).scalar_one()

        assert not corrected.moved
        assert corrected.acted.ticket.public_place == "柳树街14号"
        assert corrected.acted.ticket.title == "柳树街14号邻里噪声"
        assert open_key(s, ticket.key_id).open(ticket.place_text or b"").decode() == "柳树街14号"
        assert teller.take() == [("unit_added", "C1-jwh")]
        event = (
            s.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id.desc()))
            .scalars()
            .first()
        )
        assert event is not None
        assert (event.act, event.facts["corrected"]) == ("add", "place")

    await store.write(work)


async def test_another_place_with_another_unit_goes_back_to_its_desk_with_the_reason(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        corrected = correct(s, number)
        ticket = corrected.acted.ticket

        assert corrected.moved
        assert (ticket.status, ticket.unit, ticket.area) == (Status.ACCEPTED, "S1-desk", "G3")
        assert teller.take() == [("unit_added", "C1-jwh"), ("desk_returned", "S1-desk"), ("unit_recalled", "C1-jwh")]
        events = register.show(s, number, org=context.org).events
        assert events[-1].facts == {"reason": "area", "suggested": "C2-jwh", "from": "C1-jwh", "corrected": True}
        assert desk.dispatch(s, number, unit="C2-jwh", actor="operator", now=NOON, context=context).ticket.unit == "C2-jwh"

    await store.write(work)


async def test_a_unit_that_has_signed_is_told_and_keeps_it(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        desk.sign(s, number, actor="operator", now=NOON, context=context)
        corrected = correct(s, number)

        assert not corrected.moved
        assert (corrected.acted.ticket.status, corrected.acted.ticket.unit) == (Status.SIGNED, "C1-jwh")
        assert teller.take() == [("unit_added", "C1-jwh")]

    await store.write(work)


async def test_another_thing_goes_back_with_what_it_is_now(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        corrected = correct(s, number, text="不是楼上，是路灯坏了", meant=LAMP_OUT, place="")

        assert corrected.moved
        assert corrected.acted.ticket.title == "柳树街12号路灯不亮"
        assert corrected.acted.ticket.candidates[0] == "SZ-1"

    await store.write(work)


async def test_a_correction_of_a_correction_ends_at_the_last(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        for house in ("14号", "16号", "18号"):
            correct(s, number, place=f"柳树街{house}", area="G1")

        assert register.show(s, number, org=context.org).ticket.public_place == "柳树街18号"

    await store.write(work)


async def test_what_neighbours_wait_for_too_and_what_is_confidential_is_not_rewritten(store: Store) -> None:
    def work(s: Session) -> None:
        shared = report_lamp(s, context).ticket.number
        report_lamp(s, context, resident=2)
        secret = report_lamp(s, context, text=f"举报{NOISE_HEARD}", place="柳树街20号", kind="report").ticket.number
        before = {number: register.show(s, number, org=context.org).ticket.public_place for number in (shared, secret)}
        for number in (shared, secret):
            correct(s, number)

        assert {number: register.show(s, number, org=context.org).ticket.public_place for number in before} == before

    await store.write(work)


async def test_only_whose_ticket_it_is_corrects_it(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s, resident=STRANGER)
        with pytest.raises(NoTicket):
            correct(s, number)

    await store.write(work)


async def test_what_came_back_is_a_new_ticket_that_names_the_old_one(store: Store) -> None:
    def work(s: Session) -> None:
        old = report_lamp(s, context).ticket.number
        desk.conclude(s, old, text="换了灯泡", actor="operator", now=NOON, context=context)
        report = msgspec.structs.replace(report_at("G1", text="又坏了"), public_place="柳树街12号", follows=old)
        opened = desk.open_ticket(
            s,
            report=report,
            resident_id=1,
            origin=Origin(inbox_id=9, channel="terminal"),
            context=context,
            now=NOON + timedelta(days=3),
            utterance=utter(LAMP_OUT),
        )

        assert (opened.joined_to, opened.ticket.follows, opened.ticket.item) == ("", old, "SZ-1")
        assert opened.ticket.number != old

    await store.write(work)


async def test_two_matters_of_one_message_never_become_one(store: Store) -> None:
    def work(s: Session) -> None:
        def report_again(*beside: str) -> str:
            return desk.open_ticket(
                s,
                report=msgspec.structs.replace(report_at("G1", text=LAMP_OUT), beside=beside),
                resident_id=1,
                origin=Origin(inbox_id=9, channel="terminal"),
                context=context,
                now=NOON,
                utterance=utter(LAMP_OUT),
            ).joined_to

        first = report_lamp(s, context).ticket.number

        assert report_again() == first
        assert report_again(first) == ""

    await store.write(work)


def represent(session: Session, number: str, *, known: int | None = PERSON) -> bool:
    return representing.represent(session, number, proxy_id=PROXY, represented_id=known, now=NOON, context=context)


def sees(session: Session, number: str, resident: int) -> str:
    """Say what a resident sees of a ticket: nothing, its status, or its reply too."""
    shown = register.progress(session, resident, org=context.org, now=NOON, number=number)
    if not shown:
        return "nothing"
    return "all" if shown[0].ticket.reply else "status"


async def test_who_it_is_for_is_told_first_and_owns_it(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        assert represent(s, number)
        assert teller.take() == [("proxy_asked", str(PERSON))]
        desk.conclude(s, number, text="上门看过", actor="operator", now=NOON, context=context)

        assert teller.take() == [("concluded", str(PERSON))]
        assert {one: sees(s, number, one) for one in (PROXY, PERSON, STRANGER)} == {
            PROXY: "status",
            PERSON: "all",
            STRANGER: "nothing",
        }

    await store.write(work)


@pytest.mark.parametrize(("allowed", "seen"), [("all", "all"), ("status", "status"), ("none", "nothing")])
async def test_the_reporter_sees_what_the_person_allows(store: Store, allowed: str, seen: str) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        represent(s, number)
        teller.notices.clear()
        representing.allow(s, number, resident_id=PERSON, allowed=allowed, now=NOON, context=context)  # type: ignore[arg-type]
        assert teller.take() == [(f"proxy_{allowed}", str(PROXY))]
        desk.conclude(s, number, text="上门看过", actor="operator", now=NOON, context=context)

        told = {target for key, target in teller.take() if key == "concluded"}
        assert told == ({str(PERSON), str(PROXY)} if allowed == "all" else {str(PERSON)})
        assert sees(s, number, PROXY) == seen
        assert sees(s, number, PERSON) == "all"

    await store.write(work)


async def test_who_cannot_be_reached_is_spoken_for(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        assert not represent(s, number, known=None)
        desk.conclude(s, number, text="上门看过", actor="operator", now=NOON, context=context)

        assert teller.take() == [("concluded", str(PROXY))]
        assert sees(s, number, PROXY) == "all"
        assert s.execute(select(TicketProxy.represented_id, TicketProxy.allowed)).all() == [(None, "all")]

    await store.write(work)


async def test_a_confidential_matter_is_announced_to_nobody(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s, confidential=True)
        assert not represent(s, number)
        assert teller.take() == []
        assert sees(s, number, PERSON) == "nothing"

    await store.write(work)


async def test_the_person_takes_it_back_the_reporter_only_steps_out(store: Store) -> None:
    def work(s: Session) -> None:
        kept, taken = noise(s), noise(s, place="柳树街30号", text="楼下跑跳声，天天拖椅子")
        for number in (kept, taken):
            represent(s, number)
        left = following.withdraw(s, kept, resident_id=PROXY, now=NOON, context=context)
        back = following.withdraw(s, taken, resident_id=PERSON, now=NOON, context=context)

        assert (left.ticket.status, back.ticket.status) == (Status.DISPATCHED, Status.WITHDRAWN)
        assert sees(s, kept, PROXY) == "nothing"

    await store.write(work)


async def test_who_is_erased_is_in_nobodys_matter_any_more(store: Store) -> None:
    def work(s: Session) -> None:
        first, second = noise(s), noise(s, place="柳树街30号", text="楼下跑跳声，天天拖椅子")
        represent(s, first)
        represent(s, second)
        proxies.forget(s, PERSON)
        assert s.execute(select(TicketProxy.represented_id, TicketProxy.allowed)).all() == [(None, "none")] * 2
        proxies.forget(s, PROXY)
        assert s.execute(select(TicketProxy.id)).all() == []

    await store.write(work)


async def test_only_the_person_it_is_for_answers(store: Store) -> None:
    def work(s: Session) -> None:
        number = noise(s)
        represent(s, number)
        for other in (PROXY, STRANGER):
            with pytest.raises(NoTicket):
                representing.allow(s, number, resident_id=other, allowed="all", now=NOON, context=context)

    await store.write(work)


async def test_a_telephone_finds_one_person_who_can_be_written_to(store: Store) -> None:
    def work(s: Session) -> None:
        speakers = [
            conversations.open_for(s, channel="terminal", sender=f"o-{name}", place="person", now=NOON) for name in ("a", "b", "c")
        ]
        for speaker in speakers[:2]:
            conversations.keep_identity(s, speaker, kind="phone", value="13800001111", now=NOON)
        conversations.keep_identity(s, speakers[2], kind="phone", value="13800002222", now=NOON)
        a, b, c = (speaker.resident.id for speaker in speakers)

        assert conversations.find_by_phone(s, "13800001111", apart_from=a) == b
        assert conversations.find_by_phone(s, "13800001111", apart_from=c) is None, "two people gave it"
        assert conversations.find_by_phone(s, "13800002222", apart_from=c) is None, "the writer's own"
        assert conversations.find_by_phone(s, "13899999999", apart_from=a) is None

    await store.write(work)
