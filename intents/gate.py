"""Groups: what of a group's talk is meant for us. Runs in memory before anything is kept; what is ignored leaves no text behind.

Neighbours talk to each other there, and most of them never agreed to be read. So only what is plainly addressed to us is taken,
in groups with a posted notice and from speakers who consented; danger to life alone passes always.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from intents.tiers import read_tier

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


class Take(msgspec.Struct, frozen=True, tag=True):
    """It is for us."""

    reason: Way


class Ignore(msgspec.Struct, frozen=True, tag=True):
    """It is not, or may not be: nothing of it is kept."""

    reason: Literal["no_notice", "no_consent", "chatter"]


def judge(facts: GroupFacts) -> Take | Ignore:
    """Decide on one group message. Danger to life is taken whatever else is missing; a mention without words is taken, it gets help."""
    if read_tier(facts.text).tier == "red":
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
    return next((Take(reason) for reason, is_so in ways if is_so), Ignore("chatter"))
