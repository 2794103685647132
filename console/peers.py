"""[exchange]: the systems beside ours, the folder of the hotline's files, and how calls to others are made."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Peer = Literal["hotline", "police"]
"""12345 热线平台 · 110 接处警平台."""
Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class PeerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One system beside ours. Without an address it is not called; what it sends, and a file, can still come in."""

    name: str = ""
    """What residents and desks read of it."""
    url: str = ""
    """The beginning of its address; messages go to <url>/transfers and <url>/results."""
    secret_file: str = ""
    """The file that holds the key both sides sign with."""
    fields: dict[str, str] = {}
    """Our field -> its name there; empty: all fields under our own names. A field that is not named is not sent."""
    late_minutes: Count = 30
    """So long it may take until it has acknowledged; then the report calls it late."""


class HotlineSettings(PeerSettings, frozen=True, kw_only=True):
    """The 12345 hotline's system."""

    name: str = "12345"


class PoliceSettings(PeerSettings, frozen=True, kw_only=True):
    """The 110 system; what it is handed is urgent."""

    name: str = "110"
    late_minutes: Count = 10


class ExchangeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Exchange with other systems; as shipped nobody is called and no folder is read."""

    attempts: Count = 18
    """So often a call is tried, the pauses doubling up to six hours: two days in all."""
    first_pause_seconds: Seconds = 30.0
    request_seconds: Seconds = 10.0
    """How long one call may take."""
    poll_seconds: Seconds = 2.0
    batch: Count = 10
    """Calls under way at once; one at a time to each address."""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may lie in a private network and be called without TLS; empty: none."""
    folder: str = ""
    """Where the hotline puts its files (in/) and finds ours (out/); empty: no folder."""
    keep_days: Count = 30
    """So long what was read or refused lies there: time to look something up, though residents' words stand in it unsealed."""
    hotline: HotlineSettings = HotlineSettings()
    police: PoliceSettings = PoliceSettings()

    def peer(self, name: str) -> PeerSettings | None:
        """Give the settings of a system; None for one that there is none of."""
        return {"hotline": self.hotline, "police": self.police}.get(name)
