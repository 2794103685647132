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

HERE = Path(__file__).parent
DOCUMENTS = [HERE.parents[1] / "docs" / name for name in ("lifecycle.md", "routing.md")]
"""Their examples are played as well."""
DIALOGUES = [dialogue for path in (*sorted(HERE.glob("*.md")), *DOCUMENTS) for dialogue in read_dialogues(path)]
MAIN = "主流程.md"
FIRST_OF = "闭环.md"
"""The day of which the first dialogue tells touches the clocks, too."""
FIRST = next(one for one in DIALOGUES if one.path == FIRST_OF)
EXCHANGE = "平台来回.md"
PLAYED = [
    (one, kind)
    for one in DIALOGUES
    for kind in ("sqlite", "postgresql")
    if kind == "sqlite" or one.path in {MAIN, EXCHANGE} or one is FIRST
]
"""All on SQLite; the main path, which touches every table, one whole day, and what goes to another system and back, on PostgreSQL too."""


@pytest.mark.parametrize(
    ("dialogue", "demo_url"), PLAYED, ids=[f"{one.title}-{kind}" for one, kind in PLAYED], indirect=["demo_url"]
)
async def test_dialogue(
    dialogue: Dialogue, demo_store: Store, demo_city: tuple[Path, City], demo_settings: Settings, tmp_path: Path
) -> None:
    await Player(demo_settings, demo_store, demo_city[1], folder=tmp_path).play(dialogue)
