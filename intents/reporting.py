"""Reporting a matter: ask what and where, once each, then open it. Shared by every intent whose matter becomes a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from intents.actions import AskSlot
from intents.lexicon import lexicon
from intents.opening import open_matter

if TYPE_CHECKING:
    from intents.actions import Action, Draft, RequestKind
    from intents.spec import Turn


def report_matter(turn: Turn, *, kind: RequestKind | None = None, reason: str = "") -> list[Action]:
    """Ask for the place once, where somebody has to go there; open the ticket as soon as it is known or cannot be had.

    `kind` is what the intent makes of it (投诉, 建议, …); without it the words decide.
    """
    draft = _describe(turn, kind=kind, reason=reason)
    if turn.is_missing("matter") and not turn.has_asked("matter"):
        return [AskSlot("matter", draft)]
    if not turn.is_missing("place") or lexicon("placeless").first(turn.text):
        return open_matter(draft)
    if not turn.has_asked("place"):
        return [AskSlot("place", draft)]
    return open_matter(msgspec.structs.replace(draft, reason=reason or "no_place"))


def tell_matter(turn: Turn, *, kind: RequestKind | None = None, reason: str = "") -> list[Action]:
    """Open a matter that nobody has to go to (how somebody behaves, a proposal, praise): a place is kept, not asked for."""
    draft = _describe(turn, kind=kind, reason=reason)
    if turn.is_missing("matter") and not turn.has_asked("matter"):
        return [AskSlot("matter", draft)]
    return open_matter(draft)


def _describe(turn: Turn, *, kind: RequestKind | None, reason: str) -> Draft:
    """Put the matter together; an accusation that somebody be punished is never anything less than one."""
    draft = turn.draft(reason=reason)
    if kind is None or draft.kind == "report":
        return draft
    return msgspec.structs.replace(draft, kind=kind, confidential=draft.confidential or kind == "report")
