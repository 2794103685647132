"""The whole examination: settings first, then the machine, the database, the city in it, and the channels. Nothing is changed by it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import make_url

from bot import settings as settings_file
from bot.channels import discover
from bot.doctor import machine
from bot.doctor.city import check_city, read_city
from bot.doctor.finding import Finding, fine, hint, wrong
from bot.refusals import explain_refusal
from store.looking import DatabaseMissing, look
from store.migrate import expected_version, version_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.settings import Settings


async def examine(path: str | None, *, now: datetime) -> list[Finding]:
    """Examine the installation whose settings lie at `path` (None: where they are usually looked for)."""
    try:
        settings = settings_file.load(path)
    except settings_file.SettingsError as error:
        return [wrong("settings_wrong", problem=problem) for problem in error.problems]
    version = sqlite3.sqlite_version_info
    return [
        fine("settings_fine", path=settings.path),
        *machine.check_folder(settings),
        *machine.check_master_key(settings),
        *machine.check_sqlite(settings, version=(version[0], version[1], version[2])),
        *await _examine_database(settings, now=now),
        *await _examine_channels(settings),
        *machine.check_rehearsal(settings),
        *machine.check_page_sign_in(settings),
    ]


async def _examine_database(settings: Settings, *, now: datetime) -> list[Finding]:
    """The database can be reached and has our schema; then the city in it."""
    address = make_url(settings.database_url).render_as_string()
    try:
        found = await look(settings.database_url, version_of)
    except DatabaseMissing:
        return [wrong("database_missing", address=address)]
    except Exception as error:
        if explain_refusal(error) is None:
            raise
        return [wrong("database_unreachable", address=address, error=type(getattr(error, "orig", None) or error).__name__)]
    expected = expected_version()
    if found != expected:
        return [wrong("schema_wrong", address=address, found=found or "-", expected=expected)]
    zone = ZoneInfo(settings.city.zone)
    facts = await look(settings.database_url, lambda session: read_city(session, zone=zone))
    return [fine("database_fine", address=address, version=expected), *check_city(facts, now=now, grids=settings.grids)]


async def _examine_channels(settings: Settings) -> list[Finding]:
    """Ask every channel that is on what is wrong with it."""
    found: list[Finding] = []
    on = {name: spec for name, spec in discover().items() if spec.is_on(settings.channels[name])}
    for name, spec in on.items():
        problems = await spec.check(settings.channels[name])
        found += [wrong("channel_wrong", problem=problem) for problem in problems] or [fine("channel_fine", name=name)]
    return found if set(on) - {"terminal"} else [*found, hint("no_channel")]
