"""What a gateway posts: one message of a group or of a person, in a schema that refuses a misspelt field instead of passing it over.

protocol.md 4.1 with four optional fields more: `point`, `forwarded_by`, `reply_to.from_bot`, `media[].ref` (docs/channels/gateway.md).
What serves nobody here is read and dropped: the sender's display name (in a residents' group often the door number; of it only
whether it is the property company's or the community's is told), the
id of the quoted message, the id of the worker who forwarded.

    PostError    a body is no post; its text tells the gateway's programmer what to mend
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bot.channels import Group, Inbound, Media, Point, Role
from bot.channels.xml import clean_text
from intents.hearing import is_office

MAX_TEXT = 4000
"""Characters of a text; WeChat itself takes about 2,000, a paste of several pieces some more."""

_Id = Annotated[str, Meta(pattern=r"\A[^\x00-\x20\x7f]{1,128}\Z")]
_MessageId = Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{1,256}\Z")]
_Name = Annotated[str, Meta(max_length=128)]


class PostError(Exception):
    """This is not a post in the schema of the gateway."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class PostedGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The group it was written in."""

    id: _Id
    name: _Name = ""


class PostedSender(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wrote it: the id is the gateway's own, unique and lasting within the gateway."""

    id: _Id
    role: Role = "resident"
    display: _Name = ""


class PostedQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The message it answers; `from_bot` says that we had written that one."""

    message_id: _MessageId | None = None
    from_bot: bool = False


class PostedMedia(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture, voice or video that stays with the gateway; `ref` is its id there."""

    kind: Literal["image", "voice", "video"]
    ref: Annotated[str, Meta(min_length=1, max_length=512)]
    format: Annotated[str, Meta(max_length=16)] = ""


class PostedPoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coordinates in degrees (GCJ-02, as WeChat shows them) and the label beside them."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    label: _Name = ""


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message as a gateway posts it."""

    message_id: _MessageId
    sender: PostedSender
    sent_at: Annotated[datetime, Meta(tz=True)]
    type: Literal["text", "image", "voice", "video", "location", "link", "other"]
    channel: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{0,64}\Z")] = ""
    group: PostedGroup | None = None
    text: Annotated[str, Meta(max_length=MAX_TEXT)] = ""
    mentions_bot: bool = False
    reply_to: PostedQuote | None = None
    forwarded_by: _Id | None = None
    media: Annotated[tuple[PostedMedia, ...], Meta(max_length=9)] = ()
    point: PostedPoint | None = None
    can_reply: bool = False
    consent: Literal["agree", "disagree", "unknown"] = "unknown"

    def __post_init__(self) -> None:
        """Refuse a text without words and a location without a point (msgspec turns it into its own error)."""
        if self.type == "text" and not self.text.strip():
            raise ValueError("a message of type `text` needs words - at `$.text`")
        if self.type == "location" and self.point is None:
            raise ValueError("a message of type `location` needs coordinates - at `$.point`")


def read_post(body: bytes) -> Post:
    """Read a post; PostError says what is wrong and where, quoting no more than a field's name or an unknown word."""
    try:
        return msgspec.json.decode(body, type=Post)
    except UnicodeDecodeError:
        raise PostError("JSON is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise PostError(str(error)) from None


def to_inbound(post: Post, *, channel: str) -> Inbound:
    """Make the message as every channel hands it over; the same post always gives the same Inbound."""
    return Inbound(
        channel=channel,
        key=post.message_id,
        sender=post.sender.id,
        kind=post.type,
        sent_at=post.sent_at,
        text=clean_text(post.text),
        role=post.sender.role,
        scope="person" if post.group is None else "group",
        group=None if post.group is None else _to_group(post, post.group),
        media=tuple(Media(kind=one.kind, ref=one.ref, format=one.format) for one in post.media),
        point=None if post.point is None else _to_point(post.point),
        origin_line=post.channel,
        comes_again=True,
    )


def _to_group(post: Post, group: PostedGroup) -> Group:
    return Group(
        id=group.id,
        name=clean_text(group.name),
        mentions_bot=post.mentions_bot,
        quotes_bot=post.reply_to is not None and post.reply_to.from_bot,
        forwarded_by_worker=post.forwarded_by is not None,
        consent=post.consent == "agree",
        can_reply=post.can_reply,
        office=post.sender.role == "grid_worker" or is_office(clean_text(post.sender.display)),
    )


def _to_point(point: PostedPoint) -> Point:
    return Point(latitude=point.latitude, longitude=point.longitude, label=clean_text(point.label))
