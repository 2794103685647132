"""Learned models: the one file format and the one scorer. A model weighs features (the character grams of a text) for each of its classes.

Learning is elsewhere (bot.learning, with scikit-learn); answering needs numpy alone: the weights of the features a text has are summed,
about 40 microseconds for a chat line. Weights are kept as whole numbers of a byte with one scale per class, which costs no measurable accuracy.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

FORMAT = 1
LONGEST = 200
"""Characters of a text that are looked at: the models are learned from chat lines, and more would only dilute."""
_GRAMS = (1, 2, 3)
_DIGIT = re.compile(r"\d")
_STEPS = 127
"""Weights are whole numbers from -127 to 127."""


class ModelWrong(Exception):
    """A file is no model, or one of another format; the argument says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """Weights of features for classes. `steps` has a row per feature and a column per class, `scale` turns them into weights.

    A feature counts 1 + ln(how often) times its `rarity`, the whole scaled to length 1. `weigh` and `explain` take what cut_features gives of a text. `sharpness` turns sums into shares that
    mean what they say on texts the model has not seen. `figures` tell how good it was found to be, on what.
    """

    classes: tuple[str, ...]
    features: tuple[str, ...]
    rarity: NDArray[np.float32]
    steps: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    sharpness: float = 1.0
    figures: Mapping[str, Any] = field(default_factory=dict)
    _rows: Mapping[str, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {feature: row for row, feature in enumerate(self.features)})

    def weigh(self, features: Iterable[str]) -> NDArray[np.float32]:
        """Sum what speaks for each class, in the order of `classes`."""
        rows, values = self._read(features)
        if not rows.size:
            return self.bias
        sums: NDArray[np.float32] = (values @ self.steps[rows].astype(np.float32)) * self.scale + self.bias
        return sums

    def share(self, sums: NDArray[np.float32]) -> dict[str, float]:
        """Say how likely each class is, from what speaks for it: shares that add up to 1."""
        sharp = self.sharpness * sums.astype(np.float64)
        parts = np.exp(sharp - sharp.max())
        return dict(zip(self.classes, (parts / parts.sum()).tolist(), strict=True))

    def explain(self, features: Iterable[str], name: str, *, limit: int = 5) -> tuple[tuple[str, float], ...]:
        """Give the features that weigh most for or against a class, the weightiest first."""
        at = self.classes.index(name)
        rows, values = self._read(features)
        weights = (values * self.steps[rows, at] * self.scale[at]).tolist() if rows.size else []
        weighed = [(self.features[row], weight) for row, weight in zip(rows.tolist(), weights, strict=True)]
        return tuple(sorted(weighed, key=lambda pair: (-abs(pair[1]), pair[0]))[:limit])

    def _read(self, features: Iterable[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Give the rows of the features that the model knows and how much each counts."""
        known = self._rows
        counted = Counter([row for feature in features if (row := known.get(feature)) is not None])
        rows = np.fromiter(counted, dtype=np.int64, count=len(counted))
        counts = np.fromiter(counted.values(), dtype=np.float32, count=len(counted))
        values: NDArray[np.float32] = np.multiply(1.0 + np.log(counts), self.rarity[rows], dtype=np.float32)
        length = float(np.sqrt(values @ values))
        return rows, values / np.float32(length) if length else values

    def dump(self) -> bytes:
        """Write the model; the same model gives the same bytes."""
        content = io.BytesIO()
        head = {"format": FORMAT, "classes": self.classes, "sharpness": self.sharpness, "figures": self.figures}
        np.savez_compressed(
            content,
            head=np.frombuffer(json.dumps(head, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8),
            features=np.frombuffer("\n".join(self.features).encode(), dtype=np.uint8),
            rarity=self.rarity,
            steps=self.steps,
            scale=self.scale,
            bias=self.bias,
        )
        return content.getvalue()


def load_model(content: bytes) -> LinearModel:
    """Read a model; ModelWrong if it is none or of another format."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            head = json.loads(parts["head"].tobytes())
            if head["format"] != FORMAT:
                raise ModelWrong(f"format {head['format']}, this version reads {FORMAT}")
            return LinearModel(
                classes=tuple(head["classes"]),
                features=tuple(parts["features"].tobytes().decode().split("\n")),
                rarity=parts["rarity"],
                steps=parts["steps"],
                scale=parts["scale"],
                bias=parts["bias"],
                sharpness=head["sharpness"],
                figures=head["figures"],
            )
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelWrong(str(error)) from error


def pack(weights: NDArray[np.float64]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Turn weights (a row per feature, a column per class) into whole steps and the scale of each class."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / _STEPS
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)


def cut_features(text: str) -> Sequence[str]:
    """Cut a text (normal form, lower case) into grams of one to three characters, with its beginning and end; digits are alike."""
    whole = f"^{_DIGIT.sub('0', text[:LONGEST])}$"
    return [whole[at : at + size] for size in _GRAMS for at in range(len(whole) - size + 1)]


@cache
def shipped(name: str) -> LinearModel:
    """Give a model that comes with the software (models/<name>.npz); FileNotFoundError if there is none."""
    return load_model(files("knowledge_base").joinpath("models", f"{name}.npz").read_bytes())
