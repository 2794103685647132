"""Too much at once: one resident's burst is kept to be put together, one group's copies are counted as people of one ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from intents.actions import GatherMessage, JoinCopied, Outcome, Tell
from residents import bursts, copies
from routing import following, history
from routing.duplicates import Near
from routing.terms import Status

if TYPE_CHECKING:
    from bot.effects.scene import Scene
    from intents.tiers import Reading

_JOINABLE = frozenset({Status.ACCEPTED, Status.DISPATCHED, Status.SIGNED})
"""Once a unit has answered, the same words say that it is not solved: that is a matter of its own."""


def is_flooding(scene: Scene) -> bool:
    """Tell whether the speaker has written more within a minute than is answered one by one."""
    per_minute = scene.city.settings.conversation.flood_per_minute
    return bursts.is_flooding(scene.session, scene.resident, per_minute=per_minute, now=scene.now)


def find_copied(scene: Scene, reading: Reading) -> str:
    """Find the open ticket that the same words in the same group became a short while ago; "" if there is none."""
    mark = _mark(scene, reading)
    if mark is None:
        return ""
    since = scene.now - timedelta(minutes=scene.city.settings.conversation.copy_minutes)
    number = copies.find(scene.session, mark, since=since)
    if not number:
        return ""
    ticket = history.find(scene.session, number)
    return "" if ticket.confidential or Status(ticket.status) not in _JOINABLE else number


def note_copied(scene: Scene, reading: Reading, *, ticket: str) -> None:
    """Note what a group's words became, so that copies of them are counted there."""
    mark = _mark(scene, reading) if ticket else None
    if mark is not None:
        copies.note(scene.session, mark, ticket=ticket, now=scene.now)


def _mark(scene: Scene, reading: Reading) -> bytes | None:
    """Mark the words of a group's message; None for what nobody may be counted in: private chat, private distress, no words."""
    if scene.is_private or reading.private:
        return None
    return copies.mark_words(scene.session, group=scene.speaker.conversation.place, text=scene.utterance.text)


def _gather(scene: Scene, _action: GatherMessage) -> Outcome:
    if scene.message is None:
        return Outcome(name="told")
    quiet = timedelta(seconds=scene.city.settings.conversation.flood_seconds)
    is_first = bursts.gather(
        scene.session, conversation_id=scene.speaker.conversation.id, inbox_id=scene.message.id, now=scene.now, quiet=quiet
    )
    return Outcome(name="told", says=(Tell("flood_told"),) if is_first else ())


def _join_copied(scene: Scene, action: JoinCopied) -> Outcome:
    ticket = history.find(scene.session, action.ticket, for_update=True)
    inbound = scene.inbound
    known = ticket.resident_id == scene.resident or scene.resident in history.list_followers(scene.session, ticket)
    if known or inbound is None or inbound.group is None or not inbound.group.consent:
        return Outcome(name="joined", ticket=action.ticket)
    opened = following.join(
        scene.session,
        Near(ticket_id=ticket.id, own=False, score=1.0, because="same_words"),
        resident_id=scene.resident,
        text=inbound.text,
        inbox_id=scene.message.id if scene.message is not None else None,
        now=scene.now,
        context=scene.context,
    )
    return Outcome(name="joined", ticket=opened.ticket.number)


EFFECTS = {GatherMessage: _gather, JoinCopied: _join_copied}
