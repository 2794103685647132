"""What residents do, as the fields of a push (protocol.md 2.2 and 2.3), without who and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.channels.xml import Fields


def make_text(content: str) -> Fields:
    """Write something."""
    return {"MsgType": "text", "Content": content}


def make_image(media_id: str) -> Fields:
    """Send a picture."""
    return {"MsgType": "image", "PicUrl": "http://mmbiz.qpic.cn/simulated", "MediaId": media_id}


def make_voice(media_id: str, *, recognition: str = "") -> Fields:
    """Say something; the platform's recognition is mostly empty."""
    return {"MsgType": "voice", "MediaId": media_id, "Format": "amr", "Recognition": recognition}


def make_video(media_id: str) -> Fields:
    """Send a video."""
    return {"MsgType": "video", "MediaId": media_id, "ThumbMediaId": f"{media_id}-thumb"}


def make_location(latitude: float, longitude: float, *, label: str) -> Fields:
    """Send where one is (GCJ-02 degrees)."""
    return {
        "MsgType": "location",
        "Location_X": f"{latitude:.6f}",
        "Location_Y": f"{longitude:.6f}",
        "Scale": "16",
        "Label": label,
    }


def make_event(event: str, *, key: str = "") -> Fields:
    """Tap a menu item (CLICK), follow (subscribe), leave (unsubscribe), scan a door code (SCAN)."""
    return {"MsgType": "event", "Event": event, "EventKey": key}
