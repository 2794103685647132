"""同一件事: which messages of many residents tell of one incident, found as they come in, and when it should be brought before a supervisor.

Pure, one pass, in memory. A message joins the incident whose nearest members it resembles: by the words of both where nothing else is
known, by place and matter where the gazetteer knows both places. A place alone joins nobody: of two messages about one place the matter
has to agree, and of two whose places nobody knows the words have to. What a person merged or split stays so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import datetime, timedelta
from heapq import nlargest
from typing import TYPE_CHECKING, Protocol, Self

import msgspec
import numpy as np

from knowledge_base.text import Utterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge_base.places import PlaceMention
    from routing.nearness import Nearness

_LEAST = 0.4
"""Of the likeness that is asked: who is less alike counts as not alike at all."""

_NO_WORDS = Utterance(raw="", text="", folded="", tokens=(), grams=())
"""Stands for what a message said once it was read: the nearness keeps features alone, and nothing else needs words."""

_LOOKED_AT = 30
"""Messages about one place that are compared by what they say: those that look nearest at a glance."""

_WIDE = frozenset({"community", "street", "area"})


class IncidentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When messages tell of one incident. Likenesses run from 0 to 1."""

    days: int = 365
    """How far back an incident is looked for: a plant that is built or walls that crack keep neighbours writing for a year."""
    alike: float = 0.17
    """Mean likeness to the nearest members from which a message joins by its words. A little more or less hardly changes anything."""
    nearest: int = 10
    """Members that are asked. A single near one would chain everything that somebody mentions once; all would keep out what has two sides."""
    same_matter: float = 0.26
    """How surely two messages have to tell of one matter where the gazetteer knows both places to be one. Of our own pairs that must not join
    two in a hundred do; a wrong join hides a resident's matter, two groups for one matter only cost a glance."""
    merge: float = 1.8
    """A message that is so many times near enough to a second incident makes one of both: it shows that they were one from the start."""


class Spot(msgspec.Struct, frozen=True):
    """A place that the gazetteer knows: its name, and the building or house number in it ("" if none is said)."""

    name: str
    detail: str = ""


class Gist(Protocol):
    """What a message is about (routing.gist has it). Gists of one duty list can be compared: 0..1."""

    def glance(self, other: Self, /) -> float:
        """Compare at a glance, for choosing whom to compare."""

    def compare(self, other: Self, /) -> float:
        """Say how surely two messages about one place tell of one matter."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What of a message counts. `title` may be empty. Without `spot` or `gist` (what it is about) its words alone are compared."""

    id: str
    resident: str
    sent_at: datetime
    text: Utterance
    title: Utterance
    spot: Spot | None = None
    gist: Gist | None = None
    area: str = ""
    """The community it lies in, as far as that is known: two that lie in different ones are not compared."""


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message went. `cluster` is new if `nearest` is "". `absorbed` are incidents that turned out to be this one."""

    cluster: int
    nearest: str = ""
    """The id of the message that is most like it."""
    shared: tuple[str, ...] = ()
    """What the two have in common, the weightiest first."""
    strength: float = 0.0
    """Likeness in multiples of what is asked: 1 is just enough."""
    absorbed: tuple[int, ...] = ()


class Incidents:
    """The incidents so far. Messages come in time order; one that comes late is compared like the others.

    The nearness learns with each message and so belongs to one `Incidents` alone, but for those begun anew from it.
    """

    def __init__(self, settings: IncidentSettings, nearness: Nearness) -> None:
        self.settings = settings
        self._nearness = nearness
        self._messages: list[Message] = []
        self._times: list[datetime] = []
        self._cluster: list[int] = []
        self._members: dict[int, list[int]] = {}
        self._numbers: dict[str, int] = {}
        self._at: dict[str, list[int]] = defaultdict(list)
        self._apart: set[frozenset[int]] = set()
        self._given = 0

    def begin_anew(self, alike: float) -> Incidents:
        """Begin again with another likeness, for messages that the same nearness has seen: they are given by `put`, in the same order."""
        settings = msgspec.structs.replace(self.settings, alike=alike)
        return Incidents(settings, self._nearness)

    @property
    def clusters(self) -> Mapping[int, Sequence[Message]]:
        """Give the messages of each incident, in the order in which they came, without their words."""
        return {cluster: [self._messages[number] for number in sorted(members)] for cluster, members in self._members.items()}

    def __contains__(self, message: object) -> bool:
        """Tell whether a message of this id is there."""
        return message in self._numbers

    def restore(self, message: Message, cluster: int) -> None:
        """Put a message where it was put before, whatever is near it; ValueError if its id is there already."""
        if message.id in self._numbers:
            raise ValueError(message.id)
        self._nearness.add(message.title, message.text, oldest=self.find_oldest(message))
        number = self._enter(message)
        self._cluster.append(cluster)
        self._members.setdefault(cluster, []).append(number)
        self._given = max(self._given, cluster + 1)

    def arrange(self, clusters: Mapping[str, int], *, apart: Iterable[tuple[int, int]] = (), next_cluster: int = 0) -> None:
        """Put all messages where they were put elsewhere, by hand or by another; KeyError if one is not in `clusters` (id to incident).

        `apart` are incidents that were split by hand, `next_cluster` is the first number that was never given out.
        """
        moved = [clusters[message.id] for message in self._messages]
        self._cluster = moved
        self._members = {}
        for number, cluster in enumerate(moved):
            self._members.setdefault(cluster, []).append(number)
        self._apart = {frozenset(pair) for pair in apart}
        self._given = max([next_cluster, *(cluster + 1 for cluster in self._members)])

    def add(self, message: Message) -> Joined:
        """Put a message into the incident it tells of, or begin a new one; ValueError if its id is there already."""
        if message.id in self._numbers:
            raise ValueError(message.id)
        return self.put(message, self._nearness.add(message.title, message.text, oldest=self.find_oldest(message)))

    def find_oldest(self, message: Message) -> int:
        """Give the number of the first message that is still looked at when this one comes."""
        return bisect_left(self._times, message.sent_at - timedelta(days=self.settings.days))

    def put(self, message: Message, near: NDArray[np.float64]) -> Joined:
        """Do what `add` does with what the nearness has said of it: a value for each earlier message from find_oldest on."""
        oldest = self.find_oldest(message)
        strengths = self._weigh(message, near, oldest=oldest)
        number = self._enter(message)
        found = self._rank(strengths, oldest=oldest)
        if not found:
            cluster = self._begin([number])
            self._cluster.append(cluster)
            return Joined(cluster=cluster)
        strength, cluster = found[0]
        self._members[cluster].append(number)
        self._cluster.append(cluster)
        nearest = max((other for other in strengths if self._cluster[other] == cluster), key=lambda other: strengths[other])
        return Joined(
            cluster=cluster,
            nearest=self._messages[nearest].id,
            shared=self._nearness.share(number, nearest),
            strength=strength,
            absorbed=tuple(self._absorb(cluster, found[1:])),
        )

    def _enter(self, message: Message) -> int:
        """Take a message in and give its number; its incident is for the caller to say."""
        number = len(self._messages)
        self._messages.append(msgspec.structs.replace(message, text=_NO_WORDS, title=_NO_WORDS))
        self._times.append(max(message.sent_at, self._times[-1]) if self._times else message.sent_at)
        self._numbers[message.id] = number
        if message.spot is not None:
            self._at[message.spot.name].append(number)
        return number

    def _weigh(self, message: Message, near: NDArray[np.float64], *, oldest: int) -> dict[int, float]:
        """Say how near each earlier message is, in multiples of what is asked; who lies elsewhere is left out."""
        strengths = self._compare(message, near, oldest=oldest)
        if not message.area:
            return strengths
        return {number: value for number, value in strengths.items() if self._messages[number].area in ("", message.area)}

    def _compare(self, message: Message, near: NDArray[np.float64], *, oldest: int) -> dict[int, float]:
        least = _LEAST * self.settings.alike
        strengths = {int(at) + oldest: float(near[at]) / self.settings.alike for at in np.flatnonzero(near >= least)}
        if message.spot is None or message.gist is None:
            return strengths
        for number in list(strengths):
            if self._knows(number):
                del strengths[number]
        for number, gist in self._list_nearest(message.spot, message.gist, oldest=oldest):
            strengths[number] = _stretch(message.gist.compare(gist), asked=self.settings.same_matter)
        return strengths

    def _list_nearest(self, spot: Spot, gist: Gist, *, oldest: int) -> list[tuple[int, Gist]]:
        """List those that may be about the same place, and of very many those that look nearest."""
        at = self._at[spot.name]
        others = [(number, self._messages[number]) for number in at[bisect_left(at, oldest) :]]
        there = [(number, other.gist) for number, other in others if other.gist and other.spot and may_be_one(spot, other.spot)]
        return nlargest(_LOOKED_AT, there, key=lambda each: gist.glance(each[1])) if len(there) > _LOOKED_AT else there

    def _knows(self, number: int) -> bool:
        message = self._messages[number]
        return message.spot is not None and message.gist is not None

    def _rank(self, strengths: Mapping[int, float], *, oldest: int) -> list[tuple[float, int]]:
        """Give the incidents that are near enough, the nearest first: by the mean over their nearest members."""
        clusters: dict[int, list[float]] = defaultdict(list)
        for number, strength in strengths.items():
            clusters[self._cluster[number]].append(strength)
        found = []
        for cluster, values in clusters.items():
            if max(values) < 1.0:
                continue
            members = self._members[cluster]
            asked = min(self.settings.nearest, len(members) - bisect_left(members, oldest))
            mean = sum(nlargest(asked, values)) / asked
            if mean >= 1.0:
                found.append((mean, cluster))
        return sorted(found, key=lambda pair: (-pair[0], pair[1]))

    def _absorb(self, cluster: int, others: Iterable[tuple[float, int]]) -> Iterable[int]:
        """Take in the incidents that a message shows to be this one, unless a person has said otherwise."""
        for strength, other in others:
            if strength >= self.settings.merge and frozenset((cluster, other)) not in self._apart:
                self._take(cluster, other)
                yield other

    def _take(self, cluster: int, other: int) -> None:
        """Move all messages of one incident into another."""
        moved = self._members[other]
        self._members[cluster] = sorted([*self._members[cluster], *moved])
        del self._members[other]
        for number in moved:
            self._cluster[number] = cluster
        self._apart = {frozenset(cluster if each == other else each for each in pair) for pair in self._apart}

    def _begin(self, members: list[int]) -> int:
        cluster = self._given
        self._given += 1
        self._members[cluster] = members
        return cluster


def _stretch(likeness: float, *, asked: float) -> float:
    """Say how alike two matters are in multiples of what is asked, 1.25 at most: that alone makes no two incidents one (`merge`).

    A message may well tell of two matters of one place.
    """
    return likeness / asked if likeness < asked else 1.0 + (likeness - asked) / (4 * max(1.0 - asked, 1e-9))


def may_be_one(one: Spot, other: Spot) -> bool:
    """Tell whether two known places may be one: the same name, and no two buildings or house numbers."""
    return one.name == other.name and not (one.detail and other.detail and one.detail != other.detail)


def find_spot(mentions: Sequence[PlaceMention]) -> Spot | None:
    """Give the known place that a message names; None if it names none, or only an area, which is no place.

    The first that has a building or house number, else the first: people name the estate, then what is near it.
    """
    known = [mention for mention in mentions if mention.name and mention.kind not in _WIDE and len(mention.areas) == 1]
    chosen = next((mention for mention in known if mention.number or mention.building), known[0] if known else None)
    return Spot(chosen.name, chosen.number or chosen.building) if chosen else None
