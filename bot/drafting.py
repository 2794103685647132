"""Drafts from groups as their one grid worker sees them, and as the matter that they become.

However a draft ends its key is deleted, and what was written down for sending about it lies under that key too. What happens to a draft by
itself stands in bot.draft_watch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot.texts import fill
from intents.actions import PlaceRef
from intents.slots import find_place, read_draft
from knowledge_base.text import normalize
from residents import conversations, group_drafts
from residents.conversations import Speaker
from residents.masking import mask
from residents.tables import Conversation, Resident
from routing.terms import NOBODY
from store.audit import record

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from intents.actions import Draft
    from intents.tiers import Reading
    from residents.group_drafts import Content, DraftEnd, GroupDraft

_GRAVEST = ("red", "orange", "none")


def read_matter(
    session: Session, city: City, draft: GroupDraft, *, text: str = "", place: str = "", now: datetime
) -> tuple[Draft, Speaker]:
    """Read what was said like any report, and find who is to hear what becomes of it: nobody, if the neighbour never wrote to us.

    `text` and `place` are what its worker says instead; what was said to be dangerous stays so. Where no place is named it is in the grid
    that the group belongs to.
    """
    content = group_drafts.read(session, draft)
    said = text or "\n".join(piece.text for piece in content.pieces)
    utterance = city.segmenter.read(f"{place}\n{said}" if place else said)
    group = city.groups.get(draft.group_code)
    area = city.org.areas.get(group.grid) if group else None
    grid = PlaceRef(text=area.name, public=area.name, name=area.name, areas=(area.code,), kind="area") if area else None
    there = find_place(city.gazetteer.find(utterance.text), home_areas=(area.code,) if area else ()) or grid
    matter = read_draft(utterance, place=there, reading=judge(city, content, also=text))
    words = matter.text if draft.people == 1 else f"{matter.text}\n{fill('group', 'people', {'people': draft.people})}"
    speaker = group_drafts.requester_of(session, draft, content) or _nobody(session, draft, now=now)
    return msgspec.structs.replace(matter, text=words, phone="", reporter_staff=draft.worker), speaker


def read_hazard(session: Session, city: City, draft: GroupDraft) -> Reading:
    """Read the gravest danger that a draft speaks of."""
    return judge(city, group_drafts.read(session, draft))


def judge(city: City, content: Content, *, also: str = "") -> Reading:
    """Read the gravest danger of all that was said together, of each line, and of what its worker wrote: one line may be plain, the talk not."""
    said = [piece.text for piece in content.pieces]
    readings = [city.danger.read(normalize(one), overheard=True) for one in ("\n".join(said), *said, *([also] if also else []))]
    return min(readings, key=lambda reading: _GRAVEST.index(reading.tier))


def drop(session: Session, draft_id: int, *, staff: str, now: datetime) -> bool:
    """End a draft whose worker says that it is no matter; False for every draft that does not wait for them."""
    draft = group_drafts.find_for(session, draft_id, worker=staff)
    if draft is not None:
        end(session, draft, "dropped", actor=staff, now=now)
    return draft is not None


def describe(session: Session, city: City, draft: GroupDraft) -> dict[str, Any]:
    """Say what its worker may see of a draft: the words masked, people counted and never named."""
    return describe_content(city, draft, group_drafts.read(session, draft))


def describe_content(city: City, draft: GroupDraft, content: Content) -> dict[str, Any]:
    """Say the same of a draft that was opened."""
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


def _nobody(session: Session, draft: GroupDraft, *, now: datetime) -> Speaker:
    """Stand in for a neighbour we do not know and do not ask: neither row is ever written."""
    resident = Resident(id=NOBODY, code="", key_id=0, created_at=now)
    place = conversations.mark_place(session, channel=draft.channel, place=draft.group_code)
    conversation = Conversation(id=0, resident_id=NOBODY, channel=draft.channel, place=place, last_at=now)
    return Speaker(resident, group_drafts.key_of(session, draft), conversation)


def end(session: Session, draft: GroupDraft, how: DraftEnd, *, actor: str, now: datetime, ticket: str = "") -> None:
    """End a draft: its words are gone, who ended it and how is in the audit."""
    group_drafts.end(session, draft, how, now=now, ticket=ticket)
    facts = {"group": draft.group_code, "ticket": ticket}
    record(session, actor=actor, action=f"draft.{how}", subject=f"draft:{draft.id}", facts=facts)
