"""Forms: a few things asked one after the other (what, when, whom to call), each once, none of them a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from intents.actions import AskSlot
from intents.open_question import goes_on, join_answer
from intents.slots import find_phone
from intents.times import find_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.actions import Draft
    from intents.spec import Turn

_FIELDS: tuple[Literal["matter", "time", "phone"], ...] = ("matter", "time", "phone")
FORMS: frozenset[str] = frozenset({"appointment"})
"""The intents whose questions are a form."""


def fits(slot: str, text: str) -> bool:
    """Tell whether a text is beyond doubt the answer to this field: nothing else is then read into it."""
    return goes_on(text) or bool((slot == "time" and find_time(text)) or (slot == "phone" and find_phone(text)))


def fill(draft: Draft, slot: str, turn: Turn) -> Draft:
    """Put an answer into its field, as written; whoever does not want to say is not asked again."""
    if goes_on(turn.text):
        return draft
    joined = join_answer(draft, turn, reason=draft.reason)
    if slot == "time" and not joined.time:
        return msgspec.structs.replace(joined, time=turn.utterance.raw.strip())
    return joined


def ask_next(draft: Draft, *, asked: Sequence[str]) -> AskSlot | None:
    """Ask the next field that is empty and was not asked for, None when the form is done."""
    given = {"matter": bool(draft.text), "time": bool(draft.time), "phone": bool(draft.phone)}
    return next((AskSlot(field, draft) for field in _FIELDS if not given[field] and field not in asked), None)
