"""Carries out what an intent asked for: the one place where what the resident wants meets whose matter it is.

Each file here declares EFFECTS: for a kind of action, the function that performs it on a Scene and says what became of it, as an Outcome value:
its name, the ticket it touched, and what is to be said, as keys and facts. A file knows the scene and no other file.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.effects.scene import Scene
from intents.actions import AnswerAfter, Outcome, RateTicket, Tell, WithdrawTicket
from routing.errors import TicketError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from intents.actions import Action

    Effect = Callable[[Scene, Any], Outcome]

__all__ = ["Scene", "discover", "perform"]

_REFUSED: dict[type, str] = {WithdrawTicket: "withdraw_refused", RateTicket: "rating_closed", AnswerAfter: "rating_closed"}
"""What to say where a ticket no longer allows what the resident wants."""


@cache
def discover() -> Mapping[type, Effect]:
    """Find the effect of every kind of action; a test holds it against the union of them."""
    found: dict[type, Effect] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        found.update(getattr(importlib.import_module(f"{__name__}.{info.name}"), "EFFECTS", {}))
    return found


def perform(scene: Scene, action: Action) -> Outcome:
    """Carry out one action; what a ticket does not allow is said, not raised."""
    try:
        return discover()[type(action)](scene, action)
    except TicketError:
        key = _REFUSED.get(type(action), "act_refused")
        return Outcome(name="told", says=(Tell(key, {"ticket": getattr(action, "ticket", "")}),))
