"""What a resident is told about what is kept of them: with the first answer who handles it, and where they gave numbers, that these stay here.

It comes after the answer, never instead of it. In an emergency nothing but the help is said, and the notice waits for the next turn. A group
hears none of it: there the posted notice stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents import consent
from residents.masking import find_details

if TYPE_CHECKING:
    from bot.city import City
    from bot.effects.scene import Scene
    from intents.actions import Outcome
    from residents.masking import Detail

_OPENED = frozenset({"ticket", "joined", "to_desk"})
_NEVER_ASKED: frozenset[Detail] = frozenset({"identity", "card"})
_NAMED: tuple[Detail, ...] = ("name", "phone", "email", "plate", "identity", "card")
"""In which order they are named. A door is not: the unit that has to go there may open it."""


def add_lines(scene: Scene, outcome: Outcome, text: str | None, *, written: str) -> str | None:
    """Give an answer with what has to be said besides. `written` is what the matter was told in, over all its messages."""
    inbound = scene.inbound
    if text is None or inbound is None or not scene.is_private or inbound.role != "resident" or outcome.name == "emergency":
        return text
    details = find_details(written)
    lines = [
        _say_what_stays(scene.city, details) if outcome.name in _OPENED else "",
        _warn_of_numbers(scene) if details & _NEVER_ASKED else "",
        _tell_notice(scene),
    ]
    return "\n".join([text, *filter(None, lines)])


def _say_what_stays(city: City, details: frozenset[Detail]) -> str:
    words = city.words
    named = [words.privacy(f"detail_{detail}", {}) for detail in _NAMED if detail in details]
    return words.privacy("stays_here", {"details": words.privacy("details_between", {}).join(named)}) if named else ""


def _warn_of_numbers(scene: Scene) -> str:
    """Ask once, ever, not to send such numbers."""
    if consent.knows(scene.session, resident_id=scene.resident, kind="numbers", version=""):
        return ""
    consent.give(scene.session, resident_id=scene.resident, kind="numbers", version="", now=scene.now)
    return scene.city.words.privacy("no_numbers", {})


def _tell_notice(scene: Scene) -> str:
    """Show the notice to whoever has not seen its present version."""
    version = scene.city.settings.privacy.notice_version
    if not version or consent.knows(scene.session, resident_id=scene.resident, kind="notice", version=version):
        return ""
    consent.give(scene.session, resident_id=scene.resident, kind="notice", version=version, now=scene.now)
    return scene.city.words.privacy("notice", scene.city.describe_keeping())
