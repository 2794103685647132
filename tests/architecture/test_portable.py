"""Nothing that is kept names the machine it was made on or the place its packages came from: a clone works anywhere."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.architecture.sources import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOT_KEPT = frozenset(
    {
        ".git",
        ".venv",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".import_linter_cache",
        "__pycache__",
        "data",
        "dist",
    }
    | {"build", "node_modules", "vendor"}
)
"""Folders that .gitignore leaves out."""

_REGISTRIES = (
    "pypi\\.org",
    "pythonhosted\\.org",
    "registry\\.npmjs",
    "npmmirror",
    "proxy\\.golang",
    "crates\\.io",
    "tuna\\.tsinghua",
)
_MIRRORS = ("mirrors?\\.[a-z0-9-]+\\.(?:com|cn|org|net|edu)",)
_PATHS = ("(?<![\\w.])/work/[a-z]", "(?<![\\w.])/root/", "(?<![\\w.])/home/[a-z]", "(?<![\\w.])/opt/[a-z]+/simple")
_FOREIGN = re.compile("|".join((*_REGISTRIES, *_MIRRORS, *_PATHS)))


def kept_files() -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in _NOT_KEPT and not name.endswith(".egg-info")]
        yield from (ROOT / folder / file for file in files)


def find_foreign(text: str) -> list[str]:
    """Find hosts of package registries, and absolute paths of one machine."""
    return _FOREIGN.findall(text)


def test_no_kept_file_names_a_registry_or_a_machine() -> None:
    itself = ROOT / "tests/architecture/test_portable.py"
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in kept_files() if path != itself}

    assert {str(path.relative_to(ROOT)): found for path, text in texts.items() if (found := find_foreign(text))} == {}


@pytest.mark.parametrize(
    "planted", ["https://pypi.org/simple", "https://mirrors.example.com/x", 'open("/work/shared/x")', "cd /root/x"]
)
def test_a_planted_name_is_found(planted: str) -> None:
    assert len(find_foreign(planted)) == 1


def test_ordinary_paths_and_hosts_are_no_trespass() -> None:
    assert find_foreign("https://api.weixin.qq.com /var/lib/jieying tests/work/x residents/root/y") == []
