"""Opening a matter: the ticket, and what its writer should hear at once besides: who is kept out, whom to call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.actions import OpenTicket, RaiseEmergency, Tell
from intents.hazards import LIFE_SUPPORT, lives_by_power
from intents.lexicon import lexicon

if TYPE_CHECKING:
    from intents.actions import Action, Draft


def open_matter(draft: Draft) -> list[Action]:
    """Open the ticket. Whoever complains of a unit or its people, or reports somebody, hears that the other side is kept out.

    An outage in which somebody lives by a machine is no outage but an alarm.
    """
    if lives_by_power(draft.text):
        return [RaiseEmergency(msgspec.structs.replace(draft, tier="red", hazard=LIFE_SUPPORT, reason=""))]
    actions: list[Action] = [OpenTicket(draft)]
    if draft.about:
        actions.append(Tell("kept_from_them"))
    elif draft.confidential:
        actions.append(Tell("kept_secret"))
    elif draft.kind == "praise":
        actions.append(Tell("praise_passed_on"))
    if lexicon("life_support").first(draft.text):
        actions.append(Tell("also_life_support"))
    if lexicon("police").first(draft.text):
        actions.append(Tell("also_police"))
    return actions
