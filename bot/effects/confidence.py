"""What a resident may have done so that nobody finds them out: talk about the summary first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import CheckSummary
from routing import secrecy

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.actions import Outcome


def _check_summary(scene: Scene, action: CheckSummary) -> Outcome:
    acted = secrecy.doubt_summary(scene.session, action.ticket, resident_id=scene.resident, now=scene.now, context=scene.context)
    return scene.told("summary_doubted" if acted.done else "summary_gone", acted.ticket)


EFFECTS = {CheckSummary: _check_summary}
