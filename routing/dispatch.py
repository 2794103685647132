"""派遣: every rule speaks about a report, and what they say is put together into one Assignment.

One reason to hold is enough: the matter waits at a desk with its ranked candidates and all the reasons. Else it goes to the unit at once.
That no rule names a unit is no error either: the desk has it.

    UnknownRule     the settings name a rule that is not in routing/rules/
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from routing.rules import Case, Finding, ItemStatistics, RoutingSettings, RuleSpec, discover
from routing.sight import with_subordinates
from routing.terms import Assignment, Candidate, HandlingUnit, Level, Report
from routing.why import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from routing.org import OrgChart

__all__ = ["ItemStatistics", "RoutingSettings", "UnknownRule", "decide", "order_rules"]


class UnknownRule(ValueError):
    """The settings name a routing rule that does not exist."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


def order_rules(names: Iterable[str]) -> tuple[RuleSpec, ...]:
    """Give the rules that are on, in the order of their reading; UnknownRule names the nearest one there is."""
    known = discover()
    rules: list[RuleSpec] = []
    for name in names:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1) or sorted(known)
            raise UnknownRule(f"there is no routing rule {name!r}; did you mean {' or '.join(nearest)}?")
        rules.append(known[name])
    return tuple(rules)


def decide(
    report: Report,
    candidates: Sequence[Candidate],
    org: OrgChart,
    *,
    now: datetime,
    settings: RoutingSettings,
    statistics: Mapping[str, ItemStatistics],
    zone: tzinfo | None = None,
) -> Assignment:
    """Decide whose a report is; with the city's `zone` what is held waits at the lowest desk that is on duty.

    Raises only where the installation is broken: NoDesk, UnknownRule.
    """
    case = _open_case(report, candidates, org, now=now, settings=settings, statistics=statistics)
    findings = [finding for rule in order_rules(settings.rules) if (finding := rule.judge(case))]
    refused = with_subordinates((code for finding in findings for code in finding.refused), org)
    unit = next((finding.unit for finding in findings if finding.unit), "")
    held = any(finding.hold for finding in findings) or not unit or unit in refused
    desk = _choose_desk(case, findings, refused)
    own = desk
    if held and zone is not None:
        desk = _find_on_duty(own, case, refused, zone)
    top = case.top
    sure = top is not None and top.confidence >= settings.confident
    why = [explain(finding.key, finding.facts) for finding in findings]
    if desk != own:
        why.append(explain("desk_off_duty", {"desk": own.name, "above": desk.name}))
    why.append(explain("held_at", {"desk": desk.name}) if held else explain("sent_to", {"unit": _name(org, unit)}))
    return Assignment(
        unit=desk.code if held else unit,
        desk=desk.code,
        automatic=not held,
        item=top.item.code if top is not None and sure else "",
        assisting=() if held or top is None else _find_assisting(case, top, {unit, *refused}),
        candidates=tuple(candidate.item.code for candidate in candidates),
        why=tuple(why),
        refused=refused,
        refused_staff=tuple(sorted({code for finding in findings for code in finding.refused_staff})),
    )


def _open_case(
    report: Report,
    candidates: Sequence[Candidate],
    org: OrgChart,
    *,
    now: datetime,
    settings: RoutingSettings,
    statistics: Mapping[str, ItemStatistics],
) -> Case:
    only = org.areas.get(report.areas[0]) if len(report.areas) == 1 else None
    return Case(
        report=report,
        candidates=tuple(candidates),
        org=org,
        now=now,
        settings=settings,
        statistics=statistics,
        place=only.code if only is not None and only.level is Level.GRID else "",
        scope=org.common_area(report.areas),
    )


def _choose_desk(case: Case, findings: Iterable[Finding], refused: Iterable[str]) -> HandlingUnit:
    """Choose the widest of the desks that a rule asked for and the place's own; never one the matter is about, while one is above it."""
    org = case.org
    asked = [org.units[finding.desk] for finding in findings if finding.desk in org.units]
    desk = min([org.desk_for(case.scope), *asked], key=lambda each: (len(org.chain(each.area)), each.code))
    return next((each for each in org.ways_up(desk) if each.code not in refused), org.top_desk())


def _find_on_duty(desk: HandlingUnit, case: Case, refused: Iterable[str], zone: tzinfo) -> HandlingUnit:
    """Find the first desk from this one up that somebody is on duty at now; one without a roster counts as on duty. Itself if none is."""
    org, kept_from = case.org, frozenset(refused)
    way = (each for each in org.ways_up(desk) if each.code not in kept_from)
    return next((each for each in way if not org.shifts.get(each.code) or org.on_duty(each.code, case.now, zone)), desk)


def _find_assisting(case: Case, candidate: Candidate, left_out: set[str]) -> tuple[str, ...]:
    """Find the units that assist with a duty item at the place, by code, those refused or leading left out."""
    item = candidate.item
    units = [case.org.unit_for(function, case.scope, item.level) for function in item.assisting]
    return tuple(dict.fromkeys(unit.code for unit in units if unit is not None and unit.code not in left_out))


def _name(org: OrgChart, code: str) -> str:
    unit = org.unit(code)
    return unit.name if unit else code
