"""What partners' programs may ask and send."""

from __future__ import annotations

from console.asked import Asked, Code, Cursor, File, Limit, Moment, OptionalCode, OptionalText, Text
from routing.handing_over import Answer, Result  # noqa: TC001 - msgspec reads the annotations


class PartnerAsked(Asked, frozen=True):
    """Which part of what happened: what came behind the cursor."""

    limit: Limit = 50
    cursor: Cursor = ""


class PartnerFile(File, frozen=True, kw_only=True):
    """A matter that a partner sends under its own id. Sent again it is the same one; with other words these are added to it."""

    id: Code
    received_at: Moment | None = None
    """When the partner received it: the resident's time runs from there."""


class TransferState(Asked, frozen=True):
    """对方回执: what became of a matter that we handed over, with the other side's id of it."""

    state: Answer
    id: OptionalCode = ""
    text: OptionalText = ""


class TransferResult(Asked, frozen=True):
    """对方结果: what the other side replies, or that it is done, under an id of its own: the same one again changes nothing."""

    id: Code
    act: Result
    text: Text
