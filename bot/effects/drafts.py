"""A grid worker's private chat: what they say of drafts from their group, and excerpts that they paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import drafting, pasting
from bot.effects import Scene, perform
from intents.actions import ConfirmDraft, DropDraft, OpenTicket, Outcome, RaiseEmergency, ShowDrafts, TakePaste, Tell
from residents import bindings, group_drafts
from store import inbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City

_CONFIRMED = {"joined": "heard_joined", "emergency": "heard_emergency"}


def confirm(
    session: Session, city: City, draft_id: int, *, staff: str, text: str = "", place: str = "", now: datetime
) -> Outcome | None:
    """Make a ticket of a draft that waits for this worker; None for every other draft, as if there were none. `text`, `place`: in their words."""
    draft = group_drafts.find_for(session, draft_id, worker=staff)
    if draft is None:
        return None
    matter, speaker = drafting.read_matter(session, city, draft, text=text, place=place, now=now)
    utterance = city.segmenter.read(matter.text)
    scene = Scene(session, city=city, speaker=speaker, message=None, inbound=None, utterance=utterance, now=now)
    outcome = perform(scene, RaiseEmergency(matter) if matter.tier == "red" else OpenTicket(matter))
    drafting.end(session, draft, "confirmed", actor=staff, now=now, ticket=outcome.ticket)
    return outcome


def raise_dangers(session: Session, city: City, taken: pasting.Taken, *, staff: str, now: datetime) -> tuple[str, ...]:
    """Open an emergency for every danger to life in an excerpt, at once; gives the tickets."""
    outcomes = [confirm(session, city, draft.id, staff=staff, now=now) for draft in taken.red]
    return tuple(outcome.ticket for outcome in outcomes if outcome is not None)


def _confirm(scene: Scene, action: ConfirmDraft) -> Outcome:
    outcome = confirm(scene.session, scene.city, action.draft, staff=_staff(scene), now=scene.now)
    if outcome is None:
        return _tell("heard_gone")
    says = [Tell(_CONFIRMED.get(outcome.name, "heard_confirmed"), {"ticket": outcome.ticket})]
    if action.receipt:
        says.append(Tell("heard_receipt"))
    return Outcome(name="told", ticket=outcome.ticket, says=(*says, *_what_waits(scene)))


def _drop(scene: Scene, action: DropDraft) -> Outcome:
    dropped = drafting.drop(scene.session, action.draft, staff=_staff(scene), now=scene.now)
    return _tell("heard_dropped" if dropped else "heard_gone", *_what_waits(scene))


def _show(scene: Scene, action: ShowDrafts) -> Outcome:
    listed = _what_waits(scene)
    return _tell("heard_which", *listed) if action.unclear else Outcome(name="told", says=listed or (Tell("heard_none"),))


def _paste(scene: Scene, action: TakePaste) -> Outcome:
    staff = _staff(scene)
    group = pasting.own_group(scene.city, staff)
    if not group:
        return _tell("paste_no_group")
    taken = pasting.paste(scene.session, scene.city, action.text, staff=staff, group=group, now=scene.now)
    if taken is None:
        return _tell("paste_unknown")
    if scene.message is not None:
        inbox.shed_payload(scene.session, scene.message)
    tickets = raise_dangers(scene.session, scene.city, taken, staff=staff, now=scene.now)
    says = tuple(Tell("heard_emergency", {"ticket": ticket}) for ticket in tickets)
    if says and not taken.drafts:
        return Outcome(name="told", ticket=tickets[0], says=says)
    if not taken.drafts:
        return Outcome(name="told", says=(*says, Tell("paste_nothing", {"messages": taken.messages})))
    read = Tell("paste_read", {"messages": taken.messages, "drafts": len(taken.drafts)})
    return Outcome(name="told", says=(*says, read, *_what_waits(scene)))


def _what_waits(scene: Scene) -> tuple[Tell, ...]:
    """Show what waits: one draft with its three answers, or all with their numbers. This answer goes when they go."""
    drafts = group_drafts.hold_waiting(scene.session, _staff(scene))
    waiting = [drafting.describe(scene.session, scene.city, one) for one in drafts]
    for draft in drafts:
        if scene.message is not None:
            group_drafts.note_shown(scene.session, draft, inbox_id=scene.message.id)
    if len(waiting) == 1:
        return (Tell("heard_one", waiting[0]),)
    if not waiting:
        return ()
    return (Tell("heard_list", {"items": "\n".join(scene.line("heard_item", one) for one in waiting)}),)


def _staff(scene: Scene) -> str:
    return bindings.staff_of(scene.session, scene.resident)


def _tell(text: str, *more: Tell) -> Outcome:
    return Outcome(name="told", says=(Tell(text), *more))


EFFECTS = {ConfirmDraft: _confirm, DropDraft: _drop, ShowDrafts: _show, TakePaste: _paste}
