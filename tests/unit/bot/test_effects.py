"""Every action an intent may ask for is carried out by exactly one effect."""

from __future__ import annotations

from typing import get_args

from bot.effects import discover
from intents.actions import Action


def test_every_action_has_its_effect() -> None:
    assert set(discover()) == set(get_args(Action))
