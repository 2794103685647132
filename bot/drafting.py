"""Drafts from groups and their grid worker: shown in the worker's own chat, confirmed into a ticket, dropped, or gone after a day.

Only the worker's own chat gets the words. Where none is bound, the desk's road says that something waits, and not a word of what. However a
draft ends its key is deleted, and what was written down for sending about it lies under that key too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from bot.texts import fill
from intents.actions import PlaceRef
from intents.slots import find_place, read_draft
from intents.tiers import read_tier
from residents import bindings, group_drafts
from residents.conversations import Speaker
from residents.masking import mask
from residents.tables import Conversation, Resident
from routing.terms import NOBODY
from store import outbox
from store.audit import record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from intents.actions import Draft
    from residents.group_drafts import DraftEnd, GroupDraft


def look(session: Session, draft_id: int, *, city: City, now: datetime) -> None:
    """Look at a draft whose time has come: what was collected is shown, what nobody confirmed is gone."""
    draft = group_drafts.lock(session, draft_id)
    if draft is None or draft.state not in group_drafts.OPEN or draft.due_at > now:
        return
    if draft.state == "waiting":
        end(session, draft, "expired", actor="system", now=now)
        return
    group_drafts.show(draft, now=now, until=draft.begun_at + timedelta(hours=city.settings.groups.draft_hours))
    _tell(session, city, draft, now=now)


def read_matter(session: Session, city: City, draft: GroupDraft, *, now: datetime) -> tuple[Draft, Speaker]:
    """Read what was said like any report, and find who is to hear what becomes of it: nobody, if the neighbour never wrote to us.

    Where no place is named it is in the grid that the group belongs to.
    """
    content = group_drafts.read(session, draft)
    text = "\n".join(piece.text for piece in content.pieces)
    utterance = city.segmenter.read(text)
    group = city.groups.get(draft.group_code)
    area = city.org.areas.get(group.grid) if group else None
    grid = PlaceRef(text=area.name, public=area.name, name=area.name, areas=(area.code,), kind="area") if area else None
    place = find_place(city.gazetteer.find(utterance.text), home_areas=(area.code,) if area else ()) or grid
    matter = read_draft(utterance, place=place, reading=read_tier(utterance.text, known=city.hazards))
    words = matter.text if draft.people == 1 else f"{matter.text}\n{fill('group', 'people', {'people': draft.people})}"
    speaker = group_drafts.requester_of(session, draft, content) or _nobody(session, draft, now=now)
    return msgspec.structs.replace(matter, text=words, phone="", reporter_staff=draft.worker), speaker


def drop(session: Session, draft_id: int, *, staff: str, now: datetime) -> bool:
    """End a draft whose worker says that it is no matter; False for every draft that does not wait for them."""
    draft = group_drafts.find_for(session, draft_id, worker=staff)
    if draft is not None:
        end(session, draft, "dropped", actor=staff, now=now)
    return draft is not None


def describe(session: Session, city: City, draft: GroupDraft) -> dict[str, Any]:
    """Say what its worker may see of a draft: the words masked, people counted and never named."""
    content = group_drafts.read(session, draft)
    group = city.groups.get(draft.group_code)
    several = len({piece.who for piece in content.pieces}) > 1
    lines = [fill("group", "said", {"who": name_speaker(one.who), "text": mask(one.text)}) for one in content.pieces]
    return {
        "draft": draft.id,
        "group": group.name if group else draft.group_code,
        "people": draft.people,
        "media": content.media,
        "lines": "\n".join(lines if several else [mask(one.text) for one in content.pieces]),
        "can_reply": content.can_reply,
        "shown_at": draft.shown_at.isoformat() if draft.shown_at else "",
        "due_at": draft.due_at.isoformat(),
    }


def name_speaker(who: int) -> str:
    """Call a speaker by a letter instead of a name."""
    letters = fill("group", "letters")
    return fill("group", "speaker", {"letter": letters[who] if who < len(letters) else who + 1})


def _tell(session: Session, city: City, draft: GroupDraft, *, now: datetime) -> None:
    """Write down for the worker what waits for them; without a chat of theirs the desk hears that something does."""
    shown = describe(session, city, draft)
    key = group_drafts.key_of(session, draft)
    road = bindings.road_to(session, draft.worker)
    if road is not None:
        others = len(group_drafts.waiting_for(session, draft.worker)) > 1
        outbox.put(
            session,
            cause=f"draft:{draft.id}",
            audience="staff",
            target=draft.worker,
            channel=road.channel,
            notice="draft_waiting_too" if others else "draft_waiting",
            facts={name: shown[name] for name in ("draft", "group", "people", "due_at")},
            words=key.seal(msgspec.json.encode({"lines": shown["lines"], "more": _say_more(shown)})),
            key_id=key.id,
            now=now,
        )
        return
    group, member = city.groups.get(draft.group_code), city.org.staff.get(draft.worker)
    outbox.put(
        session,
        cause=f"draft:{draft.id}",
        audience="desk",
        target=city.org.desk_for(group.grid if group else "").code,
        channel=city.staff_channel,
        notice="draft_waiting_sealed",
        facts={"draft": draft.id, "group": shown["group"], "staff": member.name if member else draft.worker},
        shown=not city.staff_channel,
        now=now,
    )


def _say_more(shown: dict[str, Any]) -> str:
    """Say how many spoke and what came along, in words; "" where one person wrote words alone."""
    parts = [
        fill("group", "people", shown) if shown["people"] > 1 else "",
        fill("group", "media", shown) if shown["media"] else "",
        "" if shown["can_reply"] else fill("group", "suggested", {"reply": fill("say", "group_receipt")}),
    ]
    return "".join(f"\n{part}" for part in parts if part)


def _nobody(session: Session, draft: GroupDraft, *, now: datetime) -> Speaker:
    """Stand in for a neighbour we do not know and do not ask: neither row is ever written."""
    resident = Resident(id=NOBODY, code="", key_id=0, created_at=now)
    conversation = Conversation(id=0, resident_id=NOBODY, channel=draft.channel, place=draft.group_code, last_at=now)
    return Speaker(resident, group_drafts.key_of(session, draft), conversation)


def end(session: Session, draft: GroupDraft, how: DraftEnd, *, actor: str, now: datetime, ticket: str = "") -> None:
    """End a draft: its words are gone, who ended it and how is in the audit."""
    group_drafts.end(session, draft, how, now=now, ticket=ticket)
    facts = {"group": draft.group_code, "ticket": ticket}
    record(session, actor=actor, action=f"draft.{how}", subject=f"draft:{draft.id}", facts=facts)
