"""Learning from the desks' own dispatches, and whether what was learned is better than what runs: judged on the latest, which it has not seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bot.learning.letters import learn_letters
from knowledge_base.letters import Letter
from knowledge_base.text import skim
from routing.departments import take_title
from routing.learned import name_class
from routing.triage import Triage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from knowledge_base.linear import LinearModel
    from knowledge_base.text import Segmenter
    from routing.duty_list import DutyList
    from routing.lessons import Lesson
    from routing.triage import TriageSettings

HELD_OUT = 0.2
"""The share of the lessons, the latest, on which models are compared."""
_ENOUGH = 5
"""Lessons that a duty item needs: fewer say nothing of its words."""


class Learned(NamedTuple):
    """A model of all lessons, and how its like did on those held out: first candidate right, with it and with what runs now."""

    model: LinearModel
    held_out: int
    new: float
    running: float

    @property
    def is_better(self) -> bool:
        """Tell whether it may take over: strictly more of the held-out are right."""
        return self.new > self.running


class Setting(NamedTuple):
    """What candidates are ranked with beside a model of one's own."""

    duty_list: DutyList
    today: date
    settings: TriageSettings
    segmenter: Segmenter


def learn_tickets(lessons: Sequence[Lesson], setting: Setting, *, running: LinearModel | None) -> Learned:
    """Learn from lessons in the order of time; ValueError if they are too few: two duty items of five lessons each, beside the held-out."""
    names = {item.code: name_class(item) for item in setting.duty_list.items.values()}
    known = [lesson for lesson in lessons if lesson.item in names]
    cut = round(len(known) * (1 - HELD_OUT))
    past, latest = known[:cut], known[cut:]
    trial = _learn(past, names, setting.segmenter)
    return Learned(
        model=_learn(known, names, setting.segmenter),
        held_out=len(latest),
        new=_judge(latest, setting, trial),
        running=_judge(latest, setting, running),
    )


def _learn(lessons: Sequence[Lesson], names: Mapping[str, str], segmenter: Segmenter) -> LinearModel:
    enough = {item for item, count in Counter(lesson.item for lesson in lessons).items() if count >= _ENOUGH}
    letters = [Letter(take_title(one.text), one.text, names[one.item]) for one in lessons if one.item in enough]
    return learn_letters(letters, segmenter)


def _judge(lessons: Sequence[Lesson], setting: Setting, own: LinearModel | None) -> float:
    """Give the share of lessons whose first candidate is right by this model (None: by the list and what comes with the software)."""
    triage = Triage(setting.duty_list, today=setting.today, settings=setting.settings, own=own, segmenter=setting.segmenter)
    firsts = [triage.rank(skim(lesson.text), limit=1) for lesson in lessons]
    right = [bool(first) and first[0].item.code == lesson.item for first, lesson in zip(firsts, lessons, strict=True)]
    return sum(right) / max(1, len(right))
