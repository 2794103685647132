"""Matters that need careful first words and a person: law, the mind, violence at home, children, medical questions.

What is said first is fixed text with the right number, never an entry of the knowledge base; a person at the desk on duty follows.
What is private among them is read by nobody but the desk, and a group never hears a word of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from intents.actions import OpenTicket

if TYPE_CHECKING:
    from intents.actions import Action, RequestKind
    from intents.spec import Turn

Topic = Literal["legal_aid", "mental_health", "domestic_violence", "child_protection", "medical"]
PRIVATE_TOPICS: frozenset[str] = frozenset({"mental_health", "domestic_violence", "child_protection"})
"""Never a word of it in a group; the ticket is confidential."""
_ADVICE: frozenset[str] = frozenset({"legal_aid", "medical"})
"""Whoever asks about law or medicine asks to know; the others need help."""


def bring_to_person(turn: Turn, *, topic: Topic) -> list[Action]:
    """Open the matter at the desk with the topic as its reason: the first words belong to the reason. Danger now is the emergency's."""
    kind: RequestKind = "consult" if topic in _ADVICE else "help"
    draft = turn.draft(reason=topic)
    hidden = draft.confidential or topic in PRIVATE_TOPICS
    return [OpenTicket(msgspec.structs.replace(draft, kind=kind, confidential=hidden))]
