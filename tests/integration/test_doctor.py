"""Doctor on a whole installation: what it finds, in which order, and that it changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.control import call, open_city
from bot.doctor.examination import examine
from bot.settings import load
from tests.installation import make_folder

if TYPE_CHECKING:
    from pathlib import Path

    from bot.doctor.finding import Finding

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def folder(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATABASE_URL", database_url)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(tmp_path / "data"))
    return make_folder(tmp_path)


def troubles(findings: list[Finding]) -> list[tuple[str, str]]:
    assert all(finding.words for finding in findings)
    ignored = ("sqlite_affected", "rehearsal_on", "no_channel", "key_missing")
    return [(finding.level, finding.key) for finding in findings if finding.level != "ok" and finding.key not in ignored]


async def test_a_seeded_city_is_healthy_beside_a_running_service(folder: Path) -> None:
    settings = load()
    await call(settings, "seed", {})
    assert (folder / "master.key").exists()

    async with open_city(settings):
        findings = await examine(None, now=NOW)

    assert troubles(findings) == [("hint", "groups_without_notice")]


async def test_an_empty_database_says_what_is_missing(folder: Path) -> None:
    assert troubles(await examine(None, now=NOW)) == [
        ("wrong", "org_empty"),
        ("hint", "duty_list_empty"),
        ("wrong", "knowledge_empty"),
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["jieba"]


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("sqlite:///nowhere/jieying.db", "database_missing"),
        ("postgresql://nobody@127.0.0.1:1/none", "database_unreachable"),
    ],
)
async def test_a_database_that_cannot_be_reached_is_named_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, trouble: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATABASE_URL", url)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(make_folder(tmp_path)))

    assert troubles(await examine(None, now=NOW)) == [("wrong", trouble)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


async def test_a_database_without_schema_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(make_folder(tmp_path)))
    (tmp_path / "data" / "jieying.db").touch()

    assert troubles(await examine(None, now=NOW)) == [("wrong", "schema_wrong")]


async def test_wrong_settings_are_all_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_SERVER_PORT", "many")
    monkeypatch.setenv("JIEYING_SERVER_HOSTS", "x")

    findings = await examine(None, now=NOW)

    assert [(finding.level, finding.key) for finding in findings] == [("wrong", "settings_wrong")] * 2


async def test_a_channel_says_what_is_wrong_with_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEYING_GATEWAY_GATEWAY_ID", "group-1")
    monkeypatch.setenv("JIEYING_GATEWAY_SECRET", "short")

    findings = await examine(None, now=NOW)

    assert [finding.level for finding in findings if finding.key == "channel_wrong"] == ["wrong"]
    assert "short" not in "".join(finding.words for finding in findings)
    assert folder.is_dir()
