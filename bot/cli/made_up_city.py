"""The made-up city on loan: for measuring where no city of one's own is needed and no database of one's own may be touched."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from bot.control import carry_out, open_city
from bot.service import migrate_database
from bot.settings import Data, Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.city import City
    from bot.settings import Settings


@contextmanager
def borrow_city(settings: Settings) -> Iterator[City]:
    """Give the made-up city, understood by these settings, in memory while inside.

    It is put together by the importers that every city uses, so for some seconds it stands in a database of its own, in a temporary folder
    that is gone afterwards (hazards.toml and tables of one's own lie elsewhere and count for nothing here).
    """
    with tempfile.TemporaryDirectory(prefix="jieying-evaluate-") as folder:
        chosen = msgspec.structs.replace(settings, database=Database(), data=Data(dir=folder))
        migrate_database(chosen)
        yield asyncio.run(_seed(chosen))


async def _seed(settings: Settings) -> City:
    async with open_city(settings) as (store, city):
        await carry_out(store, city, "seed", {})
        return city
