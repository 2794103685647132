"""The city in memory keeps in step with the database, whoever looks when: what is older never comes back."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.city import City, load_city, note_change
from bot.settings import load
from knowledge_base import entries, word_rows
from knowledge_base.entry import Entry
from knowledge_base.own_words import OwnWord, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.settings import Settings
    from store.engine import Store

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
async def test_who_began_to_look_earlier_does_not_put_back_what_was(demo_store: Store, demo_settings: Settings) -> None:
    city = await demo_store.read(lambda s: load_city(s, demo_settings, now=NOW))
    started, go_on = threading.Event(), threading.Event()

    def look_slowly(session: Session) -> bool:
        word_rows.load(session)  # from here on it sees the database as it is now
        started.set()
        assert go_on.wait(20)
        return city.refresh(session, now=NOW)

    slow = asyncio.create_task(demo_store.read(look_slowly))
    assert await asyncio.to_thread(started.wait, 20)
    await demo_store.write(change)
    assert await demo_store.read(lambda s: city.refresh(s, now=NOW)) is True
    assert state_of(city) == (["电瓶车棚"], "新的答案。")

    go_on.set()
    assert await slow is False
    assert state_of(city) == (["电瓶车棚"], "新的答案。")


def change(session: Session) -> None:
    word_rows.put(session, [Wanted(own=OwnWord(kind="word", word="电瓶车棚"))], edition=0, by="EDITOR", now=NOW)
    note_change(session)
    entries.revise(
        session, Entry(code="ZS-001", question="租房住怎么办居住登记？", answer="新的答案。", source="人社局"), now=NOW, by="EDITOR"
    )


def state_of(city: City) -> tuple[list[str], str]:
    entry = city.matcher.entry("ZS-001")
    return [one.word for one in city.own_words], entry.answer if entry else ""


@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
async def test_what_is_kept_of_the_entries_of_a_new_city_holds_for_the_next_start(demo_store: Store, tmp_path: Path) -> None:
    settings = load(environ={"JIEYING_DATA_DIR": str(tmp_path)})
    await demo_store.read(lambda s: City(settings).refresh(s, now=NOW))
    kept = tmp_path / "knowledge.cache"
    written = kept.stat().st_mtime_ns

    await demo_store.read(lambda s: load_city(s, settings, now=NOW))

    assert kept.stat().st_mtime_ns == written
