"""What a grid worker means who writes to us in private: a word on a draft that waits for them, an excerpt of the group, or neither.

Pure. Numbers and words both work; where several drafts wait, a bare number could mean any of them, so the number of the draft has to stand
before it (12 建单), and whoever forgets it is shown the list again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.actions import ConfirmDraft, DropDraft, ShowDrafts, TakePaste
from intents.lexicon import lexicon
from intents.pasted import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from intents.actions import Action


class WaitingDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that waits for this worker: its number, and when it was shown."""

    id: int
    shown_at: datetime


def review(raw: str, text: str, *, waiting: Sequence[WaitingDraft], asked_at: datetime | None = None) -> Action | None:
    """Say what is to be done; None if the message is like anybody's. `raw` is what was sent, `text` its normal form.

    `asked_at`: when we last asked this person something else; a bare answer belongs to what was asked last.
    """
    if read(raw):
        return TakePaste(raw)
    if lexicon("group_review.list").first(text):
        return ShowDrafts()
    number = lexicon("group_review.number").first(text)
    if number:
        digits = int("".join(character for character in number if character.isdigit()))
        if any(draft.id == digits for draft in waiting):
            return _answer(text.removeprefix(number).strip(), digits)
        return None
    if not waiting or (asked_at is not None and asked_at > max(draft.shown_at for draft in waiting)):
        return None
    meant = _answer(text, waiting[-1].id)
    return ShowDrafts(unclear=True) if meant is not None and len(waiting) > 1 else meant


def _answer(text: str, draft: int) -> Action | None:
    if lexicon("group_review.receipt").first(text):
        return ConfirmDraft(draft, receipt=True)
    if lexicon("group_review.confirm").first(text):
        return ConfirmDraft(draft)
    return DropDraft(draft) if lexicon("group_review.drop").first(text) else None
