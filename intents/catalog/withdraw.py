"""撤回: the resident takes the matter back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import AskSlot, OpenTicket, ShowProgress, WithdrawTicket
from intents.spec import Cue, IntentSpec, Slot, Turn

if TYPE_CHECKING:
    from intents.actions import Action


def respond(turn: Turn) -> list[Action]:
    """Withdraw only what is meant beyond doubt; with several open tickets ask which, once."""
    if ticket := turn.named_ticket():
        return [WithdrawTicket(ticket)]
    if not turn.open_tickets:
        return [ShowProgress()]
    if not turn.has_asked("ticket"):
        return [AskSlot("ticket", turn.draft())]
    return [OpenTicket(turn.draft(reason="no_ticket"))]


INTENT = IntentSpec(
    code="withdraw",
    title="撤回诉求",
    cues=(Cue.lexicon("withdrawing", 5.5, within=40), Cue.fact("command", 60.0, lambda turn: turn.commands("withdraw"))),
    slots=(Slot("ticket"),),
    examples=(
        "撤回",
        "我要撤销刚才的投诉",
        "取消工单",
        "不用处理了",
        "灯自己好了，不用来了",
        "算了，不投诉了",
        "把我的诉求撤回",
        "不需要派人了",
    ),
    respond=respond,
)
