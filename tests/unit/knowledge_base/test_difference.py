from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.difference import Piece, compare


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("一样", "一样", [Piece("same", "一样")]),
        ("", "新的", [Piece("added", "新的")]),
        ("旧的", "", [Piece("removed", "旧的")]),
        ("电话0900-6100211。", "电话0900-6100299。", [
            Piece("same", "电话"), Piece("removed", "0900-6100211"), Piece("added", "0900-6100299"), Piece("same", "。"),
        ]),
        ("3个工作日", "10个工作日", [Piece("removed", "3"), Piece("added", "10"), Piece("same", "个工作日")]),
    ],
)  # fmt: skip
def test_what_changed_is_marked_and_numbers_stay_whole(old: str, new: str, pieces: list[Piece]) -> None:
    assert compare(old, new) == pieces


@given(st.text(alphabet="甲乙丙12 \na。", max_size=40), st.text(alphabet="甲乙丙12 \na。", max_size=40))
def test_the_pieces_make_both_texts_again(old: str, new: str) -> None:
    pieces = compare(old, new)

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new


def test_a_law_is_compared_by_sentences_and_soon() -> None:
    old = "".join(f"第{number}条 甲乙丙丁。" for number in range(3000))
    began = time.monotonic()
    pieces = compare(old, old.replace("第7条 甲", "第7条 乙"))

    assert [piece.text for piece in pieces if piece.kind != "same"] == ["第7条 甲乙丙丁。", "第7条 乙乙丙丁。"]
    assert time.monotonic() - began < 3.0
