"""What to do at once, said before anything else is asked: for a bite the wound comes first, then the matter of the dog goes its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import Tell
from intents.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from intents.actions import Action

FIRST = frozenset({"bite_first"})
"""Texts that stand before all others of a turn."""
_OF = frozenset({"report_problem", "complaint", "report_violation", "on_behalf", "medical", "ask_policy", "upset", "suggestion"})
"""Intents in which somebody may have been hurt just now; in an emergency its own words go first, all others speak of something that was told."""


def add_first_aid(actions: Sequence[Action], text: str, *, intent: str) -> list[Action]:
    """Add what to do at once to what a matter leads to; the first action stays the first, it is what became of the message."""
    is_bitten = intent in _OF and lexicon("bite").first(text)
    return [*actions, Tell("bite_first")] if is_bitten else list(actions)


def put_first(says: Iterable[Tell]) -> list[Tell]:
    """Say first what has to be done at once."""
    return sorted(says, key=lambda tell: tell.text not in FIRST)
