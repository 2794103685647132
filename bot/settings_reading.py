"""One section of the settings out of a TOML table and the environment, with every problem in words instead of the first one.

A key of a nested struct is written `index.words` here: a table `[knowledge.index]` in the file, JIEYING_KNOWLEDGE_INDEX_WORDS in the
environment. The environment wins over the file. Secrets come from the file that `<key>_file` names or from the environment.
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PREFIX = "JIEYING_"
RESERVED = frozenset({"JIEYING_CONFIG", "JIEYING_FAILPOINT", "JIEYING_TEST_POSTGRES", "JIEYING_TEST_CHROMIUM", "JIEYING_MUTATIONS"})
"""Variables that are no settings: where the file is, and what tests set."""

_WORDS = {bool: "want_bool", int: "want_int", float: "want_float", str: "want_str"}


def secrets_of(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Name the keys of a section that are secrets."""
    found: tuple[str, ...] = getattr(kind, "SECRETS", ())
    return found


def keys_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """List a section's keys with their types, those of nested structs with a dot."""
    keys: dict[str, Any] = {}
    for name, hint in _hints(kind).items():
        if _is_struct(hint):
            keys.update({f"{name}.{inner}": wanted for inner, wanted in keys_of(hint).items()})
        else:
            keys[name] = hint
    return keys


def variable_of(section: str, key: str) -> str:
    """Name the environment variable of a key."""
    return f"{PREFIX}{section}_{key}".replace(".", "_").upper()


def find_unknown_sections(raw: Mapping[str, Any], known: Mapping[str, type[msgspec.Struct]], *, source: str) -> list[str]:
    """Report sections that nobody reads, each with the nearest one there is."""
    return [
        fill("settings", "no_section", {"path": source, "section": name, "nearest": _nearest(name, known)})
        for name in raw
        if name not in known
    ]


def find_unknown_variables(environment: Mapping[str, str], known: Mapping[str, type[msgspec.Struct]]) -> list[str]:
    """Report environment variables that look like ours and are not."""
    valid = set(RESERVED)
    for name, kind in known.items():
        valid.update(variable_of(name, key) for key in keys_of(kind))
        valid.update(variable_of(name, f"{key}_file") for key in secrets_of(kind))
    return [
        fill("settings", "no_variable", {"variable": variable, "nearest": _nearest(variable, sorted(valid))})
        for variable in sorted(environment)
        if variable.startswith(PREFIX) and variable not in valid
    ]


class SectionReader:
    """Reads one section; `problems` says in words what is wrong with it."""

    def __init__(self, name: str, kind: type[msgspec.Struct], *, environment: Mapping[str, str], source: str) -> None:
        self._name = name
        self._kind = kind
        self._environment = environment
        self._source = source
        self._secrets = secrets_of(kind)
        self.problems: list[str] = []

    def read(self, table: Any) -> msgspec.Struct:
        """Read the section from its table and the environment; the defaults stand in for what is wrong."""
        if not isinstance(table, dict):
            self._report("no_table")
            table = {}
        values: dict[str, Any] = {}
        given = dict(self._given(table))
        for key, hint in keys_of(self._kind).items():
            variable = variable_of(self._name, key)
            try:
                if (text := self._environment.get(variable)) is not None:
                    values[key] = msgspec.convert(_from_text(text, hint), hint, strict=False)
                elif (secret := self._secret(key, table)) is not None:
                    values[key] = secret
                elif key in given:
                    values[key] = msgspec.convert(given[key], hint)
            except msgspec.ValidationError:
                value = given.get(key) if text is None else text
                self._report(
                    "bad_value",
                    key=key,
                    wanted=_say_wanted(hint),
                    where=variable if text is not None else self._source,
                    value=value,
                )
        try:
            return _build(self._kind, values)
        except ValueError as error:
            self._report("bad_section", error=str(error))
            return self._kind()

    def _given(
        self, table: dict[str, Any], kind: type[msgspec.Struct] | None = None, prefix: str = ""
    ) -> Iterator[tuple[str, Any]]:
        """Walk a table and its nested tables; report the keys that do not exist and the secrets that must not stand here."""
        hints = _hints(kind or self._kind)
        allowed = [f"{key}_file" if prefix + key in self._secrets else key for key in hints]
        for key, value in table.items():
            if prefix + key in self._secrets:
                self._report("secret_in_file", key=prefix + key)
            elif key not in allowed:
                self._report("no_key", key=prefix + key, nearest=prefix + _nearest(key, allowed))
            elif key not in hints:
                continue  # <secret>_file, read in _secret
            elif _is_struct(hints[key]) and isinstance(value, dict):
                yield from self._given(value, hints[key], f"{prefix}{key}.")
            elif _is_struct(hints[key]):
                self._report("no_table", key=prefix + key)
            else:
                yield prefix + key, value

    def _secret(self, key: str, table: dict[str, Any]) -> str | None:
        """Read a secret from the file that is named for it; None if none is."""
        if key not in self._secrets:
            return None
        path = self._environment.get(variable_of(self._name, f"{key}_file")) or table.get(f"{key}_file")
        if not path:
            return None
        try:
            return Path(str(path)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self._report("no_secret_file", key=key, file=path, error=getattr(error, "strerror", None) or type(error).__name__)
            return None

    def _report(self, text: str, **facts: Any) -> None:
        if facts.get("key") in self._secrets and "value" in facts:
            facts["value"] = "***"
        self.problems.append(fill("settings", text, {"path": self._source, "section": self._name, "key": "", **facts}))


def _build(kind: type[msgspec.Struct], values: Mapping[str, Any], prefix: str = "") -> msgspec.Struct:
    """Make a struct, its nested structs first."""
    parts: dict[str, Any] = {}
    for name, hint in _hints(kind).items():
        if _is_struct(hint):
            if any(key.startswith(f"{prefix}{name}.") for key in values):
                parts[name] = _build(hint, values, f"{prefix}{name}.")
        elif prefix + name in values:
            parts[name] = values[prefix + name]
    return kind(**parts)


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.__struct_fields__}


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _nearest(word: str, words: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(word, list(words), n=1, cutoff=0.0)), "")


def _from_text(text: str, hint: Any) -> Any:
    """Split a list that stands in a variable, comma-separated; the conversion reads numbers and booleans."""
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) in (list, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _say_wanted(hint: Any) -> str:
    """Say what a value of this type looks like."""
    if get_origin(hint) is Annotated:
        plain, *notes = get_args(hint)
        bounds = [fill("settings", f"want_{name}", {"bound": bound}) for note in notes for name, bound in _bounds(note)]
        return "".join([_say_wanted(plain), *bounds])
    if get_origin(hint) is Literal:
        return fill("settings", "want_choice", {"choices": " / ".join(str(choice) for choice in get_args(hint))})
    if get_origin(hint) in (list, tuple):
        return fill("settings", "want_list", {"kind": _say_wanted(get_args(hint)[0])})
    if get_origin(hint) in (Union, UnionType):
        return " / ".join(_say_wanted(one) for one in get_args(hint) if one is not type(None))
    return fill("settings", _WORDS[hint]) if hint in _WORDS else getattr(hint, "__name__", str(hint))


def _bounds(note: Any) -> list[tuple[str, Any]]:
    return [(name, bound) for name in ("gt", "ge", "lt", "le") if (bound := getattr(note, name, None)) is not None]
