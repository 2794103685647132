"""[pages]: how long a browser stays known, how codes for coming in are limited, and how often one visitor is counted."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]


class PageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The residents' pages."""

    known_days: Count = 30
    """A telephone changes hands sooner or later; coming in again is one step."""
    code_minutes: Count = 10
    """Long enough to go over to the chat and back, slowly."""
    code_tries: Count = 5
    """Wrong ones per number: one in 200,000 is guessed then, and only after its resident asked for a code."""
    codes_per_day: Count = 10
    """Codes that one resident is sent: whoever needs more is being talked into it."""
    numbers_per_hour: Count = 30
    """Numbers that one address is given: behind it may sit a library, or a whole mobile network."""
    votes_each: Count = 1
    """How often one visitor's word on an entry counts in a day."""
    votes_per_entry: Count = 10
    """The same for one address: a family, a counter's waiting room."""
    votes_per_day: Count = 60
    """Votes of one address on all entries: more is no reader."""
