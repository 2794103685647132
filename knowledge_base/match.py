"""Which entry answers a question, and whether it may: the matches that knowledge_base.matcher found, weighed and decided.

Two kinds of evidence. `likeness`: the question resembles an entry's question or one of its phrasings. `coverage`: a text without a
question of its own, a policy, holds what is asked. Neither is trusted alone: both count with the lead over the next *distinct*
entry, because an absolute score never separates a question that is answered from one of the same field that is not
(docs/quality.md). decide() is one input of the dialogue: that a sentence reports a problem instead of asking is for intents to see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from knowledge_base.entry import Entry, Refusal, refuse
from knowledge_base.index import IndexSettings
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import date

__all__ = ["Answered", "Decision", "Entry", "Match", "MatchSettings", "NeedsChoice", "NoAnswer", "decide", "weigh"]


class MatchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When an entry is near enough. Defaults: the highest answer rate at 95 % precision on three question sets (docs/quality.md)."""

    answer_at: float = 0.71
    """Answer from this confidence on (0..1)."""
    choose_at: float = 0.55
    """Offer as a choice from this confidence on: below, most questions are of those that nothing answers."""
    beside: float = 0.1
    """Offered with it is what is less alike by no more than this."""
    choices: int = 3
    """How many are offered at most: what fits a chat screen and can be picked by number."""
    near: float = 0.06
    """Two distinct entries whose likeness differs by less are both meant: ask."""
    lead: float = 0.5
    """How much of the lead in likeness over the next distinct entry is added to the confidence."""
    lead_limit: float = 0.3
    """No lead counts for more: where few entries compete, leading is no merit."""
    title: float = 0.7
    """Weight of likeness to a policy's title: a policy that is named is not yet a policy that answers."""
    body: float = 3.1
    """Scale of coverage x lead in score: evidence from a body is numerically small, this puts it beside likeness."""
    covered: float = 0.4
    """A body that holds less of the question than this (share of its idf) tells nothing, however far it leads."""
    longest: int = 150
    """Characters of a text that are looked up: what is longer is a letter, and says first what it is about."""
    candidates: int = 20
    """How many of the index's best are compared closely."""
    index: IndexSettings = IndexSettings()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """匹配: one entry beside one question. Only `confidence` may be compared between questions."""

    code: str
    question: str
    phrasing: str
    """The wording of the entry that came nearest: its question or one of its phrasings."""
    score: float
    """The index's score."""
    likeness: float
    """How alike the two wordings are, 0..1."""
    coverage: float
    """How much of the question a text without a question of its own holds, 0..1."""
    confidence: float = 0.0
    """How sure it is that this entry is meant, 0..1, among the matches it was weighed with."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """命中: this entry answers."""

    match: Match


class NeedsChoice(msgspec.Struct, frozen=True, tag=True):
    """待选: one of these is probably meant; the resident picks by number. Best first, 1 to `choices`."""

    matches: tuple[Match, ...]


class NoAnswer(msgspec.Struct, frozen=True, tag=True):
    """未命中: nothing may answer. `why` names what kept the best match back, if there was one that would have answered."""

    best: Match | None
    why: Literal["nothing_found", "not_sure"] | Refusal


Decision = Answered | NeedsChoice | NoAnswer


def weigh(matches: Sequence[Match], *, entries: Mapping[str, Entry], settings: MatchSettings) -> list[Match]:
    """Give each match its confidence among these, surest first: its likeness, or what its body holds, each with its lead."""
    sayings = [_saying(match, entries) for match in matches]
    likenesses = _find_rivals(sayings, [match.likeness for match in matches])
    scores = _find_rivals(sayings, [match.score for match in matches])
    weighed = []
    for match, likeness, score in zip(matches, likenesses, scores, strict=True):
        worded = match.likeness + settings.lead * min(match.likeness - likeness, settings.lead_limit)
        told = settings.body * match.coverage * (1 - score / match.score) if match.coverage >= settings.covered else 0.0
        weighed.append(msgspec.structs.replace(match, confidence=min(1.0, max(0.0, worded, told))))
    return sorted(weighed, key=lambda match: (-match.confidence, -match.likeness, -match.score, match.code))


def decide(
    matches: Sequence[Match],
    *,
    entries: Mapping[str, Entry],
    today: date,
    areas: Sequence[str],
    settings: MatchSettings,
    city: str = "",
) -> Decision:
    """Decide whether one of the matches answers.

    `areas` is the chain of the place or of the resident, from the smallest area up to the root; empty if nobody knows where.
    `city` is the root's code, if entries of the whole city carry it instead of "". An entry that may not answer is never replaced
    by one that is clearly farther from what was asked.
    """
    refusals = {match.code: refuse(entries.get(match.code), today=today, areas=areas, city=city) for match in matches}
    able = weigh(
        _drop_twins([match for match in matches if not refusals[match.code]], entries=entries, areas=areas, city=city),
        entries=entries,
        settings=settings,
    )
    best = matches[0] if matches else None
    if best and (why := refusals[best.code]) and _is_meant(best, able, settings):
        return NoAnswer(best, why)
    if not able:
        return NoAnswer(best, "nothing_found")
    top = able[0]
    if top.confidence < settings.choose_at:
        return NoAnswer(top, "not_sure")
    if top.confidence < settings.answer_at:
        floor = max(top.likeness, settings.choose_at) - settings.beside
        return NeedsChoice((top, *(match for match in able[1:] if match.likeness >= floor))[: settings.choices])
    saying = _saying(top, entries)
    rivals = [match for match in able[1:] if _saying(match, entries) != saying and _is_rival(match, top, settings)]
    if rivals or (not areas and entries[top.code].area not in {"", city}):
        return NeedsChoice((top, *rivals)[: settings.choices])
    return Answered(top)


def _drop_twins(matches: Sequence[Match], *, entries: Mapping[str, Entry], areas: Sequence[str], city: str) -> list[Match]:
    """Of entries with the same question keep those of the narrowest area; of the widest, if nobody knows where the resident is."""

    def rank(match: Match) -> int:
        area = entries[match.code].area
        if area in {"", city}:
            return len(areas)
        return list(areas).index(area) if areas else 1

    ranks = [rank(match) for match in matches]
    if len(set(ranks)) < 2:  # noqa: PLR2004 - with a single rank there is nothing to prefer
        return list(matches)
    questions = [_same(match.question) for match in matches]
    narrowest: dict[str, int] = {}
    for question, own in zip(questions, ranks, strict=True):
        narrowest[question] = min(own, narrowest.get(question, own))
    return [match for match, question, own in zip(matches, questions, ranks, strict=True) if own == narrowest[question]]


def _same(question: str) -> str:
    """Give what must be equal for two questions to be the same one: letters and digits."""
    return "".join(filter(str.isalnum, normalize(question).lower()))


def _saying(match: Match, entries: Mapping[str, Entry]) -> Hashable:
    """Give what must be equal for two matches to say the same: the answer; an entry without one is like no other."""
    entry = entries.get(match.code)
    return entry.answer if entry and entry.answer else ("", match.code)


def _find_rivals(sayings: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """Give for each the highest value among those that say something else, 0 if all say the same."""
    highest: dict[Hashable, float] = {}
    for saying, value in zip(sayings, values, strict=True):
        highest[saying] = max(value, highest.get(saying, 0.0))
    first, second = [*sorted(highest.values(), reverse=True), 0.0, 0.0][:2]
    leaders = {saying for saying, value in highest.items() if value == first}
    return [second if leaders == {saying} else first for saying in sayings]


def _is_meant(best: Match, able: Sequence[Match], settings: MatchSettings) -> bool:
    """Tell whether a match that may not answer is the one that was meant: it is likely, and none of those that may comes near it."""
    if best.confidence < settings.choose_at:
        return False
    return not any(
        match.likeness > best.likeness - settings.near and (not best.coverage or match.score > best.score * (1 - settings.near))
        for match in able
    )


def _is_rival(match: Match, top: Match, settings: MatchSettings) -> bool:
    """Tell whether a match is as likely meant as the top one; the nearer that is to word for word, the nearer a rival must be."""
    return top.likeness >= settings.choose_at and match.likeness >= top.likeness - min(settings.near, 1 - top.likeness)
