"""What a line of a group that is not addressed to us leaves behind: its marks and `ignored` in the inbox, and its words only in a draft.

The line was weighed in memory (bot.listening); here, in one transaction, it is compared with the open drafts of its group. Messages of one
group are compared one after the other, so that two neighbours who speak at once do not begin two drafts of one matter.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents import gate
from intents.gathering import begin_talk, go_on
from intents.listening import Begin, CallOff, Join, Line, Talk, follow
from residents import group_drafts
from residents.group_drafts import Content, GroupDraft, Piece
from store import inbox
from store.locks import hold
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Inbound
    from bot.city import City
    from bot.listening import Overheard
    from intents.hearing import Heard
    from store.inbox import Remembered
    from store.sealing import Vault

_LONGEST_WAIT = 2
"""Times the settling time after which a draft is shown even if somebody still goes on about it."""


def overhear(session: Session, *, city: City, inbound: Inbound, heard: Overheard, body: bytes, now: datetime) -> Remembered:
    """Take a line that is not addressed to us; the same line again changes nothing. `ignored` is all that anybody is told of it."""
    ignored = inbox.ignore(session, channel=inbound.channel, key=inbound.key, body=body, now=now)
    if ignored.new and heard.line is not None and inbound.group is not None:
        hold(session, f"group:{inbound.group.id}")
        mark = vault_of(session).blind(inbound.channel, inbound.sender).hex()
        _compare(session, city, inbound, heard, msgspec.structs.replace(heard.line, speaker=mark), now=now)
    return ignored


def mark_of(vault: Vault, *, channel: str, key: str) -> str:
    """Give the mark of a message, by which its words are found in a draft when it is taken back."""
    return vault.blind("inbox", f"{channel}\0{key}").hex()


def _compare(session: Session, city: City, inbound: Inbound, heard: Overheard, line: Line, *, now: datetime) -> None:
    """Compare a line with the open drafts of its group, and do what follows from it."""
    settings = city.settings.groups
    group = city.groups[inbound.group.id if inbound.group else ""]
    since = line.at - timedelta(hours=settings.join_hours)
    drafts = {one.id: one for one in group_drafts.open_in(session, group.code, since=since)}
    contents = {number: group_drafts.read(session, one) for number, one in drafts.items()}
    may_keep = isinstance(heard.verdict, gate.Draft)
    if not line.text and not may_keep:
        _add_media(session, line, drafts, contents, media=heard.media, within=timedelta(seconds=settings.piece_seconds))
        return
    talks = [_talk_of(one, contents[number]) for number, one in drafts.items()]
    match follow(line, before=[said.text for said in heard.before], talks=talks, settings=settings):
        case CallOff(talk=number):
            group_drafts.end(session, drafts[number], "settled", now=now)
        case Join(talk=number, adds=adds, heard=weighed):
            content = _join(contents[number], _talk_of(drafts[number], contents[number]), line, weighed, adds=adds and may_keep)
            if adds and may_keep:
                content = _add_words(content, _pieces(vault_of(session), inbound, heard, line))
            last_at = max(drafts[number].last_at, line.at)
            due_at = _put_off(drafts[number], now=now, seconds=settings.piece_seconds, settle=settings.settle_seconds)
            group_drafts.keep(session, drafts[number], content, now=last_at, due_at=due_at)
        case Begin(heard=weighed) if may_keep:
            talk = begin_talk(line, weighed, number=0)
            content = _add_words(_content_of(talk, inbound), _pieces(vault_of(session), inbound, heard, line))
            due_at = now + timedelta(seconds=settings.settle_seconds)
            draft = group_drafts.begin(
                session, content, group=group.code, worker=group.worker, channel=inbound.channel, now=now, due_at=due_at
            )
            draft.last_at = line.at
        case _:
            return


def _talk_of(draft: GroupDraft, content: Content) -> Talk:
    return Talk(
        id=draft.id,
        speaker=content.last,
        last_at=draft.last_at,
        things=frozenset(content.things),
        item=content.item,
        place=content.place,
        waits=draft.state == "collecting",
        between=content.between,
    )


def _content_of(talk: Talk, inbound: Inbound) -> Content:
    return Content(
        speakers=(talk.speaker,),
        last=talk.speaker,
        things=tuple(sorted(talk.things)),
        item=talk.item,
        place=talk.place,
        between=talk.between,
        media=len(inbound.media),
        can_reply=inbound.group is not None and inbound.group.can_reply,
    )


def _join(content: Content, talk: Talk, line: Line, heard: Heard, *, adds: bool) -> Content:
    """Let one more line count: who spoke, once, and what it speaks of if its words are kept."""
    after = go_on(talk, line, heard, adds=adds)
    return msgspec.structs.replace(
        content,
        speakers=tuple(dict.fromkeys((*content.speakers, line.speaker))),
        last=line.speaker,
        things=tuple(sorted(after.things)),
        place=after.place,
    )


def _pieces(vault: Vault, inbound: Inbound, heard: Overheard, line: Line) -> list[tuple[str, Piece]]:
    """Give the words of a line with those the same person said in the seconds before, each under the mark of its message."""
    said = [(one.at, one.key, one.text) for one in heard.before] + [(line.at, inbound.key, inbound.text.strip())]
    return [
        (line.speaker, Piece(at=at, who=0, text=text, key=mark_of(vault, channel=inbound.channel, key=key)))
        for at, key, text in said
        if text
    ]


def _add_words(content: Content, pieces: list[tuple[str, Piece]]) -> Content:
    numbered = tuple(msgspec.structs.replace(piece, who=content.speakers.index(speaker)) for speaker, piece in pieces)
    return msgspec.structs.replace(content, pieces=(*content.pieces, *numbered))


def _add_media(
    session: Session,
    line: Line,
    drafts: Mapping[int, GroupDraft],
    contents: Mapping[int, Content],
    *,
    media: int,
    within: timedelta,
) -> None:
    """Count pictures and voices that follow a matter at once, from whoever spoke of it last; they stay where they are."""
    for number, draft in drafts.items():
        content = contents[number]
        if media and content.last == line.speaker and line.at - draft.last_at <= within:
            more = msgspec.structs.replace(content, media=content.media + media)
            group_drafts.keep(session, draft, more, now=max(draft.last_at, line.at))
            return


def _put_off(draft: GroupDraft, *, now: datetime, seconds: float, settle: float) -> datetime | None:
    """Let a draft that is collected wait for the next piece, but not for ever; one that is shown keeps its time."""
    if draft.state != "collecting":
        return None
    latest = draft.begun_at + timedelta(seconds=settle * _LONGEST_WAIT)
    return max(draft.due_at, min(now + timedelta(seconds=seconds), latest))
