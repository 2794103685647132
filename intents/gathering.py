"""A whole excerpt of a group at once: the same listening, line after line, with the drafts that it leaves in the end.

What a grid worker pastes is read this way, and whole days of groups are measured this way. Live, the drafts between two lines are rows
(bot.drafting); here they are values.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.hearing import Heard, hear
from intents.listening import Begin, CallOff, Join, Line, Talk, follow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.listening import GroupSettings


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """One draft: which lines of the excerpt it has (their numbers from 0), and who spoke of it, each once."""

    talk: Talk
    lines: tuple[int, ...]
    speakers: tuple[str, ...]
    settled: bool = False
    """Neighbours put it right before anybody was shown it."""


def begin_talk(line: Line, heard: Heard, *, number: int) -> Talk:
    """Begin what further lines are compared with."""
    item = line.known.item if line.known.confidence >= 0.5 else ""  # noqa: PLR2004 - below it is only a guess
    return Talk(
        id=number,
        speaker=line.speaker,
        last_at=line.at,
        things=heard.things,
        item=item,
        place=line.known.place,
        between=heard.between,
    )


def go_on(talk: Talk, line: Line, heard: Heard, *, adds: bool) -> Talk:
    """Take a further line into what is compared; one that only chimes in adds nobody's words."""
    things = talk.things | heard.things if adds else talk.things
    place = talk.place or (line.known.place if adds else "")
    return msgspec.structs.replace(talk, speaker=line.speaker, last_at=max(talk.last_at, line.at), things=things, place=place)


def gather(lines: Sequence[Line], *, settings: GroupSettings) -> tuple[Gathered, ...]:
    """Listen to an excerpt, in the order in which it was written; drafts that were settled in time are marked so."""
    found: list[Gathered] = []
    shown_at = timedelta(seconds=settings.settle_seconds)
    piece = timedelta(seconds=settings.piece_seconds)
    begun: list[int] = []
    for at, line in enumerate(lines):
        found = [
            msgspec.structs.replace(one, talk=msgspec.structs.replace(one.talk, waits=line.at <= lines[start].at + shown_at))
            for one, start in zip(found, begun, strict=True)
        ]
        taken = {number for one in found for number in one.lines}
        recent = range(max(0, at - 30), at)
        before = [
            number
            for number in recent
            if lines[number].speaker == line.speaker and line.at - lines[number].at <= piece and number not in taken
            if lines[number].text and not hear(lines[number].text).noise
        ]
        talks = [one.talk for one in found if not one.settled]
        followed = follow(line, before=[lines[number].text for number in before], talks=talks, settings=settings)
        if isinstance(followed, Begin):
            talk = begin_talk(line, followed.heard, number=len(found))
            found.append(Gathered(talk=talk, lines=(*before, at) if line.text else tuple(before), speakers=(line.speaker,)))
            begun.append(at)
        elif isinstance(followed, Join):
            one = found[followed.talk]
            found[followed.talk] = Gathered(
                talk=go_on(one.talk, line, followed.heard, adds=followed.adds),
                lines=(*one.lines, at) if followed.adds else one.lines,
                speakers=tuple(dict.fromkeys((*one.speakers, line.speaker))),
            )
        elif isinstance(followed, CallOff):
            found[followed.talk] = msgspec.structs.replace(found[followed.talk], settled=True)
    return tuple(found)
