"""How texts are read before and after a change of the city's words: residents' recent questions as they are kept (masked), and the entries' own wordings."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from bot import proposing
from console.words_port import DIFFERENCES, Differing, Reading
from knowledge_base import uses
from knowledge_base.hit_test import list_codes
from knowledge_base.match import Answered, NeedsChoice
from knowledge_base.own_words import fold
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim
from knowledge_base.variants import shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.words_port import Difference
    from knowledge_base.matcher import Matcher
    from knowledge_base.own_words import OwnWord
    from knowledge_base.places import Gazetteer
    from knowledge_base.proposals import Use
    from knowledge_base.text import Segmenter
    from routing.triage import Triage

_BANDS = (0.35, 0.6, 0.8, 0.95)
"""Confidences (0..1) between which it makes no difference to anybody how sure an entry is."""
_GRAVITY = {"worse": 0, "": 1, "better": 2}
_IN_VAIN = frozenset({"missed", "useless"})


class Text(NamedTuple):
    """A text to compare: how many times residents asked it, or the entry whose wording it is."""

    text: str
    times: int = 0
    wording_of: str = ""


def list_texts(session: Session, city: City, *, changed: Collection[str]) -> list[Text]:
    """List what is compared, first what holds a changed word, the newest questions before wordings.

    As elsewhere nothing is shown that fewer residents asked than the settings say.
    """
    texts = [*_list_asked(session, city), *_list_wordings(city)]
    return sorted(texts, key=lambda one: not any(word in fold(one.text) for word in changed))


def _list_asked(session: Session, city: City) -> list[Text]:
    settings = city.settings.knowledge.use
    asked: defaultdict[str, list[Use]] = defaultdict(list)
    for use in reversed(uses.load_uses(session)):
        asked[fold(use.question)].append(use)
    found = []
    for given in asked.values():
        vain = any(use.kind in _IN_VAIN for use in given)
        least = settings.missed_residents if vain else settings.phrasing_residents
        if len({use.resident for use in given}) >= least:
            found.append(Text(given[0].question, times=len(given)))
    return found


def _list_wordings(city: City) -> list[Text]:
    entries = [one for one in city.matcher.entries.values() if one.kind != "policy"]
    return [Text(text, wording_of=one.code) for one in entries for text in (one.question, *one.phrasings)]


def compare_readings(
    city: City, texts: Iterable[Text], *, segmenter: Segmenter, matcher: Matcher, gazetteer: Gazetteer | None
) -> list[Differing]:
    """Compare how texts are read as things are and by these, the gravest difference first; no `gazetteer`: no name of a place changes."""
    found = []
    triage = city.triage.cut_by(segmenter)
    for one in texts:
        before = read(city, one.text, segmenter=city.segmenter, matcher=city.matcher, gazetteer=gazetteer and city.gazetteer)
        after = read(city, one.text, segmenter=segmenter, matcher=matcher, gazetteer=gazetteer)
        if before.places != after.places or (triage is not city.triage and before.tokens != after.tokens):
            before = _with_item(before, one.text, triage=city.triage, gazetteer=city.gazetteer)
            after = _with_item(after, one.text, triage=triage, gazetteer=gazetteer or city.gazetteer)
        if what := list_differences(before, after):
            verdict = judge(one.wording_of, before, after)
            found.append(
                Differing(
                    text=one.text,
                    times=one.times,
                    wording_of=one.wording_of,
                    before=before,
                    after=after,
                    what=what,
                    verdict=verdict,
                )
            )
    return sorted(found, key=lambda one: (_GRAVITY[one.verdict], DIFFERENCES.index(one.what[0]), -one.times))


def read(city: City, text: str, *, segmenter: Segmenter, matcher: Matcher, gazetteer: Gazetteer | None) -> Reading:
    """Read a text of which nothing else is known, as the service would with these."""
    decision = proposing.decide_alone(city, text, matcher=matcher, segmenter=segmenter)
    codes = list_codes(decision)
    best = (
        decision.match
        if isinstance(decision, Answered)
        else decision.matches[0]
        if isinstance(decision, NeedsChoice)
        else decision.best
    )
    entry = matcher.entry(codes[0]) if codes else None
    return Reading(
        tokens=segmenter.read(text).tokens,
        outcome="answered" if isinstance(decision, Answered) else "choice" if codes else "nothing",
        first=codes[0] if codes else "",
        first_question=entry.question if entry is not None else "",
        confidence=best.confidence if best is not None else 0.0,
        places=_name_places(gazetteer, text),
    )


def _with_item(reading: Reading, text: str, *, triage: Triage, gazetteer: Gazetteer) -> Reading:
    """Add the duty item that a text would be a matter of, as a ticket is opened of it: the place says where, not what."""
    normal = normalize(text)
    ranked = triage.rank(skim(hide(normal, gazetteer.find(normal)[:1])), limit=1)
    return msgspec.structs.replace(reading, item=ranked[0].item.name if ranked else "")


def _name_places(gazetteer: Gazetteer | None, text: str) -> tuple[str, ...]:
    """Name the places that a text names, each with its area."""
    if gazetteer is None:
        return ()
    return tuple(
        f"{one.name or one.text} ({one.area_name})" if one.area_name else one.name or one.text for one in gazetteer.find(text)
    )


def list_differences(before: Reading, after: Reading) -> tuple[Difference, ...]:
    """List in what two readings of one text differ, the gravest first."""
    differs = {
        "first": before.first != after.first,
        "item": before.item != after.item,
        "band": (before.outcome, _band(before.confidence)) != (after.outcome, _band(after.confidence)),
        "places": before.places != after.places,
        "cut": before.tokens != after.tokens,
    }
    return tuple(name for name in DIFFERENCES if differs[name])


def judge(entry: str, before: Reading, after: Reading) -> Literal["better", "worse", ""]:
    """Judge by the entry whose wording a text is: better if only now a resident would see it first, worse if no longer."""
    was, is_now = before.first == entry, after.first == entry
    return "" if not entry or was == is_now else "better" if is_now else "worse"


def _band(confidence: float) -> int:
    return sum(confidence >= bound for bound in _BANDS)


def list_notes(city: City, changed: Sequence[OwnWord], texts: Sequence[Text]) -> Iterator[tuple[str, str, str]]:
    """List what an editor should mind of words that are to be used (console.words_port.Impact.notes)."""
    said = "\n".join(fold(one.text) for one in texts)
    for own in changed:
        if own.kind == "word" and city.segmenter.knows(own.word):
            yield "dictionary", own.word, ""
        if own.kind in {"area", "place"}:
            if bearers := [name for name in _list_bearers(city, own.word) if name != own.target]:
                yield "bears", own.word, ", ".join(bearers[:5])
            elif city.segmenter.knows(own.word):
                yield "common", own.word, ""
        groups = {group[0]: group for group in (city.segmenter.variants or shipped()).groups} if own.kind == "synonym" else {}
        if dropped := [word for word in groups.get(own.word, ()) if word not in {own.word, *own.others}]:
            yield "drops", own.word, ", ".join(dropped)
        if not any(word in said for word in (own.word, *own.others)):
            yield "unused", own.word, ""


def _list_bearers(city: City, word: str) -> list[str]:
    """List by what they are known the areas and places that bear a name by now."""
    areas = [area.code for area in city.org.areas.values() if word in map(fold, (area.name, *area.aliases))]
    places = {row.name for row in city.places if word in map(fold, (row.name, *row.aliases))}
    return [*areas, *sorted(places)]
