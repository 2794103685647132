"""Whether the machine may dispatch this duty item at all: as the city set it, and as the item has earned or lost it."""

from __future__ import annotations

from routing.rules import Case, Finding, ItemStatistics, RuleSpec


def judge(case: Case) -> Finding | None:
    """Hold a matter whose item may not be dispatched by machine (yet, or any more)."""
    settings = case.settings
    if settings.automatic == "never":
        return Finding(key="automatic_never", hold=True)
    if case.top is None:
        return None
    item = case.top.item
    past = case.statistics.get(item.code, ItemStatistics())
    if past.dispatched >= settings.return_after and past.returned >= settings.return_share * past.dispatched:
        return Finding(
            key="automatic_lost", facts={"item": item.name, "returned": past.returned, "dispatched": past.dispatched}, hold=True
        )
    if settings.automatic == "earned" and not (
        past.confirmed >= settings.earned_after and past.agreed >= settings.earned_share * past.confirmed
    ):
        facts = {"item": item.name, "agreed": past.agreed, "confirmed": past.confirmed, "needed": settings.earned_after}
        return Finding(key="automatic_not_earned", facts=facts, hold=True)
    return None


RULE = RuleSpec(name="automatic", judge=judge)
