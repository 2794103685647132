from __future__ import annotations

from typing import get_args

import pytest

from bot.commands import discover
from bot.demo.script import Group, Say, Scene, Staff, Step, load_script
from bot.texts import has_text
from intents.actions import OutcomeName
from routing.terms import Status

STEPS: list[Step] = [step for scene in load_script() for step in scene.steps]


def test_every_scene_has_a_title_and_steps() -> None:
    assert [scene for scene in load_script() if not (scene.title and scene.steps)] == []


@pytest.mark.parametrize("scene", load_script(), ids=lambda scene: scene.title)
def test_a_ticket_is_named_before_staff_act_on_it(scene: Scene) -> None:
    named: set[str] = set()
    for step in scene.steps:
        if isinstance(step, Say | Group):
            named.add(step.ticket)
        elif isinstance(step, Staff):
            assert step.ticket in named


def test_outcomes_and_statuses_are_those_there_are_and_have_words() -> None:
    outcomes = {step.becomes for step in STEPS if isinstance(step, Say | Group)}

    assert outcomes - set(get_args(OutcomeName)) == set()
    assert [outcome for outcome in outcomes if not has_text("demo", f"outcome_{outcome}")] == []
    assert {step.status for step in STEPS if isinstance(step, Staff)} - {status.value for status in Status} == set()


def test_staff_act_by_commands_that_exist() -> None:
    assert {f"tickets.{step.act}" for step in STEPS if isinstance(step, Staff)} - set(discover()) == set()
