"""网页验证码: somebody wants to come in to their own pages, or to have all browsers put out. Understood by its form alone, before anything else.

Whatever is open in the talk stays open; a person who has the talk need not see it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from intents.actions import EnterPages, LeavePages
from intents.lexicon import lexicon
from intents.taking import Step

if TYPE_CHECKING:
    from intents.spec import Turn
    from intents.state import ConversationState

LONGEST = 20
"""Longer texts mention these words and want something else."""
_NUMBER = re.compile(r"[1-9][0-9]{3}")


def take_entering(state: ConversationState, turn: Turn) -> Step | None:
    """Take a turn that is nothing but this, in private; None for any other."""
    if turn.scope != "person" or turn.kind != "text" or len(turn.text) > LONGEST:
        return None
    if lexicon("entering.leave").first(turn.text):
        return Step(state=state, actions=(LeavePages(),), why=("pages=leave",))
    if not lexicon("entering.ask").first(turn.text):
        return None
    number = _NUMBER.search(turn.text)
    return Step(state=state, actions=(EnterPages(int(number[0]) if number else 0),), why=("pages=enter",))
