"""What falls due of a draft from a group: it is shown to its grid worker, they are told again, and after a day it is gone, or a ticket.

Only the worker's own chat gets the words. Where none is bound, the desk's road says that something waits, and not a word of what. A danger
that nobody looked at does not vanish: it becomes a ticket at the desk, its words under the ticket's own seal, and the draft goes with its key.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from bot import drafting
from bot.effects import Scene, perform
from bot.telling import plan
from bot.texts import fill
from intents.actions import OpenTicket, RaiseEmergency
from residents import bindings, group_drafts
from store import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.group_drafts import GroupDraft

LAPSED = "draft_lapsed"
"""The reason of a matter whose worker did not look at it within a day."""


def look(session: Session, draft_id: int, *, city: City, now: datetime) -> None:
    """Look at a draft whose time has come: show what was collected, tell of it again, let go of what nobody confirmed."""
    draft = group_drafts.lock(session, draft_id)
    if draft is None or draft.state not in group_drafts.OPEN:
        return
    settings = city.settings.groups
    if draft.state == "waiting" and draft.due_at <= now:
        _lapse(session, city, draft, now=now)
    elif draft.state == "waiting" and draft.remind_at is not None and draft.remind_at <= now:
        draft.remind_at = None
        _tell(session, city, draft, again=True, now=now)
    elif draft.state == "collecting" and draft.due_at <= now:
        until = draft.begun_at + timedelta(hours=settings.draft_hours)
        group_drafts.show(draft, now=now, until=until, remind=timedelta(hours=settings.remind_hours))
        _tell(session, city, draft, again=False, now=now)


def _lapse(session: Session, city: City, draft: GroupDraft, *, now: datetime) -> None:
    """Let a draft go that nobody looked at; a danger spoken of in it is a ticket before, and its worker hears that it is."""
    matter, speaker = drafting.read_matter(session, city, draft, now=now)
    if matter.tier == "none":
        drafting.end(session, draft, "expired", actor="system", now=now)
        return
    utterance = city.segmenter.read(matter.text)
    scene = Scene(session, city=city, speaker=speaker, message=None, inbound=None, utterance=utterance, now=now)
    late = msgspec.structs.replace(matter, reason=LAPSED)
    outcome = perform(scene, RaiseEmergency(late) if matter.tier == "red" else OpenTicket(late))
    drafting.end(session, draft, "expired", actor="system", now=now, ticket=outcome.ticket)
    group = city.groups.get(draft.group_code)
    facts = {"group": group.name if group else draft.group_code, "draft": draft.id, "ticket": outcome.ticket}
    road = bindings.road_to(session, draft.worker)
    if road is not None:
        outbox.put(
            session,
            cause=f"draft:{draft.id}:lapsed",
            audience="staff",
            target=draft.worker,
            channel=road.channel,
            notice=LAPSED,
            facts=facts,
            now=now,
        )


def _tell(session: Session, city: City, draft: GroupDraft, *, again: bool, now: datetime) -> None:
    """Write down for the worker what waits for them; without a chat of theirs the desk hears that something does."""
    shown = drafting.describe(session, city, draft)
    key = group_drafts.key_of(session, draft)
    road = bindings.road_to(session, draft.worker)
    cause = f"draft:{draft.id}:again" if again else f"draft:{draft.id}"
    at_night = drafting.read_hazard(session, city, draft).tier != "none"
    if road is not None:
        others = len(group_drafts.waiting_for(session, draft.worker)) > 1
        first = "draft_waiting_too" if others else "draft_waiting"
        words = {"lines": shown["lines"], "more": _say_more(shown), "lapse": _say_lapse(session, city, draft)}
        outbox.put(
            session,
            cause=cause,
            audience="staff",
            target=draft.worker,
            channel=road.channel,
            notice="draft_waiting_again" if again else first,
            facts={name: shown[name] for name in ("draft", "group", "people", "due_at")},
            words=key.seal(msgspec.json.encode(words)),
            key_id=key.id,
            due_at=plan(session, city, "staff", draft.worker, at_night=at_night, now=now),
            now=now,
        )
        return
    group, member = city.groups.get(draft.group_code), city.org.staff.get(draft.worker)
    desk = city.org.desk_for(group.grid if group else "").code
    channel = city.find_channel("desk", desk)
    outbox.put(
        session,
        cause=cause,
        audience="desk",
        target=desk,
        channel=channel,
        notice="draft_waiting_sealed",
        facts={"draft": draft.id, "group": shown["group"], "staff": member.name if member else draft.worker},
        shown=not channel,
        due_at=plan(session, city, "desk", "", at_night=at_night, now=now),
        now=now,
    )


def _say_lapse(session: Session, city: City, draft: GroupDraft) -> str:
    """Say what becomes of a draft that nobody looks at."""
    is_calm = drafting.read_hazard(session, city, draft).tier == "none"
    return fill("group", "lapse_nothing" if is_calm else "lapse_ticket")


def _say_more(shown: dict[str, Any]) -> str:
    """Say how many spoke and what came along, in words; "" where one person wrote words alone."""
    parts = [
        fill("group", "people", shown) if shown["people"] > 1 else "",
        fill("group", "media", shown) if shown["media"] else "",
        "" if shown["can_reply"] else fill("group", "suggested", {"reply": fill("say", "group_receipt")}),
    ]
    return "".join(f"\n{part}" for part in parts if part)
