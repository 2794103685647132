"""config.toml is the reference of all settings: every section and key there is, with its default and a comment in Chinese."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.settings import Settings, effective, load, sections
from bot.settings_reading import keys_of, secrets_of

ROOT = Path(__file__).parents[2]
TEXT = ROOT.joinpath("config.toml").read_text(encoding="utf-8")
SECTIONS = sections()


def flatten(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        plain = list(value) if isinstance(value, tuple) else value
        flat.update(flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: plain})
    return flat


def commented(text: str) -> dict[str, str]:
    """Collect the comment above each key, also above a key that is itself commented out, as section.key -> comment."""
    found: dict[str, str] = {}
    section, comment = "", ""
    for line in text.splitlines():
        if head := re.fullmatch(r"\[([a-z0-9_.]+)\]", line):
            section, comment = head[1], ""
        elif key := re.match(r"(?:# )?([a-z_]+) = ", line):
            found[f"{section}.{key[1]}"] = comment
            comment = ""
        elif line.startswith("#"):
            comment += line[1:].strip()
        else:
            comment = ""
    return found


def test_config_holds_every_section_and_no_other() -> None:
    assert sorted(tomllib.loads(TEXT)) == sorted(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_config_states_every_key_with_its_default(name: str) -> None:
    kind = SECTIONS[name]
    secrets = secrets_of(kind)
    defaults = {key: value for key, value in flatten(msgspec.to_builtins(kind())).items() if key not in secrets}

    assert flatten(tomllib.loads(TEXT).get(name, {})) == defaults


@pytest.mark.parametrize("name", SECTIONS)
def test_config_explains_every_key_in_chinese(name: str) -> None:
    secrets = secrets_of(SECTIONS[name])
    keys = {f"{name}.{key}_file" if key in secrets else f"{name}.{key}" for key in keys_of(SECTIONS[name])}
    comments = {key: comment for key, comment in commented(TEXT).items() if key.split(".")[0] == name}

    assert sorted(comments) == sorted(keys)
    assert [key for key, comment in comments.items() if not re.search(r"[\u4e00-\u9fff]{2,}", comment)] == []


def test_the_shipped_config_loads_as_the_defaults() -> None:
    channels = {name: kind() for name, kind in SECTIONS.items() if name not in Settings.__struct_fields__}

    assert effective(load(str(ROOT / "config.toml"), {})) == effective(Settings(channels=channels))
