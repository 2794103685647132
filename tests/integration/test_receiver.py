"""A message's whole way through the house, on both databases: kept before it is answered, answered once, never lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.channels import BodyDiffers, Group, Inbound, Media
from bot.simulator.api import CUSTOM
from bot.simulator.pushes import make_event
from bot.simulator.simulator import Wave
from residents.attachments import Attachment
from residents.ledger import WECHAT_WINDOWS
from residents.tables import Conversation, Resident
from residents.unsealing import open_raw
from routing.tables import Ticket, TicketEvent
from store import inbox, outbox
from store.clock import utcnow
from tests.acquaintance import introduce
from tests.dialogue_phone import PhoneChannel
from tests.front_door import House, TroubledStore, build, count_rows, open_house, read_readable, work_off

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

LAMP = "安泰路12号门口路灯坏了三天，晚上黑漆漆的"
ANSWER, NOTICE = "已受理，", "您反映的"
"""How the answer to LAMP begins, and the notice that it was dispatched."""
SENT = select(outbox.OutboxMessage.state).where(outbox.OutboxMessage.audience == "resident")
SECRET = "柳絮飘飞"  # words that occur nowhere else
CUT = 0.3
CUTS = (Wave(cut_seconds=CUT), Wave(cut_seconds=CUT, copies=2), Wave(cut_seconds=20.0))
"""Cut once, then three retries, two of them at once; the last one waits."""


@pytest.fixture
def troubled(demo_store: Store) -> TroubledStore:
    return TroubledStore(demo_store)


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


def make_phone(limit: int = 2048) -> PhoneChannel:
    return PhoneChannel("wechat_mp", reply_limit=limit, windows=WECHAT_WINDOWS)


def make_letter(text: str, number: int = 1, sender: str = "oA", **fields: object) -> Inbound:
    given = {"channel": "wechat_mp", "kind": "text", "sent_at": utcnow()} | fields
    return Inbound(key=f"m:{number}", sender=sender, text=text, **given)


def make_group_letter(text: str, number: int = 1, *, can_reply: bool = True) -> Inbound:
    group = Group(id="wrLT01G1", mentions_bot=True, consent=True, can_reply=can_reply)
    return make_letter(text, number, channel="gateway", scope="group", group=group, comes_again=True)


async def outcomes(store: Store) -> dict[str, int]:
    return await store.read(inbox.count_by_outcome)


# --- a push that is cut ------------------------------------------------------------------------------------------------------------------


async def cut_before_t1(house: House, store: TroubledStore) -> None:
    store.t1_may_begin.clear()
    push = asyncio.create_task(house.push("oA", LAMP, CUTS))
    await asyncio.sleep(1.5 * CUT)
    store.t1_may_begin.set()
    await push


async def cut_between(house: House, store: TroubledStore) -> None:
    store.t1_may_answer.clear()
    push = asyncio.create_task(house.push("oA", LAMP, CUTS))
    await asyncio.sleep(1.5 * CUT)
    store.t1_may_answer.set()
    await push


async def cut_before_t2(house: House, store: TroubledStore) -> None:
    store.t2_may_begin.clear()
    push = asyncio.create_task(house.push("oA", LAMP, CUTS))
    await asyncio.sleep(1.5 * CUT)
    store.t2_may_begin.set()
    await push


async def cut_during_t2(house: House, store: TroubledStore) -> None:
    store.t2_lingers = 1.5 * CUT
    await house.push("oA", LAMP, CUTS)


async def cut_after_t2(house: House, store: TroubledStore) -> None:
    store.t2_may_answer.clear()
    push = asyncio.create_task(house.push("oA", LAMP, CUTS))
    await asyncio.sleep(1.5 * CUT)
    store.t2_may_answer.set()
    await push


async def lose_the_answer(house: House, store: TroubledStore) -> None:
    assert store.t2_lingers == 0.0
    await house.push("oA", LAMP, (Wave(cut_seconds=CUT, is_deaf=True), *CUTS[1:]))


MOMENTS = (cut_before_t1, cut_between, cut_before_t2, cut_during_t2, cut_after_t2, lose_the_answer)


CASES = [(moment, 30.0) for moment in MOMENTS] + [(moment, 0.05) for moment in (cut_before_t2, cut_during_t2, lose_the_answer)]


@pytest.mark.parametrize(
    ("cut", "budget"), CASES, ids=[f"{cut.__name__}-edge_{'waits' if budget > 1 else 'gives_up'}" for cut, budget in CASES]
)
async def test_a_cut_push_is_one_message_one_ticket_and_one_answer(
    cut: object, budget: float, troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    async with open_house(demo_settings, troubled, city, budget=budget) as house:
        await cut(house, troubled)  # type: ignore[operator]  # one of MOMENTS
        await house.work()
        rows = await troubled.read(count_rows)
        ledger = house.simulator.ledger
        assert (rows["messages"], rows["tickets"]) == (1, 1)
        assert await outcomes(troubled) == {"ticket": 1}
        assert [text[:4] for text in ledger.seen("oA")] == [ANSWER, NOTICE]
        assert (ledger.doubled(), ledger.contradicted(), ledger.unacknowledged()) == ([], set(), set())


async def test_over_the_budget_the_platform_hears_success_and_one_send_follows(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    async with open_house(demo_settings, troubled, city, budget=0.05) as house:
        troubled.t2_may_begin.clear()
        told = await house.push("oA", LAMP)
        assert (told.acknowledged, told.text) == (True, None)
        troubled.t2_may_begin.set()
        await house.work()
        await house.app.duties.resume()
        await house.work()
        sends = [call.text[:4] for call in house.simulator.ledger.calls if call.path == CUSTOM]
        assert sends == [text[:4] for text in house.seen("oA")] == [ANSWER, NOTICE]
        assert await troubled.read(lambda s: s.execute(SENT).scalars().all()) == ["sent", "sent"]


# --- what cannot be handled --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [30.0, 0.05], ids=["edge_waits", "edge_gives_up"])
async def test_what_cannot_be_handled_is_quarantined_and_the_resident_told(
    budget: float, troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    async with open_house(demo_settings, troubled, city, budget=budget) as house:
        troubled.t2_fails = [RuntimeError("a fault of ours")]
        if budget < 1:
            troubled.t2_may_begin.clear()
        told = await house.push("oA", LAMP)
        assert told.acknowledged
        troubled.t2_may_begin.set()
        await house.work()
        assert (await house.push("oB", LAMP)).acknowledged
        await house.work()
        assert house.seen("oA") == ["已收到，人工处理"]
        assert await outcomes(troubled) == {"quarantined": 1, "ticket": 1}

        def look(session: object) -> tuple[str, str | None, list[str]]:
            row = session.execute(select(inbox.InboxMessage).where(inbox.InboxMessage.outcome == "quarantined")).scalar_one()
            raw = msgspec.json.decode(open_raw(session, row), type=Inbound)
            alarms = session.execute(select(outbox.OutboxMessage.cause).where(outbox.OutboxMessage.audience == "operator"))
            return raw.text, row.error, [cause.split(":")[0] for cause in alarms.scalars()]

        assert await troubled.read(look) == (LAMP, "RuntimeError", ["quarantine"])


async def test_a_message_whose_sender_cannot_be_opened_still_gets_its_outcome(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    app = build(demo_settings, troubled, city, {"wechat_mp": make_phone()})
    troubled.t2_fails = [RuntimeError("a fault of ours"), RuntimeError("and again when telling")]
    reply = await app.receiver.receive(make_letter(LAMP))
    assert (reply.text, reply.outcome) == ("已收到，人工处理", "quarantined")


async def test_in_a_group_a_quarantined_message_says_nothing_of_its_kind(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    app = build(demo_settings, troubled, city, {"gateway": PhoneChannel("gateway", reply_limit=0, windows={})})
    replies = []
    for number in (1, 2):
        troubled.t2_fails = [RuntimeError("a fault of ours")]
        replies.append(await app.receiver.receive(make_group_letter(LAMP, number, can_reply=number == 1)))
    assert [(reply.text, reply.suggested) for reply in replies] == [
        ("已收到，请点公众号私聊办理", ""),
        (None, "已收到，请点公众号私聊办理"),
    ]


# --- trouble of the store ----------------------------------------------------------------------------------------------------------------


def locked() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("database is locked"))


async def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    async with open_house(demo_settings, troubled, city) as house:
        troubled.t1_fails = [locked()]
        told = await house.push("oA", LAMP, CUTS)
        assert [one.result for one in house.simulator.ledger.deliveries][:1] == ["refused"]
        await house.work()
        assert [text[:4] for text in house.seen("oA")] == [ANSWER, NOTICE]
        assert (told.acknowledged, (await troubled.read(count_rows))["messages"]) == (True, 1)


async def test_what_was_kept_in_trouble_is_taken_up_again(troubled: TroubledStore, city: City, demo_settings: Settings) -> None:
    async with open_house(demo_settings, troubled, city) as house:
        troubled.t2_fails = [locked()]
        told = await house.push("oA", LAMP)
        assert (told.acknowledged, told.text) == (True, None)
        assert await outcomes(troubled) == {"": 1}
        await house.app.duties.take_over() if troubled.dialect == "sqlite" else await resume_all(house.app)
        await house.work()
        assert await outcomes(troubled) == {"ticket": 1}
        assert [text[:4] for text in house.seen("oA")] == [ANSWER, NOTICE]


async def resume_all(app: App) -> int:
    ids = await app.store.read(lambda s: inbox.unfinished(s, before=utcnow() + timedelta(minutes=1)))
    return await app.receiver.resume(ids)


async def test_what_stays_in_trouble_counts_as_no_work(troubled: TroubledStore, city: City, demo_settings: Settings) -> None:
    app = build(demo_settings, troubled, city, {"wechat_mp": make_phone()})
    await keep_only(troubled, make_letter(LAMP))
    troubled.t2_fails = [locked(), locked()]
    assert [await resume_all(app), await resume_all(app), await resume_all(app)] == [0, 0, 1]


# --- taken up again ----------------------------------------------------------------------------------------------------------------------


async def keep_only(store: Store, *letters: Inbound) -> list[int]:
    """Leave messages as a process does that dies after T1."""
    return [
        (
            await store.write(
                lambda s, one=one: inbox.remember(s, channel=one.channel, key=one.key, body=msgspec.json.encode(one), now=utcnow())
            )
        ).id
        for one in letters
    ]


async def test_a_late_retry_fetches_what_was_taken_up_again(troubled: TroubledStore, city: City, demo_settings: Settings) -> None:
    phone, letter = make_phone(), make_letter(LAMP)
    app = build(demo_settings, troubled, city, {"wechat_mp": phone})
    (message_id,) = await keep_only(troubled, letter)
    assert await app.receiver.resume([message_id]) == 1
    first, second = [await app.receiver.receive(letter) for _ in range(2)]
    assert first.text is not None
    assert (first.text, first.duplicate) == (second.text, second.duplicate) == (first.text, True)
    await age(troubled)
    await app.duties.resume()
    await work_off(app)
    assert arrived(phone) == [NOTICE]


def arrived(phone: PhoneChannel) -> list[str]:
    return [text[:4] for _, text in phone.arrived]


async def test_what_no_retry_fetches_is_sent(troubled: TroubledStore, city: City, demo_settings: Settings) -> None:
    phone, letter = make_phone(), make_letter(LAMP)
    app = build(demo_settings, troubled, city, {"wechat_mp": phone})
    (message_id,) = await keep_only(troubled, letter)
    await app.receiver.resume([message_id])
    await app.duties.resume()
    await work_off(app)
    assert arrived(phone) == [NOTICE]  # a retry may still come
    await age(troubled)
    await app.duties.resume()
    await app.duties.resume()
    await work_off(app)
    late = await app.receiver.receive(letter)
    await work_off(app)
    assert (arrived(phone), late.text) == ([NOTICE, ANSWER], None)


async def age(store: Store) -> None:
    """Let the time pass in which a retry may come."""
    past = utcnow() - timedelta(minutes=1)
    await store.write(lambda s: s.execute(update(inbox.InboxMessage).values(outcome_at=past)))


async def test_an_edge_that_gives_up_while_another_node_handles_loses_no_answer(
    troubled: TroubledStore, demo_store: Store, city: City, demo_settings: Settings
) -> None:
    """The other node saw nobody waiting; its answer must not end as `active` without a send."""
    phone, letter = make_phone(), make_letter(LAMP)
    other = build(demo_settings, troubled, city, {"wechat_mp": phone})
    app = build(demo_settings, demo_store, city, {"wechat_mp": phone}, budget=0.05)
    ids = await keep_only(demo_store, letter)
    troubled.t2_lingers = 0.5
    resumed = asyncio.create_task(other.receiver.resume(ids))
    await asyncio.sleep(0.2)
    reply = await app.receiver.receive(letter)
    await resumed
    await work_off(app)
    assert [(reply.text or "")[:4], *arrived(phone)] == [ANSWER, NOTICE]


async def test_two_nodes_that_get_the_same_push_at_once_open_one_ticket(
    demo_store: Store, city: City, demo_settings: Settings
) -> None:
    phone, letter = make_phone(), make_letter(LAMP)
    nodes = [build(demo_settings, demo_store, city, {"wechat_mp": phone}) for _ in range(3)]
    replies = await asyncio.gather(*(node.receiver.receive(letter) for node in nodes for _ in range(2)))
    await work_off(nodes[0])
    assert len({reply.text for reply in replies} - {None}) == 1
    assert sorted(reply.duplicate for reply in replies) == [False] + [True] * 5
    assert (await demo_store.read(count_rows))["tickets"] == 1
    assert arrived(phone) == [NOTICE]


# --- order -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slow", ["neither", "t1", "t2"])
async def test_two_messages_at_once_keep_one_resident_one_conversation_and_their_order(
    slow: str, troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    troubled.t1_delays = [0.2] if slow == "t1" else []
    troubled.t2_delays = [0.2] if slow == "t2" else []
    app = build(demo_settings, troubled, city, {"wechat_mp": make_phone()})
    letters = [make_letter(LAMP, 1), make_letter("进度", 2), make_letter("撤回", 3), make_letter("进度", 4)]
    replies = await asyncio.gather(*(app.receiver.receive(letter) for letter in letters))
    assert [reply.outcome for reply in replies] == ["ticket", "told", "told", "told"]
    assert "安泰路" in (replies[1].text or "")

    def look(session: object) -> tuple[int, int]:
        return len(session.execute(select(Resident.id)).all()), len(session.execute(select(Conversation.id)).all())

    assert await troubled.read(look) == (1, 1)


async def test_what_a_dead_process_left_is_handled_in_its_order(demo_store: Store, city: City, demo_settings: Settings) -> None:
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()})
    ids = await keep_only(demo_store, make_letter(LAMP, 1), *(make_letter("进度", n) for n in range(2, 6)))
    assert await app.receiver.resume(ids) == 5
    answers = [await demo_store.read(lambda s, one=one: inbox.answer_of(s, one)) for one in ids]
    assert [answer.outcome for answer in answers] == ["ticket"] + ["told"] * 4
    assert {answer.ticket for answer in answers} == {answers[0].ticket}


async def test_a_slow_message_holds_up_no_other_resident(troubled: TroubledStore, city: City, demo_settings: Settings) -> None:
    app = build(demo_settings, troubled, city, {"wechat_mp": make_phone()})
    troubled.t2_may_begin.clear()
    slow = asyncio.create_task(app.receiver.receive(make_letter(LAMP, 1)))
    await asyncio.sleep(0)
    troubled.t2_may_begin.set()
    other = await app.receiver.receive(make_letter("谢谢", 2, sender="oB"))
    assert other.outcome == "told"
    await slow


# --- long answers ------------------------------------------------------------------------------------------------------------------------

SHORT = 120  # bytes of a text: the help takes several


def whole(city: City) -> str:
    return city.words.fixed("help")


@pytest.mark.parametrize("way", ["passive", "active", "fetched", "unfetched"])
async def test_a_long_answer_arrives_in_parts_and_in_order(
    way: str, troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    moment = utcnow()
    phone, letter = make_phone(SHORT), make_letter("帮助")
    app = build(demo_settings, troubled, city, {"wechat_mp": phone}, budget=0.05 if way == "active" else 30.0, clock=lambda: moment)
    await introduce(troubled, demo_settings, channel="wechat_mp", sender=letter.sender, now=moment)
    replies: list[Reply] = []
    if way in {"fetched", "unfetched"}:
        await app.receiver.resume(await keep_only(troubled, letter))
        await work_off(app)
        assert phone.arrived == []  # no part before the first
    if way == "active":
        troubled.t2_may_begin.clear()
    if way == "unfetched":
        await age(troubled)
        await app.duties.resume()
    else:
        replies = [await app.receiver.receive(letter)]
    troubled.t2_may_begin.set()
    await work_off(app)
    if replies and replies[0].text:
        assert phone.arrived == []  # the rest does not overtake the first part
    moment += timedelta(seconds=5)
    await work_off(app)
    parts = [reply.text for reply in replies if reply.text] + [text for _, text in phone.arrived]
    assert (bool(replies and replies[0].text), len(parts) > 2) == (way in {"passive", "fetched"}, True)
    assert "".join(parts).replace("\n", "") == whole(city).replace("\n", "")
    assert max(len(part.encode()) for part in parts) <= SHORT
    if replies:
        again = await app.receiver.receive(letter)
        assert again.text == replies[0].text


# --- recall ------------------------------------------------------------------------------------------------------------------------------


async def recall_before_t2(app: App, store: TroubledStore, letter: Inbound) -> None:
    await keep_only(store, letter)
    assert await app.receiver.recall(letter.channel, letter.key)
    await resume_all(app)


async def recall_while_t2_waits(app: App, store: TroubledStore, letter: Inbound) -> None:
    store.t2_may_begin.clear()
    waiting = asyncio.create_task(app.receiver.receive(letter))
    while not (await store.inner.read(count_rows))["messages"]:
        await asyncio.sleep(0.01)
    assert await app.receiver.recall(letter.channel, letter.key)
    store.t2_may_begin.set()
    assert (await waiting).text is None


async def recall_during_t2(app: App, store: TroubledStore, letter: Inbound) -> None:
    store.t2_lingers = 0.4
    waiting = asyncio.create_task(app.receiver.receive(letter))
    while not (await store.inner.read(count_rows))["messages"]:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert await app.receiver.recall(letter.channel, letter.key)
    await waiting


async def recall_after_t2(app: App, store: TroubledStore, letter: Inbound) -> None:
    assert store.t2_lingers == 0.0
    await app.receiver.receive(letter)
    assert await app.receiver.recall(letter.channel, letter.key)


async def recall_before_the_send(app: App, store: TroubledStore, letter: Inbound) -> None:
    await app.receiver.resume(await keep_only(store, letter))
    await age(store)
    await app.duties.resume()
    assert await app.receiver.recall(letter.channel, letter.key)


RECALLS = (recall_before_t2, recall_while_t2_waits, recall_during_t2, recall_after_t2, recall_before_the_send)


@pytest.mark.parametrize("recall", RECALLS, ids=[moment.__name__ for moment in RECALLS])
@pytest.mark.parametrize("said", [f"{SECRET}的地方路灯不亮", f"谢谢{SECRET}"], ids=["asked", "told"])
async def test_a_recalled_message_leaves_no_readable_word(
    recall: object, said: str, troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    phone, letter = make_phone(), make_letter(said, media=(Media(kind="image", ref=f"{SECRET}-media"),))
    app = build(demo_settings, troubled, city, {"wechat_mp": phone})
    await recall(app, troubled, letter)  # type: ignore[operator]  # one of RECALLS
    await app.duties.fetch()
    await work_off(app)
    assert SECRET not in await troubled.read(read_readable)
    assert phone.arrived == []
    counted = await outcomes(troubled)
    assert set(counted) <= {"ignored", "told"}
    assert sum(counted.values()) == 1
    assert await app.receiver.recall(letter.channel, letter.key) is False
    again = await app.receiver.receive(letter)
    assert (again.text, again.duplicate) == (None, True)


async def test_what_is_readable_is_read(demo_store: Store, city: City, demo_settings: Settings) -> None:
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()})
    await app.receiver.receive(make_letter(f"{SECRET}的地方路灯不亮"))
    assert SECRET in await demo_store.read(read_readable)


async def test_recalling_another_message_leaves_the_open_question(demo_store: Store, city: City, demo_settings: Settings) -> None:
    moment = utcnow()
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()}, clock=lambda: moment)
    asked = await app.receiver.receive(make_letter("路灯坏了", 1))
    assert asked.outcome == "asked"
    nod = make_letter("好的", 2)
    await app.receiver.receive(nod)
    assert await app.receiver.recall("wechat_mp", nod.key)
    moment += timedelta(minutes=31)
    assert await app.duties.time_out() == 1
    assert await outcomes(demo_store) == {"to_desk": 1, "told": 1}


# --- groups, events, keys ----------------------------------------------------------------------------------------------------------------


async def test_whoever_comes_again_finds_the_answer_that_took_longer(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    gateway = PhoneChannel("gateway", reply_limit=0, windows={})
    app = build(demo_settings, troubled, city, {"gateway": gateway}, budget=0.05)
    letter = make_group_letter(LAMP)
    troubled.t2_may_begin.clear()
    first = await app.receiver.receive(letter)
    assert (first.text, first.outcome) == (None, "")
    troubled.t2_may_begin.set()
    await work_off(app)
    second = await app.receiver.receive(letter)
    assert (second.text, second.outcome, second.duplicate) == ("已收到，请点公众号私聊办理", second.outcome, True)
    assert second.outcome in {"ticket", "to_desk"}
    await work_off(app)
    assert gateway.arrived == []


async def test_an_event_pushed_twice_is_one_and_a_used_key_is_acknowledged(
    troubled: TroubledStore, city: City, demo_settings: Settings
) -> None:
    async with open_house(demo_settings, troubled, city) as house:
        welcomed = await house.push("oA", make_event("subscribe"), (Wave(copies=2),))
        assert (welcomed.acknowledged, len(house.seen("oA"))) == (True, 1)
        assert (await troubled.read(count_rows))["messages"] == 1
    app = house.app
    event = make_letter("", kind="event", event="subscribe")
    await app.receiver.receive(event)
    with pytest.raises(BodyDiffers):
        await app.receiver.receive(msgspec.structs.replace(event, event="scan"))


async def test_two_events_of_one_second_under_one_key_are_both_acknowledged(
    demo_store: Store, city: City, demo_settings: Settings
) -> None:
    """The platform gives events no id: what has the same key and differs is told `success`, or it would come again for ever."""
    async with open_house(demo_settings, demo_store, city) as house:
        tapped = make_event("subscribe")
        frozen = utcnow()
        house.simulator._clock = lambda: frozen
        first = await house.push("oA", tapped)
        second = await house.push("oA", tapped | {"Ticket": "another"})
        assert (first.acknowledged, second.acknowledged) == (True, True)
        assert (await demo_store.read(count_rows))["messages"] == 1


# --- questions and their time --------------------------------------------------------------------------------------------------------------


async def test_a_question_times_out_once_on_two_nodes(
    troubled: TroubledStore, demo_store: Store, city: City, demo_settings: Settings
) -> None:
    moment = utcnow()
    phone = make_phone()
    stores = (demo_store, troubled)
    nodes = [build(demo_settings, store, city, {"wechat_mp": phone}, clock=lambda: moment) for store in stores]
    await nodes[0].receiver.receive(make_letter("路灯坏了", 1))
    moment += timedelta(minutes=31)
    troubled.t1_lingers = 0.4
    slow = asyncio.create_task(nodes[1].duties.time_out())
    await asyncio.sleep(0.2)
    await asyncio.gather(slow, nodes[0].duties.time_out())
    await work_off(nodes[0])
    assert await demo_store.read(lambda s: s.execute(select(TicketEvent.act)).scalars().all()) == ["accept"]
    assert len(phone.arrived) == 1


async def test_a_broken_conversation_stops_no_other(demo_store: Store, city: City, demo_settings: Settings) -> None:
    moment = utcnow()
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()}, clock=lambda: moment)
    for number, sender in enumerate(("oA", "oB"), start=1):
        await app.receiver.receive(make_letter("路灯坏了", number, sender=sender))
    first = update(Conversation).where(Conversation.asked_by == 1).values(asked_by=None, resident_id=999_999)
    await demo_store.write(lambda s: s.execute(first))
    moment += timedelta(minutes=31)
    assert await app.duties.time_out() == 1
    assert (await demo_store.read(count_rows))["tickets"] == 1


async def test_a_picture_and_the_words_that_follow_end_in_one_ticket(
    demo_store: Store, city: City, demo_settings: Settings
) -> None:
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()})
    pictures = [make_letter("", n, kind="image", media=(Media(kind="image", ref=f"p{n}"),)) for n in (1, 2)]
    asked = [await app.receiver.receive(picture) for picture in pictures]
    assert [reply.outcome for reply in asked] == ["asked", "told"]
    opened = await app.receiver.receive(make_letter(LAMP, 3))
    assert (opened.outcome, await outcomes(demo_store)) == ("told", {"ticket": 1, "told": 2})

    def look(session: object) -> tuple[list[str | None], list[str]]:
        attached = session.execute(select(Attachment.ticket)).scalars().all()
        return list(attached), list(session.execute(select(Ticket.number)).scalars())

    assert await demo_store.read(look) == ([opened.ticket] * 2, [opened.ticket])


async def test_a_question_that_leads_to_another_stays_open_for_the_first_message(
    demo_store: Store, city: City, demo_settings: Settings
) -> None:
    moment = utcnow()
    app = build(demo_settings, demo_store, city, {"wechat_mp": make_phone()}, clock=lambda: moment)
    picture = await app.receiver.receive(make_letter("", 1, kind="image", media=(Media(kind="image", ref="p"),)))
    matter = await app.receiver.receive(make_letter("路灯坏了", 2))
    assert (picture.outcome, matter.outcome) == ("asked", "told")
    assert (matter.text or "").startswith("在什么地方")
    moment += timedelta(minutes=31)
    assert await app.duties.time_out() == 1
    assert await outcomes(demo_store) == {"to_desk": 1, "told": 1}
