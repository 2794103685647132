"""Every golden dialogue of this folder, played through the real receiver, database, worker and desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dialogue_player import Dialogue, Player, read_dialogues

if TYPE_CHECKING:
    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

DIALOGUES = [dialogue for path in sorted(Path(__file__).parent.glob("*.md")) for dialogue in read_dialogues(path)]
MAIN = "主流程.md"
PLAYED = [(one, kind) for one in DIALOGUES for kind in ("sqlite", "postgresql") if kind == "sqlite" or one.path == MAIN]
"""All on SQLite; the main path, which touches every table, on PostgreSQL too."""


@pytest.mark.parametrize(
    ("dialogue", "demo_url"), PLAYED, ids=[f"{one.title}-{kind}" for one, kind in PLAYED], indirect=["demo_url"]
)
async def test_dialogue(dialogue: Dialogue, demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings) -> None:
    await Player(demo_settings, demo_store, demo_city[1]).play(dialogue)
