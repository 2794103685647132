"""回避: a matter about a unit, or about somebody who works there, is not handled by that unit and not shown to it.

Whom it is about comes from the conversation (report.about) or from the text, where a unit, a post or a name of the staff stands close to
an accusing word. Naming somebody in order to have them come is no accusation. In doubt the unit is refused: a matter too many at the desk
is cheaper than a complaint in the hands of the person complained of. The words stand in routing/lexicons/conflict.toml.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from routing.org import ESTATE_KINDS
from routing.rules import Case, Finding, RuleSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.org import OrgChart
    from routing.terms import HandlingUnit

_SENTENCE = re.compile(r"[。！？；!?;\n]+")
_CLOSE = 20
"""Within how many characters an accusing word is about somebody."""
_NEXT = 6
"""Within how many characters after a denouncing word its object stands."""
_LOOKED_AT = 3
"""How many candidates could still be dispatched by a clerk's first choice."""
_NAMED = 3
"""How many refused units a reason names: a complaint about the property company, of an unknown estate, refuses all the city has."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The word lists: accusing and denouncing words, words for whoever is in charge, posts of any unit, and posts by function."""

    accusing: tuple[str, ...]
    denouncing: tuple[str, ...]
    handlers: tuple[str, ...]
    posts: tuple[str, ...]
    roles: dict[str, tuple[str, ...]]


class Accused(msgspec.Struct, frozen=True):
    """Somebody named: the word, and the unit it names or the function whose posts it means; neither for a post of no known unit."""

    word: str
    unit: str = ""
    function: str = ""


@cache
def _words() -> Words:
    text = resources.files("routing").joinpath("lexicons/conflict.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Words)


def judge(case: Case) -> Finding | None:
    """Refuse the units the matter is about; keep it at the desk above them if it is about whoever would handle it."""
    stated = [accused for words in case.report.about for accused in _find_stated(words, case.org)]
    written = [accused for sentence in _SENTENCE.split(case.report.text) for accused in _find_accused(sentence, case.org)]
    named = list(dict.fromkeys(stated + written))
    if not named:
        return None
    refused = {unit.code: unit for accused in named for unit in _units_meant(accused, case)}
    if not stated and not any(accused.unit or accused.function for accused in named) and not refused:
        return None  # whoever is in charge is accused, and nobody is known to be: a desk has it anyway
    facts = {
        "words": "、".join(dict.fromkeys(accused.word for accused in named)),
        "units": "、".join([unit.name for unit in refused.values()][:_NAMED]),
    }
    is_many = len(refused) > _NAMED
    if is_many:
        facts["count"] = str(len(refused))
    if not stated and not _would_handle(case, refused, {accused.function for accused in named}):
        return Finding(
            key="conflict_elsewhere_many" if is_many else "conflict_elsewhere", facts=facts, refused=tuple(sorted(refused))
        )
    desks = [case.org.desk_above(unit) for unit in refused.values()]
    desk = min(desks, key=lambda each: (len(case.org.chain(each.area)), each.code), default=None)
    return Finding(
        key="conflict_many" if is_many else "conflict",
        facts=facts,
        hold=True,
        desk=desk.code if desk else "",
        refused=tuple(sorted(refused)),
    )


def _find_stated(words: str, org: OrgChart) -> list[Accused]:
    """Find whom the conversation says the matter is about; a post of no known unit counts too."""
    return list(_find_named(words, org)) or [Accused(post) for post in _words().posts if post in words]


def _find_named(text: str, org: OrgChart) -> Iterator[Accused]:
    """Find the units, staff and posts that a text names."""
    for unit in org.units.values():
        if unit.name in text:
            yield Accused(unit.name, unit=unit.code)
    for person in org.staff.values():
        if person.name and person.name in text:
            yield Accused(person.name, unit=person.unit)
    for function, words in _words().roles.items():
        for word in words:
            if word in text:
                yield Accused(word, function=function)


def _find_accused(sentence: str, org: OrgChart) -> Iterator[Accused]:
    """Find those named in a sentence of whom it says something bad."""
    words = _words()
    if not any(word in sentence for word in (*words.accusing, *words.denouncing)):
        return
    for accused in (*_find_named(sentence, org), *(Accused(word) for word in words.handlers if word in sentence)):
        for match in re.finditer(re.escape(accused.word), sentence):
            around = sentence[max(0, match.start() - _CLOSE) : match.end() + _CLOSE]
            before = sentence[max(0, match.start() - _NEXT) : match.start()]
            if any(word in around for word in words.accusing) or any(word in before for word in words.denouncing):
                yield accused
                break


def _units_meant(accused: Accused, case: Case) -> list[HandlingUnit]:
    """List the units that may be meant: the one named; of a function, those nearest to the place, or all where it is unknown.

    Of a post of no known unit it is whoever would handle the matter.
    """
    org = case.org
    if not accused.unit and not accused.function:
        handler = case.handler(case.top) if case.top else None
        return [handler] if handler else []
    if accused.unit:
        unit = org.unit(accused.unit)
        return [unit] if unit else []
    carriers = org.carriers.get(accused.function, ())
    own = [unit for unit in carriers if unit.code == case.report.property_unit]
    if own:
        return own
    estates = [unit for unit in carriers if unit.kind in ESTATE_KINDS and _may_reach(unit, case)]
    if case.place:
        return [*org.units_for(accused.function, case.place)[:1], *estates]
    within = [unit for unit in carriers if unit.kind not in ESTATE_KINDS and (not case.scope or org.within(unit.area, case.scope))]
    lowest = [unit for unit in within if not any(other.area != unit.area and org.within(other.area, unit.area) for other in within)]
    return [*(lowest or org.units_for(accused.function, case.scope)[:1]), *estates]


def _may_reach(unit: HandlingUnit, case: Case) -> bool:
    return not case.scope or case.org.within(case.scope, unit.area) or case.org.within(unit.area, case.scope)


def _would_handle(case: Case, refused: dict[str, HandlingUnit], functions: set[str]) -> bool:
    """Tell whether one of the first candidates would go to a refused unit, to one that answers to it, or to its function."""
    for candidate in case.candidates[:_LOOKED_AT]:
        unit = case.handler(candidate)
        if candidate.item.lead in functions or (unit is not None and not refused.keys().isdisjoint({unit.code, unit.parent})):
            return True
    return False


RULE = RuleSpec(name="conflict_of_interest", judge=judge)
