"""What is kept of people: never in plain text, nothing of a group's chatter, nothing readable after a recall. Canaries are searched in raw files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels import Group, Inbound
from routing.tables import Ticket
from store import inbox
from store.base import Base
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PHONE = "13900001234"
OPENID = "oCanaryResident42"


def make_app(settings: Settings, store: Store, city: City) -> App:
    channels: dict[str, Any] = {
        "wechat_mp": PhoneChannel("wechat_mp", reply_limit=2048, windows={}),
        "gateway": PhoneChannel("gateway", reply_limit=0, windows={}),
    }
    return App(settings, store, city, channels, clock=lambda: NOW)


def say(text: str, *, key: str = "m:1", group: Group | None = None) -> Inbound:
    channel = "gateway" if group else "wechat_mp"
    scope: Any = "group" if group else "person"
    return Inbound(channel=channel, key=key, sender=OPENID, kind="text", sent_at=NOW, text=text, scope=scope, group=group)


def read_everything(session: Session) -> bytes:
    """Put every value of every row of every table into one heap of bytes."""
    heap = bytearray()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            for value in row:
                heap += value if isinstance(value, bytes) else str(value).encode()
    return bytes(heap)


def read_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_who_wrote_is_nowhere_in_plain_text(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    reply = await app.receiver.receive(say(f"安泰路12号门口路灯不亮，我是金丝雀女士，电话{PHONE}"))
    assert reply.outcome in {"ticket", "to_desk"}
    heap = await demo_store.read(read_everything) + read_files(tmp_path)
    assert "路灯".encode() in heap
    assert PHONE.encode() not in heap
    assert OPENID.encode() not in heap
    ticket = await demo_store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert PHONE not in ticket.summary + ticket.title


async def test_chatter_of_a_group_leaves_no_word(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    group = Group(id="wrLT01G1", name="安泰一格居民群", consent=True, can_reply=True)
    chatter = "金丝雀广场舞今晚七点老地方"
    reply = await app.receiver.receive(say(chatter, group=group))
    assert (reply.outcome, reply.text, reply.suggested, reply.ticket) == ("ignored", None, "", "")
    heap = await demo_store.read(read_everything) + read_files(tmp_path)
    assert chatter.encode() not in heap
    assert "金丝雀".encode() not in heap
    assert OPENID.encode() not in heap
    assert await demo_store.read(inbox.count_by_outcome) == {"ignored": 1}


async def test_a_group_without_a_notice_or_consent_is_not_read(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    unposted = Group(id="wrLT02G3", consent=True, mentions_bot=True, can_reply=True)
    unwilling = Group(id="wrLT01G1", consent=False, mentions_bot=True, can_reply=True)
    for number, group in enumerate((unposted, unwilling)):
        reply = await app.receiver.receive(say("安泰路12号路灯不亮", key=f"g:{number}", group=group))
        assert reply.outcome == "ignored"


async def test_a_recalled_message_can_never_be_read_again(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=True)
    await app.receiver.receive(say("居住证怎么办", key="g:1", group=group))
    before = await demo_store.read(lambda s: s.execute(select(inbox.InboxMessage)).scalar_one())
    assert before.payload is not None
    assert await app.receiver.recall("gateway", "g:1") is True
    assert await app.receiver.recall("gateway", "g:2") is False
    after = await demo_store.read(lambda s: s.execute(select(inbox.InboxMessage)).scalar_one())
    assert (after.payload, after.key_id, after.reply, after.suggested) == (None, None, None, None)
    again = await app.receiver.receive(say("居住证怎么办", key="g:1", group=group))
    assert again.duplicate is True
    assert again.text is None


async def test_recalling_takes_the_words_out_of_the_ticket_too(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=True)
    reply = await app.receiver.receive(say("安泰路12号门口路灯不亮，金丝雀咖啡店旁边", key="g:1", group=group))
    assert reply.outcome == "ticket"
    assert "金丝雀".encode() in await demo_store.read(read_everything)
    assert await app.receiver.recall("gateway", "g:1") is True
    assert "金丝雀".encode() not in await demo_store.read(read_everything) + read_files(tmp_path)
    ticket = await demo_store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert (ticket.status, ticket.summary) == ("withdrawn", "（诉求人已撤回原话）")


async def test_recalling_a_danger_leaves_the_danger_and_takes_the_words(
    demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings
) -> None:
    app = make_app(demo_settings, demo_store, demo_city[1])
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=True)
    await app.receiver.receive(say("安泰花园3号楼着火了，金丝雀咖啡店旁边", key="g:1", group=group))
    assert await app.receiver.recall("gateway", "g:1") is True
    assert "金丝雀".encode() not in await demo_store.read(read_everything)
    ticket = await demo_store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert (ticket.status, ticket.tier) == ("accepted", "red")
