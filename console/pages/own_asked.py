"""What a resident asks for on their own pages. It is carried out by the dialogue's own effects, behind console.surroundings.CityView."""

from __future__ import annotations

from typing import Literal

import msgspec

OwnActName = Literal["rate", "after", "add", "urge", "withdraw", "erase", "stop", "resume"]
"""What can be asked for: of one matter, and of what is kept of oneself (erase, stop, resume)."""

FoundState = Literal["answer", "choice", "expired", "elsewhere", "none"]


class OwnAct(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a resident asks for: of the ticket `number`, or of all that is kept of them."""

    act: OwnActName
    number: str = ""
    text: str = ""
    contacted: Literal["", "yes", "no"] = ""
    solved: Literal["", "yes", "partly", "no"] = ""
    satisfied: Literal["", "yes", "basic", "no"] = ""
    well: bool = True
    """What they say of a thing that was mended some time ago."""


class OwnDone(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: the name of the sentence that says so ([pages] flash_<said>), and the receipt of an erasure."""

    said: str
    receipt: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a question came to: `answer` is sure, `choice` may be meant, `expired` and `elsewhere` would have answered but may not, `none`."""

    state: FoundState
    codes: tuple[str, ...] = ()
    danger: bool = False
    """Whether life is in danger: numbers to call come before everything."""
