"""改: the resident does not like what others will read of a confidential matter, and wants to talk first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import CheckSummary
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Hold the newest confidential matter back."""
    return [CheckSummary(find_confidential(turn))]


def find_confidential(turn: Turn) -> str:
    """Give the resident's newest open confidential ticket, "" if there is none."""
    return next((ticket.ticket for ticket in turn.open_tickets if ticket.confidential), "")


def _answers_preview(turn: Turn) -> bool:
    """Whether it is what somebody says to whom the summary of a confidential matter was shown."""
    return bool(find_confidential(turn)) and bool(lexicon("checking").first(turn.text))


INTENT = IntentSpec(
    code="check_summary",
    title="核对转办摘要",
    cues=(Cue.fact("checking", 60.0, _answers_preview),),
    examples=("改", "改一下", "我要改", "这段话不妥", "先别转", "这样写会知道是我", "跟我商量再转", "要改改"),
    respond=respond,
)
