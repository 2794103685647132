"""What the tests that kill a real service share: its data folder."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from tests.installation import make_folder

if TYPE_CHECKING:
    from pathlib import Path

KEY = "1:" + base64.b64encode(bytes(range(32))).decode() + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a data folder whose master key is the one the databases of the tests were sealed with."""
    made = make_folder(tmp_path)
    file = made / "master.key"
    file.write_text(KEY)
    file.chmod(0o600)
    return made
