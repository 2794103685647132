"""Whole days of four kinds of group: which matters are found, how many drafts are false, and that nothing false is said aloud.

own/group_days.csv was written line by line by hand, by others than those who wrote the word lists. Day 1 of each group was there for tuning;
of day 2 the totals were known while it was tuned; day 3 is sealed: nobody looks at its lines, only its figures are printed. The listening is that of the service (intents.gathering, the
demo city's duty list and places). Beside it, where ../shared/data is at hand: how much of other people's talk sounds like a matter.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import random
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dispatching import load
from measure import ROOT, print_table
from rig.service import prepare_city

from bot.evaluation import gate
from bot.learning.gate import learn_gate
from bot.listening import read_known
from intents.gate import GroupFacts, Take, judge
from intents.gathering import Gathered, gather
from intents.hearing import Known, hear, is_office
from intents.listening import Line
from intents.tiers import read_tier
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from bot.city import City
    from knowledge_base.linear import LinearModel

DAYS = Path(__file__).parent / "own" / "group_days.csv"
MESSAGES = ROOT.parent / "shared" / "data" / "gate" / "group_messages.csv"
MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
_DAYS = {"1": " (for tuning)", "2": " (totals known)", "3": " (sealed)"}
_UNSEEN = "3"
"""The day that no model has learned from."""
_SEEDS = 5
UNITS = (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


def read_days() -> dict[tuple[str, str], list[dict[str, str]]]:
    """Read the days, by group and day."""
    days: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with DAYS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            days[row["group"], row["day"]].append(row)
    return days


def listen(city: City, rows: list[dict[str, str]], *, shows: bool) -> tuple[int, ...]:
    """Listen to a day: lines, matters, found, drafts of matters, false drafts, lines wrongly taken for danger to life."""
    lines: list[Line] = []
    for row in rows:
        text = normalize(row["text"])
        at = MIDNIGHT + sum((int(part) * unit for part, unit in zip(row["time"].split(":"), UNITS, strict=False)), timedelta())
        at = max(at, lines[-1].at) if lines else at
        picture = text in {"[图片]", "[视频]"}
        text = "" if picture else text
        said = (
            next((one.known for one in reversed(lines) if one.speaker == row["speaker"]), Known())
            if picture
            else read_known(city, text)
        )
        office = is_office(row["speaker"])
        lines.append(Line(speaker=row["speaker"], at=at, text=text, picture=picture, known=said, office=office))
    drafts = [one for one in gather(lines, settings=city.settings.groups) if not one.settled]
    about = [{rows[number]["matter"] for number in one.lines} - {""} for one in drafts]
    matters = {row["matter"] for row in rows} - {""}
    alarms = [row for row in rows if isinstance(judge(GroupFacts(text=row["text"]), danger=city.danger), Take)]
    if shows:
        show(rows, drafts, about, found=set().union(*about) if about else set())
        print(*(f"  alarm: {row['text']} {row['matter']}" for row in alarms), sep="\n")
    false = sum(not one for one in about)
    return (
        len(rows),
        len(matters),
        len(set().union(*about)) if about else 0,
        len(drafts) - false,
        false,
        sum(not row["matter"] for row in alarms),
    )


def show(rows: list[dict[str, str]], drafts: list[Gathered], about: list[set[str]], *, found: set[str]) -> None:
    """Print what was wrong, for tuning (day 1 only)."""
    for one, matters in zip(drafts, about, strict=True):
        if not matters:
            print("  false:", " / ".join(rows[number]["text"] for number in one.lines))
    for row in rows:
        if row["matter"] and row["matter"] not in found:
            print("  missed:", row["matter"], row["text"])


def measure_days(city: City, *, shows: bool) -> None:
    """Print a line per group and day, and one over each day."""
    rows: list[tuple[str | int | float, ...]] = []
    totals: dict[str, Counter[int]] = defaultdict(Counter)
    for (group, day), lines in sorted(read_days().items()):
        figures = listen(city, lines, shows=shows and day == "1")
        totals[day].update(dict(enumerate(figures)))
        rows.append((f"{group} {day}", *figures, figures[2] / figures[1]))
    for day, total in sorted(totals.items()):
        figures = tuple(total[at] for at in range(6))
        rows.append((f"all, day {day}" + _DAYS[day], *figures, figures[2] / figures[1]))
    print("Days of groups\n")
    print_table(("day", "lines", "matters", "found", "drafts of them", "false drafts", "false alarms", "recall"), rows)


def measure_others(enough: float) -> None:
    """Print how much of other people's messages sounds like a matter, by their words alone."""
    if not MESSAGES.is_file():
        print(f"{MESSAGES} is not there: not measured.")
        return
    seen: Counter[str] = Counter()
    heard: Counter[str] = Counter()
    with MESSAGES.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            text = normalize(row["text"])
            seen[row["kind"]] += 1
            heard[row["kind"]] += hear(text, Known(reading=read_tier(text))).score >= enough
    print("\nOther people's messages, by words alone (no duty list, no talk around them)\n")
    print_table(
        ("kind", "messages", "sound like a matter", "share"),
        [(kind, seen[kind], heard[kind], heard[kind] / seen[kind]) for kind in seen],
    )


def measure_gate() -> None:
    """Print how well the gate alone tells requests from talk: the shipped one, and one learned from the half of others' messages."""
    days = read_days()
    rows = []
    for day in _DAYS:
        lines = [(row["text"], bool(row["matter"])) for (_, one), found in days.items() if one == day for row in found]
        rows.append(("shipped, group lines of day " + day + ("" if day == _UNSEEN else " (learned from)"), bench_gate(lines)))
    if MESSAGES.is_file():
        lines = gate.read_lines(MESSAGES)
        rows.append(("shipped, others' messages", bench_gate(lines)))
        halves = [measure_half(lines, seed) for seed in range(_SEEDS)]
        means = tuple(sum(figures) / len(halves) for figures in zip(*halves, strict=True))
        rows.append((f"learned from a half, the other half, mean of {_SEEDS}", means))
    print("\nThe gate alone, line by line\n")
    columns = ("gate and lines", "auroc", "recall at 1 % false alarms", "precision at 5 %", "at 10 %", "ms a line")
    print_table(columns, [(name, *figures) for name, figures in rows])


def bench_gate(lines: list[tuple[str, bool]], model: LinearModel | None = None) -> tuple[float, ...]:
    """Give the figures of a gate in the order of the table."""
    figures = gate.measure_gate(lines, model)
    precision = figures["precision_at_base_rate"]
    return (*(figures[name] for name in ("auroc", "recall_at_1pct_false_alarms")), *precision.values(), figures["ms_per_message"])


def measure_half(lines: list[tuple[str, bool]], seed: int) -> tuple[float, ...]:
    """Learn from a half of the lines, measure on the other one."""
    shuffled = random.Random(seed).sample(lines, len(lines))  # noqa: S311 - a seeded shuffle
    half = len(lines) // 2
    return bench_gate(shuffled[half:], learn_gate(shuffled[:half], judged=False))


def main() -> None:
    """Load the demo city and listen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print what was wrong on day 1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        city = asyncio.run(load(prepare_city(Path(name), 0)))
    measure_days(city, shows=options.show)
    measure_others(city.settings.groups.enough)
    measure_gate()


if __name__ == "__main__":
    main()
