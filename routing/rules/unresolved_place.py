"""Where it is decides whose it is: without exactly one grid, the desk of the lowest area that holds all possible ones finds out."""

from __future__ import annotations

from routing.rules import Case, Finding, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a matter whose place is not exactly one grid."""
    if case.place:
        return None
    place, codes = case.report.public_place, case.report.areas
    if not codes:
        return Finding(key="place_unknown", facts={"place": place}, hold=True) if place else Finding(key="place_missing", hold=True)
    names = [case.org.areas[code].name if code in case.org.areas else code for code in codes]
    key = "place_ambiguous" if len(codes) > 1 else "place_no_grid"
    return Finding(key=key, facts={"place": place, "areas": "、".join(names)}, hold=True)


RULE = RuleSpec(name="unresolved_place", judge=judge)
