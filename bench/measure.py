"""How figures are taken: microseconds of CPU, medians, ratios of interleaved rounds with a bootstrap interval, plain tables.

Absolute figures of a shared machine vary by tens of per cent from one run to the next; a ratio of two variants that took turns in the same
minutes varies far less. So the ratio is the figure, and its interval says how much of it is noise.
"""

from __future__ import annotations

import gc
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parent.parent
_RESAMPLES = 2000
_COLLECT_AFTER = 10_000
_BYTECODE = Path(tempfile.gettempdir()) / f"jieying-bench-bytecode-{os.getuid()}"


def time_each(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Give the microseconds of CPU that each text takes: what others do on the machine meanwhile does not count."""
    taken = []
    for text in texts:
        begun = time.thread_time_ns()
        work(text)
        taken.append((time.thread_time_ns() - begun) / 1000)
    return taken


def rank(values: Iterable[float], share: float) -> float:
    """Give the value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float, float]:
    """Give the ratio of the medians of two interleaved series, and its bootstrap interval (95 %, whole rounds drawn)."""
    dice = random.Random(0)  # noqa: S311 - draws rounds, no secret
    pairs = list(zip(above, below, strict=True))

    def of(drawn: Sequence[tuple[float, float]]) -> float:
        return statistics.median(one for one, _ in drawn) / statistics.median(other for _, other in drawn)

    resampled = [of(dice.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES)]
    return of(pairs), rank(resampled, 0.025), rank(resampled, 0.975)


def show_ratio(above: Sequence[float], below: Sequence[float]) -> str:
    """Write a ratio as 『0.26 (0.24–0.29)』."""
    middle, low, high = ratio(above, below)
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table, ready for docs/."""
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(f"{cell:,.3g}" if isinstance(cell, float) else str(cell) for cell in row) + " |")
    print(flush=True)


def environment(**more: str) -> dict[str, str]:
    """Give the environment of a child process: no settings of ours but `more`, and bytecode kept as an installation has it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIEYING_", "PYTHON"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(_BYTECODE)} | more


def collect_as_served() -> None:
    """Have the garbage collector look as seldom as in the service, and never at what is there now (bot/service.py)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def say_machine() -> None:
    """Print on what this was measured, and how busy it was."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} CPUs, load {load:.1f} at the start, Python {sys.version.split()[0]}\n", flush=True)


def peak_megabytes() -> float:
    """Give the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
