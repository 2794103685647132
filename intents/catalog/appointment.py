"""预约: the resident wants a time: what for, when, and whom to call are asked like on a form, then a person arranges it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AskSlot, OpenTicket
from intents.lexicon import lexicon
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action

SHORT = 100
"""Longer texts tell of an appointment that went wrong."""


def _asks_how(turn: Turn) -> bool:
    """A question how or where one books is answered, not booked."""
    return bool(lexicon("appointment.how").first(turn.text))


def respond(turn: Turn) -> list[Action]:
    """Ask what for, then when; intents.forms asks the rest and opens it."""
    draft = turn.draft(reason="appointment")
    if turn.is_missing("matter") and not turn.has_asked("matter"):
        return [AskSlot("matter", draft)]
    if not draft.time and not turn.has_asked("time"):
        return [AskSlot("time", draft)]
    if not draft.phone and not turn.has_asked("phone"):
        return [AskSlot("phone", draft)]
    return [OpenTicket(draft)]


INTENT = IntentSpec(
    code="appointment",
    title="预约",
    cues=(
        Cue.lexicon("appointment", 4.5, within=SHORT),
        Cue.fact("how", -2.5, _asks_how),
    ),
    slots=(Slot("matter"), Slot("time"), Slot("phone")),
    examples=(
        "我想预约周六办身份证",
        "帮我约个疫苗",
        "预约上门安检",
        "想约律师下周三咨询",
        "给我挂个号，明天上午",
        "我要预约大件垃圾清运",
        "上次约的时间改到周五",
        "老人出不了门，约人上门认证",
    ),
    respond=respond,
)
