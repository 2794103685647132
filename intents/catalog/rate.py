"""评价: what the resident says of a result. Only when a result was reported and asked about; otherwise the same words mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.actions import AnswerAfter, ShowProgress, Tell
from intents.lexicon import lexicon
from intents.open_question import is_other_matter
from intents.opening import open_matter
from intents.ratings import SHORT, find_asked_last, is_bare_number, list_ratings, read_after
from intents.referring import follow
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action
    from intents.spec import TicketFacts


def respond(turn: Turn) -> list[Action]:
    """Rate each result that is spoken of. What has come back since it was mended is a new matter that follows the old one."""
    ticket = _asked_after(turn)
    if ticket is not None and (well := read_after(turn, ticket)) is not None:
        answer = AnswerAfter(ticket.ticket, well)
        return [answer] if well else [answer, *_report_again(turn, ticket)]
    if ratings := list_ratings(turn):
        return [*ratings]
    asked = find_asked_last(turn)
    return [Tell("rate_unclear", {"ticket": asked.ticket, "title": asked.title}) if asked is not None else ShowProgress()]


def _report_again(turn: Turn, ticket: TicketFacts) -> list[Action]:
    """Report what came back, in the resident's words; a bare number says no more than that."""
    draft = turn.draft()
    text = f"又坏了：{ticket.title}" if is_bare_number(turn.text) else draft.text
    return open_matter(follow(msgspec.structs.replace(draft, text=text), ticket))


def _asked_after(turn: Turn) -> TicketFacts | None:
    """Give the ticket that was asked after some time after it was mended, if nothing was asked since."""
    ticket = find_asked_last(turn)
    return ticket if ticket is not None and ticket.asks == "after" and turn.expects() == "rating" else None


def _rates(turn: Turn) -> bool:
    """Tell whether it is a rating: one is awaited, the words or the number say one, and the number was asked for last by it."""
    if not turn.facts.awaiting_rating or len(turn.text) > SHORT:
        return False
    titles = "".join(ticket.title for ticket in turn.facts.tickets if ticket.ticket in turn.facts.awaiting_rating)
    if is_other_matter(turn.text, titles):
        return False
    ticket = _asked_after(turn)
    if ticket is not None:
        return read_after(turn, ticket) is not None
    if list_ratings(turn):
        return turn.expects() == "rating" or not is_bare_number(turn.text)
    return turn.expects() == "rating" and bool(lexicon("ratings.lukewarm").first(turn.text))


INTENT = IntentSpec(
    code="rate",
    title="评价",
    cues=(Cue.fact("rating", 60.0, _rates),),
    examples=(
        "1",
        "3",
        "满意",
        "不满意",
        "已经解决了，谢谢",
        "联系了，没解决，不满意",
        "没解决，路灯还是不亮",
        "只解决了一半",
        "没人联系我，不过修好了",
        "不太满意，修得很糊弄",
        "修好了",
    ),
    respond=respond,
)
