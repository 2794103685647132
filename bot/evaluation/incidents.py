"""How well messages of one incident are put together: one pass over a stream in time order, judged by incidents that are known in it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

from bot.refusals import refuse
from knowledge_base.rarity import start
from routing.incidents import Incidents, Message
from routing.nearness import Nearness
from routing.swelling import SwellingSettings, find_alarms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bot.evaluation.samples import Row
    from knowledge_base.text import Segmenter
    from routing.incidents import IncidentSettings
    from routing.swelling import Alarm

STREAM = ("id", "user", "title", "text", "sent_at")
KNOWN = ("group", "id")
GRID = (0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19)
"""Likenesses among which the left-out measure chooses."""
_NEARLY = 0.01
"""Likenesses whose mean F is this close to the best are as good; the middle one of them is taken."""

Groups = dict[int, list[str]]
Known = dict[str, frozenset[str]]
Score = dict[str, float]


def read_stream(rows: Sequence[Row], segmenter: Segmenter) -> list[Message]:
    """Read the messages in time order; refusals if a time is no time or an id stands twice."""
    twice = [each for each, count in Counter(row["id"] for row in rows).items() if count > 1]
    if twice:
        raise refuse("stream_id_twice", id=twice[0])
    messages = [
        Message(
            id=row["id"],
            resident=row["user"],
            sent_at=_read_time(row["sent_at"]),
            title=segmenter.read(row["title"]),
            text=segmenter.read(row["text"]),
        )
        for row in rows
    ]
    return sorted(messages, key=lambda message: (message.sent_at, message.id))


def read_known(rows: Sequence[Row], stream: Sequence[Message]) -> Known:
    """Read which messages belong to which incident; a refusal if one is not in the stream."""
    ids = {message.id for message in stream}
    known: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["id"] not in ids:
            raise refuse("known_not_in_stream", id=row["id"])
        known[row["group"]].add(row["id"])
    return {group: frozenset(members) for group, members in known.items()}


def measure_incidents(
    rows: Sequence[Row], known_rows: Sequence[Row], segmenter: Segmenter, settings: IncidentSettings
) -> dict[str, Any]:
    """Measure as shipped, and with each incident's likeness chosen on the others. `seconds` is one pass from raw text on this machine."""
    begun = time.perf_counter()
    stream = read_stream(rows, segmenter)
    known = read_known(known_rows, stream)
    nearness = Nearness(start())
    shipped = Incidents(settings, nearness)
    near = []
    for message in stream:
        near.append(nearness.add(message.title, message.text, oldest=shipped.find_oldest(message)))
        shipped.put(message, near[-1])
    seconds = time.perf_counter() - begun
    groups = _list_groups(shipped)
    scores = score_known(groups, known)
    return {
        **_average(scores),
        **_describe(groups, {message.id: message for message in stream}),
        "joined_known": count_joined(groups, known),
        "seconds": round(seconds, 2),
        "incidents": scores,
        "left_out": _leave_out({alike: _score_at(alike, stream, near, known, shipped) for alike in GRID}),
    }


def score_known(groups: Mapping[int, Sequence[str]], known: Known) -> dict[str, Score]:
    """Give recall, precision and F of the group that fits each known incident best, by F."""
    return {
        name: max((_score(set(group), members) for group in groups.values()), key=lambda each: each["f"])
        for name, members in known.items()
    }


def count_joined(groups: Mapping[int, Sequence[str]], known: Known) -> int:
    """Count the pairs of known incidents of which some group holds messages of both, those that belong to both aside."""
    return sum(
        any(not members.isdisjoint(one - other) and not members.isdisjoint(other - one) for members in map(set, groups.values()))
        for one, other in combinations(known.values(), 2)
    )


def choose_likeness(scores: Mapping[float, Mapping[str, Score]], without: str) -> float:
    """Choose the likeness at which the other incidents fit best: the middle one of those that are nearly as good as the best."""
    means = {
        likeness: _average({name: score for name, score in each.items() if name != without})["mean_f"]
        for likeness, each in scores.items()
    }
    best = max(means.values())
    good = sorted(likeness for likeness, mean in means.items() if mean >= best - _NEARLY)
    return good[len(good) // 2]


def _score(group: set[str], members: frozenset[str]) -> Score:
    both = len(group & members)
    recall, precision = both / len(members), both / len(group)
    return {"recall": recall, "precision": precision, "f": 2 * recall * precision / (recall + precision) if both else 0.0}


def _average(scores: Mapping[str, Score]) -> Score:
    count = max(1, len(scores))
    return {f"mean_{name}": sum(score[name] for score in scores.values()) / count for name in ("f", "recall", "precision")}


def _describe(groups: Groups, messages: Mapping[str, Message]) -> dict[str, int]:
    """Count groups of several messages: how many, the largest, those of one user alone, those that would be raised to a supervisor."""
    several = {cluster: [messages[each] for each in group] for cluster, group in groups.items() if len(group) > 1}
    raised = [alarm.kind for cluster, group in several.items() for alarm in _find_ever(cluster, group, settings=SwellingSettings())]
    return {
        "groups": len(several),
        "largest_group": max(map(len, several.values()), default=min(1, len(groups))),
        "groups_of_one_user": sum(len({message.resident for message in group}) == 1 for group in several.values()),
        "bursts": raised.count("burst"),
        "slow_burns": raised.count("slow_burn"),
    }


def _find_ever(cluster: int, group: Sequence[Message], *, settings: SwellingSettings) -> list[Alarm]:
    """Find the first alarm of each kind that the messages of a group would have raised as they came."""
    voices = [(message.resident, message.sent_at) for message in group]
    first: dict[str, Alarm] = {}
    for count in range(1, len(voices) + 1):
        for alarm in find_alarms(cluster, voices[:count], settings=settings):
            first.setdefault(alarm.kind, alarm)
    return list(first.values())


def _list_groups(incidents: Incidents) -> Groups:
    return {cluster: [message.id for message in messages] for cluster, messages in incidents.clusters.items()}


def _score_at(
    alike: float, stream: Sequence[Message], near: Sequence[NDArray[np.float64]], known: Known, shipped: Incidents
) -> dict[str, Score]:
    """Score the known incidents at another likeness; how near the messages are is the same."""
    incidents = shipped.begin_anew(alike)
    for message, values in zip(stream, near, strict=True):
        incidents.put(message, values)
    return score_known(_list_groups(incidents), known)


def _leave_out(scores: Mapping[float, Mapping[str, Score]]) -> dict[str, float]:
    """Judge each incident at the likeness chosen on the others; with the likeness that was chosen for each."""
    names = list(next(iter(scores.values())))
    chosen = {name: choose_likeness(scores, name) for name in names}
    judged = {name: scores[alike][name] for name, alike in chosen.items()}
    return {**_average(judged), "lowest_threshold": min(chosen.values()), "highest_threshold": max(chosen.values())}


def _read_time(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise refuse("bad_sent_at", sent_at=written) from error
