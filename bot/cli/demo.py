"""`jieying demo`: the made-up city with its past, a conversation played on it, and then a service to try out, with the ways into it."""

from __future__ import annotations

import asyncio
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from bot.cli.invocation import invoked
from bot.cli.wording import command, flag, option, text
from bot.demo.past_player import PastPlayer
from bot.demo.player import Player
from bot.demo.script import load_script
from bot.demo.ways_in import MINUTES, make_ways, open_to_newcomers
from bot.logs import set_up_logs
from bot.refusals import refuse
from bot.service import catch_signals
from bot.trial import run_trial
from store.clock import utcnow

if TYPE_CHECKING:
    from bot.city import City
    from bot.cli.invocation import Invocation
    from bot.settings import Settings
    from bot.trial import Trial
    from store.engine import Store

FOLDER = Path("data/demo")

_MARK = "demo"
"""A file that says that a folder is the demonstration's and may be emptied."""


@command("demo")
@flag("--once")
@option("--folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True)
@option("--port", type=click.IntRange(0, 65535), default=None)
@invoked
def demo(invocation: Invocation, *, once: bool, folder: Path, port: int | None) -> int:
    """Play the demonstration; exit code 1 if a step did not become what it should."""
    settings = invocation.settings
    set_up_logs(msgspec.structs.replace(settings.log, level="error"))
    empty_folder(folder)
    chosen = port if port is not None else 0 if once else settings.server.port
    return asyncio.run(_demonstrate(settings, folder=folder, port=chosen, once=once))


def empty_folder(folder: Path) -> None:
    """Make the demonstration's folder, or empty the database of an earlier one. Refused where somebody else's data lie."""
    mark = folder / _MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise refuse("not_a_demo", folder=folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()
    for path in folder.glob("jieying.db*"):
        path.unlink()


async def _demonstrate(settings: Settings, *, folder: Path, port: int, once: bool) -> int:
    click.echo(text("demo_preparing", folder=folder))
    played: list[PastPlayer] = []

    async def live(store: Store, city: City) -> None:
        click.echo(text("demo_past"))
        played.append(PastPlayer(store, city, now=utcnow()))
        await played[0].play()

    async with run_trial(open_to_newcomers(settings), folder=folder, port=port, before=live) as trial:
        for openid, wrote_at in played[0].writers.items():
            trial.simulator.remember(openid, wrote_at=wrote_at)
            trial.simulator.api.logins.holder = openid  # who opens the residents' pages "in WeChat" here: one of those who wrote
        player = Player(trial, show=click.echo)
        await player.play(load_script())
        click.echo("")
        click.echo(text("demo_faults", count=len(player.faults)) if player.faults else text("demo_played"))
        if not once:
            await _show_ways(trial, progress=played[0].followed)
            click.echo(text("demo_how_on", address=trial.service.address, folder=folder))
            with catch_signals() as stopped:
                await stopped.wait()
            click.echo(text("stopping"))
    return int(bool(player.faults))


async def _show_ways(trial: Trial, *, progress: str) -> None:
    """Print the addresses to open in a browser."""
    app = trial.service.app
    click.echo(text("demo_ways", hours=MINUTES // 60))
    ways = [
        (text(f"demo_way_{way.kind}", name=way.name), way.path) for way in await make_ways(app.store, app.city, progress=progress)
    ]
    widest = max(_measure(what) for what, _ in ways)
    for what, path in ways:
        click.echo(text("demo_way", what=what + " " * (widest - _measure(what)), url=f"{trial.service.address}{path}"))


def _measure(words: str) -> int:
    """Measure how many columns of a terminal words take: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in words)
