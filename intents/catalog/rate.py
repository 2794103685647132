"""评价: the resident says whether it is solved. Only when a result was reported and asked about; otherwise the same words mean nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intents.actions import RateTicket, ShowProgress
from intents.open_question import is_other_matter
from intents.slots import read_rating
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 80
_NUMBER = re.compile(r"^(?:选|回复?)?[123][。.]?$")


def respond(turn: Turn) -> list[Action]:
    """Rate the ticket that was asked about: the one named, else the last one."""
    rating = read_rating(turn.text)
    awaiting = turn.facts.awaiting_rating
    if rating is None or not awaiting:
        return [ShowProgress()]
    ticket = next((number for number in awaiting if number in turn.text), awaiting[0])
    return [RateTicket(ticket, rating, "" if _NUMBER.match(turn.text) else turn.utterance.raw.strip())]


def _rates(turn: Turn) -> bool:
    """Tell whether it is a rating: one is awaited, the words or the number say one, and the number was asked for last by it."""
    if not turn.facts.awaiting_rating or len(turn.text) > SHORT or read_rating(turn.text) is None:
        return False
    titles = "".join(ticket.title for ticket in turn.facts.tickets if ticket.ticket in turn.facts.awaiting_rating)
    if is_other_matter(turn.text, titles):
        return False
    return turn.expects() == "rating" or not _NUMBER.match(turn.text)


INTENT = IntentSpec(
    code="rate",
    title="评价",
    cues=(Cue.fact("rating", 6.0, _rates),),
    examples=(
        "1",
        "3",
        "满意",
        "不满意",
        "已经解决了，谢谢",
        "没解决，路灯还是不亮",
        "只解决了一半",
        "不太满意，修得很糊弄",
        "修好了",
    ),
    respond=respond,
)
