"""Tokens at the command line: made once, listed without themselves, revoked; a partner's with what it may do and see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(seeded: Path) -> Path:
    return seeded


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_staff_token_is_shown_once_and_can_be_revoked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    issued = call(capsys, "staff", "token", "DK007", "--days", "7")
    assert (issued["id"], issued["owner"], issued["token"][:4], len(issued["token"])) == (1, "DK007", "jys_", 47)

    [listed] = call(capsys, "staff", "tokens")
    assert (listed["id"], listed["owner"], listed["state"], listed["used"]) == (1, "DK007", "valid", "")
    assert issued["token"] not in json.dumps(listed)
    assert call(capsys, "partner", "tokens") == []

    assert call(capsys, "staff", "revoke", "1")["state"] == "revoked"
    assert run(["staff", "tokens"]) == 0
    assert fill("cli", "token_revoked_state") in capsys.readouterr().out


def test_a_partner_token_names_its_unit_scopes_and_fields(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    call(capsys, "partner", "token", "热线", "--unit", "LT-01-JWH", "--scope", "tickets.read", "--fields", "status, title")

    [listed] = call(capsys, "partner", "tokens")
    assert (listed["unit"], listed["scopes"], listed["fields"]) == ("LT-01-JWH", ["tickets.read"], ["status", "title"])
    assert call(capsys, "partner", "log", "热线") == []


@pytest.mark.parametrize(
    ("arguments", "key", "error"),
    [
        (("staff", "token", "NOBODY"), "no_post", "NOBODY"),
        (("staff", "revoke", "99"), "no_token", "99"),
        (("partner", "token", "热线", "--unit", "NOWHERE"), "no_api_unit", "NOWHERE"),
        (("partner", "token", "热线", "--scope", "act.close"), "no_scope", "act.close"),
        (("partner", "token", "热线", "--fields", "resident_id"), "no_field", "resident_id"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], key: str, error: str
) -> None:
    assert folder.is_dir()
    assert run(arguments) == 1
    assert capsys.readouterr().err.strip() == fill("cli", f"error_{key}", {"error": error})


def test_a_token_of_the_staff_is_not_revoked_as_a_partners(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert call(capsys, "staff", "token", "DK007")["id"] == 1
    assert run(["partner", "revoke", "1"]) == 1
    assert call(capsys, "staff", "tokens")[0]["state"] == "valid"
