"""Every exit masks: a number and a name that a resident wrote, in disguise, through each way on which words leave the seal."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
import structlog
from sqlalchemy import select

from bot import replay
from bot.channels import Group
from bot.commands import outbox as sends
from bot.commands import tickets as commands
from bot.logs import set_up_logs
from bot.settings import Log
from knowledge_base.tables import KnowledgeUse
from routing import desk, following, register
from routing.tables import Ticket
from store.outbox import OutboxMessage
from tests.writer import NOW, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

PHONE = "一三九，0000 １２３４"
WRITTEN = f"安泰路12号门口路灯不亮，我叫钱有余，电话{PHONE}，车是浙A·D0000"
SECRETS = ("钱有余", "0000 １２３４", "D0000")


class Desk(Writer):
    """One ticket, opened by words that hold a number, a plate and a name."""

    number = ""


@pytest.fixture
async def desk_with_ticket(demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> Desk:
    made = Desk(demo_settings, demo_store, demo_city[1])
    made.number = (await made.say(WRITTEN, "m:1")).ticket
    assert made.number
    return made


def assert_masked(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []
    assert "〔" in text  # the words are there, with something in the place of what was hidden


async def test_title_and_summary(desk_with_ticket: Desk) -> None:
    ticket = await desk_with_ticket.store.read(lambda s: s.execute(select(Ticket)).scalar_one())
    assert_masked(ticket.title + ticket.summary)
    assert ticket.summary == "安泰路12号门口路灯不亮，我叫〔姓名〕，电话〔电话〕，车是〔车牌〕"


async def test_notices_to_units_and_desks(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket

    def act(session: Session) -> None:
        common = {"now": NOW, "context": made.context}
        following.add(session, made.number, resident_id=1, text=f"补充：我是钱有余，打{PHONE}，车浙A·D0000", **common)
        following.urge(session, made.number, resident_id=1, text=f"钱有余先生等着，{PHONE}，浙A·D0000", **common)
        desk.return_ticket(
            session, made.number, reason="remit", text=f"联系人：钱有余，{PHONE}，车浙A·D0000", actor="operator", **common
        )

    await made.store.write(act)

    def read(session: Session) -> list[str]:
        rows = session.execute(select(OutboxMessage).where(OutboxMessage.audience != "resident")).scalars().all()
        assert {row.audience for row in rows} == {"unit", "desk"}
        return [sends._words_of(session, made.city, row) + str(row.facts) for row in rows]

    for text in await made.store.read(read):
        assert [secret for secret in SECRETS if secret in text] == []
        assert "路灯" in text


async def test_lists_and_views_of_the_command_line(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket
    listed = await made.store.read(lambda s: commands.list_tickets(s, made.city, now=NOW))
    shown = await made.store.read(lambda s: commands.show(s, made.city, now=NOW, number=made.number))
    assert_masked(str(shown))
    assert [secret for secret in SECRETS if secret in str(listed)] == []


async def test_the_list_of_sends(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket
    await made.store.write(
        lambda s: desk.reply(
            s, made.number, text=f"已联系钱有余先生（{PHONE}，浙A·D0000）", actor="operator", now=NOW, context=made.context
        )
    )
    listed = await made.store.read(lambda s: sends.list_sends(s, made.city, now=NOW, state="pending"))
    assert_masked(str([one["text"] for one in listed if one["notice"] == "replied"]))


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Put the logs back as they were."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.configure(**before[2])


@pytest.mark.usefixtures("own_logs")
async def test_the_log(desk_with_ticket: Desk) -> None:
    stream = io.StringIO()
    set_up_logs(Log(json=True), stream=stream)
    structlog.get_logger("test").warning(
        "something failed", error=ValueError(WRITTEN), action="test", count=len(desk_with_ticket.number)
    )
    assert_masked(stream.getvalue())


async def test_samples_of_a_replay(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket
    drawn = await made.store.read(lambda s: replay.sample(s, made.city, 0, size=5))
    assert len(drawn) == 1
    assert_masked(drawn[0].text)
    assert_masked(str(msgspec.to_builtins(drawn[0])))


async def test_questions_kept_for_the_editors(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket
    await made.say(f"宠物龟的户口在哪里办？我叫钱有余，电话{PHONE}，车浙A·D0000", "m:2")
    kept = await made.store.read(lambda s: s.execute(select(KnowledgeUse.question)).scalars().all())
    assert len(kept) == 1
    assert_masked(kept[0])


async def test_progress_of_neighbours_who_joined(desk_with_ticket: Desk) -> None:
    made = desk_with_ticket
    later = NOW + timedelta(minutes=1)

    def join(session: Session) -> str:
        shown = register.progress(session, 1, org=made.city.org, now=later)
        return str([msgspec.to_builtins(one.ticket) for one in shown])

    assert_masked(await made.store.read(join))


async def test_what_is_suggested_for_a_group(desk_with_ticket: Desk) -> None:
    group = Group(id="wrLT01G1", consent=True, mentions_bot=True, can_reply=False)
    reply = await desk_with_ticket.say(WRITTEN, "g:1", group=group)
    assert (reply.text, reply.suggested) == (None, "已收到，请点公众号私聊办理")
