"""Labels are read as people wrote them, as far as a file has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.evaluation.labels import Label, read_turns
from bot.refusals import Refusal

if TYPE_CHECKING:
    from pathlib import Path

FULL = (
    "text,intent,items,places,kind,tier,requester,voted_tier,voted_intent,voted_number\n"
    "灯坏了楼道也脏,complaint,SZ-012/SZ-013;HJ-001,杏花巷;杏花里,help/complaint,none,merchant,orange,report_problem,1\n"
)


def read(folder: Path, content: str, *, voted: bool = True) -> list[Label]:
    file = folder / "turns.csv"
    file.write_text(content, encoding="utf-8")
    return read_turns(file, voted=voted)


def test_of_what_several_people_labelled_their_vote_counts(tmp_path: Path) -> None:
    first = Label(
        text="灯坏了楼道也脏",
        intent="complaint",
        kinds=("help", "complaint"),
        tier="none",
        requester="merchant",
        places=("杏花巷", "杏花里"),
        matters=(("SZ-012", "SZ-013"), ("HJ-001",)),
        number=2,
    )
    voted = Label(
        text="灯坏了楼道也脏",
        intent="report_problem",
        kinds=("help", "complaint"),
        tier="orange",
        requester="merchant",
        places=("杏花巷", "杏花里"),
        matters=(("SZ-012", "SZ-013"), ("HJ-001",)),
        number=1,
    )

    assert read(tmp_path, FULL) == [voted]
    assert read(tmp_path, FULL, voted=False) == [first]


def test_what_a_file_does_not_say_stays_open(tmp_path: Path) -> None:
    assert read(tmp_path, "text,tier\n你好,\n") == [Label(text="你好")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("text,tier\n你好,purple\n", "“tier”列里有一格写的是“purple”"),
        ("text,intent\n你好,chat\n", "“intent”列里有一格写的是“chat”"),
        ("text,number\n你好,two\n", "“number”列里有一格写的是“two”"),
        ("words,tier\n你好,none\n", "text"),
    ],
)
def test_a_label_that_there_is_not_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        read(tmp_path, content)
