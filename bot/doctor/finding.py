"""One finding: fine, worth knowing, or wrong; its words stand in texts.toml [doctor] and end with what to do."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from bot.texts import fill

Level = Literal["ok", "hint", "wrong"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; `key` names its text."""

    level: Level
    key: str
    facts: dict[str, Any] = {}

    @property
    def words(self) -> str:
        """The finding in words."""
        return fill("doctor", self.key, self.facts)


def fine(key: str, **facts: Any) -> Finding:
    """Report that something is as it should be."""
    return Finding(level="ok", key=key, facts=facts)


def hint(key: str, **facts: Any) -> Finding:
    """Report something that works and is worth knowing."""
    return Finding(level="hint", key=key, facts=facts)


def wrong(key: str, **facts: Any) -> Finding:
    """Report something that has to be mended."""
    return Finding(level="wrong", key=key, facts=facts)
