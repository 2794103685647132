"""Where the master keys come from: a secret of the settings, else a file made on the first start, readable by the service alone.

KeyringError    the key file cannot be used as it is
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from typing import TYPE_CHECKING

from bot.texts import fill
from store.sealing import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

FILE = "master.key"


class KeyringError(Exception):
    """The master keys cannot be read."""


def load_vault(settings: Settings) -> Vault:
    """Read the master keys (`id:base64`, one a line); make the first one where none was ever made."""
    text = settings.security.master_key or _read_or_make(settings.folder / FILE)
    keys: dict[int, bytes] = {}
    for number, line in enumerate(text.split(), start=1):
        key_id, _, encoded = line.partition(":")
        try:
            keys[int(key_id)] = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise KeyringError(fill("settings", "bad_master_key", {"line": number})) from error
    try:
        return Vault(keys)
    except ValueError as error:
        raise KeyringError(fill("settings", "bad_master_key", {"line": 1})) from error


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    line = f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}\n"
    with os.fdopen(file, "w", encoding="ascii") as opened:
        opened.write(line)
    return line
