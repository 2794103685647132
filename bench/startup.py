"""How long a start takes, to the first answer, and how much memory it holds (goal G12): `jieying serve` on SQLite with many entries.

The first start makes the caches in the data folder (dictionary, reading of the entries); those after it are the cold starts that count. The
time runs from starting the process to the first encrypted answer to a resident's question.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, environment, print_table, say_machine
from rig.load import Platform, run_round
from rig.made_up import make_questions
from rig.service import Process, name_account, prepare_city

if TYPE_CHECKING:
    from bot.settings import Settings

_COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "jieying --help": ["-m", "bot", "--help"],
    "jieying config": ["-m", "bot", "config"],
    "import of the service": ["-c", "import bot.service"],
}


async def start_once(settings: Settings) -> tuple[float, float, float]:
    """Start the service, ask it something; seconds to the answer, CPU seconds of the process till then, megabytes it holds."""
    platform = Platform(settings.channels["wechat_mp"])
    begun = time.monotonic()
    process = Process(["-m", "bot", "serve"], folder=settings.folder, port=settings.server.port, more=name_account(settings))
    try:
        await process.wait()
        done = await run_round(platform, process.port, platform.seal(make_questions(1), 1), connections=1, seconds=60)
        if done.failed:
            raise RuntimeError("the first message was not answered")
        return time.monotonic() - begun, process.cpu_seconds(), process.resident_megabytes()
    finally:
        process.stop()


def run_command(arguments: list[str], folder: Path) -> tuple[float, float]:
    """Run a command to its end; its seconds by the clock and of CPU."""
    begun, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    given = environment(JIEYING_DATA_DIR=str(folder))
    subprocess.run(  # noqa: S603 - our own command, with the interpreter that runs this one
        [sys.executable, *arguments], cwd=ROOT, env=given, stdout=subprocess.DEVNULL, check=True
    )
    since = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, since.ru_utime + since.ru_stime - used.ru_utime - used.ru_stime


def main() -> None:
    """Read the options, prepare the data, start again and again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    say_machine()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        settings = prepare_city(Path(name), options.entries)
        for file in (*settings.folder.glob("*.cache"), *settings.folder.glob("jieba/*")):
            file.unlink()
        run_command(["-c", "import bot.service, bot.cli.main"], settings.folder)  # compiles what was never compiled
        first = asyncio.run(start_once(settings))
        later = [asyncio.run(start_once(settings)) for _ in range(options.rounds)]
        print(f"{options.entries:,} entries beside the demo city's\n")
        columns = ("start", "s to the first answer", "CPU s", "MB")
        medians = [statistics.median(values) for values in zip(*later, strict=True)]
        best = [min(values) for values in zip(*later, strict=True)]
        print_table(columns, [("first, without caches", *first), (f"median of {options.rounds}", *medians), ("best", *best)])
        rows = []
        for command, arguments in _COMMANDS.items():
            taken = [run_command(arguments, settings.folder) for _ in range(options.rounds)]
            rows.append((command, *(statistics.median(values) for values in zip(*taken, strict=True))))
        print_table(("command", "s", "CPU s"), rows)


if __name__ == "__main__":
    main()
