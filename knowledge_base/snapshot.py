"""What was read of the entries, as bytes to keep: cutting ten thousand entries into words takes seconds, taking this over a fraction of one.

Nothing is believed of an entry that reads otherwise today: each stands beside a mark of its texts, and the file beside a key of all that
reads them (dictionary, added words, weights, and the source code itself). It holds nothing but published texts in another form.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from knowledge_base.cache_file import digest
from knowledge_base.index import Rows
from knowledge_base.row_table import Row
from knowledge_base.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from knowledge_base.entry import Entry
    from knowledge_base.index import Index, IndexSettings
    from knowledge_base.text import Segmenter


class Read(NamedTuple):
    """What was read of an entry: its rows in the index and its wordings, the question first."""

    rows: Rows
    wordings: tuple[Wording, ...]


class _Lists(msgspec.Struct, array_like=True):
    """Many short lists of numbers: their lengths, and all numbers one after the other (int32, the machine's byte order)."""

    lengths: memoryview
    numbers: memoryview


class _Content(msgspec.Struct, array_like=True):
    """What stands behind the key. Weights are float32, one for each number of their rows."""

    codes: list[str]
    marks: list[bytes]
    words: list[str]
    signs: list[str]
    word_rows: _Lists
    word_weights: memoryview
    sign_rows: _Lists
    sign_weights: memoryview
    wordings: list[int]
    """How many wordings each entry has; in the lists below they follow one another."""
    spoken: list[str]
    bare: list[str]


def make_key(segmenter: Segmenter, settings: IndexSettings) -> bytes:
    """Give what changes whenever the same text would be read otherwise."""
    parts = [segmenter.fingerprint, unicodedata.unidata_version.encode(), np.__version__.encode(), msgspec.msgpack.encode(settings)]
    parts += [file.read_bytes() for file in _list_sources()]
    return digest(msgspec.msgpack.encode(parts))


def _list_sources() -> list[Path]:
    """List the code and the word lists of this package: any of them may change how a text is read."""
    folder = Path(__file__).parent
    return sorted([*folder.glob("*.py"), *folder.glob("lexicons/*.txt")])


def mark(entry: Entry) -> bytes:
    """Give what changes whenever an entry's texts do."""
    return digest(msgspec.msgpack.encode((entry.kind == "question", entry.question, entry.phrasings, entry.answer)))


def pack(reads: Mapping[str, Read], *, key: bytes, marks: Mapping[str, bytes], index: Index) -> bytes:
    """Put what was read, by code, into bytes; `index` numbers the terms."""
    rows = [read.rows for read in reads.values()]
    known = [wording for read in reads.values() for wording in read.wordings]
    return key + msgspec.msgpack.encode(
        _Content(
            codes=list(reads),
            marks=[marks[code] for code in reads],
            words=list(index.words.vocabulary),
            signs=list(index.signs.vocabulary),
            word_rows=_join([row.words.terms for row in rows]),
            word_weights=_raw([row.words.weights for row in rows], np.float32),
            sign_rows=_join([row.signs.terms for row in rows]),
            sign_weights=_raw([row.signs.weights for row in rows], np.float32),
            wordings=[len(read.wordings) for read in reads.values()],
            spoken=[one.sounds for one in known],
            bare=[one.bare for one in known],
        )
    )


def unpack(packed: memoryview, *, key: bytes, marks: Mapping[str, bytes], index: Index) -> dict[str, Read]:
    """Give what is known of the entries with these marks, by code; the index, still empty, takes over the numbers of the terms.

    Nothing is known if the key is another.
    """
    if packed[: len(key)] != key:
        return {}
    content = msgspec.msgpack.decode(packed[len(key) :], type=_Content)
    index.words.adopt(content.words)
    index.signs.adopt(content.signs)
    words = map(Row, _cut(content.word_rows), _split(content.word_weights, np.float32, content.word_rows))
    signs = map(Row, _cut(content.sign_rows), _split(content.sign_weights, np.float32, content.sign_rows))
    known = map(Wording, content.spoken, content.bare)
    reads = {}
    rows = map(Rows, words, signs)
    for code, seen, row, count in zip(content.codes, content.marks, rows, content.wordings, strict=True):
        wordings = tuple(next(known) for _ in range(count))
        if marks.get(code) == seen:
            reads[code] = Read(row, wordings)
    return reads


def _join(lists: Sequence[NDArray[np.int32]]) -> _Lists:
    return _Lists(lengths=_raw([np.array([len(one) for one in lists])], np.int32), numbers=_raw(lists, np.int32))


def _raw(parts: Sequence[NDArray[Any]], kind: type[np.int32 | np.float32]) -> memoryview:
    joined = np.concatenate([np.zeros(0, dtype=kind), *parts]).astype(kind)
    return memoryview(joined.tobytes())


def _cut(lists: _Lists) -> list[NDArray[Any]]:
    return _split(lists.numbers, np.int32, lists)


def _split(data: memoryview, kind: type[np.int32 | np.float32], lists: _Lists) -> list[NDArray[Any]]:
    """Cut numbers that lie one after the other into as many pieces as there are lists."""
    flat = np.frombuffer(data, dtype=kind)
    ends: list[int] = np.cumsum(np.frombuffer(lists.lengths, dtype=np.int32)).tolist()
    return [flat[start:end] for start, end in pairwise([0, *ends])]
