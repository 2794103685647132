"""kill -9 of the whole service under load: nothing acknowledged is lost, nothing is done or said twice.

The quick set runs with every `make test`; `--deep` runs the full one (3,000 messages, ten kills) on both databases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.killing import run_kills

if TYPE_CHECKING:
    from pathlib import Path

    from store.sealing import Vault


@pytest.mark.deep_on_postgres
async def test_killed_service_loses_and_doubles_nothing(
    folder: Path, demo_url: str, vault: Vault, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = request.config.getoption("--deep")
    report = await run_kills(folder, demo_url, vault, messages=3000 if deep else 120, kills=10 if deep else 2)
    with capsys.disabled():
        print(f"\n{report.show()}")
    assert report.problems == []
    assert report.kills == (10 if deep else 2)


@pytest.mark.deep
@pytest.mark.parametrize("demo_url", ["sqlite"], indirect=True)
async def test_a_build_that_marks_after_sending_is_caught(folder: Path, demo_url: str, vault: Vault) -> None:
    report = await run_kills(folder, demo_url, vault, messages=90, kills=1, entry="tests.broken_service")
    assert [problem for problem in report.problems if "sends arrived twice" in problem] != []
