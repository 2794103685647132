from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.channels.wechat_mp import WechatMpSettings
from bot.doctor.machine import check_folder, check_master_key, check_page_sign_in, check_rehearsal, check_sqlite, has_reset_bug
from bot.settings import Data, Database, Security, Server, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from bot.doctor.finding import Finding


def marks(findings: list[Finding]) -> list[tuple[str, str]]:
    assert all(finding.words for finding in findings)
    return [(finding.level, finding.key) for finding in findings]


def settings_in(folder: Path) -> Settings:
    return Settings(data=Data(dir=str(folder)))


@pytest.mark.parametrize("version", [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2)])
def test_releases_with_the_reset_bug_are_known(version: tuple[int, int, int]) -> None:
    assert has_reset_bug(version)


@pytest.mark.parametrize("version", [(3, 6, 23), (3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)])
def test_releases_without_it_too(version: tuple[int, int, int]) -> None:
    assert not has_reset_bug(version)


def test_an_affected_sqlite_is_a_hint_since_one_writer_protects_us() -> None:
    assert marks(check_sqlite(Settings(), version=(3, 40, 1))) == [("hint", "sqlite_affected")]
    assert marks(check_sqlite(Settings(), version=(3, 51, 3))) == [("ok", "sqlite_fine")]
    assert check_sqlite(Settings(database=Database(url="postgresql://h/d")), version=(3, 40, 1)) == []


def test_a_folder_has_to_be_there_and_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert marks(check_folder(settings_in(folder))) == [("wrong", "folder_missing")]

    folder.mkdir(mode=0o755)
    assert marks(check_folder(settings_in(folder))) == [("wrong", "folder_open")]

    folder.chmod(0o700)
    assert marks(check_folder(settings_in(folder))) == [("ok", "folder_fine")]


def test_a_key_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert marks(check_master_key(settings)) == [("hint", "key_missing")]

    (tmp_path / "master.key").write_text("1:x")
    (tmp_path / "master.key").chmod(0o640)
    assert marks(check_master_key(settings)) == [("wrong", "key_open")]

    (tmp_path / "master.key").chmod(0o600)
    assert marks(check_master_key(settings)) == [("ok", "key_fine")]
    assert marks(check_master_key(Settings(security=Security(master_key="1:x")))) == [("ok", "key_given")]


def test_a_rehearsal_is_said() -> None:
    assert marks(check_rehearsal(Settings())) == [("hint", "rehearsal_on")]
    assert marks(check_rehearsal(Settings(server=Server(rehearsal=False)))) == [("ok", "rehearsal_off")]


@pytest.mark.parametrize(
    ("address", "on", "found"),
    [
        ("https://jieying.example.gov.cn", True, []),
        ("http://127.0.0.1:8080", True, []),
        ("", True, [("wrong", "page_sign_in_nowhere")]),
        ("http://jieying.example.gov.cn", True, [("wrong", "page_sign_in_insecure")]),
        ("", False, []),
    ],
)
def test_wechat_has_to_be_able_to_send_residents_back(address: str, on: bool, found: list[tuple[str, str]]) -> None:
    account = WechatMpSettings(app_id="wx0123456789abcdef", page_sign_in=on)

    assert marks(check_page_sign_in(Settings(server=Server(public_url=address), channels={"wechat_mp": account}))) == found
    assert marks(check_page_sign_in(Settings(server=Server(public_url=address)))) == []
