"""`jieying replay FILE`: letters of the past through the whole path, counted."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import msgspec

from bot import settings as settings_file
from bot.app import open_app
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table, show_progress
from bot.cli.wording import as_json, command, option, text
from bot.control import call, is_live, socket_path
from bot.logs import set_up_logs
from bot.refusals import refuse
from bot.replay import BadLetters, read_letters, replay, sample
from bot.service import migrate_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.invocation import Invocation
    from bot.replay import Letter, Sampled, Tally
    from bot.settings import Settings

_COUNTS = ("received", "answered", "choices", "tickets", "joined", "to_desk", "emergencies", "told", "ignored", "failed")


@command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--database", metavar="URL", default=None)
@option("--limit", word="replay_limit", type=click.IntRange(1), default=None)
@option("--sample", "size", type=click.IntRange(0), default=0)
@option("--seed", word="sample_seed", type=int, default=0)
@as_json
@invoked
def replay_command(
    invocation: Invocation, *, file: Path, database: str | None, limit: int | None, size: int, seed: int, as_json: bool
) -> int:
    """Replay a file and print what became of the letters; exit code 1 if one failed."""
    settings = invocation.settings
    set_up_logs(msgspec.structs.replace(settings.log, level="error"), secrets=settings_file.list_secrets(settings))
    try:
        letters = read_letters(file, zone=ZoneInfo(settings.city.zone), limit=limit)
    except BadLetters as error:
        raise refuse("bad_letters", file=file.name, missing=error) from error
    with _choose_database(settings, database) as chosen:
        tally, drawn = asyncio.run(_replay(chosen, letters, size=size, seed=seed))
    if as_json:
        figures = {"per_second": round(tally.per_second, 1), "share_at_once": round(tally.share_at_once, 4)}
        print_json(msgspec.to_builtins(tally) | figures | {"sample": msgspec.to_builtins(drawn)})
    else:
        _print(tally, drawn)
    return int(bool(tally.failed or tally.incomplete))


async def _replay(settings: Settings, letters: list[Letter], *, size: int, seed: int) -> tuple[Tally, list[Sampled]]:
    unhurried = msgspec.structs.replace(settings.conversation, flood_per_minute=len(letters) + 1)  # replayed faster than written
    async with open_app(msgspec.structs.replace(settings, conversation=unhurried)) as app:
        with show_progress(text("replaying"), len(letters)) as progress:
            before, tally = await replay(app, letters, progress=progress)
        drawn = await app.store.read(lambda session: sample(session, app.city, before, size=size, seed=seed))
    return tally, drawn


@contextmanager
def _choose_database(settings: Settings, url: str | None) -> Iterator[Settings]:
    """Take a made-up city in a folder that is gone afterwards, or the database that was named; an empty one gets that city too."""
    if url is not None:
        chosen = msgspec.structs.replace(settings, database=settings_file.Database(url=url))
        if is_live(socket_path(chosen)):
            raise refuse("stop_service_first")
        _prepare(chosen)
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix="jieying-replay-") as folder:
        chosen = msgspec.structs.replace(settings, database=settings_file.Database(), data=settings_file.Data(dir=folder))
        _prepare(chosen)
        yield chosen


def _prepare(settings: Settings) -> None:
    """Bring the schema up to date and put the made-up city where there is none."""
    migrate_database(settings)
    asyncio.run(call(settings, "seed_if_empty", {}))


def _print(tally: Tally, drawn: list[Sampled]) -> None:
    values = msgspec.structs.asdict(tally)
    print_table([text("column_outcome"), text("column_count")], ([text(f"count_{name}"), values[name]] for name in _COUNTS))
    click.echo(
        text(
            "replayed",
            speed=f"{tally.per_second:.0f}",
            share=f"{tally.share_at_once:.1%}",
            opened=tally.opened,
            at_once=tally.at_once,
            repeated=tally.repeated,
            incomplete=tally.incomplete,
        )
    )
    for number, one in enumerate(drawn, start=1):
        click.echo(text("sampled", index=number, **msgspec.structs.asdict(one) | {"why": "；".join(one.why)}))
