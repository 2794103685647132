"""The service dies at every failpoint of its code, once: nothing acknowledged is lost, nothing is done or said twice.

With every `make test` each point on SQLite and some on PostgreSQL; `--deep` takes every point on both, at the first passing and at later ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.docs.test_failpoints_documented import failpoints
from tests.failing import run_to_failpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from store.sealing import Vault

PASSINGS = {
    "inbound.parsed": (9, 1, 60),
    "inbound.remembered": (9, 1, 60),
    "inbound.understood": (9, 1, 60),
    "inbound.settled": (9, 1, 60),
    "outbox.claimed": (2, 3),  # the first look, at the start, finds nothing
    "outbox.sent": (3, 1, 30),
    "store.before_commit": (12, 20, 40),  # the start itself takes some
    "store.after_commit": (12, 20, 40),
}
"""At which passings the process dies; every `make test` takes the first, in the middle of what is pushed."""
DEEP = frozenset({"inbound.parsed", "inbound.understood", "store.after_commit"})
"""What `make deep` alone takes: beside each lies another point, between the same two commits."""

UNREACHABLE: dict[str, str] = {}
"""Points that messages of the official account do not pass, each with the test that takes it instead."""

ON_POSTGRES = ("outbox.sent", "store.after_commit")
"""Where PostgreSQL goes its own way: several writers, and leases that have to run out."""


ALWAYS_IN_FLIGHT = ("outbox.claimed", "outbox.sent")
"""Where something has to be under way at the death, or it would prove nothing."""


@dataclass(frozen=True)
class Run:
    """One death: at which passing of which point, on which database."""

    point: str
    passing: int
    database: str
    messages: int

    def __str__(self) -> str:
        return f"{self.point}:{self.passing}-{self.database}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "run" not in metafunc.fixturenames:
        return
    deep = metafunc.config.getoption("--deep")
    runs = [
        Run(point, passing, database, messages=120 if deep else 25)
        for point, passings in PASSINGS.items()
        if deep or point not in DEEP
        for passing in (passings if deep else passings[:1])
        for database in ("sqlite", "postgresql")
        if deep or database == "sqlite" or point in ON_POSTGRES
    ]
    metafunc.parametrize("run", runs, ids=str)


@pytest.fixture
def address(copy_demo: Callable[[str], str], run: Run) -> str:
    return copy_demo(run.database)


@pytest.fixture
def sqlite_address(copy_demo: Callable[[str], str]) -> str:
    return copy_demo("sqlite")


def test_every_failpoint_of_the_code_is_in_the_sweep() -> None:
    assert {*PASSINGS, *UNREACHABLE} == failpoints()
    assert set(PASSINGS) & set(UNREACHABLE) == set()


@pytest.mark.deep_on_postgres
async def test_a_death_at_any_point_loses_and_doubles_nothing(
    folder: Path, address: str, vault: Vault, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    report = await run_to_failpoint(folder, address, vault, failpoint=f"{run.point}:{run.passing}", messages=run.messages)
    with capsys.disabled():
        print(f"\n{run}: {report.show()}")

    assert report.problems == []
    assert report.kills == 1
    assert run.point not in ALWAYS_IN_FLIGHT or report.in_flight > [0]


async def test_a_build_that_marks_after_sending_is_caught(folder: Path, sqlite_address: str, vault: Vault) -> None:
    report = await run_to_failpoint(
        folder, sqlite_address, vault, failpoint="outbox.sent:3", messages=10, entry="tests.broken_service"
    )

    assert report.kills == 1
    assert [problem for problem in report.problems if "sends arrived twice" in problem] != []
