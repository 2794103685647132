"""Every intent, one file each: its cues, its slots, example sentences and respond(). Found by folder; they do not know one another."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from intents.spec import IntentSpec


@cache
def modules() -> tuple[ModuleType, ...]:
    """Import every file of this folder, in the order of their names."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@cache
def specs() -> dict[str, IntentSpec]:
    """Give every INTENT by its code; AttributeError names a file that declares none."""
    return {module.INTENT.code: module.INTENT for module in modules()}
