"""Groups: what of a group's talk is meant for us. Runs in memory before anything is kept; what is ignored leaves no text behind.

Neighbours talk to each other there, and most of them never agreed to be read. So only what is plainly addressed to us is taken,
in groups with a posted notice and from speakers who consented; danger to life alone passes always. What is not addressed to us and yet sounds
like a matter (intents.listening) is no more than a draft: the group's grid worker alone sees it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from intents.danger import DangerReader, shipped_reader
from intents.lexicon import lexicon
from knowledge_base.text import normalize

Way = Literal["danger", "mention", "quote", "forward"]


class GroupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One group message, and what is known of the group and the speaker. Everything defaults to no."""

    text: str = ""
    """In normal form or as it came; it is read for danger and forgotten."""
    notice_posted: bool = False
    """A notice is posted in this group that we read along."""
    consent: bool = False
    """The speaker agreed."""
    mentions_bot: bool = False
    quotes_bot: bool = False
    forwarded_by_worker: bool = False
    has_worker: bool = False
    """A grid worker looks after this group, who could be shown a draft."""
    is_matter: bool = False
    """It sounds like something that somebody has to see to, or goes on with it."""


class Take(msgspec.Struct, frozen=True, tag=True):
    """It is for us."""

    reason: Way


class Draft(msgspec.Struct, frozen=True, tag=True):
    """It may be a matter: its words are kept sealed for the grid worker alone, a day at most."""


class Ignore(msgspec.Struct, frozen=True, tag=True):
    """It is not, or may not be: nothing of it is kept."""

    reason: Literal["no_notice", "no_consent", "chatter"]


def judge(facts: GroupFacts, *, danger: DangerReader | None = None) -> Take | Draft | Ignore:
    """Decide on one group message. Danger to life is taken whatever else is missing; a mention without words is taken, it gets help.

    The title of a forwarded article is nobody's danger here. `danger` reads as the city wants it, by default as shipped.
    """
    own_words = lexicon("group_chatter.card").blank(normalize(facts.text))
    reader = danger or shipped_reader()
    is_ours = facts.mentions_bot or facts.quotes_bot or facts.forwarded_by_worker
    if reader.read(own_words, overheard=not is_ours).tier == "red":
        return Take("danger")
    if not facts.notice_posted:
        return Ignore("no_notice")
    if not facts.consent:
        return Ignore("no_consent")
    ways: tuple[tuple[Way, bool], ...] = (
        ("mention", facts.mentions_bot),
        ("quote", facts.quotes_bot),
        ("forward", facts.forwarded_by_worker),
    )
    addressed = next((Take(reason) for reason, is_so in ways if is_so), None)
    if addressed is not None:
        return addressed
    return Draft() if facts.has_worker and facts.is_matter else Ignore("chatter")
