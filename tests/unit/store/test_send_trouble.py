"""What kept a send from arriving is said in a word, whatever stands behind it."""

from __future__ import annotations

import pytest

from bot.texts import has_text
from store.sends import find_trouble


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        ("lease expired", "interrupted"),
        ("process ended", "interrupted"),
        ("SendUnknown 504", "unanswered"),
        ("SendNever 45015", "refused"),
        ("SendLater", "busy"),
        ("WindowClosed", "window"),
        ("channel email is off", "off"),
        ("no address", "nowhere"),
        ("not rendered: KeyError", "unrendered"),
        ("given up: SendNever", "given_up"),
        ("KeyError", "other"),
    ],
)
def test_a_trouble_is_known_by_its_beginning_and_has_a_name(error: str, trouble: str) -> None:
    assert (find_trouble(error), has_text("names", f"trouble_{trouble}")) == (trouble, True)
