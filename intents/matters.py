"""How many matters does a message tell of? A message is cut into clauses, and those that tell of one matter are put together again.

Whether a clause begins another matter is weighed: what speaks for a duty item of its own (found by whoever knows the duty list, and handed in
as Topics), words that begin something new (另外, 旁边那棵树, 也), and words that go on with the story (害得, 老板说). A letter is divided
only where its writer counts (一、二、, 另外还有一件事). In doubt it stays one: a matter told in two tickets is worse than two told in one,
which the desk divides.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from intents.lexicon import lexicon, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAK = re.compile(r"[，,。！？!?；;：:~…\n\s]+")
_LISTED = re.compile(r"(?<=.{5})、(?=.{5})")
"""Between two long pieces after 三件事： it stands for a comma; else it joins words."""
_WORDS = re.compile(r"\w")
_LITTLE = 3
"""Fewer characters than this beside a place say nothing."""
_CERTAIN = 0.8
"""A clause whose duty item is as sure as this says what it is about, however much of it sounds like a place."""
_HEAD = 40
"""Characters at the beginning in which a writer says how many matters there are."""
_COUNTED = 2
"""So many numbered pieces make a list."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A duty item that a clause may be about: its code and category, its evidence (`score`), and how sure that is (`confidence`, 0..1)."""

    item: str
    category: str
    score: float
    confidence: float


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a message, as written, with what it may be about, best first."""

    text: str
    topics: tuple[Topic, ...] = ()


class MatterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What weighs how much where a clause may begin another matter. Fitted by random search on the open part of bench/own, then rounded."""

    most: int = 5
    """More matters than this in one message are one for people: nobody can follow such a list by telephone."""
    letter: int = 120
    """Characters from which a message is a letter, with a history and demands: divided only where it counts by itself."""
    sure: float = 1.2
    """How sure the clause's own duty item is."""
    evidence: float = 0.9
    """How much evidence there is, up to `enough`."""
    enough: float = 40.0
    too: float = 0.85
    besides: float = 0.6
    elsewhere: float = 1.5
    semicolon: float = 1.3
    thing: float = 0.6
    announced: float = 0.55
    """The writer said 两件事 and they are not all found yet."""
    alike: float = 0.7
    """How far the clause speaks for an earlier matter's item as well (a share, 0..1)."""
    least: float = 1.65
    """What has to be outweighed."""
    first: float = 1.05
    """How much less the first matter needs: something has to be it."""


def cut(text: str) -> tuple[str, ...]:
    """Cut a text into clauses, each with the punctuation behind it: joined they are the text again."""
    at = {
        0,
        *(found.end() for found in _BREAK.finditer(text)),
        *(found.start(1) for found in lexicon("matters.besides").spans(text)),
    }
    if _read_count(text):
        at.update(found.end() for found in _LISTED.finditer(text))
    edges = [*sorted(place for place in at if place < len(text)), len(text)]
    return tuple(text[start:end] for start, end in pairwise(edges))


def may_be_several(clauses: Sequence[Clause], *, settings: MatterSettings) -> bool:
    """Tell whether it is worth the time to find out what each clause is about: of a letter only where its writer numbers."""
    if sum(len(clause.text) for clause in clauses) <= settings.letter:
        return len(clauses) > 1
    return sum(_begins(clause, "enumeration") for clause in clauses) >= _COUNTED


def divide(clauses: Sequence[Clause], *, settings: MatterSettings, strict: bool = False) -> tuple[tuple[int, ...], ...]:
    """Say which clauses tell of which matter: groups of their numbers, in order of mention, every clause in exactly one.

    `strict`: what is told is one story (a life in danger, somebody spoken for), so that only what begins with 另外 is apart from it.
    """
    whole = (tuple(range(len(clauses))),)
    text = "".join(clause.text for clause in clauses)
    starts = [at for at, clause in enumerate(clauses) if _begins(clause, "enumeration")]
    is_letter = len(text) > settings.letter
    if len(starts) >= _COUNTED and not (is_letter and _is_one(clauses, starts)):
        groups = _group_at(starts, len(clauses))
    elif is_letter:
        groups = _group_at([0, *(at for at, clause in enumerate(clauses) if at and _begins(clause, "another"))], len(clauses))
    else:
        groups = _group_by_topic(clauses, announced=_read_count(text), settings=settings, strict=strict)
    return groups if 1 < len(groups) <= settings.most else whole


def share_topic(one: Sequence[Topic], other: Sequence[Topic]) -> float:
    """Say how far two texts may be about one duty item: 1 for the same first one, else what the nearer one of them gives the other's, 0..1."""
    if not one or not other:
        return 0.0
    if one[0].item == other[0].item:
        return 1.0
    return max(_give(one, other[0].item), _give(other, one[0].item))


def _give(topics: Sequence[Topic], item: str) -> float:
    """Say how much of the best evidence another item has."""
    return next((topic.score / topics[0].score for topic in topics if topic.item == item and topics[0].score), 0.0)


def _group_at(starts: Sequence[int], count: int) -> tuple[tuple[int, ...], ...]:
    """Group clauses from each start to the next; what stands before the first belongs to it."""
    edges = [0, *starts[1:], count]
    return tuple(tuple(range(begin, end)) for begin, end in pairwise(edges))


def _is_one(clauses: Sequence[Clause], starts: Sequence[int]) -> bool:
    """Tell whether a numbered letter argues one matter: what its numbers head (evidence, demands) is not about items of its own."""
    heads = [_find_head(clauses[begin:end]) for begin, end in zip(starts, [*starts[1:], len(clauses)], strict=True)]
    own = {head.item for head in heads if head is not None}
    return len(own) < len(starts)


def _find_head(clauses: Sequence[Clause]) -> Topic | None:
    """Find the surest topic of some clauses; None if nothing is half sure."""
    tops = [clause.topics[0] for clause in clauses if clause.topics and clause.topics[0].confidence >= 0.5]  # noqa: PLR2004 - more likely than not
    return max(tops, key=lambda topic: topic.confidence, default=None)


def _group_by_topic(
    clauses: Sequence[Clause], *, announced: int, settings: MatterSettings, strict: bool
) -> tuple[tuple[int, ...], ...]:
    """Group clauses by what they are about: one that begins nothing belongs to the matter before it, or to the one it returns to."""
    groups: list[list[int]] = [[]]
    heads: list[Clause] = []
    for at, clause in enumerate(clauses):
        before = clauses[at - 1].text if at else ""
        returns = next((number for number, head in enumerate(heads) if share_topic(clause.topics, head.topics) == 1), None)
        if returns is not None and _is_own(clause, settings):
            groups[returns].append(at)
        elif (
            clause.topics
            and not _is_bare(clause)
            and _weigh(clause, heads, before, announced=announced, settings=settings, strict=strict) > 0
        ):
            if heads or (strict and groups[-1] and _begins(clause, "apart")):  # no duty item speaks for the danger itself
                groups.append([])
            heads.append(clause)
            groups[-1].append(at)
        else:
            groups[-1].append(at)
    return tuple(map(tuple, groups))


def _is_bare(clause: Clause) -> bool:
    """Tell whether a clause only opens the message (我是物业的), tells what is over, or only says where."""
    if lexicon("matters.preface").first(clause.text) or lexicon("danger_context.over").first(clause.text):
        return True
    if clause.topics and clause.topics[0].confidence >= _CERTAIN:
        return False
    rest = lexicon("place").blank(clause.text).replace("·", "")
    is_trouble = lexicon("damage").first(clause.text) or lexicon("nuisance").first(clause.text)
    return not is_trouble and len(_WORDS.findall(rest)) < _LITTLE


def _is_own(clause: Clause, settings: MatterSettings) -> bool:
    """Tell whether a clause says enough of its own to be put to an earlier matter over the head of a later one."""
    return clause.topics[0].confidence * settings.enough > settings.enough / 2


def _weigh(
    clause: Clause, heads: Sequence[Clause], before: str, *, announced: int, settings: MatterSettings, strict: bool
) -> float:
    """Weigh whether a clause begins a matter of its own; above 0 it does."""
    best = clause.topics[0]
    weight = settings.sure * best.confidence + settings.evidence * min(best.score / settings.enough, 1.0) - settings.least
    weight += settings.elsewhere * _begins(clause, "elsewhere") + settings.too * _begins(clause, "too")
    weight += settings.besides * _begins(clause, "besides") + settings.thing * bool(lexicon("matter").first(clause.text))
    if not heads:
        return weight + settings.first
    if _begins(clause, "goes_on") or (strict and not _begins(clause, "apart")):
        return -1.0
    alike = max(share_topic(clause.topics, head.topics) for head in heads)
    weight += settings.announced * (len(heads) < announced) + settings.semicolon * (
        before.rstrip()[-1:] in {"；", ";"} and bool(before.strip())
    )
    return -1.0 if alike == 1 else weight - settings.alike * alike


def _begins(clause: Clause, table: str) -> bool:
    """Tell whether a clause begins with words of a list."""
    return any(found.start(1) == 0 for found in lexicon(f"matters.{table}").spans(clause.text.lstrip()))


def _read_count(text: str) -> int:
    """Read how many matters the writer says there are, 0 if nothing is said."""
    found = lexicon("matters.count").first(text[:_HEAD])
    numbers: dict[str, int] = read_table("matters")["numbers"]
    return numbers.get(found[:1], 0)
