"""An excerpt of a group that its grid worker gives us, in the chat or as a file: the same listening as live, and drafts that wait at once.

Names are gone before anything is weighed (intents.pasted). What cannot be read as an excerpt is said to be none, and stays with whoever gave it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.drafting import name_speaker
from bot.listening import read_known
from intents.gathering import Gathered, begin_talk, gather
from intents.hearing import hear
from intents.listening import Line
from intents.pasted import PastedLine, read
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
    """What became of an excerpt: how many messages it had, and the drafts it left; those in which a life is in danger must not wait."""

    messages: int
    drafts: tuple[GroupDraft, ...] = ()
    red: tuple[GroupDraft, ...] = ()


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
    dangers = frozenset(number for number, text in enumerate(texts) if city.danger.read(text, overheard=True).tier == "red")
    taken = Taken(messages=len(lines))
    for one in _find_matters(city, heard, dangers):
        draft = _begin(session, city, one, lines, heard, dangers=dangers, staff=staff, group=group, now=now)
        part = "red" if dangers.intersection(one.lines) else "drafts"
        taken = msgspec.structs.replace(taken, **{part: (*getattr(taken, part), draft)})
    facts = {"messages": len(lines), "drafts": len(taken.drafts) + len(taken.red)}
    record(session, actor=staff, action="draft.paste", subject=f"group:{group}", facts=facts)
    return taken


def own_group(city: City, staff: str) -> str:
    """Find the group that a worker looks after; "" if none is theirs."""
    return next((code for code, row in sorted(city.groups.items()) if row.worker == staff), "")


def _find_matters(city: City, heard: Sequence[Line], dangers: frozenset[int]) -> list[Gathered]:
    """Find what is spoken of and not settled; a danger to life counts in any case, as it would have when it was said."""
    found = [one for one in gather(heard, settings=city.settings.groups) if not one.settled or dangers.intersection(one.lines)]
    loose = sorted(dangers.difference(*(one.lines for one in found)))
    if loose:
        first = heard[loose[0]]
        speakers = tuple(dict.fromkeys(heard[number].speaker for number in loose))
        talk = begin_talk(first, hear(first.text), number=len(found))
        found.append(Gathered(talk=talk, lines=tuple(loose), speakers=speakers))
    return found


def _begin(
    session: Session,
    city: City,
    one: Gathered,
    lines: Sequence[PastedLine],
    heard: Sequence[Line],
    *,
    dangers: frozenset[int],
    staff: str,
    group: str,
    now: datetime,
) -> GroupDraft:
    """Write one draft; its speakers are numbered anew, in the order in which they spoke of it. Of a long talk the dangers are kept first."""
    gravest = sorted(one.lines, key=lambda number: number not in dangers)[: group_drafts.MOST_PIECES]
    numbers = [number for number in one.lines if number in gravest]
    who = list(dict.fromkeys(lines[number].who for number in numbers))
    pieces = tuple(Piece(at=heard[number].at, who=who.index(lines[number].who), text=lines[number].text) for number in numbers)
    until = now + timedelta(hours=city.settings.groups.draft_hours)
    draft = group_drafts.begin(
        session,
        Content(pieces=pieces, item=one.talk.item, place=one.talk.place),
        group=group,
        worker=staff,
        channel="paste",
        people=len(one.speakers),
        now=now,
        due_at=until,
        origin="paste",
    )
    group_drafts.show(draft, now=now, until=until, remind=timedelta(hours=city.settings.groups.remind_hours))
    return draft
