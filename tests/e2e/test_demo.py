"""`jieying demo --once` on an empty folder: every step becomes what the script says."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from bot.texts import fill
from tests.installation import make_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demonstration_plays_to_its_end_without_a_fault(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    (folder / "demo").touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")}
    command = [sys.executable, "-m", "bot", "demo", "--once", "--folder", str(folder)]

    done = subprocess.run(
        command, env=environment | {"PYTHONIOENCODING": "utf-8"}, capture_output=True, encoding="utf-8", timeout=120, check=False
    )

    assert [line for line in done.stdout.splitlines() if "✗" in line] == []
    assert done.stdout.splitlines()[-1] == fill("cli", "demo_played")
    assert (done.returncode, done.stderr) == (0, "")
