"""Listening in memory: a group's line is weighed with what the speaker said in the seconds before, and nothing of it is kept here longer.

Pieces of one message come seconds apart, and the first may say nothing alone (北门那个, 井盖). So each speaker's last lines are held in this
process's memory for as long as pieces are joined (20 s), and forgotten then, whoever speaks next; a restart forgets them at once.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.channels import Group
from intents import listening
from intents.gate import GroupFacts, Take, judge
from intents.hearing import Known, hear
from intents.listening import Line
from intents.request import weigh_request
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim

if TYPE_CHECKING:
    from bot.channels import Inbound
    from bot.city import City
    from intents.gate import Draft, Ignore

_MOST_SPEAKERS = 5000
"""Speakers whose last seconds are held: all that a large city's groups have at their busiest moment."""
_MOST_LINES = 4
_MUCH = 20.0
"""The score of the duty list at which 63 % of all that could be said for an item has been said."""
_WORDS = 4
"""Characters from which a line is compared with the duty list."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the last seconds, with the key of its message."""

    at: datetime
    key: str
    text: str


class Overheard(msgspec.Struct, frozen=True, kw_only=True):
    """A group's line that is not addressed to us: what the gate says of it, and what it is compared with, all in memory.

    `line` is None where nobody may listen; `media` counts pictures and voices that came without words.
    """

    verdict: Draft | Ignore
    line: Line | None = None
    before: tuple[Said, ...] = ()
    media: int = 0


class Listener:
    """Weighs the lines of groups; holds the last seconds of each speaker."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._said: OrderedDict[tuple[str, str, str], tuple[Said, ...]] = OrderedDict()
        self._kept: dict[tuple[str, str, str], datetime] = {}

    def __len__(self) -> int:
        """Count the speakers of whom something is held."""
        return len(self._said)

    def overhear(self, inbound: Inbound, *, now: datetime) -> Overheard | None:
        """Judge a group's message before anything is kept; None if it is for us."""
        group = inbound.group or Group(id="")
        row = self._city.groups.get(group.id)
        facts = GroupFacts(
            text=inbound.text,
            notice_posted=row is not None and row.notice_posted,
            consent=group.consent,
            mentions_bot=group.mentions_bot,
            quotes_bot=group.quotes_bot,
            forwarded_by_worker=group.forwarded_by_worker,
            has_worker=row is not None and bool(row.worker),
        )
        verdict = judge(facts, danger=self._city.danger)
        if isinstance(verdict, Take):
            return None
        if not (facts.notice_posted and facts.consent and facts.has_worker):
            return Overheard(verdict=verdict)
        return self._listen(inbound, facts, now=now)

    def _listen(self, inbound: Inbound, facts: GroupFacts, *, now: datetime) -> Overheard:
        """Weigh a line of somebody who agreed, with their last seconds, and hold it for the next ones."""
        assert inbound.group is not None  # noqa: S101 - a row was found for it
        span = timedelta(seconds=self._city.settings.groups.piece_seconds)
        at = inbound.sent_at if abs(inbound.sent_at - now) < timedelta(days=1) else now
        who = (inbound.channel, inbound.group.id, inbound.sender)
        self._forget(now - span)
        before = tuple(said for said in self._said.pop(who, ()) if said.at >= at - span)
        text = normalize(inbound.text)
        picture = inbound.kind in {"image", "video"} and not text
        known = read_known(self._city, " ".join(said.text for said in before) if picture else text)
        line = Line(speaker=inbound.sender, at=at, text=text, known=known, picture=picture, office=inbound.group.office)
        goes_on = self._kept.get(who, at - span - span) >= at - span
        is_matter = not line.office and listening.sounds_like_matter(
            line, before=[said.text for said in before], goes_on=goes_on, settings=self._city.settings.groups
        )
        verdict = judge(msgspec.structs.replace(facts, is_matter=is_matter), danger=self._city.danger)
        assert not isinstance(verdict, Take)  # noqa: S101 - the same facts were not for us
        if is_matter:
            self._kept[who] = at
        elif text and not hear(text).noise:
            self._said[who] = (*before, Said(at=at, key=inbound.key, text=text))[-_MOST_LINES:]
        media = len(inbound.media) or (inbound.kind not in {"text", "event"} and not text)
        return Overheard(verdict=verdict, line=line, before=before if is_matter else (), media=int(media))

    def _forget(self, since: datetime) -> None:
        """Forget whoever has not spoken since, and the oldest of too many."""
        while self._said and (len(self._said) > _MOST_SPEAKERS or next(iter(self._said.values()))[-1].at < since):
            self._said.popitem(last=False)
        self._kept = {who: at for who, at in self._kept.items() if at >= since}


def read_known(city: City, text: str) -> Known:
    """Say what the city makes of a line: its duty item, its public place, its danger, and whether it sounds like a request at all."""
    reading = city.danger.read(text, overheard=True)
    if len(text) < _WORDS or hear(text).noise:
        return Known(reading=reading)
    places = city.gazetteer.find(text)
    ranked = city.triage.rank(skim(hide(text, places)), limit=1)
    return Known(
        item=ranked[0].item.code if ranked else "",
        confidence=ranked[0].confidence if ranked else 0.0,
        evidence=1 - math.exp(-ranked[0].score / _MUCH) if ranked else 0.0,
        request=weigh_request(text),
        place=places[0].public if places else "",
        reading=reading,
    )
