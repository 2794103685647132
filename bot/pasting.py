"""An excerpt of a group that its grid worker gives us, in the chat or as a file: the same listening as live, and drafts that wait at once.

Names are gone before anything is weighed (intents.pasted). What cannot be read as an excerpt is said to be none, and stays with whoever gave it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.drafting import name_speaker
from bot.listening import read_known
from intents.gathering import Gathered, gather
from intents.listening import Line
from intents.pasted import PastedLine, read
from intents.tiers import read_tier
from knowledge_base.text import normalize
from residents import group_drafts
from residents.group_drafts import Content, GroupDraft, Piece
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an excerpt: how many messages it had, the drafts it left, and whether a danger to life is spoken of."""

    messages: int
    drafts: tuple[GroupDraft, ...] = ()
    danger: bool = False


def paste(session: Session, city: City, raw: str, *, staff: str, group: str, now: datetime) -> Taken | None:
    """Listen to an excerpt of a worker's own group; None if it has no form we know: then nothing was written."""
    lines = read(raw, label=name_speaker)
    if not lines:
        return None
    texts = [normalize(one.text) for one in lines]
    start = now - lines[-1].at
    heard = [
        Line(
            speaker=str(one.who), at=start + one.at, text=text, known=read_known(city, text), picture=one.picture, office=one.office
        )
        for one, text in zip(lines, texts, strict=True)
    ]
    found = [one for one in gather(heard, settings=city.settings.groups) if not one.settled]
    drafts = tuple(_begin(session, city, one, lines, heard, staff=staff, group=group, now=now) for one in found)
    danger = any(read_tier(text, known=city.hazards).tier == "red" for text in texts)
    facts = {"messages": len(lines), "drafts": len(drafts)}
    record(session, actor=staff, action="draft.paste", subject=f"group:{group}", facts=facts)
    return Taken(messages=len(lines), drafts=drafts, danger=danger)


def own_group(city: City, staff: str) -> str:
    """Find the group that a worker looks after; "" if none is theirs."""
    return next((code for code, row in sorted(city.groups.items()) if row.worker == staff), "")


def _begin(
    session: Session,
    city: City,
    one: Gathered,
    lines: Sequence[PastedLine],
    heard: Sequence[Line],
    *,
    staff: str,
    group: str,
    now: datetime,
) -> GroupDraft:
    """Write one draft; its speakers are numbered anew, in the order in which they spoke of it."""
    who = list(dict.fromkeys(lines[number].who for number in one.lines))
    pieces = tuple(Piece(at=heard[number].at, who=who.index(lines[number].who), text=lines[number].text) for number in one.lines)
    until = now + timedelta(hours=city.settings.groups.draft_hours)
    draft = group_drafts.begin(
        session,
        group_drafts.trim(Content(pieces=pieces, item=one.talk.item, place=one.talk.place)),
        group=group,
        worker=staff,
        channel="paste",
        people=len(one.speakers),
        now=now,
        due_at=until,
        origin="paste",
    )
    group_drafts.show(draft, now=now, until=until)
    return draft
