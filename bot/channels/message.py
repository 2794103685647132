"""One pushed message as an Inbound: every type and event of protocol.md 2.2 and 2.3, and whatever Tencent invents next.

wechatpy parses; its models lack some fields (bizmsgmenuid), give 0 as the id of every event, strip texts and raise five kinds
of errors on odd input (protocol.md 5.2 rows 10 and 12-15), so we read its raw `_data` and make each value a plain text.
WeCom applications push the same shapes, so this file is shared by the channels.

What an event becomes: `event` is its name in lower case, as wechatpy calls it (a first contact by QR code is `subscribe_scan`),
`event_key` what it is about, `text` what it reports:

    subscribe, unsubscribe, click, view, view_miniprogram, pic_…   event_key = EventKey
    subscribe_scan, scan           event_key = the scene of the QR code, without `qrscene_`
    scancode_push, …_waitmsg       text = what was scanned
    location, location_select      point
    templatesendjobfinish          event_key = MsgID, text = Status
    subscribe_msg_…_event          text = one line a template: its id, then the states in the order sent
    kf_create_session, …           event_key = the servicer (the new one)
    user_info_modified, …_revoke   sender = whose data it is about (OpenID), event_key = RevokeInfo

A text message carries the id of a tapped menu item in `event_key`. Other kinds carry their own name in `event`.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from xml.parsers.expat import ExpatError

import msgspec
from wechatpy.parser import parse_message

from bot.channels import Inbound, Media, Point
from bot.channels.envelope import Unreadable
from bot.channels.xml import XmlError, decode, read_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    MediaKind = Literal["image", "voice", "video"]

_KEY_LIMIT = 512
"""Longer keys are replaced by their digest: an EventKey may be a page address, and an index has its bounds."""

_LAST_SECOND = 2**32
"""A CreateTime beyond 2106 is no time."""

_ABOUT_OTHERS = frozenset({"user_info_modified", "user_authorization_revoke"})


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A read push: the message, and from whom to which account it went, for the passive reply that goes the other way."""

    inbound: Inbound
    writer: str
    account: str


def read_message(body: bytes, *, channel: str) -> Pushed:
    """Read a verified and decrypted message; Unreadable if it is no message, or names no sender or no time.

    The same push read twice gives the same value, so a re-delivery is recognised. The key is `m:<MsgId>` for messages, `e:<from>:<time>:<event>:<about>` for
    events, and a digest of the bytes for a message without an id.
    """
    try:
        document = decode(body)
        read_fields(document)
    except XmlError as error:
        raise Unreadable(str(error), at="xml") from None
    try:
        data: dict[str, Any] = parse_message(document)._data  # noqa: SLF001 - row 13: the models leave fields out
    except (KeyError, AttributeError, TypeError, ValueError, ExpatError) as error:  # row 10: measured, all five
        raise Unreadable(f"wechatpy: {type(error).__name__}", at="message") from None
    read = _Reader(data)
    name = read("MsgType").lower()
    parts = _READERS.get(name, _read_other)(read)
    sender = (read("OpenID") if parts.get("event") in _ABOUT_OTHERS else "") or read("FromUserName")
    if not sender:
        raise Unreadable("nobody has sent this", at="message")
    sent_at = _read_time(read("CreateTime"))
    if sent_at is None:
        raise Unreadable("it has no time", at="message")
    inbound = Inbound(
        channel=channel,
        key=_make_key(read, sender, parts, body),
        sender=sender,
        sent_at=sent_at,
        **parts,
    )
    return Pushed(inbound=inbound, writer=read("FromUserName"), account=read("ToUserName"))


class _Reader:
    """Reads fields as plain text, whatever the parser made of them (None, a list, a mapping)."""

    def __init__(self, data: Any) -> None:
        self._data = data if isinstance(data, dict) else {}

    def __call__(self, *names: str) -> str:
        """Give the first of these fields that says anything."""
        return next((text for name in names if (text := _flatten(self._data.get(name)))), "")

    def inside(self, name: str) -> list[_Reader]:
        """Give the fields nested under a name: none, one, or many of the same name."""
        value = self._data.get(name)
        return [_Reader(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]

    def values(self) -> list[str]:
        """Give what all fields say, in their order."""
        return [text for value in self._data.values() if (text := _flatten(value))]


def _flatten(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(text for name, one in value.items() if not name.startswith("@") and (text := _flatten(one)))
    if isinstance(value, list):
        return next((text for one in value if (text := _flatten(one))), "")
    return value.strip() if isinstance(value, str) else ""


def _read_text(read: _Reader) -> dict[str, Any]:
    return {"kind": "text", "text": read("Content"), "event_key": read("bizmsgmenuid")}


def _read_media(kind: MediaKind) -> Callable[[_Reader], dict[str, Any]]:
    def read_media(read: _Reader) -> dict[str, Any]:
        ref = read("MediaId")
        media = (Media(kind=kind, ref=ref, format=read("Format").lower()),) if ref else ()
        return {"kind": kind, "text": read("Recognition"), "media": media}

    return read_media


def _read_location(read: _Reader) -> dict[str, Any]:
    point = _read_point(read)
    return {"kind": "location", "point": point, "text": "" if point else read("Label")}


def _read_link(read: _Reader) -> dict[str, Any]:
    said = [read("Title"), read("Description"), read("Url")]
    return {"kind": "link", "text": "\n".join(line for line in said if line)}


def _read_event(read: _Reader) -> dict[str, Any]:
    name = read("Event").lower()
    point = next((found for place in (read, *read.inside("SendLocationInfo")) if (found := _read_point(place))), None)
    about = read("EventKey", "MsgID", "ToKfAccount", "KfAccount", "RevokeInfo")
    states = [one for wrapper in ("Popup", "Change", "Sent") for one in read.inside(f"SubscribeMsg{wrapper}Event")]
    lines = [" ".join(one.values()) for state in states for one in state.inside("List")]
    scanned = [one("ScanResult") for one in read.inside("ScanCodeInfo")]
    return {
        "kind": "event",
        "event": name,
        "event_key": about,
        "point": point,
        "text": "\n".join([*lines, *scanned]) or read("Status"),
    }


def _read_other(read: _Reader) -> dict[str, Any]:
    return {"kind": "other", "event": read("MsgType").lower(), "event_key": read("Event").lower(), "text": read("Content", "Title")}


_READERS: dict[str, Callable[[_Reader], dict[str, Any]]] = {
    "text": _read_text,
    "image": _read_media("image"),
    "voice": _read_media("voice"),
    "video": _read_media("video"),
    "shortvideo": _read_media("video"),
    "location": _read_location,
    "link": _read_link,
    "event": _read_event,
}


def _read_point(read: _Reader) -> Point | None:
    try:
        latitude, longitude = float(read("Location_X", "Latitude")), float(read("Location_Y", "Longitude"))
    except ValueError:
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - degrees
        return None
    return Point(latitude=latitude, longitude=longitude, label=read("Label", "Poiname"))


def _read_time(seconds: str) -> datetime | None:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10 and int(seconds) < _LAST_SECOND):  # noqa: PLR2004 - as _LAST_SECOND
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _make_key(read: _Reader, sender: str, parts: dict[str, Any], body: bytes) -> str:
    if parts["kind"] == "event":
        key = f"e:{sender}:{read('CreateTime')}:{parts['event']}:{parts['event_key']}"
    elif number := read("MsgId"):
        key = f"m:{number}"
    else:
        return _digest(body)
    return key if len(key) <= _KEY_LIMIT else _digest(key.encode())


def _digest(data: bytes) -> str:
    return f"h:{hashlib.sha256(data).hexdigest()}"
