"""[open311]: whether what desks publish can be read by everybody, and of how many residents' matter."""

from __future__ import annotations

from typing import Annotated

import msgspec


class Open311Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether and what is published. Off as shipped: a city decides to publish."""

    enabled: bool = False
    min_requesters: Annotated[int, msgspec.Meta(ge=1)] = 3
    """So many residents at least must have told of a matter: of fewer, neighbours know who it was."""
    contact: str = ""
    """Whom to write to about these data; empty: nobody is named."""
