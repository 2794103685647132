"""The vectors of the entries' wordings in a file: the encoder takes 20 ms for each, so without it ten thousand would take minutes at every start.

A vector is known by a digest of its text, and the file by the encoder that made them. It holds nothing of what residents ask.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowledge_base.cache_file import digest, read_cache, write_cache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from knowledge_base.encoder import Encoder

log = logging.getLogger(__name__)

_WORTH_SAYING = 500
"""So many wordings take ten seconds: whoever waits for the start is told why."""


class _Content(msgspec.Struct, array_like=True):
    """Digests of texts, and a row of float32 (the machine's byte order) for each."""

    made_by: str
    texts: list[bytes]
    rows: memoryview


def embed_kept(encoder: Encoder, texts: Sequence[str], path: Path, *, is_all: bool) -> NDArray[np.float32]:
    """Give a row for each text, as Encoder.embed() does; what the file knows is taken from there, and what it did not know is added to it.

    is_all: these are all the wordings there are, so that the file forgets others.
    """
    known, marks = _read(path, encoder), [digest(text.encode(errors="replace")) for text in texts]
    unknown = {mark: text for mark, text in zip(marks, texts, strict=True) if mark not in known}
    if len(unknown) >= _WORTH_SAYING:
        log.info("%d wordings are read by the sentence encoder; the next start takes them from %s", len(unknown), path.name)
    made = known | dict(zip(unknown, encoder.embed([*unknown.values()]), strict=True))
    if unknown:
        _write(path, encoder, {mark: made[mark] for mark in marks} if is_all else made)
    return np.array([made[mark] for mark in marks], dtype=np.float32).reshape(len(marks), encoder.dimensions)


def _read(path: Path, encoder: Encoder) -> dict[bytes, NDArray[np.float32]]:
    packed = read_cache(path)
    try:
        content = msgspec.msgpack.decode(packed, type=_Content) if packed else None
    except msgspec.MsgspecError:  # another version of the software wrote it in another form
        content = None
    if content is None or content.made_by != encoder.fingerprint:
        return {}
    rows = np.frombuffer(content.rows, dtype=np.float32).reshape(len(content.texts), encoder.dimensions)
    return dict(zip(content.texts, rows, strict=True))


def _write(path: Path, encoder: Encoder, made: Mapping[bytes, NDArray[np.float32]]) -> None:
    rows = memoryview(np.array([*made.values()], dtype=np.float32).tobytes())
    write_cache(path, msgspec.msgpack.encode(_Content(encoder.fingerprint, [*made], rows)))
