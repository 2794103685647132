"""`jieying seat` in a city in which nobody waits: what is said then, and what is refused."""

from __future__ import annotations

import pytest

from bot.cli.main import run
from bot.texts import fill

pytestmark = pytest.mark.usefixtures("migrated")


def test_nobody_waits(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seat", "list", "--as", "ST001"]) == 0
    assert capsys.readouterr().out == fill("cli", "seats_none") + "\n"


@pytest.mark.parametrize(
    "arguments",
    [["claim", "7"], ["show", "7"], ["say", "7", "--text", "您好"], ["answer", "7", "K1"], ["hand-back", "7"], ["close", "7"]],
)
def test_a_talk_that_is_not_there_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seat", *arguments, "--as", "ST001"]) == 1
    assert capsys.readouterr().err == fill("cli", "error_no_talk") + "\n"


def test_a_seat_has_to_say_who_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seat", "list"]) == 2
    assert "--as" in capsys.readouterr().err


def test_without_talks_there_is_nothing_to_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seat", "figures", "--days", "30"]) == 0
    counts = {"days": 30, "minutes": 3, "in_time": 0, "counted": 0, "left_early": 0, "still_open": 0, "off_hours": 0}
    assert capsys.readouterr().out == fill("cli", "seat_figures", counts) + "\n"
