"""What a page says to people: its visible text, and the code words of ours in it that nobody put into Chinese."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import get_args

from console.pages.catalogue import PAGES
from console.policy import Role
from intents.hazards import hazards
from routing.lifecycle import Act
from routing.notice_table import KEYS
from routing.terms import Level, Status, UnitKind
from store.sends import LISTS

_SILENT = frozenset({"script", "style", "code", "kbd", "head", "textarea"})
"""What says nothing, or says on purpose what a program calls something; what somebody wrote."""
_SAID = ("aria-label", "title", "data-label", "data-confirm", "alt")
"""Attributes that people read or hear."""
_WORD = re.compile(r"(?<![\w./@-])[a-z]+(?:[_.][a-z]+)*(?![\w/@-])")
KINDS = ("consult", "help", "complaint", "report", "suggestion", "praise")
CHANNELS = ("wechat_mp", "gateway", "web", "terminal", "email", "webhook", "api", "partner", "http", "paste", "patrol", "plan", "proxy", "hotline", "scan")  # fmt: skip
OTHERS = (
    "normal", "none", "red", "orange", "resident", "staff", "operator", "system", "unknown", "pending", "sending", "sent", "failed", "held",
    "given_up", "door", "building", "worker", "done", "dropped", "filed", "quarantined", "ignored", "yes", "no", "hours", "days", "working",
    "published", "retired", "expired", "true", "false", "null", "count", "kind", "reason", "form",
)  # fmt: skip
CODES = frozenset(
    {
        *map(str, Status), *map(str, Level), *map(str, UnitKind), *map(str, Role), *get_args(Act), *KEYS, *LISTS, *KINDS, *CHANNELS, *OTHERS,
        *(hazard.name for hazard in hazards()), *(page.name for page in PAGES),
    }
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if name in _SAID and value]
        if tag in _SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def read_said(html: str) -> str:
    """Read what a page says to people."""
    reader = _Reader()
    reader.feed(html)
    return "\n".join(one.strip() for one in reader.said if one.strip())


def find_codes(html: str) -> set[str]:
    """Find the words of a page that only a program says: those of our lists of codes, and whatever is written like one (a_b, a.b)."""
    words = set(_WORD.findall(read_said(html)))
    return {word for word in words if word in CODES or "_" in word or re.fullmatch(r"[a-z]+\.[a-z_]+", word)}
