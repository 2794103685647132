"""代人反映: for whom somebody speaks, in their own words, and whose telephone number they gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from intents.actions import AskSlot, OpenMatters, OpenTicket
from intents.lexicon import lexicon
from intents.slots import find_phone_at

if TYPE_CHECKING:
    from intents.actions import Action, Draft
    from intents.spec import Turn

Allowed = Literal["all", "status", "none"]
_ALLOWED: tuple[Allowed, ...] = ("none", "status", "all")
"""The strictest first: 不同意 contains 同意."""


def speak_for(action: Action, turn: Turn) -> Action:
    """Note on whatever an action opens for whom it is."""
    who = lexicon("behalf_who.who").first(turn.text)
    if not who:
        return action
    match action:
        case OpenTicket(draft=draft):
            return OpenTicket(_note(draft, turn, who))
        case AskSlot(draft=draft, more=more):
            return msgspec.structs.replace(action, draft=_note(draft, turn, who), more=tuple(_note(one, turn, who) for one in more))
        case OpenMatters(drafts=drafts):
            return msgspec.structs.replace(action, drafts=tuple(_note(draft, turn, who) for draft in drafts))
        case _:
            return action


def note_phone(draft: Draft, turn: Turn) -> Draft:
    """Keep a number that came later (with the address) where it belongs: to the person spoken for, or to the writer."""
    return _note(draft, turn, draft.behalf) if draft.behalf else draft


def read_allowance(text: str) -> Allowed | None:
    """Read what somebody lets another see of a matter filed in their name: by number (1 all, 2 status, 3 nothing) or in words."""
    return next((allowed for allowed in _ALLOWED if lexicon(f"behalf_who.allow_{allowed}").first(text)), None)


def _note(draft: Draft, turn: Turn, who: str) -> Draft:
    """Write down for whom a draft is; a number after 她电话 is theirs, not the writer's."""
    found = find_phone_at(turn.text)
    if found is None:
        return msgspec.structs.replace(draft, behalf=who)
    at, phone = found
    if not lexicon("behalf_who.theirs").first(turn.text[:at]):
        return msgspec.structs.replace(draft, behalf=who)
    return msgspec.structs.replace(draft, behalf=who, behalf_phone=phone, phone="" if draft.phone == phone else draft.phone)
