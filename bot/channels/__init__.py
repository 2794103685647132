"""The Channel protocol: how a message comes in, how one goes out, and what may go wrong on the way.

A channel is one file here with the constant CHANNEL; discover() finds it. Channels know Inbound and Outbound, never what becomes of
them: the receiver is handed in. They import nothing of one another; what they share is body, callback, message, envelope, xml, api_client and token.

    SendError                what a send may end in
    ├── SendLater            busy or too frequent: try again after `after` seconds
    ├── SendNever            this message can never be sent this way (bad id, blocked, not allowed): tell a person
    ├── WindowClosed         outside the platform's window or quota: another way, or wait for the next contact
    └── SendUnknown          it may have arrived; it is never sent again by itself

    ReceiveError             a message could not be taken in
    └── BodyDiffers          the same key was used before for other content (409 at the gateway)
"""

from __future__ import annotations

import importlib
import pkgutil
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import ModuleType

    from aiohttp import web

    from residents.ledger import OpenedBy, Window

Kind = Literal["text", "image", "voice", "video", "location", "link", "event", "other"]
Scope = Literal["person", "group"]
NO_WINDOWS: Mapping[OpenedBy, Window] = MappingProxyType({})
Role = Literal["resident", "grid_worker"]


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, voice or video that came along: `ref` is the channel's own id for fetching it."""

    kind: Literal["image", "voice", "video"]
    ref: str
    format: str = ""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Coordinates as sent (WeChat: GCJ-02 degrees) and the label that came with them."""

    latitude: float
    longitude: float
    label: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The group a message was written in, and whether the bot was spoken to."""

    id: str
    name: str = ""
    mentions_bot: bool = False
    quotes_bot: bool = False
    forwarded_by_worker: bool = False
    consent: bool = False
    can_reply: bool = False
    office: bool = False
    """Whoever wrote bears a name of the property company or the community in this group; the name itself is dropped."""


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """来信: one message as every channel hands it over. `key` is unique within the channel and survives re-delivery."""

    channel: str
    key: str
    sender: str
    kind: Kind
    sent_at: datetime
    text: str = ""
    role: Role = "resident"
    scope: Scope = "person"
    group: Group | None = None
    media: tuple[Media, ...] = ()
    point: Point | None = None
    event: str = ""
    event_key: str = ""
    code: str = ""
    """The code of a door, building or card (routing.codes) by which the writer came."""
    origin_line: str = ""
    comes_again: bool = False
    """Whoever hands it over comes again for an answer that takes longer, and cannot be called."""


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """去信: words for one destination. `address` is the channel's own id (openid, webhook name …)."""

    address: str
    text: str
    reference: str = ""
    template: dict[str, str] = {}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the edge answers at once: the words, or None when the answer goes out actively or there is none."""

    text: str | None
    duplicate: bool = False
    outcome: str = ""
    ticket: str = ""
    suggested: str = ""


class SendError(Exception):
    """A send did not succeed."""

    def __init__(self, message: str = "", *, code: int = 0) -> None:
        super().__init__(message or self.__doc__)
        self.code = code


class SendLater(SendError):
    """The platform is busy; try again later."""

    def __init__(self, message: str = "", *, code: int = 0, after: float = 5.0) -> None:
        super().__init__(message, code=code)
        self.after = after


class SendNever(SendError):
    """This message cannot be sent this way at all."""


class WindowClosed(SendError):
    """The platform's window or quota is closed."""


class SendUnknown(SendError):
    """It may have arrived; a person decides."""


class ReceiveError(Exception):
    """A message could not be taken in."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class BodyDiffers(ReceiveError):
    """This message id was used before for another content."""


class Receiver(Protocol):
    """What a channel hands its messages to (bot.inbound implements it)."""

    async def receive(self, inbound: Inbound) -> Reply:
        """Store, handle, and say what to answer at once; returns only after the message is durable. BodyDiffers for a used key."""
        ...

    async def quarantine(self, channel: str, raw: bytes, reason: str) -> None:
        """Keep the sealed bytes of a validly signed message that nobody could read, and alarm an operator."""
        ...

    async def recall(self, channel: str, key: str) -> bool:
        """Forget a message its writer has taken back; False if it is not known."""
        ...


class Channel(Protocol):
    """One road in and out, set up with its own section of the settings."""

    name: str
    reply_limit: int
    """The longest text of one message, in UTF-8 bytes; 0 means no limit."""
    keeps: bool
    """Whether what it sends is kept by ourselves, under its reference: sent again it is there once. Then no answer has to leave with the
    request that brought the message, and nothing has to be put together."""

    @property
    def windows(self) -> Mapping[OpenedBy, Window]:
        """Say what a contact lets us send, and how long; NO_WINDOWS where the platform sets no such limit."""
        ...

    def routes(self, receive: Receiver) -> list[web.RouteDef]:
        """Give the HTTP routes of the way in (none for a channel that only sends)."""
        ...

    async def send(self, outbound: Outbound) -> str:
        """Send now; return the platform's id of the message or raise a SendError."""
        ...

    async def notify(self, outbound: Outbound) -> str:
        """Send outside the conversation's window (a template message); WindowClosed where the channel has no such way."""
        ...

    async def fetch(self, media: Media) -> bytes:
        """Fetch a picture, voice or video within the size cap; a SendError if it cannot be had."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class ChannelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel file declares as CHANNEL: its name, its settings struct, and how to make it."""

    name: str
    title: str
    settings: type[Any]
    is_on: Callable[[Any], bool]
    """Tell from the settings whether the channel is on; empty settings mean off."""
    make: Callable[..., Channel]
    """Called with settings=, store= (keyword arguments)."""
    check: Callable[..., Awaitable[list[str]]]
    """What doctor asks: the problems of these settings, in words, empty if none."""


def discover() -> dict[str, ChannelSpec]:
    """Find every channel file of this folder, by name."""
    found: dict[str, ChannelSpec] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        module: ModuleType = importlib.import_module(f"{__name__}.{info.name}")
        spec = getattr(module, "CHANNEL", None)
        if isinstance(spec, ChannelSpec):
            found[spec.name] = spec
    return found
