"""What one line of a group says, weighed from its words alone: what speaks for a matter, and what against it.

A line is a matter if something that all share is in trouble, here and now, and nobody sells, jokes, quotes the news or has put it right
meanwhile. The words are data (lexicons/group_matter.toml, group_chatter.toml); what a city's duty list makes of the line is handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from intents.lexicon import lexicon
from intents.slots import find_about
from intents.tiers import CALM, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKET = ("chain", "packet", "notice", "relay", "trade")
"""What makes a whole line something else, whatever stands in it."""
_FOR = {
    "thing": (0.6, 0.9),
    "trouble": (0.2, 0.4),
    "lasting": (1.1, 1.0),
    "hurt": (0.2, 0.0),
    "where": (0.2, 1.2),
    "everybody": (0.5, 0.0),
    "swindle": (0.8, 0.0),
    "ask": (0.2, 0.0),
}
"""What the first and a second word of each list say for a matter. All weights were fitted on lines that are there for tuning
(bench/groups.py), each group left out in turn, and rounded; lists of which the lines had too few were set by hand.
"""
_AGAINST = {
    "seek": 2.0,
    "done": 1.9,
    "past": 1.7,
    "hearsay": 1.7,
    "excuse": 1.4,
    "if": 1.2,
    "thanks": 1.0,
    "plan": 1.0,
    "quarrel": 0.9,
    "you": 0.8,
    "face": 0.7,
    "joke": 0.6,
    "own": 0.6,
    "me": 0.4,
    "neighbour": 0.5,
    "ask_only": 0.2,
}
_DANGER, _OUTAGE = 2.0, 1.3
"""What an orange danger says, and an outage: that is often a minute's matter."""
_ITEM = 1.2
"""What a duty item says for which everything speaks; less in proportion where less does."""
_LEARNED, _NEUTRAL, _CLEAR = 0.8, 0.4, 1.0
"""What it says for or against a matter by how much the learned margin is above or below the neutral one; beyond 1 it is clear and says no more.
Neighbours talk of the same things that requests are about, so what is neutral here is already rather a request elsewhere.
"""
_LENGTH, _LONG = 3.6, 40
"""Whoever wants something done tells it; a line of so many characters or more gets all of it."""
_CORE = frozenset({"trouble", "everybody", "swindle", "danger", "outage"})
_NO_CORE = 1.1
"""What a line loses that speaks of things and says nothing against them."""
_TOLD = 0.9
"""What length says besides where something is wrong."""
_TOGETHER = 0.5
"""What a thing and a trouble in one line say besides."""
_SUPPORT = frozenset({"where", "lasting", "hurt", "ask", "everybody", "swindle", "danger"})
_BARE = 0.6
"""What a line loses that says neither where, nor how long, nor what may happen."""
_THEN = 1.0
"""What a line loses that speaks of yesterday and not of now."""
_SHORT, _TOO_SHORT = 12, 1.6
"""Characters below which a line says too little, and what it loses."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the city makes of a line: the duty item it comes closest to, the public place, the danger.

    `confidence` (0..1) is how sure it is that this item is meant and no other, `evidence` (0..1) how much speaks for any at all.
    `request` is what was learned of requests and talk (intents.request): a margin, above 0 rather a request; None if nobody asked.
    """

    item: str = ""
    confidence: float = 0.0
    evidence: float = 0.0
    request: float | None = None
    place: str = ""
    reading: Reading = CALM


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says. `why` lists what spoke for and against it, `things` what it speaks of."""

    score: float = 0.0
    noise: str = ""
    why: tuple[str, ...] = ()
    things: frozenset[str] = frozenset()
    settles: Literal["", "done", "excuse"] = ""
    echoes: bool = False
    between: bool = False
    """Neighbours could settle it among themselves."""


def hear(text: str, known: Known | None = None) -> Heard:
    """Weigh one line in normal form. What is a notice, an advert or a list weighs nothing; what only neighbours can settle weighs less."""
    known = known or Known()
    noise = next((name for name in _BLANKET if find_chatter(name, text)), "")
    if noise == "trade" and lexicon("group_matter.swindle").first(text):
        noise = ""
    settles: Literal["", "done", "excuse"] = (
        "done" if find_chatter("done", text) else "excuse" if find_chatter("excuse", text) else ""
    )
    if noise:
        return Heard(noise=noise, why=(f"{noise}={find_chatter(noise, text)}",), settles="" if noise == "notice" else settles)
    weights = [*_weigh_for(text, known), *_weigh_against(text, known)]
    names = {name for name, _, _ in weights}
    if {"thing", "trouble"} <= names:
        weights.append(("together", "", _TOGETHER))
    if names & _CORE:
        weights.append(("told", "", _TOLD * min(len(text), _LONG) / _LONG))
    else:
        weights.append(("no_trouble", "", -_NO_CORE))
    if not names & _SUPPORT:
        weights.append(("bare", "", -_BARE))
    if not names & {"danger", "outage"} and (then := find_chatter("then", text)) and not find_chatter("now", text):
        weights.append(("then", then, -_THEN))
    return Heard(
        score=round(sum(weight for _, _, weight in weights), 2),
        why=tuple(f"{name}={word}" for name, word, _ in weights),
        things=frozenset(lexicon("group_matter.thing").find(text)),
        settles=settles,
        echoes=bool(find_chatter("echo", text)),
        between=any(name in {"neighbour", "own"} for name, _, _ in weights),
    )


def _weigh_for(text: str, known: Known) -> Iterator[tuple[str, str, float]]:
    """Give what speaks for a matter: its name, the word, the weight."""
    found = {name: lexicon(f"group_matter.{name}").find(text) for name in _FOR}
    also = lexicon("damage").find(text) + lexicon("nuisance").find(text)
    found["trouble"] += tuple(word for word in also if word not in found["thing"])
    found["ask"] += lexicon("demand").find(text)
    if known.place and known.place not in found["where"]:
        found["where"] += (known.place,)
    for name, (first, second) in _FOR.items():
        if words := found[name]:
            yield name, words[0], first + (second if len(set(words)) > 1 else 0.0)
    if known.reading.tier == "orange":
        is_outage = known.reading.hazard == "outage"
        yield ("outage", known.reading.hazard, _OUTAGE) if is_outage else ("danger", known.reading.hazard, _DANGER)
    yield "item", known.item, _ITEM * known.evidence
    if (leans := _lean(known)) > 0:
        yield "request", "", leans
    yield "length", str(len(text)), _LENGTH * min(len(text), _LONG) / _LONG


def _weigh_against(text: str, known: Known) -> Iterator[tuple[str, str, float]]:
    """Give what speaks against it."""
    for name, weight in _AGAINST.items():
        if word := find_chatter(name, text):
            yield name, word, -weight
    if (leans := _lean(known)) < 0:
        yield "talk", "", leans
    if len(text) < _SHORT:
        yield "short", str(len(text)), -_TOO_SHORT


def _lean(known: Known) -> float:
    """Say what was learned of requests and talk says of a line in a group."""
    return 0.0 if known.request is None else _LEARNED * (max(-_CLEAR, min(known.request, _CLEAR)) - _NEUTRAL)


def is_about_keeper(text: str) -> bool:
    """Tell whether a line accuses the grid worker or the community's own people: they are not the ones to be shown it."""
    return any(find_chatter("keeper", role) for role in find_about(text))


def is_office(name: str) -> bool:
    """Tell from the name somebody bears in a group whether they speak for the property company or the community; the name is not kept."""
    return bool(find_chatter("office", name))


def find_chatter(name: str, text: str) -> str:
    """Give the first word of a list of chatter (lexicons/group_chatter.toml), "" if none."""
    return lexicon(f"group_chatter.{name}").first(text)
