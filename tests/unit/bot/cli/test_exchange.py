"""The command line of exchange: addresses that are called, handing over, and the report of a day with the other side's file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def city(enter: Callable[[Path], Path], seeded_city: Path) -> Path:
    return enter(seeded_city)


@pytest.mark.usefixtures("city")
def test_an_address_is_registered_listed_and_taken_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = tmp_path / "hook.key"
    secret.write_text("a-secret-of-both-sides-0123456789")
    make = ["partner", "hook", "数据局", "--token", "1", "--secret-file", str(secret), "--event", "conclude", "--event", "close"]
    assert run(["partner", "token", "数据局", "--unit", "LT-01-JWH", "--scope", "events.read", "--fields", "status"]) == 0
    capsys.readouterr()
    assert run([*make, "--url", "https://example.org/x", "--fields", "status"]) == 0
    assert capsys.readouterr().out.strip() == fill("cli", "hook_made", {"id": 1, "owner": "数据局", "url": "https://example.org/x"})
    assert run([*make, "--url", "http://example.org/x"]) == 1
    assert "https" in capsys.readouterr().err
    assert run(["partner", "unhook", "1"]) == 0
    assert run(["partner", "hooks"]) == 0
    assert f"conclude、close\tstatus\t{fill('cli', 'hook_off_operator')}" in capsys.readouterr().out


@pytest.mark.usefixtures("city")
def test_the_report_of_a_day_names_what_the_other_side_has_and_we_do_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("number,id,state\n,GD-1,closed\n", encoding="gb18030")
    asked = ["exchange", "report", "--day", "2026-11-02", "--with", "hotline"]

    assert run(asked) == 0
    assert capsys.readouterr().out.strip() == fill(
        "cli", "exchange_balance", {"day": "2026-11-02", "sent": 0, "received": 0, "agreeing": 0, "differing": 0}
    )
    assert run([*asked, "--theirs", str(theirs)]) == 0
    row = "\t".join(
        [fill("cli", "difference_missing_here"), fill("cli", "direction_in"), "", "GD-1", "", fill("cli", "transfer_closed")]
    )
    assert row in capsys.readouterr().out
    assert run([*asked, "--theirs", str(theirs), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lines"][0]["difference"] == "missing_here"
    assert run(["exchange", "report", "--day", "yesterday", "--with", "hotline"]) == 2
    assert run(["exchange", "report", "--day", "2026-11-02", "--with", "nobody"]) == 2


@pytest.mark.usefixtures("city")
def test_a_state_that_we_do_not_know_is_shown_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("number,id,state\n,GD-1,archived\n", encoding="utf-8")

    assert run(["exchange", "report", "--day", "2026-11-02", "--with", "police", "--theirs", str(theirs)]) == 0
    assert "archived" in capsys.readouterr().out


@pytest.mark.usefixtures("city")
def test_what_cannot_be_handed_over_or_sent_again_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exchange", "send", "20990101-0001", "--to", "police", "--text", "请查看"]) == 1
    assert fill("cli", "error_no_peer_address") in capsys.readouterr().err
    assert run(["exchange", "again", "7"]) == 1
    assert fill("cli", "error_not_failed", {"number": 7}) in capsys.readouterr().err
