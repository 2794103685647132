"""回避: a matter about a unit, or about somebody who works there, is not handled by that unit and not shown to it, nor to who answers to it.

Whom it is about comes from the conversation (report.about) or from the text (routing.accused). In doubt the unit is refused: a matter too
many at the desk is cheaper than a complaint in the hands of the person complained of. Somebody whom no list has counts too: then it waits
for a person at the desk above the one of the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.accused import Accused, find_in_text, find_stated, load_words
from routing.org import ESTATE_KINDS
from routing.rules import Case, Finding, RuleSpec
from routing.terms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from routing.terms import HandlingUnit

_LOOKED_AT = 3
"""How many candidates could still be dispatched by a clerk's first choice."""
_NAMED = 3
"""How many refused units a reason names: a complaint about the property company, of an unknown estate, refuses all the city has."""


def judge(case: Case) -> Finding | None:
    """Refuse the units the matter is about; keep it at the desk above them if it is about whoever would handle it, or about somebody unknown."""
    stated = [accused for words in case.report.about for accused in find_stated(words, case.org)]
    named = list(dict.fromkeys([*stated, *find_in_text(f"{case.report.text}\n{case.report.said}", case.org)]))
    refused = {unit.code: unit for accused in named for unit in _units_meant(accused, case)}
    is_unknown = any(accused.unknown for accused in named)
    if not named or (not stated and not refused and not any(accused.is_somebody for accused in named)):
        return None  # nobody is accused, or whoever is in charge is and nobody is known to be: a desk has it anyway
    facts = {
        "words": "、".join(dict.fromkeys(accused.word for accused in named)),
        "units": "、".join([unit.name for unit in refused.values()][:_NAMED]),
    }
    is_many = len(refused) > _NAMED
    if is_many:
        facts["count"] = str(len(refused))
    staff = _staff_meant(named, case)
    is_held = bool(stated or staff) or is_unknown or _would_handle(case, refused, {accused.function for accused in named})
    key = "conflict_unknown" if is_unknown else "conflict" if is_held else "conflict_elsewhere"
    return Finding(
        key=f"{key}_many" if is_many and not is_unknown else key,
        facts=facts,
        hold=is_held,
        desk=_find_desk(case, refused.values(), is_unknown=is_unknown),
        refused=tuple(sorted([*refused, *([UNKNOWN] if is_unknown else [])])),
        refused_staff=staff,
    )


def _find_desk(case: Case, refused: Iterable[HandlingUnit], *, is_unknown: bool) -> str:
    """Find the widest of the desks above those it is about; above the place's own, if it is about somebody unknown."""
    org = case.org
    desks = [org.desk_above(unit) for unit in refused]
    if is_unknown:
        desks.append(org.desk_above(org.desk_for(case.scope)))
    widest = min(desks, key=lambda each: (len(org.chain(each.area)), each.code), default=None)
    return widest.code if widest else ""


def _units_meant(accused: Accused, case: Case) -> list[HandlingUnit]:
    """List the units that may be meant: those named, of several of one name those nearest; of a function likewise.

    Of a post of no known unit it is whoever would handle the matter.
    """
    org = case.org
    if not accused.is_somebody or (accused.unknown and accused.word in case.report.about):
        handler = case.handler(case.top) if case.top else None
        return [handler] if handler else []
    named = [unit for code in accused.units if (unit := org.unit(code)) is not None]
    if accused.staff:
        posts = (post for code in _people_meant(accused, case) for post in org.staff[code].posts)
        return [unit for post in posts if (unit := org.unit(post)) is not None]
    if named:
        return named if len(named) == 1 else _nearest(named, case)
    return _carriers_meant(accused.function, case) if accused.function else []


def _people_meant(accused: Accused, case: Case) -> list[str]:
    """List the persons meant: who is named in full; of those of one surname only who works for the place."""
    org = case.org
    if not accused.unknown:
        return list(accused.staff)
    units = [(code, org.unit(post)) for code in accused.staff for post in org.staff[code].posts]
    here = [code for code, unit in units if unit is not None and case.scope and org.within(case.scope, unit.area)]
    return list(dict.fromkeys(here))


def _nearest(named: list[HandlingUnit], case: Case) -> list[HandlingUnit]:
    """Of several units of one name choose the lowest that serves the place; all that may be meant where the place is open."""
    org = case.org
    covering = [unit for unit in named if case.place and org.within(case.place, unit.area)]
    if covering:
        depth = max(len(org.chain(unit.area)) for unit in covering)
        return [unit for unit in covering if len(org.chain(unit.area)) == depth]
    return [unit for unit in named if _may_reach(unit, case)] or named


def _carriers_meant(function: str, case: Case) -> list[HandlingUnit]:
    org = case.org
    carriers = org.carriers.get(function, ())
    own = [unit for unit in carriers if unit.code == case.report.property_unit]
    if own:
        return own
    estates = [unit for unit in carriers if unit.kind in ESTATE_KINDS and _may_reach(unit, case)]
    if case.place:
        return [*org.units_for(function, case.place)[:1], *estates]
    within = [unit for unit in carriers if unit.kind not in ESTATE_KINDS and (not case.scope or org.within(unit.area, case.scope))]
    lowest = [unit for unit in within if not any(other.area != unit.area and org.within(other.area, unit.area) for other in within)]
    return [*(lowest or org.units_for(function, case.scope)[:1]), *estates]


def _may_reach(unit: HandlingUnit, case: Case) -> bool:
    return not case.scope or case.org.within(case.scope, unit.area) or case.org.within(unit.area, case.scope)


def _staff_meant(named: Iterable[Accused], case: Case) -> tuple[str, ...]:
    """List the persons meant by name, and the grid's own worker where 网格员 is said."""
    found = {code for accused in named for code in _people_meant(accused, case)}
    worker = case.org.grid_worker_of(case.place) if case.place else None
    if worker is not None and any(accused.word in load_words().grid_workers for accused in named):
        found.add(worker.code)
    return tuple(sorted(found))


def _would_handle(case: Case, refused: dict[str, HandlingUnit], functions: set[str]) -> bool:
    """Tell whether one of the first candidates would go to a refused unit, to one that answers to it, or to its function."""
    for candidate in case.candidates[:_LOOKED_AT]:
        unit = case.handler(candidate)
        if candidate.item.lead in functions or (unit is not None and not refused.keys().isdisjoint({unit.code, unit.parent})):
            return True
    return False


RULE = RuleSpec(name="conflict_of_interest", judge=judge)
