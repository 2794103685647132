"""What doctor checks of the machine: the data folder, the master keys, the SQLite library, whether this is a rehearsal, whether WeChat finds back to us."""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from bot.channels import wechat_mp
from bot.doctor.finding import fine, hint, wrong
from bot.keyring import FILE as KEY_FILE

if TYPE_CHECKING:
    from bot.doctor.finding import Finding
    from bot.settings import Settings

_ROOM_MB = 500
"""Free space below which pictures and the write-ahead log of a busy day may not fit."""

_OTHERS = 0o077
_GIGABYTE = 1024**3
_MEGABYTE = 1024**2

Version = tuple[int, int, int]

_AFFECTED: tuple[Version, Version] = ((3, 7, 0), (3, 51, 2))
_MENDED: dict[tuple[int, int], int] = {(3, 44): 6, (3, 50): 7}
"""The WAL-reset bug: releases from 3.7.0 to 3.51.2 have it, except 3.44 from .6 on and 3.50 from .7 on (sqlite.org/wal.html)."""


def check_folder(settings: Settings) -> list[Finding]:
    """The data folder is there, ours alone, writable, and has room."""
    folder = settings.folder
    if not folder.is_dir():
        return [wrong("folder_missing", path=folder)]
    found = []
    if not os.access(folder, os.W_OK | os.X_OK):
        found.append(wrong("folder_not_writable", path=folder))
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & _OTHERS:
        found.append(wrong("folder_open", path=folder, mode=f"{mode:03o}"))
    free = shutil.disk_usage(folder).free
    if free < _ROOM_MB * _MEGABYTE:
        found.append(wrong("folder_full", path=folder, free=f"{free / _MEGABYTE:.0f}"))
    return found or [fine("folder_fine", path=folder, free=f"{free / _GIGABYTE:.1f}")]


def check_master_key(settings: Settings) -> list[Finding]:
    """The master keys are given, or lie in a file that only the service can read."""
    if settings.security.master_key:
        return [fine("key_given")]
    path = settings.folder / KEY_FILE
    if not path.is_file():
        return [hint("key_missing", path=path)]
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        return [wrong("key_open", path=path, mode=f"{mode:03o}")]
    return [fine("key_fine", path=path)]


def check_sqlite(settings: Settings, *, version: Version) -> list[Finding]:
    """The SQLite library's version, where SQLite is used."""
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        return []
    written = ".".join(map(str, version))
    return [hint("sqlite_affected", version=written)] if has_reset_bug(version) else [fine("sqlite_fine", version=written)]


def has_reset_bug(version: Version) -> bool:
    """Tell whether a release of SQLite has the WAL-reset bug."""
    oldest, newest = _AFFECTED
    mended_from = _MENDED.get(version[:2])
    return oldest <= version <= newest and (mended_from is None or version[2] < mended_from)


def check_rehearsal(settings: Settings) -> list[Finding]:
    """Whether units really hear of their tickets."""
    return [hint("rehearsal_on")] if settings.server.rehearsal else [fine("rehearsal_off")]


def check_page_sign_in(settings: Settings) -> list[Finding]:
    """Whether WeChat can send residents back to us: to an address that they reach, by https; nothing where it is not asked to."""
    account, address = settings.channels.get(wechat_mp.NAME), settings.server.public_url
    if account is None or not (account.app_id and account.page_sign_in) or wechat_mp.is_safe(address):
        return []
    return [wrong("page_sign_in_insecure", address=address) if address else wrong("page_sign_in_nowhere")]
