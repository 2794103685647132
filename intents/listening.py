"""What of a group's talk is a matter, purely, line by line, so that nothing has to be kept to find out.

    sounds_like_matter   from memory alone: may the words of a line be kept?
    follow               what becomes of it: a matter begins, it belongs to one that is open, it shows one to be settled, or it passes by

A matter that has begun waits a few minutes before anybody is shown it: neighbours often settle it among themselves in the next lines, and
whoever looks after the place answers there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from intents.hearing import Heard, Known, find_chatter, hear, is_about_keeper

if TYPE_CHECKING:
    from collections.abc import Sequence

_BRIEF = 16
"""Characters of what answers the line before it; a longer one tells of something itself."""
_PICTURE = 1.0
"""What a picture says that follows at once."""


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When a group's talk becomes a draft, and how long one waits. Each is a habit of people in groups, so each city may set its own."""

    piece_seconds: float = 20.0
    """Pieces that one person sends within this time are one message."""
    settle_seconds: float = 180.0
    """How long a matter waits before it is shown: within three minutes neighbours have moved the car or said that the lift runs again."""
    join_hours: float = 12.0
    """A further line about the same matter joins its draft this long: people come home in the evening and see it too."""
    draft_hours: float = 24.0
    """A draft that nobody confirmed is gone after this time, with all its words."""
    remind_hours: float = 4.0
    """So long before it is gone its worker is told of it again: enough to look at it before the evening is over."""
    enough: float = 4.0
    """The weight from which a line is a matter; set so that a group gives at most two false drafts a day."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a group: `speaker` is whatever tells people apart, never a name that is kept. `text` is in normal form."""

    speaker: str
    at: datetime
    text: str
    known: Known = Known()
    picture: bool = False
    """It is a picture or video without words: whoever shows what they speak of means it."""
    office: bool = False
    """The speaker speaks for the property company or the community: what they say reports nothing, and may settle it."""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """An open draft, as far as lines are compared with it. `waits` while nobody has been shown it."""

    id: int
    speaker: str
    """Who spoke last about it."""
    last_at: datetime
    things: frozenset[str] = frozenset()
    item: str = ""
    place: str = ""
    waits: bool = True
    between: bool = False
    """It lies between neighbours: an apology settles it."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """It is a matter that nobody has spoken of yet; the speaker's last lines before it are part of it."""

    heard: Heard


class Join(msgspec.Struct, frozen=True, tag=True):
    """It belongs to an open draft; `adds` whether its words say something, or only that one more is concerned."""

    talk: int
    adds: bool
    heard: Heard


class CallOff(msgspec.Struct, frozen=True, tag=True):
    """It shows that a matter is settled which nobody has been shown yet."""

    talk: int


class Pass(msgspec.Struct, frozen=True, tag=True):
    """It is nothing to us."""


Followed = Begin | Join | CallOff | Pass


def sounds_like_matter(line: Line, *, before: Sequence[str], goes_on: bool, settings: GroupSettings) -> bool:
    """Tell from memory alone whether the words of a line may be kept.

    It weighs enough, by itself or with the speaker's lines of the last seconds (`before`), or it is a further piece of what did (`goes_on`).
    """
    if line.picture:
        return not goes_on and bool(before) and _weigh_picture(line, before).score >= settings.enough
    heard = hear(line.text, line.known)
    if heard.noise or not line.text or is_about_keeper(line.text):
        return False
    if goes_on or heard.score >= settings.enough:
        return True
    return bool(before) and hear(" ".join((*before, line.text)), line.known).score >= settings.enough


def follow(line: Line, *, before: Sequence[str] = (), talks: Sequence[Talk] = (), settings: GroupSettings) -> Followed:
    """Say what becomes of a line.

    `before` are the speaker's own lines of the last seconds that passed by, oldest first; `talks` the group's open drafts.
    """
    if line.picture:
        heard = _weigh_picture(line, before)
        return _place(line, heard, talks, settings) if before and not line.office and heard.score >= settings.enough else Pass()
    heard = hear(line.text, line.known)
    near = _find_near(line, talks, settings)
    if near is not None and near.waits and not heard.noise and _settles(line, heard, near):
        return CallOff(near.id)
    if heard.noise or line.office or is_about_keeper(line.text):
        return Pass()
    if near is not None and near.speaker == line.speaker and line.at - near.last_at <= timedelta(seconds=settings.piece_seconds):
        return Join(near.id, adds=True, heard=heard)
    if heard.score < settings.enough and before:
        heard = hear(" ".join((*before, line.text)), line.known)
    if heard.score >= settings.enough:
        return _place(line, heard, talks, settings)
    return Join(near.id, adds=False, heard=heard) if near is not None and heard.echoes else Pass()


def _place(line: Line, heard: Heard, talks: Sequence[Talk], settings: GroupSettings) -> Begin | Join:
    """Find the open draft that a matter belongs to; else it begins one."""
    same = next((talk for talk in talks if _is_same(line, heard, talk, settings)), None)
    return Join(same.id, adds=True, heard=heard) if same is not None else Begin(heard)


def _weigh_picture(line: Line, before: Sequence[str]) -> Heard:
    """Weigh what was said just before a picture of it."""
    heard = hear(" ".join(before), line.known)
    return msgspec.structs.replace(heard, score=heard.score + _PICTURE, why=(*heard.why, "picture="))


def _find_near(line: Line, talks: Sequence[Talk], settings: GroupSettings) -> Talk | None:
    """Find the matter that the group speaks of just now."""
    since = line.at - timedelta(seconds=settings.settle_seconds)
    return max((talk for talk in talks if talk.last_at >= since), key=lambda talk: (talk.last_at, talk.id), default=None)


def _settles(line: Line, heard: Heard, talk: Talk) -> bool:
    """Tell whether a line puts right what was just said.

    That it is done anybody may say, briefly or of the same thing; that it will be, only whoever looks after the place, unless they say that it is not theirs; an apology
    settles what lies between neighbours, not a broken lamp.
    """
    if line.office:
        return heard.settles == "done" or bool(find_chatter("promise", line.text) and not find_chatter("disclaim", line.text))
    if heard.settles == "done":
        return line.speaker == talk.speaker or len(line.text) <= _BRIEF or bool(heard.things & talk.things)
    return heard.settles == "excuse" and talk.between and line.speaker != talk.speaker


def _is_same(line: Line, heard: Heard, talk: Talk, settings: GroupSettings) -> bool:
    """Tell whether a matter is the one that is open: said in one breath, or the same thing or duty item; never at another place."""
    if talk.last_at < line.at - timedelta(hours=settings.join_hours):
        return False
    if line.known.place and talk.place and line.known.place != talk.place:
        return False
    in_one_breath = line.at - talk.last_at <= timedelta(seconds=settings.settle_seconds)
    same_item = bool(line.known.item) and line.known.item == talk.item
    return in_one_breath or same_item or any(one in other or other in one for one in heard.things for other in talk.things)
