"""How many messages a second: `jieying serve` as configured by default, against the same callback with less behind it (goals G2, G3).

Every server is a process of its own on SQLite, every push encrypted and signed, every reply too. The servers take turns in short rounds;
requests are made before the clock starts. The client shares the machine's CPUs with the servers, so the CPU time of the server, which
does not count the client, is the steadier figure.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import print_table, rank, say_machine, show_ratio
from rig.load import Platform, run_round
from rig.made_up import make_questions
from rig.service import RIG, Process, name_account, prepare_city

from bot.trial import find_free_port

if TYPE_CHECKING:
    from rig.load import Round

    from bot.settings import Settings

SERVERS = {"bare": [str(RIG / "handler.py"), "bare"], "inbox": [str(RIG / "handler.py"), "inbox"], "serve": ["-m", "bot", "serve"]}
_AT_FIRST = {"bare": 3000, "inbox": 2500, "serve": 400}  # messages a second, until a round has shown more


async def measure(settings: Settings, folder: Path, *, rounds: int, seconds: float, connections: list[int]) -> None:
    """Start every server on a copy of the data, let them take turns, print the tables."""
    platform = Platform(settings.channels["wechat_mp"])
    texts = make_questions(2000)
    processes: dict[str, Process] = {}
    try:
        for name, arguments in SERVERS.items():
            own = folder / name
            shutil.copytree(settings.folder, own)
            processes[name] = Process(arguments, folder=own, port=find_free_port(), more=name_account(settings))
            await processes[name].wait()
        for parallel in connections:
            await _compare(platform, processes, texts, rounds=rounds, seconds=seconds, parallel=parallel)
        memory = ", ".join(f"{name} {process.resident_megabytes():.0f}" for name, process in processes.items())
        print(f"memory afterwards, MB: {memory}\n")
    finally:
        for process in processes.values():
            process.stop()


async def _compare(
    platform: Platform, processes: dict[str, Process], texts: list[str], *, rounds: int, seconds: float, parallel: int
) -> None:
    rates = dict(_AT_FIRST)
    taken: dict[str, list[Round]] = {name: [] for name in processes}
    costs: dict[str, list[float]] = {name: [] for name in processes}
    for turn in range(rounds + 1):
        for name, process in processes.items():
            requests = platform.seal(texts, int(rates[name] * seconds * 1.5) + parallel)
            before = process.cpu_seconds()
            done = await run_round(platform, process.port, requests, connections=parallel, seconds=seconds)
            rates[name] = max(rates[name], int(done.per_second))
            if turn:  # the first round warms up
                taken[name].append(done)
                costs[name].append((process.cpu_seconds() - before) / len(done.milliseconds) * 1e6)
    print(f"c={parallel}, {rounds} rounds of {seconds:g} s each, in turn\n")
    columns = ("server", "messages/s", "p50 ms", "p99 ms", "CPU µs each", "messages", "replied", "failed")
    print_table(columns, (_describe(name, taken[name], costs[name]) for name in taken))
    speed = {name: [one.per_second for one in rounds_of] for name, rounds_of in taken.items()}
    print_table(
        ("ratio (95 % interval)", "messages/s", "CPU"),
        [
            ("G2 inbox : bare", show_ratio(speed["inbox"], speed["bare"]), show_ratio(costs["bare"], costs["inbox"])),
            ("G3 serve : bare", show_ratio(speed["serve"], speed["bare"]), show_ratio(costs["bare"], costs["serve"])),
        ],
    )


def _describe(name: str, rounds: list[Round], costs: list[float]) -> tuple[object, ...]:
    times = [one for done in rounds for one in done.milliseconds]
    return (
        name,
        statistics.median(done.per_second for done in rounds),
        rank(times, 0.5),
        rank(times, 0.99),
        statistics.median(costs),
        len(times),
        sum(done.replies for done in rounds),
        sum(done.failed for done in rounds),
    )


def main() -> None:
    """Read the options, prepare the data, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--connections", type=int, nargs="+", default=[32, 128])
    options = parser.parse_args()
    say_machine()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        folder = Path(name)
        settings = prepare_city(folder / "data", options.entries)
        print(f"{options.entries:,} made-up entries beside the demo city's\n", flush=True)
        asyncio.run(measure(settings, folder, rounds=options.rounds, seconds=options.seconds, connections=options.connections))


if __name__ == "__main__":
    main()
