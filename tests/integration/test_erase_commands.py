"""`jieying erase …` as commands: receipts are listed, what is due is counted and taken away, the proof is checked, a replay does nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import update

from bot.app import App, make_channels
from bot.channels import Inbound
from bot.control import carry_out
from store.clock import utcnow
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

NOTHING = dict.fromkeys(
    (
        "tickets",
        "messages",
        "attachments",
        "sends",
        "identities",
        "conversations",
        "talks",
        "drafts",
        "misses",
        "residents",
        "calls",
        "chats",
        "spots",
    ),
    0,
)


class Clock:
    """The worker's time, which may be moved."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utcnow() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City], tmp_path: Path, clock: Clock) -> Iterator[App]:
    city = demo_city[1]
    before = city.settings
    privacy = msgspec.structs.replace(before.privacy, erasure_list=str(tmp_path / "apart" / "erasures.jsonl"))
    city.settings = msgspec.structs.replace(before, privacy=privacy)
    yield App(city.settings, demo_store, city, make_channels(demo_settings, demo_store), clock=clock)
    city.settings = before


async def do(app: App, name: str, **arguments: Any) -> Any:
    return await carry_out(app.store, app.city, f"erase.{name}", arguments)


async def say(app: App, *texts: str) -> None:
    for text in texts:
        inbound = Inbound(
            channel="terminal", key=text, sender="甲", kind="text", sent_at=datetime(2026, 6, 1, tzinfo=UTC), text=text
        )
        await app.receiver.receive(inbound)


async def test_an_erasure_is_listed_proved_and_not_done_again(app: App, clock: Clock) -> None:
    await say(app, "居住证怎么办", "删除我的信息", "1")
    (waiting,) = await do(app, "list")
    clock.ahead = timedelta(minutes=15)
    await app.duties.erase()
    (done,) = await do(app, "list")

    assert (waiting["done_at"], waiting["kind"], waiting["signature"]) == (None, "asked", "")
    assert (done["receipt"], done["counts"]["messages"], done["counts"]["residents"]) == (waiting["receipt"], 3, 1)
    assert await do(app, "verify") == {
        "receipts": 1,
        "lines": 1,
        "changed_receipts": (),
        "broken_lines": (),
        "not_erased": (),
        "sound": True,
    }
    assert await do(app, "replay") == NOTHING


async def test_what_is_due_is_counted_without_being_touched_and_then_taken_away(app: App) -> None:
    await say(app, "谢谢", "帮助")
    old = utcnow() - timedelta(days=400)

    def age(session: Session) -> None:
        session.execute(update(InboxMessage).values(outcome_at=old))

    await app.store.write(age)
    due = NOTHING | {"messages": 2}
    assert await do(app, "count") == due
    assert await do(app, "count") == due
    assert await do(app, "run") == due
    assert await do(app, "run") == NOTHING
    receipt = await do(app, "sign", counts=due)
    (listed,) = await do(app, "list")
    assert (listed["receipt"], listed["kind"], listed["counts"]) == (receipt, "due", {"messages": 2})
    assert (await do(app, "verify"))["sound"] is True
