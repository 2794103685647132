"""What the platform saw: every push, every delivery with its answer, every call of its API, and what each resident read.

The service's own tables are not asked: this record is the other side's, so that a lost or doubled message shows. With a path it is
also appended to a JSONL file, line by line, without fsync. It holds the words themselves: simulated residents only.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

Result = Literal["success", "reply", "cut", "broken", "refused", "lost"]
"""success: taken without words · reply: with words · cut: no answer in time · broken: no connection, or it broke off ·
refused: an answer that is none (another status, not our envelope) · lost: an answer that the simulator would not hear."""

Way = Literal["passive", "active", "template", "robot"]


class Push(msgspec.Struct, frozen=True, kw_only=True, tag="push", tag_field="what"):
    """A resident did something; `message_id` is the MsgId, for an event a number of the simulator's own."""

    message_id: str
    openid: str
    kind: str
    at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True, tag="delivery", tag_field="what"):
    """One attempt to hand a push over (the first is number 1), and what came of it."""

    message_id: str
    number: int
    at: datetime
    result: Result
    status: int = 0
    text: str | None = None
    shown: bool = False
    error: str = ""


class ApiCall(msgspec.Struct, frozen=True, kw_only=True, tag="call", tag_field="what"):
    """One call of the API: what it asked, and what it got.

    code: the errcode, or minus the HTTP status where that was the fault. answered: whether the answer could be handed back.
    """

    path: str
    at: datetime
    code: int
    openid: str = ""
    text: str = ""
    answered: bool = True


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="seen", tag_field="what"):
    """What a resident (or a robot's group) read; `message_id` is the last push before it, for a passive reply its own."""

    openid: str
    text: str
    way: Way
    message_id: str
    at: datetime


class Count(msgspec.Struct, frozen=True):
    """How many answers one push got."""

    passive: int = 0
    active: int = 0


class Ledger:
    """The record of one simulated platform."""

    def __init__(self, path: Path | None = None) -> None:
        self.pushes: dict[str, Push] = {}
        self.deliveries: list[Delivery] = []
        self.calls: list[ApiCall] = []
        self.in_flight: Counter[str] = Counter()
        """Calls that are being answered just now, by path."""
        self._seen: dict[str, list[Seen]] = defaultdict(list)
        self._last_push: dict[str, str] = {}
        self._answered: set[str] = set()
        self._news = asyncio.Event()
        self._file = path.open("ab") if path else None

    def note_push(self, push: Push) -> None:
        """Record that a resident did something."""
        self.pushes[push.message_id] = push
        self._last_push[push.openid] = push.message_id
        self._append(push)

    def note_delivery(self, delivery: Delivery) -> Delivery:
        """Record an attempt; the first accepted reply of a push is what its resident sees (`shown` in what is returned)."""
        shown = delivery.result == "reply" and delivery.message_id not in self._answered
        recorded = msgspec.structs.replace(delivery, shown=shown)
        self.deliveries.append(recorded)
        self._append(recorded)
        if shown and delivery.text is not None:
            self._answered.add(delivery.message_id)
            openid = self.pushes[delivery.message_id].openid
            self._show(Seen(openid=openid, text=delivery.text, way="passive", message_id=delivery.message_id, at=delivery.at))
        return recorded

    def note_call(self, call: ApiCall) -> None:
        """Record a call of the API."""
        self.calls.append(call)
        self._append(call)

    def note_sent(self, openid: str, text: str, *, way: Way, at: datetime) -> None:
        """Record that an active send reached its reader."""
        self._show(Seen(openid=openid, text=text, way=way, message_id=self._last_push.get(openid, ""), at=at))

    def acknowledged(self) -> set[str]:
        """Give the pushes that the service said it has."""
        return {one.message_id for one in self.deliveries if one.result in ("success", "reply")}

    def unacknowledged(self) -> set[str]:
        """Give the pushes that were given up, or are still under way."""
        return set(self.pushes) - self.acknowledged()

    def seen(self, openid: str) -> list[str]:
        """Give what a resident read, in order."""
        return [one.text for one in self._seen.get(openid, ())]

    def counts(self) -> dict[str, Count]:
        """Count each push's answers; an active send counts for the last push before it."""
        ways = Counter((one.message_id, one.way == "passive") for one in self._all_seen())
        return {key: Count(passive=ways[key, True], active=ways[key, False]) for key in self.pushes}

    def doubled(self) -> list[tuple[str, str]]:
        """Give (openid, text) of what the same resident read more than once after the same push."""
        times = Counter((one.message_id, one.openid, one.text) for one in self._all_seen())
        return [(openid, text) for (_, openid, text), count in times.items() if count > 1]

    def contradicted(self) -> set[str]:
        """Give the pushes whose deliveries were answered in different words."""
        words: dict[str, set[str]] = defaultdict(set)
        for one in self.deliveries:
            if one.text is not None:
                words[one.message_id].add(one.text)
        return {message_id for message_id, texts in words.items() if len(texts) > 1}

    def unanswered(self, path: str) -> list[ApiCall]:
        """Give the calls that were carried out but whose answer could not be handed back: what may be `unknown` to the service."""
        return [one for one in self.calls if one.path == path and one.code == 0 and not one.answered]

    async def wait_for_news(self, seconds: float) -> bool:
        """Wait until somebody reads something; False if nobody does."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _show(self, seen: Seen) -> None:
        self._seen[seen.openid].append(seen)
        self._append(seen)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _all_seen(self) -> list[Seen]:
        return [one for texts in self._seen.values() for one in texts]

    def _append(self, record: Push | Delivery | ApiCall | Seen) -> None:
        if self._file is not None:
            self._file.write(msgspec.json.encode(record) + b"\n")
            self._file.flush()
