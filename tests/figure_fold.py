"""What tickets count as, told a second time: a plain fold over their events that shares nothing with the reading that serves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.histories import Event

_GIVES = ("dispatch", "transfer", "arbitrate", "reassign")


class Told:
    """What a ticket counts as, event by event: a second telling of docs/figures.md that shares nothing with the first."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(received=1)
        self.status = self.level = self.route = self.clock = ""
        self.due: str | None = None
        self.given: list[str] = []
        self.is_back, self.well, self.again = False, True, 0
        self.said: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        self.status = event.after
        self.route = event.facts.get("route", self.route)
        self.counts["came_back"] += event.act == "accept" and event.facts.get("follows", "") != ""
        self.counts["joined"] += (event.act == "join") - (event.act == "separate" and "into" in event.facts)
        self.again += event.act in ("redo", "redo_part", "reopen", "reassign")
        self.hear_of_units(event)
        self.hear_of_result(event)
        for kind, number, what, moment in event.facts.get("clocks", ()):
            if (kind, number) == ("resident", 1):
                self.clock = self.clock if what in ("extend", "recount") else what
                self.due = moment

    def hear_of_units(self, event: Event) -> None:
        if event.act in _GIVES:
            self.counts["dispatches"] += 1
            self.given.append(event.unit)
            self.is_back = False
        if event.act == "return":
            self.counts["corrected" if event.facts.get("corrected") else "returned"] += 1
            self.is_back = True

    def hear_of_result(self, event: Event) -> None:
        if event.act in ("reply", "conclude", "close", "explain") and event.facts.get("level"):
            self.level = event.facts["level"]
        if event.act in ("close", "explain"):
            self.said, self.well = {}, True
        if event.act in ("close", "explain") or (event.act == "follow_up" and self.status == "closed"):
            self.said |= {name: event.facts[name] for name in ("contacted", "solved", "satisfied") if event.facts.get(name)}
        if event.act == "after":
            self.well = event.facts["well"]

    def sum_up(self, now: datetime) -> Counter[str]:
        self.counts["returned_twice"] = int(self.counts["returned"] > 1)
        if self.status in ("withdrawn", "merged", "declined"):
            is_malicious = self.status == "declined" and self.route == "malicious"
            self.counts["malicious" if is_malicious else self.status] += 1
            return self.counts
        self.counts[self.judge_time(now)] += 1
        if self.given:
            is_back = self.is_back or self.status == "accepted"
            self.counts["undecided" if is_back else "dispatched"] += 1
            self.counts["first_right"] += not is_back and self.given[0] == self.given[-1]
        self.counts["awaiting"] += self.status == "concluded"
        if self.status == "closed":
            self.sum_up_result()
        return self.counts

    def judge_time(self, now: datetime) -> str:
        fixed = {"stop:met": "on_time", "stop:late": "late", "": "unclocked", "void": "unclocked", "pause": "running"}
        is_over = self.due is not None and self.due < now.isoformat()
        return fixed.get(self.clock, "overdue" if is_over else "running")

    def sum_up_result(self) -> None:
        self.counts["closed"] += 1
        self.counts["unrated"] += not self.said
        self.counts["redone"] += self.again > 0
        self.counts["levelled"] += self.level != ""
        self.counts["local"] += self.level in ("grid", "community", "street")
        for name, good in (("contacted", ("yes",)), ("solved", ("yes",)), ("satisfied", ("yes", "basic"))):
            self.counts[f"{name}_said"] += name in self.said
            self.counts[name] += self.said.get(name) in good and (name != "solved" or self.well)


def fold(events: Iterable[Event], *, now: datetime) -> Counter[str]:
    told = Told()
    for event in events:
        told.hear(event)
    return told.sum_up(now)
