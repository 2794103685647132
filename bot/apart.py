"""What somebody says badly of whoever has their matter is a matter of its own: said with an addition or a rating, it would go to the one it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import OpenTicket
from intents.slots import find_place, read_draft
from intents.tiers import CALM
from routing import secrecy

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.actions import PlaceRef


def find_apart(scene: Scene, number: str, text: str, *, place: PlaceRef | None = None, media: int = 0) -> OpenTicket | None:
    """Make a matter of its own of words that accuse whoever has a ticket, where that ticket lies unless they say where; None if they do not."""
    holder = secrecy.find_accused_holder(scene.session, number, text, org=scene.city.org)
    if holder is None:
        return None
    city = scene.city
    utterance = city.segmenter.read(text)
    where = place or find_place(city.gazetteer.find(utterance.text)) or find_place(city.gazetteer.find(holder.public_place))
    return OpenTicket(read_draft(utterance, place=where, media=media, reading=CALM))
