"""`jieying simulate`: the simulated platform puts a service under load, and its own record is printed."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import msgspec

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table, show_progress
from bot.cli.wording import as_json, command, option, text
from bot.commands.seeding import FOLDER
from bot.control import is_live, socket_path
from bot.logs import set_up_logs
from bot.refusals import refuse
from bot.service import local_address
from bot.settings import list_secrets
from bot.simulator.load import Load, Sentences, run_load
from bot.trial import LOOPBACK, make_simulator, run_trial, serve_api
from routing.duty_list import load_folder
from store.sheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.cli.invocation import Invocation
    from bot.settings import Settings
    from bot.simulator.load import Summary
    from bot.simulator.simulator import Simulator

_LOCAL = (LOOPBACK, "localhost", "::1")


@command("simulate")
@option("--messages", type=click.IntRange(1, 1_000_000), default=1000, show_default=True)
@option("--concurrency", type=click.IntRange(1, 512), default=16, show_default=True)
@option("--seed", type=int, default=0, show_default=True)
@option("--ledger", type=click.Path(dir_okay=False, path_type=Path), default=None)
@as_json
@invoked
def simulate(invocation: Invocation, *, messages: int, concurrency: int, seed: int, ledger: Path | None, as_json: bool) -> int:
    """Load a service and print the ledger's summary; exit code 1 if something was lost or doubled."""
    settings = invocation.settings
    set_up_logs(msgspec.structs.replace(settings.log, level="error"), secrets=list_secrets(settings))
    load = Load(messages=messages, concurrency=concurrency, seed=seed)
    summary = asyncio.run(_simulate(settings, load, ledger=ledger))
    if as_json:
        print_json(msgspec.to_builtins(summary) | {"per_second": round(summary.per_second, 1), "is_sound": summary.is_sound})
    else:
        _print(summary)
    return 0 if summary.is_sound else 1


async def _simulate(settings: Settings, load: Load, *, ledger: Path | None) -> Summary:
    async with _find_service(settings, ledger=ledger) as simulator:
        with show_progress(text("simulating"), load.messages) as progress:
            return await run_load(simulator, load, read_sentences(), progress=progress)


@asynccontextmanager
async def _find_service(settings: Settings, *, ledger: Path | None) -> AsyncIterator[Simulator]:
    """Take the running service if there is one, else run one of our own in a folder that is gone afterwards.

    A running service is refused unless it is turned to a platform on this machine: made-up residents must not reach the real one.
    """
    if not is_live(socket_path(settings)):
        with tempfile.TemporaryDirectory(prefix="jieying-simulate-") as folder:
            async with run_trial(settings, folder=Path(folder), tell_staff=False, ledger=ledger) as trial:
                yield trial.simulator
        return
    account = settings.channels["wechat_mp"]
    api = urlsplit(account.api_base)
    if not account.app_id or api.hostname not in _LOCAL or api.port is None:
        raise refuse("not_simulated", api=account.api_base)
    simulator = make_simulator(account, f"{local_address(settings)}{account.path}", ledger=ledger)
    try:
        async with serve_api(simulator, api.port):
            yield simulator
    finally:
        await simulator.close()


def read_sentences() -> Sentences:
    """Put together what residents say out of the made-up city: its questions, its duty items' phrasings, its places."""
    entries = [row.cells for row in read_sheet(FOLDER / "knowledge.csv").rows]
    places = [row.cells["name"] for row in read_sheet(FOLDER / "places.csv").rows]
    return Sentences(
        questions=tuple(phrasing for cells in entries for phrasing in (cells["question"], *cells["phrasings"].split("|"))),
        matters=tuple(phrasing for item in load_folder()[0].items.values() for phrasing in item.phrasings),
        places=tuple(dict.fromkeys(places)),
        short=tuple(text("simulate_short").split("|")),
    )


def _print(summary: Summary) -> None:
    values = msgspec.structs.asdict(summary)
    names = ("pushed", "acknowledged", "passive", "active", "doubled", "contradicted")
    print_table([text("column_outcome"), text("column_count")], ([text(f"simulated_{name}"), values[name]] for name in names))
    click.echo(
        text(
            "simulated",
            speed=f"{summary.per_second:.0f}",
            half=f"{summary.half_within * 1000:.0f}",
            most=f"{summary.most_within * 1000:.0f}",
            attempts=_list(summary.attempts),
            refused=_list(summary.refused_sends),
        )
    )
    click.echo(text("simulated_sound" if summary.is_sound else "simulated_unsound"))


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"
