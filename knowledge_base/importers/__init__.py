"""Importers: one file per format with the constant IMPORTER; discover() finds them.

An importer first previews: every row it would take, every problem with its line. Nothing is written before the preview is clean or
somebody has said that bad rows may be left out. Applying the same file twice changes nothing.

    ImportRefused          apply() was given a preview that may not be applied: mend the file, or leave bad rows out on purpose
"""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from knowledge_base.entry import Entry, Kind  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

ProblemKey = Literal[
    "unreadable",
    "unknown_field",
    "unknown_column",
    "missing_column",
    "no_code",
    "too_many_cells",
    "empty",
    "bad_date",
    "bad_kind",
    "bad_coordinates",
    "dates_crossed",
    "duplicate_code",
]


class ImportRefused(Exception):
    """The preview has problems: mend the file, or leave the bad rows out on purpose. Problems of the header cannot be left out."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class Problem(msgspec.Struct, frozen=True):
    """What is wrong in one line (1 is the header, 0 the whole file), as a key and its facts; bot.replies makes words of it."""

    line: int
    key: ProblemKey
    facts: dict[str, str] = {}


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do: the entries it read, the problems, and the columns it uses, field by field, and does not use."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    used: dict[str, tuple[str, ...]] = {}
    unused: tuple[str, ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Tell whether the file as a whole cannot be taken, whatever is left out."""
        return any(problem.line <= 1 for problem in self.problems)


class ImportCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did; `refused` are the lines that were left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class PreviewFile(Protocol):
    """Reads a file without writing anything."""

    def __call__(
        self,
        path: Path,
        *,
        kind: Kind = "question",
        column_map: Mapping[str, str] | None = None,
        key_columns: Sequence[str] = (),
        source: str = "",
        source_date: date | None = None,
        unit: str = "",
        area: str = "",
    ) -> Preview:
        """Give what the import would do. `column_map` is field -> column; the rest is taken where a row says nothing itself."""


class ApplyPreview(Protocol):
    """Writes a preview."""

    def __call__(self, session: Session, preview: Preview, *, now: datetime, by: str = "", skip_bad: bool = False) -> ImportCounts:
        """Publish and revise what differs; ImportRefused if there are problems that were not waved through."""


class ImporterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What an importer file declares as IMPORTER."""

    name: str
    suffixes: tuple[str, ...]
    """File name endings it reads, with the dot."""
    preview: PreviewFile
    apply: ApplyPreview


def find_importer(name: str) -> ImporterSpec | None:
    """Find the importer that reads files of such a name, by its ending; None if none does."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return next((spec for spec in discover().values() if ending in spec.suffixes), None)


def discover() -> dict[str, ImporterSpec]:
    """Find every importer of this folder, by name."""
    found: dict[str, ImporterSpec] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        spec = getattr(importlib.import_module(f"{__name__}.{info.name}"), "IMPORTER", None)
        if isinstance(spec, ImporterSpec):
            found[spec.name] = spec
    return found
