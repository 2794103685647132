"""Load: many made-up residents who write at once, and what the platform's own record says afterwards.

The same seed writes the same messages in the same order, so two runs can be compared.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

import msgspec

from bot.simulator import pushes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.simulator.ledger import Ledger
    from bot.simulator.simulator import Simulator

MESSAGES_EACH = 8
"""Messages of one resident on average: a question or a report, and what follows."""

_OPENID_LENGTH = 27
_QUIET_SECONDS = 1.0
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


class Sentences(msgspec.Struct, frozen=True, kw_only=True):
    """What residents may say: questions, reports with `{place}` for a place, places, and short things that follow."""

    questions: tuple[str, ...]
    matters: tuple[str, ...]
    places: tuple[str, ...]
    short: tuple[str, ...]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """How much is written: messages in all, how many residents at a time, and the seed of the random choice."""

    messages: int
    concurrency: int
    seed: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says: pushes acknowledged, attempts by their result, what residents read, and how long an acknowledgement took."""

    pushed: int
    acknowledged: int
    attempts: dict[str, int]
    passive: int
    active: int
    doubled: int
    contradicted: int
    refused_sends: dict[str, int]
    seconds: float
    half_within: float
    """Seconds within which half of the pushes were acknowledged."""
    most_within: float
    """The same for 99 of 100."""

    @property
    def per_second(self) -> float:
        """Pushes a second."""
        return self.pushed / self.seconds if self.seconds else 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, doubled or answered in two ways: 99 of 100 acknowledged is what the platform's retries promise."""
        return self.acknowledged >= 0.99 * self.pushed and not self.doubled and not self.contradicted


def write_messages(load: Load, sentences: Sentences) -> list[tuple[str, str]]:
    """Make up (openid, text) of every message, in the order in which they are begun."""
    choose = random.Random(load.seed)  # noqa: S311 - made-up people, no secret
    residents = [_make_openid(choose) for _ in range(max(1, load.messages // MESSAGES_EACH))]
    return [(choose.choice(residents), _make_text(choose, sentences)) for _ in range(load.messages)]


async def run_load(
    simulator: Simulator,
    load: Load,
    sentences: Sentences,
    *,
    quiet_seconds: float = 15.0,
    progress: Callable[[int], None] = lambda _more: None,
) -> Summary:
    """Write every message, each resident one after the other; then wait until nothing arrives any more, `quiet_seconds` at most."""
    waiting: dict[str, deque[str]] = {}
    for openid, text in write_messages(load, sentences):
        waiting.setdefault(openid, deque()).append(text)
    queue = deque(waiting.items())
    times: list[float] = []
    started = time.monotonic()

    async def live() -> None:
        while queue:
            openid, texts = queue.popleft()
            for text in texts:
                begun = time.monotonic()
                told = await simulator.push(openid, pushes.make_text(text))
                if told.acknowledged:
                    times.append(time.monotonic() - begun)
                progress(1)

    await asyncio.gather(*(live() for _ in range(load.concurrency)))
    seconds = time.monotonic() - started
    await _wait_for_quiet(simulator.ledger, quiet_seconds)
    return summarize(simulator.ledger, times, seconds=seconds)


def summarize(ledger: Ledger, times: Sequence[float], *, seconds: float) -> Summary:
    """Add the ledger up."""
    counts = ledger.counts().values()
    ranked = sorted(times)
    return Summary(
        pushed=len(ledger.pushes),
        acknowledged=len(ledger.acknowledged()),
        attempts=dict(sorted(Counter(one.result for one in ledger.deliveries).items())),
        passive=sum(one.passive for one in counts),
        active=sum(one.active for one in counts),
        doubled=len(ledger.doubled()),
        contradicted=len(ledger.contradicted()),
        refused_sends=dict(sorted(Counter(str(one.code) for one in ledger.calls if one.code).items())),
        seconds=seconds,
        half_within=_rank(ranked, 0.5),
        most_within=_rank(ranked, 0.99),
    )


async def _wait_for_quiet(ledger: Ledger, seconds: float) -> None:
    """Wait until nobody has read anything for a moment."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and await ledger.wait_for_news(_QUIET_SECONDS):
        pass


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[min(int(len(ranked) * share), len(ranked) - 1)] if ranked else 0.0


def _make_openid(choose: random.Random) -> str:
    return "o" + "".join(choose.choices(_LETTERS, k=_OPENID_LENGTH))


def _make_text(choose: random.Random, sentences: Sentences) -> str:
    """Half of what is written are questions, a third reports, the rest short things."""
    kind = choose.random()
    if kind < 0.5:  # noqa: PLR2004 - the docstring's half
        return choose.choice(sentences.questions)
    if kind < 0.85:  # noqa: PLR2004 - and a third
        return choose.choice(sentences.places) + choose.choice(sentences.matters)
    return choose.choice(sentences.short)
