"""Sends leave once, in order, within the platform's windows; what may have arrived is never sent again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.channels import Media, Outbound, SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.replies import Words
from bot.sending import Sender
from bot.settings import Outbox
from residents import conversations, ledger
from store import outbox
from store.clock import utcnow
from store.keys import new_key

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store


class RememberingChannel:
    """A channel that remembers what it sent and fails as it is told."""

    name = "wechat_mp"
    reply_limit = 0
    windows = ledger.WECHAT_WINDOWS
    keeps = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.notified: list[tuple[str, str]] = []
        self.fails: list[SendError] = []
        self.notify_fails: list[SendError] = [WindowClosed()] * 99
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def routes(self, receive: object) -> list[object]:
        raise NotImplementedError

    async def send(self, outbound: Outbound) -> str:
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((outbound.address, outbound.text))
        return f"id-{len(self.sent)}"

    async def notify(self, outbound: Outbound) -> str:
        await self.may_answer.wait()
        if self.notify_fails:
            raise self.notify_fails.pop(0)
        self.notified.append((outbound.address, outbound.text))
        return "template"

    async def fetch(self, media: Media) -> bytes:
        raise NotImplementedError

    async def close(self) -> None:
        return


@pytest.fixture
def channel() -> RememberingChannel:
    return RememberingChannel()


@pytest.fixture
def sender(store: Store, channel: RememberingChannel) -> Sender:
    words = Words(zone=ZoneInfo("Asia/Shanghai"), shared={"service": "接应"})
    return Sender(store=store, channels={"wechat_mp": channel}, words=lambda: words, settings=Outbox(attempts=3), owner="me")


def make_resident(session: Session, openid: str, *, window: bool) -> int:
    now = utcnow()
    speaker = conversations.open_for(session, channel="wechat_mp", sender=openid, place="person", now=now)
    if window:
        ledger.open_window(
            session,
            resident_id=speaker.resident.id,
            channel="wechat_mp",
            opened_by="message",
            window=ledger.WECHAT_WINDOWS["message"],
            now=now,
        )
    return speaker.resident.id


def write_down(session: Session, resident: int, cause: str, text: str) -> None:
    key = new_key(session)
    outbox.put(
        session,
        cause=cause,
        audience="resident",
        target=str(resident),
        channel="wechat_mp",
        notice="reply",
        body=key.seal(text.encode()),
        key_id=key.id,
        now=utcnow() - timedelta(seconds=1),
    )


async def run_until_quiet(sender: Sender, rounds: int = 8) -> None:
    for _ in range(rounds):
        await sender.run_once()
        await sender.drain()


async def test_several_sends_to_one_resident_keep_their_order(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    await store.write(lambda s: [write_down(s, resident, f"reply:{n}", str(n)) for n in range(3)])
    await run_until_quiet(sender)
    assert channel.sent == [("oA", "0"), ("oA", "1"), ("oA", "2")]
    assert await store.read(outbox.count_by_state) == {"sent": 3}


async def test_the_sixth_message_waits_for_the_next_contact(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    await store.write(lambda s: [write_down(s, resident, f"reply:{n}", str(n)) for n in range(6)])
    await run_until_quiet(sender)
    assert [text for _, text in channel.sent] == ["0", "1", "2", "3", "4"]
    assert await store.read(outbox.count_by_state) == {"sent": 5, "held": 1}
    await store.write(lambda s: make_resident(s, "oA", window=True))
    await store.write(lambda s: outbox.release_held(s, target=str(resident), channel="wechat_mp", now=utcnow()))
    await run_until_quiet(sender)
    assert [text for _, text in channel.sent] == ["0", "1", "2", "3", "4", "5"]


async def test_outside_the_window_a_template_goes_where_there_is_one(
    store: Store, sender: Sender, channel: RememberingChannel
) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=False))
    channel.notify_fails = []
    await store.write(lambda s: write_down(s, resident, "reply:1", "hello"))
    await run_until_quiet(sender)
    assert (channel.sent, channel.notified) == ([], [("oA", "hello")])


async def test_the_platforms_no_empties_the_ledger(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    channel.fails = [WindowClosed(code=45047)]
    await store.write(lambda s: [write_down(s, resident, f"reply:{n}", str(n)) for n in range(2)])
    await run_until_quiet(sender)
    assert channel.sent == []
    assert await store.read(outbox.count_by_state) == {"held": 2}


async def test_what_may_have_arrived_is_never_sent_again(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    channel.fails = [SendUnknown()]
    await store.write(lambda s: write_down(s, resident, "reply:1", "hello"))
    await run_until_quiet(sender)
    assert channel.sent == []
    assert await store.read(outbox.count_by_state) == {"unknown": 1}


async def test_busy_is_tried_again_and_no_is_final(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    first, second = [await store.write(lambda s, o=o: make_resident(s, o, window=True)) for o in ("oA", "oB")]
    channel.fails = [SendLater(after=0.0), SendNever(code=40003)]
    await store.write(lambda s: write_down(s, first, "reply:1", "later"))
    await store.write(lambda s: write_down(s, second, "reply:2", "never"))
    await run_until_quiet(sender)
    assert channel.sent == [("oA", "later")]
    assert await store.read(outbox.count_by_state) == {"sent": 1, "failed": 1}


async def test_busy_for_ever_ends_as_failed(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    channel.fails = [SendLater(after=0.0)] * 9
    await store.write(lambda s: write_down(s, resident, "reply:1", "x"))
    await run_until_quiet(sender)
    assert len(channel.fails) == 6
    assert await store.read(outbox.count_by_state) == {"failed": 1}


async def test_a_notice_is_rendered_once_and_its_words_stay_sealed(
    store: Store, sender: Sender, channel: RememberingChannel
) -> None:
    def tell(session: Session) -> None:
        resident = make_resident(session, "oA", window=True)
        key = new_key(session)
        outbox.put(
            session,
            cause="event:1",
            audience="resident",
            target=str(resident),
            channel="wechat_mp",
            notice="replied",
            facts={"number": "20261121-0001", "title": "路灯不亮", "unit": "柳塘街道", "due_at": "2026-11-25T10:00:00+00:00"},
            words=key.seal('{"reply": "已修好"}'.encode()),
            key_id=key.id,
            now=utcnow(),
        )

    await store.write(tell)
    await run_until_quiet(sender)
    ((address, text),) = channel.sent
    assert address == "oA"
    assert "柳塘街道" in text
    assert "已修好" in text


async def test_what_certainly_did_not_arrive_costs_nothing(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    """Five sends are allowed; four that the platform was too busy for do not count."""
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    channel.fails = [SendLater(after=0.0), SendLater(after=0.0), SendNever(), SendLater(after=0.0)]
    await store.write(lambda s: [write_down(s, resident, f"reply:{n}", str(n)) for n in range(6)])
    await run_until_quiet(sender, rounds=12)
    assert [text for _, text in channel.sent] == ["1", "2", "3", "4", "5"]
    assert await store.read(outbox.count_by_state) == {"failed": 1, "sent": 5}


async def test_an_answer_given_back_fills_no_window_beyond_its_size(store: Store) -> None:
    resident = await store.write(lambda s: make_resident(s, "oA", window=True))
    window = ledger.WECHAT_WINDOWS["message"]
    spent = {"resident_id": resident, "channel": "wechat_mp"}
    await store.write(lambda s: ledger.give_back(s, **spent, opened_by="message", window=window))
    paid = [await store.write(lambda s: ledger.spend(s, **spent, now=utcnow())) for _ in range(6)]
    assert paid == ["message"] * 5 + [None]


async def test_a_notice_that_cannot_be_worded_stops_no_other(store: Store, sender: Sender, channel: RememberingChannel) -> None:
    first, second = [await store.write(lambda s, o=o: make_resident(s, o, window=True)) for o in ("oA", "oB")]

    def tell(session: Session) -> None:
        kinds = {"audience": "resident", "channel": "wechat_mp", "now": utcnow() - timedelta(seconds=1)}
        outbox.put(session, cause="event:1", target=str(first), notice="there is no such notice", **kinds)
        write_down(session, second, "reply:1", "hello")

    await store.write(tell)
    await run_until_quiet(sender)
    assert channel.sent == [("oB", "hello")]
    assert await store.read(outbox.count_by_state) == {"failed": 1, "sent": 1}


async def test_who_writes_while_a_send_is_refused_gets_it_at_once(
    store: Store, sender: Sender, channel: RememberingChannel
) -> None:
    """What is held waits for the next contact; that was just now, while it was under way."""
    resident = await store.write(lambda s: make_resident(s, "oA", window=False))
    await store.write(lambda s: write_down(s, resident, "reply:1", "hello"))
    channel.may_answer.clear()
    assert await sender.run_once() == 1  # claimed while the window was closed
    await store.write(lambda s: make_resident(s, "oA", window=True))
    channel.may_answer.set()
    await sender.drain()
    await run_until_quiet(sender)
    assert channel.sent == [("oA", "hello")]


@pytest.mark.parametrize(("length", "is_cut"), [(2048, False), (2049, True)])
async def test_a_notice_longer_than_the_channel_takes_is_cut_and_leaves(
    store: Store, channel: RememberingChannel, length: int, *, is_cut: bool
) -> None:
    channel.reply_limit, channel.windows = 2048, {}
    words = Words(zone=ZoneInfo("Asia/Shanghai"), shared={"service": "接应"})
    plain = {"message": 1, "reason": ""}
    reason = "a" * (length - len(words.notify("quarantined", plain).encode()))
    sender = Sender(store=store, channels={"wechat_mp": channel}, words=lambda: words, settings=Outbox(attempts=3), owner="me")
    values = {"cause": "long", "audience": "operator", "target": "operator", "channel": "wechat_mp", "notice": "quarantined"}
    await store.write(lambda s: outbox.put(s, **values, facts=plain | {"reason": reason}, now=utcnow() - timedelta(seconds=1)))
    await run_until_quiet(sender)

    (said,) = (text for _, text in channel.sent)
    whole = words.notify("quarantined", plain | {"reason": reason})
    assert (len(whole.encode()), said == whole, said.endswith("…")) == (length, not is_cut, is_cut)
    assert whole.startswith(said.removesuffix("…"))
    assert 2048 - len("…".encode()) - 3 < len(said.encode()) <= 2048
