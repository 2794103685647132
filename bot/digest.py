"""Several notices for the same reader become one message. Pure.

Results, what asks its reader for an answer, and alarms are always messages of their own (routing.notice_table.WHOLE): `1` has to mean
one matter. The others go together in the order in which they were written, each whole; what does not fit follows in the next message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.texts import fill
from routing.notice_table import KEYS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.outbox import OutboxMessage

APART = "apart: "
"""What the error of a row begins with that was refused as part of a message of several: it goes on its own from then on."""


def may_join(row: OutboxMessage) -> bool:
    """Tell whether a send may go together with others."""
    return not row.urgent and row.notice in KEYS and row.notice not in WHOLE and not (row.error or "").startswith(APART)


def join_texts(texts: Sequence[str]) -> str:
    """Put the words of several notices into one message."""
    return fill(
        "digest", "several", {"count": len(texts), "notices": "\n".join(fill("digest", "one", {"notice": text}) for text in texts)}
    )
