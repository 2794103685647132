"""查办事 on the web answers where the dialogue answers, and offers where it offers: one threshold for both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.app import App
from bot.channels import Inbound
from bot.city_view import CityView
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
EVERY = 9
"""Of so many questions of the demo city one is asked."""
STATES = {"answered": "answer", "choice": "choice"}


async def test_the_web_answers_what_the_dialogue_answers(
    demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]
) -> None:
    city = demo_city[1]
    app = App(
        demo_settings, demo_store, city, {"wechat_mp": PhoneChannel("wechat_mp", reply_limit=0, windows={})}, clock=lambda: NOW
    )
    asked = [wording for _, entry in sorted(city.matcher.entries.items()) for wording in entry.phrasings][::EVERY]
    said, shown = {}, {}
    for number, question in enumerate(asked):
        inbound = Inbound(channel="wechat_mp", key=f"m:{number}", sender=f"o{number}", kind="text", sent_at=NOW, text=question)
        reply = await app.receiver.receive(inbound)
        if reply.outcome in STATES:
            said[question] = STATES[reply.outcome]
            shown[question] = CityView(city).find_answer(question, area="", now=NOW).state

    assert shown == said
    assert len(said) > len(asked) / 2
