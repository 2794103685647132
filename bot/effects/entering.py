"""Coming in to one's own pages by a code from the chat, and having all browsers put out (residents.entering says why it is done so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intents.actions import EnterPages, LeavePages, Outcome, Tell
from residents import entering

if TYPE_CHECKING:
    from bot.effects.scene import Scene


def _enter(scene: Scene, action: EnterPages) -> Outcome:
    """Give a code to whoever writes for themselves; through whom others speak, none."""
    channel = scene.speaker.conversation.channel
    if channel not in entering.CHANNELS:
        return _tell("page_code_elsewhere")
    settings = scene.city.settings.pages
    if not action.number:
        return _tell("page_code_how")
    given = entering.give_code(
        scene.session, action.number, resident_id=scene.resident, channel=channel, settings=settings, now=scene.now
    )
    match given:
        case "often":
            return _tell("page_code_often", count=settings.codes_per_day)
        case "unknown":
            return _tell("page_code_unknown")
    return _tell("page_code", code=given, number=action.number, minutes=settings.code_minutes)


def _leave(scene: Scene, _action: LeavePages) -> Outcome:
    gone = entering.put_out(scene.session, scene.resident)
    return _tell("pages_left", count=gone) if gone else _tell("pages_left_none")


def _tell(text: str, **facts: object) -> Outcome:
    return Outcome(name="told", says=(Tell(text, facts),))


EFFECTS = {EnterPages: _enter, LeavePages: _leave}
