"""Which entry answers a question, and whether it may: the matches that knowledge_base.matcher found, weighed and decided.

A match is as sure as knowledge_base.confidence makes it: by how much of the question an entry holds, how alike the wordings are, and
its lead over the next *distinct* entry, because an absolute score never separates a question that is answered from one of the same field
that is not (docs/quality.md). decide() is one input of the dialogue: that a sentence reports a problem instead of asking is for
intents to see.
"""

from __future__ import annotations

import re
from functools import cache
from math import log
from typing import TYPE_CHECKING, Literal

import msgspec

from knowledge_base.confidence import FEATURES, read_regressions
from knowledge_base.elsewhere import weigh_elsewhere
from knowledge_base.entry import Entry, Refusal, refuse
from knowledge_base.index import IndexSettings
from knowledge_base.lexicon import read_lexicon
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from datetime import date

__all__ = ["Answered", "Decision", "Entry", "Match", "MatchSettings", "NeedsChoice", "NoAnswer", "decide", "weigh"]

_MOST = 0.6
"""No lead counts for more than this share of the score: where few entries compete, leading is no merit."""
_WORD_FOR_WORD = 0.99
"""How sure a question is meant that is asked as an editor wrote it: nobody asks so among those the regressions were fitted on."""
_LIKENESS_LEAD = FEATURES.index("likeness_lead")
_NOTHING = 0.05
"""What scores less than a match so unsure is not weighed."""


class MatchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When an entry is near enough. The confidence is calibrated on own text, so only the wanted precision is to be chosen."""

    precision: float = 0.95
    """Answer where so large a share of answers is right (0.5..0.99)."""
    precision_delicate: float = 0.98
    """The same where a wrong answer costs most: money, who is entitled, deadlines (lexicons/delicate.txt)."""
    choose_at: float = 0.35
    """Offer as a choice from this confidence on: below, most questions are of those that nothing answers."""
    beside: float = 0.3
    """Offered with it is what scores less by no more than this share."""
    choices: int = 3
    """How many are offered at most: what fits a chat screen and can be picked by number."""
    near: float = 0.05
    """Two distinct entries whose score differs by less than this share are both meant: ask."""
    wording: float = 0.06
    """Weight of how alike the wordings are beside how much of the question an entry holds: fitted on own questions."""
    covered: float = 0.15
    """A text that holds less of the question than this tells nothing, however far it leads."""
    unsaid: float = 0.6
    """Of whose words the entry nowhere says a larger share than this is offered, not answered: in a small base nothing else comes near."""
    meaning: float = 80.0
    """Weight of how much more alike question and entry are in meaning than questions of one field are anyway, where an encoder is asked."""
    longest: int = 150
    """Characters of a text that are looked up: what is longer is a letter, and says first what it is about."""
    candidates: int = 12
    """How many of the index's best are compared closely."""
    index: IndexSettings = IndexSettings()


class Match(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """匹配: one entry beside one question. Only `confidence` says whether it may answer."""

    code: str
    question: str
    phrasing: str
    """The wording of the entry that came nearest: its question or one of its phrasings."""
    score: float
    """What the matches of one question are ranked by: how much of the question it holds, how strongly, and for an entry with a wording of its own how alike
    that is."""
    likeness: float
    """How alike the two wordings sound, 0..1."""
    coverage: float
    """How much of the question the entry holds at all, 0..1."""
    meaning: float = 0.0
    """How alike the two are in meaning, 0..1; 0 where no encoder was asked."""
    length: int = 0
    """Characters of the question."""
    delicate: bool = False
    """Whether the question is about money, who is entitled or a deadline."""
    unsaid: float = 0.0
    """Share (0..1) of the words that were asked, rare ones more, which stand nowhere in the entry; 0 of a policy, where it tells nothing."""
    unsaid_words: tuple[str, ...] = ()
    """These words."""
    excluded: bool = False
    """Whether the question names the condition that only a twin of this entry has (knowledge_base.conditions): it is not meant."""
    undecided: tuple[str, ...] = ()
    """Codes of the entries that only a condition tells from this one, where the question names neither condition, or both."""
    read_as: str = ""
    """What the question was taken for where it looked mistyped and so came nearer; empty: as it was typed."""
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
    """Give each match its confidence among these, best score first; none is surer than one that scores more.

    What is excluded competes with nothing: it comes last, without any confidence.
    """
    ranked = sorted((match for match in matches if not match.excluded), key=_rank)
    weighed, most, rivals = [], 1.0, find_rivals(ranked, entries=entries)
    for match in ranked:
        if most > _NOTHING:
            kind, features = next(rivals)
            sure = read_regressions()[kind].judge(features) if kind != "policy" or match.coverage >= settings.covered else 0.0
            if _is_word_for_word(match, features, entries):
                sure = max(sure, _WORD_FOR_WORD)
            most = min(most, sure)
        weighed.append(msgspec.structs.replace(match, confidence=most))
    return weighed + sorted((match for match in matches if match.excluded), key=_rank)


def _is_word_for_word(match: Match, features: Sequence[float], entries: Mapping[str, Entry]) -> bool:
    """Tell whether an editor wrote just this question, and beside no other answer."""
    entry = entries.get(match.code)
    is_question = entry is not None and entry.kind == "question"
    return is_question and match.likeness == 1.0 and features[_LIKENESS_LEAD] > 0.0


def _rank(match: Match) -> tuple[float, float, str]:
    return -match.score, -match.likeness, match.code


def find_rivals(matches: Sequence[Match], *, entries: Mapping[str, Entry]) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Give for each match what its confidence is made of, beside the best of those that say something else.

    That is the kind of its regression, and the values of knowledge_base.confidence.FEATURES.
    """
    sayings = [_saying(match, entries) for match in matches]
    rivals = _find_highest_others(sayings, [match.score for match in matches])
    likenesses = _find_highest_others(sayings, [match.likeness for match in matches])
    meanings = _find_highest_others(sayings, [match.meaning for match in matches])
    for match, rival, likeness, meaning in zip(matches, rivals, likenesses, meanings, strict=True):
        lead = match.score - rival
        yield (
            _name_kind(match, entries),
            (
                min(_MOST, lead / match.score) if match.score > 0.0 else 0.0,
                min(lead, _MOST * match.score),
                match.likeness,
                match.likeness - likeness,
                match.coverage,
                log(1.0 + match.length),
                match.meaning,
                match.meaning - meaning,
                match.unsaid,
                weigh_elsewhere(match.unsaid_words),
            ),
        )


def _name_kind(match: Match, entries: Mapping[str, Entry]) -> str:
    entry = entries.get(match.code)
    if match.meaning:
        return "meaning" if entry is not None and entry.answer else "meaning_wording"
    if entry is not None and entry.kind == "policy":
        return "policy"
    return "question" if entry is not None and entry.answer else "wording"


def is_sure(matches: Sequence[Match], *, entries: Mapping[str, Entry], precision: float) -> bool:
    """Tell whether the first match, as they were weighed, is so sure that this share of such answers is right."""
    return bool(matches) and matches[0].confidence >= read_regressions()[_name_kind(matches[0], entries)].threshold(precision)


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
        _drop_twins(
            [match for match in matches if not (refusals[match.code] or match.excluded)], entries=entries, areas=areas, city=city
        ),
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
    saying = _saying(top, entries)
    others = [match for match in able[1:] if _saying(match, entries) != saying]
    if (rivals := [match for match in others if _is_rival(match, top, settings)]) or _is_local(entries[top.code], areas, city):
        return NeedsChoice((top, *rivals)[: settings.choices])
    precision = settings.precision_delicate if top.delicate else settings.precision
    if top.unsaid > settings.unsaid or not is_sure(able, entries=entries, precision=precision):
        floor = top.score * (1.0 - settings.beside)
        return NeedsChoice((top, *(match for match in others if match.score >= floor))[: settings.choices])
    return Answered(top)


def is_delicate(asked: str) -> bool:
    """Tell whether a question is about money, who is entitled or a deadline, where a wrong answer costs most."""
    return bool(_delicate().search(asked))


@cache
def _delicate() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(read_lexicon("delicate")))))


def _is_local(entry: Entry, areas: Sequence[str], city: str) -> bool:
    """Tell whether an entry holds somewhere only, and nobody knows where the resident is."""
    return not areas and entry.area not in {"", city}


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


def _find_highest_others(sayings: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """Give for each the highest value among those that say something else, 0 if all say the same."""
    if not any(values):
        return [0.0] * len(values)
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
    same = _same(best.question)
    return not any(match.score > best.score * (1.0 - settings.near) or _same(match.question) == same for match in able)


def _is_rival(match: Match, top: Match, settings: MatchSettings) -> bool:
    """Tell whether a match is as likely meant as the top one: it asks the same, scores nearly the same, or only a condition differs."""
    if match.code in top.undecided and not (top.likeness == 1.0 > match.likeness):
        return True
    if _same(match.question) == _same(top.question):
        return match.score >= top.score * (1.0 - settings.beside)
    word_for_word = top.likeness == 1.0 > match.likeness
    return not word_for_word and match.score >= top.score * (1.0 - settings.near)
