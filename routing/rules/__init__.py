"""What a routing rule is. Each file here declares one as RULE: it looks at a Case and says one Finding, or nothing.

All rules speak; routing.dispatch puts together what they said. A rule is pure, explains itself, knows no other rule, and never raises on
an odd report. Their order, and which of them are on, stands in the settings.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from routing.org import OrgChart
    from routing.terms import Candidate, HandlingUnit, Report


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class RoutingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The section [routing] of the settings, as far as deciding needs it."""

    automatic: Literal["confident", "earned", "never"] = "confident"
    """What may be dispatched at once: what is sure; only items that clerks' dispatches have confirmed; nothing."""
    rules: tuple[str, ...] = (
        "emergency",
        "confidential",
        "conflict_of_interest",
        "stated_reason",
        "unresolved_place",
        "weak_evidence",
        "near_second",
        "territory",
        "allowed_levels",
        "automatic",
    )
    """The rules that are on, in the order in which their reasons are read: danger and privacy first."""
    confident: Share = 0.8
    """The least confidence of the best item. At .8, 19 of 20 chat lines that nothing was learned from go to the right item (docs/quality.md)."""
    near: Share = 0.5
    """The share of the best item's confidence from which a second one with another unit is too near to choose by machine."""
    earned_after: Count = 20
    """How many dispatches clerks must have confirmed before an item has earned it: fewer prove nothing."""
    earned_share: Share = 0.9
    """The least share of them in which the first proposal stood."""
    return_share: Share = 0.2
    """The share of automatic dispatches coming back at which an item loses it: one in five costs units more than it saves the desk."""
    return_after: Count = 10
    """How many automatic dispatches are needed to judge that share."""
    private_refusal: str = ""
    """The function whose unit is proposed as the lead of what a property company refuses (the housing department); "" proposes nobody."""
    next_day: bool = True
    """次日起算: the day after the receipt is the first day counted."""


class ItemStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a duty item's earlier matters."""

    confirmed: int = 0
    """Matters whose item a clerk has confirmed or corrected."""
    agreed: int = 0
    """Those of them in which our first candidate stood."""
    dispatched: int = 0
    """Matters dispatched at once."""
    returned: int = 0
    """Those of them that the unit returned."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a rule may look at. `place` is the one grid of the matter or ""; `scope` the lowest area known to hold it, or ""."""

    report: Report
    candidates: tuple[Candidate, ...]
    org: OrgChart
    now: datetime
    settings: RoutingSettings
    statistics: Mapping[str, ItemStatistics]
    place: str
    scope: str

    @property
    def top(self) -> Candidate | None:
        """The best candidate, if there is any."""
        return self.candidates[0] if self.candidates else None

    def handler(self, candidate: Candidate) -> HandlingUnit | None:
        """Find the unit that would handle a candidate here: the estate's own company if it carries the function, else the territory's."""
        item = candidate.item
        own = self.org.unit(self.report.property_unit)
        if own is not None and item.lead in own.functions:
            return own
        return self.org.unit_for(item.lead, self.scope, item.level)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule says: `key` and `facts` of its sentence (texts.toml [why]), and any of: keep it at a desk, give it to a unit, refuse units."""

    key: str
    facts: Mapping[str, object] = {}
    hold: bool = False
    """A person decides: the matter stays at a desk."""
    desk: str = ""
    """Which desk, if not the one of the place."""
    unit: str = ""
    """Who is responsible."""
    refused: tuple[str, ...] = ()
    """Which units must never see it."""
    refused_staff: tuple[str, ...] = ()
    """Which persons must never see it."""


class RuleSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule file declares as RULE: its name (the file's) and its judgement."""

    name: str
    judge: Callable[[Case], Finding | None]


@cache
def discover() -> Mapping[str, RuleSpec]:
    """Find every rule of this folder, by name."""
    found: dict[str, RuleSpec] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        spec = getattr(importlib.import_module(f"{__name__}.{info.name}"), "RULE", None)
        if isinstance(spec, RuleSpec):
            found[spec.name] = spec
    return found
