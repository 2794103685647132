"""The wheel is whole: installed into an empty environment, in an empty folder, it migrates, seeds and answers for itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a program without anything of this checkout on its path; its output, or what it said when it failed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIEYING_", "PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a clean copy, install it with the locked dependencies, give the program's path."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], ROOT)
    environment = folder / "environment"
    run([str(UV), "venv", "-q", "--python", sys.executable, str(environment)], folder)
    install = [str(UV), "pip", "install", "-q", "--python", str(environment / "bin/python")]
    (wheel,) = folder.glob("*.whl")
    run([*install, "--require-hashes", "-r", str(ROOT / "requirements-tools.lock")], folder)  # jieba is a source package
    run([*install, "--require-hashes", "--no-build-isolation", "-r", str(ROOT / "requirements.lock")], folder)
    run([*install, "--no-deps", str(wheel)], folder)
    return environment / "bin/jieying"


def test_the_installed_wheel_works_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    run([str(installed), "migrate"], tmp_path)
    run([str(installed), "seed"], tmp_path)
    shown = json.loads(run([str(installed), "config", "--json"], tmp_path))
    assert shown["settings"]["server"]["rehearsal"] is True
    assert json.loads(run([str(installed), "tickets", "list", "--json"], tmp_path))["tickets"] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_the_installed_wheel_carries_the_pages_and_the_libraries_they_load(installed: Path) -> None:
    (pages,) = installed.parents[1].glob("lib/python3*/site-packages/console/pages")
    libraries = ("echarts.min.js", "htmx.min.js", "leaflet.css", "leaflet.min.js")
    wanted = {"licences.txt", *libraries, *(f"{name}.gz" for name in libraries)}

    assert {path.name for path in (pages / "static" / "vendor").iterdir()} == wanted
    assert list_files(pages / "templates") == list_files(ROOT / "console" / "pages" / "templates")
    assert list(pages.rglob("*.mjs")) == []


def list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
