from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import find_version, run
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_an_unknown_command_is_one_sentence_that_says_where_help_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["tickets", "quux"])

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err == fill("cli", "error_usage", {"error": "没有 quux 这个命令。", "command": "jieying tickets"}) + "\n"
    assert not folder.exists()


def test_wrong_settings_are_code_2_and_every_problem_in_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIEYING_SERVER_PROT", "80")
    monkeypatch.setenv("JIEYING_SERVER_PORT", "many")

    code = run(["config"])

    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 2
    assert "JIEYING_SERVER_PORT" in captured.err
    assert not folder.exists()


def test_a_database_that_is_not_migrated_is_refused_with_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["tickets", "list"])

    assert (code, capsys.readouterr().err) == (1, fill("cli", "error_schema_empty") + "\n")
    assert folder.is_dir()


def test_migrate_makes_a_folder_for_its_owner_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate"]) == 0

    assert capsys.readouterr().out.startswith(fill("cli", "migrated", {"version": ""})[:5])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "master.key").stat().st_mode & 0o777 == 0o600


def test_the_worker_alone_is_refused_on_sqlite(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["worker"]) == 1

    assert capsys.readouterr().err == fill("cli", "error_worker_on_sqlite") + "\n"
    assert not folder.exists()


def test_config_hides_secrets_for_people_and_programs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIEYING_GATEWAY_SECRET", "canary-secret-canary")

    assert run(["config"]) == 0
    readable = capsys.readouterr().out
    assert run(["config", "--json"]) == 0
    values = json.loads(capsys.readouterr().out)["settings"]

    assert "canary" not in readable
    assert 'secret = "***"' in readable.splitlines()
    assert values["gateway"]["secret"] == "***"
    assert values["data"]["dir"] == str(folder)


def test_a_fault_of_the_program_keeps_its_trace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(dict[str, str]):
        def get(self, *_: object) -> str:
            raise ZeroDivisionError

    monkeypatch.setattr("bot.settings.os.environ", Broken())

    with pytest.raises(ZeroDivisionError):
        run(["config"])
    assert not folder.exists()


def test_the_version_is_said_also_by_a_checkout_that_was_never_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0

    assert capsys.readouterr().out == find_version() + "\n"
