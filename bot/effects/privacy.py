"""What residents want done with what is kept of them: shown, erased, notices stopped, what others see of a matter shown first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.texts import has_text
from intents.actions import EraseMe, Outcome, ShowMyData, ShowPreview, StopNotices, Tell
from residents import consent, erasing
from residents.keeping import read_kept
from residents.masking import DOOR
from routing import register
from routing.forgetting import list_kept
from routing.handover import preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.effects.scene import Scene
    from residents.keeping import Kept

_LISTED = 5
"""Matters shown by name: what a telephone shows without scrolling."""


def _show(scene: Scene, _action: ShowMyData) -> Outcome:
    kept = read_kept(scene.session, scene.speaker.resident)
    lines = [scene.city.words.privacy(key, facts) for key, facts in (*_list_kept(scene, kept), *_list_tickets(scene))]
    told = scene.city.describe_keeping() | {"lines": "\n".join(lines)}
    return Outcome(name="told", says=(Tell("my_data", told),))


def _list_kept(scene: Scene, kept: Kept) -> Iterator[tuple[str, dict[str, object]]]:
    """List who they are to us, as keys and facts."""
    words = scene.city.words
    named = (f"channel_{name}" for name in kept.channels)
    channels = (words.privacy(name if has_text("privacy", name) else "channel_other", {}) for name in named)
    yield "kept_since", {"since_at": kept.since, "channels": words.privacy("details_between", {}).join(dict.fromkeys(channels))}
    for phone in kept.phones:
        yield "kept_phone", {"phone": phone}
    if kept.has_name:
        yield "kept_name", {}
    if kept.has_home:
        yield "kept_home", {}
    if kept.attachments:
        yield "kept_media", {"count": kept.attachments}
    if kept.told_at is not None:
        yield "kept_told", {"version": kept.told_version, "told_at": kept.told_at}
    if kept.refuses_notices:
        yield "kept_refused", {}


def _list_tickets(scene: Scene) -> Iterator[tuple[str, dict[str, object]]]:
    """List their matters, the newest first, as keys and facts."""
    tickets = list_kept(scene.session, scene.resident)
    if tickets:
        yield "kept_tickets", {"count": len(tickets)}
    for number, ticket in enumerate(tickets[:_LISTED], start=1):
        yield "kept_ticket", {"number": number, "title": ticket.title, "ticket": ticket.number}
    if len(tickets) > _LISTED:
        yield "kept_more", {"count": len(tickets) - _LISTED}


def _erase(scene: Scene, action: EraseMe) -> Outcome:
    """Ask whether it is meant, then have it done as soon as the answer has left."""
    if not action.confirmed:
        waiting = sum(ticket.is_open for ticket in list_kept(scene.session, scene.resident))
        return Outcome(name="told", says=(Tell("erase_ask_open", {"count": waiting}) if waiting else Tell("erase_ask"),))
    receipt = erasing.request(
        scene.session,
        resident=scene.speaker.resident,
        day=f"{scene.now.astimezone(scene.city.zone):%Y%m%d}",
        due_at=scene.now + timedelta(seconds=scene.city.settings.privacy.grace_seconds),
        now=scene.now,
    )
    return Outcome(name="told", says=(Tell("erase_done", {"receipt": receipt}),))


def _stop(scene: Scene, action: StopNotices) -> Outcome:
    change = consent.take_back if action.on else consent.give
    change(
        scene.session,
        resident_id=scene.resident,
        kind="broadcast",
        version=scene.city.settings.privacy.notice_version,
        now=scene.now,
    )
    return Outcome(name="told", says=(Tell("notices_stopped" if action.on else "notices_resumed"),))


def _preview(scene: Scene, action: ShowPreview) -> Outcome:
    """Show what leaves the desk of one matter of theirs, else of the latest that is open."""
    own = [ticket for ticket in list_kept(scene.session, scene.resident) if ticket.is_own]
    meant = next((ticket for ticket in own if ticket.number == action.ticket or (not action.ticket and ticket.is_open)), None)
    if meant is None:
        return Outcome(name="told", says=(Tell("preview_none"),))
    seen = preview(register.show(scene.session, meant.number, org=scene.city.org).ticket)
    facts = {"ticket": seen.ticket, "title": seen.title, "place": seen.place, "summary": seen.summary}
    says = [Tell("preview_sealed" if seen.by_day else "preview", facts)]
    if not seen.by_day and DOOR in seen.title + seen.summary:
        says.append(Tell("preview_door"))
    return Outcome(name="told", ticket=seen.ticket, says=tuple(says))


EFFECTS = {ShowMyData: _show, EraseMe: _erase, StopNotices: _stop, ShowPreview: _preview}
