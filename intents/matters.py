"""How many matters does a message tell of? A message is cut into clauses, and those that tell of one matter are put together again.

Whether a clause begins another matter was learned from messages in which people marked it (knowledge_base/models/matters.npz): from its
words, from words that begin something new (另外, 旁边那棵树, 也) or go on with the story (害得, 老板说), and from what speaks for a duty
item of its own (found by whoever knows the duty list, and handed in as Topics). A letter is divided only where its writer counts (一、二、,
另外还有一件事). In doubt it stays one: a matter told in two tickets is worse than two told in one, which the desk divides.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from intents.lexicon import lexicon
from knowledge_base.linear import shipped
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAK = re.compile(r"[，,。！？!?；;：:~…\n\s]+")
_LISTED = re.compile(r"(?<=[^、，,]{4})、(?=[^、，,]{4})|(?<=.{2})\+(?=.{2})")
"""Between two longer pieces these stand for a comma; else they join words."""
_WORDS = re.compile(r"\w")
_LITTLE = 3
"""Fewer characters than this beside a place say nothing."""
_CERTAIN = 0.8
"""A clause whose duty item is as sure as this says what it is about, however much of it sounds like a place."""
_COUNTED = 2
"""So many numbered pieces make a list."""
BEGINS = "begins"
"""The class of the model for a clause that begins a matter; the other one is `goes_on`."""
_START, _END = 24, 6
"""Characters of a clause, and of what stands before it, that are looked at."""
_BEGINNINGS = ("elsewhere", "too", "besides", "goes_on", "another", "enumeration", "apart")
_TELLING = ("matter", "damage", "nuisance", "demand", "question", "place")
_TROUBLES = ("damage", "nuisance", "demand", "violation", "complaint", "complaint.bad")
_STOPS = frozenset("。！!?？；;\n")
_ENOUGH = 40.0
"""So much evidence for a duty item is plenty."""
_EIGHTHS = 8
_LIKELY = 0.5
_DIGIT = re.compile(r"\d")


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
    """When a message is taken apart."""

    most: int = 5
    """More matters than this in one message are one for people: nobody can follow such a list by telephone."""
    letter: int = 120
    """Characters from which a message is a letter, with a history and demands: divided only where it counts by itself."""
    begins: float = -0.5
    """Margin (-1 surely not .. 1 surely) from which a clause begins a matter: of twenty matters told at any length, nineteen stay one."""


def cut(text: str) -> tuple[str, ...]:
    """Cut a text into clauses, each with the punctuation behind it: joined they are the text again."""
    at = {
        0,
        *(found.end() for found in _BREAK.finditer(text)),
        *(found.start(1) for found in lexicon("matters.besides").spans(text)),
    }
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

    `strict`: what is told is one story (a life in danger, somebody spoken for or accused), so that only what begins with 另外 is apart from it.
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
        groups = _group_by_topic(clauses, settings=settings, strict=strict)
    return groups if 1 < len(groups) <= settings.most else whole


def share_topic(one: Sequence[Topic], other: Sequence[Topic]) -> float:
    """Say how far two texts may be about one duty item: 1 for the same first one, else how likely the nearer one finds the other's, 0..1."""
    if not one or not other:
        return 0.0
    if one[0].item == other[0].item:
        return 1.0
    return max(_give(one, other[0].item), _give(other, one[0].item))


def _give(topics: Sequence[Topic], item: str) -> float:
    """Say how likely another item is beside the best one."""
    best = topics[0].confidence
    return next((topic.confidence / best for topic in topics if topic.item == item and best), 0.0)


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


def _group_by_topic(clauses: Sequence[Clause], *, settings: MatterSettings, strict: bool) -> tuple[tuple[int, ...], ...]:
    """Group clauses by what they are about: one that begins nothing belongs to the matter before it, or to the one it returns to."""
    groups: list[list[int]] = [[0]]
    for at, clause in enumerate(clauses[1:], start=1):
        tells = strict or any(
            _tells(clauses[earlier]) for earlier in groups[-1]
        )  # a beginning (我住3号楼, 昨天的火灭了) is no matter yet
        heads = [clauses[group[0]] for group in groups[:-1]]
        returns = next((number for number, head in enumerate(heads) if share_topic(clause.topics, head.topics) == 1), None)
        if returns is not None and _is_sure(clause):
            groups[returns].append(at)
        elif tells and _begins_matter(clauses, at, head=groups[-1][0], settings=settings, strict=strict):
            groups.append([at])
        else:
            groups[-1].append(at)
    return tuple(map(tuple, groups))


def _tells(clause: Clause) -> bool:
    """Tell whether a clause says that something is wrong, not only where or who."""
    if _is_bare(clause):
        return False
    is_trouble = any(lexicon(name).first(clause.text) for name in _TROUBLES)
    return is_trouble or bool(clause.topics and _is_sure(clause))


def _begins_matter(clauses: Sequence[Clause], at: int, *, head: int, settings: MatterSettings, strict: bool) -> bool:
    """Tell whether a clause begins a matter of its own; `head` is the clause that began the one before."""
    clause = clauses[at]
    is_same = share_topic(clause.topics, clauses[head].topics) == 1 and not lexicon("place").first(clause.text)
    says_little = is_same or len(_WORDS.findall(clause.text)) < _LITTLE or lexicon("matters.contact").first(clause.text)
    if says_little or (strict and not _begins(clause, "apart")):
        return False
    model = shipped("matters")
    margin = model.weigh(describe(clauses, at))[model.classes.index(BEGINS)]
    return bool(margin >= (0.0 if _is_bare(clause) else settings.begins))


def describe(clauses: Sequence[Clause], at: int) -> list[str]:
    """Describe a clause and what stands before it as features for the model that tells whether it begins a matter."""
    clause, before = clauses[at], clauses[:at]
    start = f"^{_fold(clause.text)[:_START]}"
    end = f"{_fold(''.join(one.text for one in before))[-_END:]}‖"
    grams = [start[first : first + size] for size in (1, 2, 3) for first in range(len(start) - size + 1)]
    heads = [f"H{start[:size]}" for size in (2, 3, 4, 5)]
    ends = [f"<{end[first : first + size]}" for size in (1, 2, 3) for first in range(len(end) - size + 1)]
    return [
        *grams,
        *heads,
        *ends,
        *_describe_words(clause, before),
        *_describe_topics(clause, before),
        *_describe_size(clauses, at),
    ]


def _describe_words(clause: Clause, before: Sequence[Clause]) -> list[str]:
    """Name the lists that speak in a clause, and those that spoke before it."""
    here = [f"#{table}" for table in _BEGINNINGS if _begins(clause, table)]
    here += [f"#{name}" for name in _TELLING if lexicon(name).first(clause.text)]
    here += ["#bare"] if _is_bare(clause) else []
    told = "".join(one.text for one in before)
    there = [f"#before_{name}" for name in _TELLING if lexicon(name).first(told)]
    stop = ["#stop"] if before and before[-1].text.rstrip()[-1:] in _STOPS else []
    line = ["#line"] if before and "\n" in before[-1].text[-2:] else []
    return [*here, *there, *stop, *line]


def _describe_topics(clause: Clause, before: Sequence[Clause]) -> list[str]:
    """Say in eighths how sure the clause's own duty item is, how sure one before it was, and how far they are alike."""
    tops = [one.topics for one in before if one.topics]
    own, evidence = (clause.topics[0].confidence, clause.topics[0].score) if clause.topics else (0.0, 0.0)
    alike = max((share_topic(clause.topics, topics) for topics in tops), default=0.0)
    sure = max((topics[0].confidence for topics in tops), default=0.0)
    known = max((topics[0].score for topics in tops), default=0.0)
    near = any(clause.topics and topics[0].category == clause.topics[0].category for topics in tops)
    amounts = {
        "own": own,
        "evidence": evidence / _ENOUGH,
        "alike": alike,
        "sure": sure,
        "known": known / _ENOUGH,
        "new": own * (1 - alike),
        "both": min(own, sure) * (1 - alike),
    }
    return [*(each for name, amount in amounts.items() for each in _steps(name, amount)), *(["#near"] if near else [])]


def _describe_size(clauses: Sequence[Clause], at: int) -> list[str]:
    """Say how much is said in the clause, before it and from it on."""
    counts = [len(_WORDS.findall(clause.text)) for clause in clauses]
    amounts = {
        "words": counts[at] / 20,
        "told": sum(counts[:at]) / 40,
        "rest": sum(counts[at:]) / 40,
        "at": at / 8,
        "clauses": len(clauses) / 8,
    }
    return [each for name, amount in amounts.items() for each in _steps(name, amount)]


def _steps(name: str, amount: float) -> list[str]:
    """Put an amount from 0 to 1 into eighths, each a feature of its own: a linear model then needs no straight line."""
    return [f"#{name}>{step}" for step in range(1, _EIGHTHS + 1) if amount >= step / _EIGHTHS]


def _fold(text: str) -> str:
    return _DIGIT.sub("0", normalize(text).lower())


def _is_bare(clause: Clause) -> bool:
    """Tell whether a clause only opens the message (我是物业的), tells what is over, or only says where."""
    if lexicon("matters.preface").first(clause.text) or lexicon("danger_context.over").first(clause.text):
        return True
    if clause.topics and clause.topics[0].confidence >= _CERTAIN:
        return False
    rest = lexicon("place").blank(clause.text).replace("·", "")
    is_trouble = lexicon("damage").first(clause.text) or lexicon("nuisance").first(clause.text)
    return not is_trouble and len(_WORDS.findall(rest)) < _LITTLE


def _is_sure(clause: Clause) -> bool:
    """Tell whether a clause says enough of its own to be put to an earlier matter over the head of a later one."""
    return clause.topics[0].confidence > _LIKELY


def _begins(clause: Clause, table: str) -> bool:
    """Tell whether a clause begins with words of a list."""
    return any(found.start(1) == 0 for found in lexicon(f"matters.{table}").spans(clause.text.lstrip()))
