"""Notice keys and facts become words here, and nowhere else: texts.toml filled in, moments said in the city's time, cut to a channel's limit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channels.xml import cut_text
from bot.texts import fill, has_text
from residents.masking import DOOR
from routing.notice_table import OPENS
from routing.why import read_explanation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from intents.actions import Tell


class Words:
    """Fills texts with facts that the whole city shares: its service name, its numbers to call, its time."""

    def __init__(self, *, zone: ZoneInfo, shared: dict[str, Any]) -> None:
        self._zone = zone
        self._shared = shared

    def say(self, says: Sequence[Tell]) -> str | None:
        """Join what is said in one turn; None if nothing is."""
        parts = [self._fill("say", tell.text, tell.facts) for tell in says]
        return "\n".join(part for part in parts if part) or None

    def fixed(self, key: str) -> str:
        """Give one sentence for residents."""
        return self._fill("say", key, {})

    def privacy(self, key: str, facts: dict[str, Any]) -> str:
        """Give one sentence about what is kept of somebody."""
        return self._fill("privacy", key, facts)

    def number(self, code: str) -> str:
        """Give one of the city's numbers to call."""
        return str(self._shared[f"{code}_number"])

    def notify(self, notice: str, facts: dict[str, Any]) -> str:
        """Put a notice of routing, what a seat or a group leads to, or an alarm to the operator, into words.

        An exact place that is not told, or is gone, is the public one. Where a door is masked in it and its reader may open it, it says how.
        """
        public = facts.get("place", "")
        exact = facts.get("exact") or public
        section = next((name for name in ("notice", "seat", "group", "entering") if has_text(name, notice)), "alarm")
        text = self._fill(section, notice, facts | {"exact": exact})
        if links := [self._fill("format", "part_link", {"number": number, "url": url}) for number, url in facts.get("links", ())]:
            text = "\n".join((text, self._fill("format", "part_links", {"links": "\n".join(links)})))
        is_hidden = notice in OPENS and DOOR in text and exact == public
        return f"{text}\n{self._fill('format', 'exact_place', facts)}" if is_hidden else text

    def explain(self, line: str) -> str:
        """Put one line of an explanation (`key|name=value|…`) into words; an unknown key is shown as it stands."""
        key, facts = read_explanation(line)
        return self._fill("why", key, facts) if has_text("why", key) else line

    def moment(self, value: datetime) -> str:
        """Say a moment in the city's time."""
        local = value.astimezone(self._zone)
        return fill("format", "moment", {"month": local.month, "day": local.day, "clock": f"{local:%H:%M}"})

    def _fill(self, section: str, key: str, facts: dict[str, Any]) -> str:
        return fill(section, key, self._shared | {name: self._word(name, value) for name, value in facts.items()})

    def _word(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return self.moment(value)
        if name.endswith("_at") and isinstance(value, str) and value:
            return self.moment(datetime.fromisoformat(value))
        return value


def cut(text: str, limit: int) -> list[str]:
    """Cut words into messages of at most `limit` UTF-8 bytes (0: no limit), splitting no character and no link."""
    return cut_text(text, limit) if limit else [text]
