"""`jieying knowledge words …` on a city of its own: what trying, putting into service, listing and taking back say, and how they end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from tests.installation import move_in
from tests.unit.bot.cli.test_knowledge import call, say, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTRIES = "code,question,answer,phrasings\nK1,门禁卡怎么补？,带身份证到物业。,小铁片掉了怎么弄\nK2,车位怎么租？,到物业登记。,\n"
HEAD = "kind,word,others,target,state,note\n"
GOOD = f"{HEAD}synonym,门禁卡,小铁片|开门卡,,on,老人这么叫\nword,电瓶车棚,,,on,\n"
BAD = f"{HEAD}word,电瓶车棚,,,on,\npoem,春眠,,,on,\n"
FAULTY = f"{HEAD}synonym,驾驶本子,驾照,,on,\n"
WORSE = f"{HEAD}synonym,车位怎么租,门禁卡怎么补,,on,\n"


@pytest.fixture(scope="module")
def city(migrated_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a city with two entries: a template to copy."""
    folder = tmp_path_factory.mktemp("words")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, migrated_city, patch)
        assert run(["import", "knowledge", write(folder / "entries.csv", ENTRIES), "--source", "物业"]) == 0
    return folder


@pytest.fixture
def folder(enter: Callable[[Path], Path], city: Path) -> Path:
    return enter(city)


def test_words_are_tried_put_into_service_listed_and_taken_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(folder / "words.csv", GOOD)
    assert say(capsys, "words", "list") == "没有这样的词。"
    tried = say(capsys, "words", "try", file)
    assert tried.splitlines()[0].startswith("比了 3 句（居民问过的 0 句），")
    assert say(capsys, "words", "list") == "没有这样的词。"

    assert say(capsys, "words", "put", file, "--as", "KE1") == (
        "已放进使用，是第 1 次，改了 2 条；要退回：jieying knowledge words undo 1"
    )
    assert say(capsys, "words", "put", file) == "和现在的一样，没有变化。"
    assert say(capsys, "words", "list").splitlines()[1:] == [
        "词\t电瓶车棚\t当作一个词\t本市的",
        "同义词\t门禁卡\t小铁片 开门卡\t本市的",
    ]
    assert say(capsys, "words", "list", "--csv").splitlines() == [
        HEAD.strip(),
        "word,电瓶车棚,,,on,",
        "synonym,门禁卡,小铁片|开门卡,,on,老人这么叫",
    ]
    assert [row["own"]["word"] for row in call(capsys, "words", "list", "--with", "驾照", "--all")] == ["驾驶证"]

    assert say(capsys, "words", "undo", "1") == "已退回第 1 次，现在是第 2 次。"
    assert say(capsys, "words", "list") == "没有这样的词。"
    history = say(capsys, "words", "history").splitlines()
    assert [re.sub(r" \d{4}\S+ ", " ", line) for line in history] == [
        "第 2 次 operator",
        "  同义词 门禁卡: 小铁片 开门卡 -> -",
        "  词 电瓶车棚: 当作一个词 -> -",
        "第 1 次 KE1",
        "  同义词 门禁卡: - -> 小铁片 开门卡",
        "  词 电瓶车棚: - -> 当作一个词",
    ]


def test_words_that_take_a_wording_away_from_its_entry_end_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    impact = call(capsys, "words", "try", write(folder / "worse.csv", WORSE), code=1)
    assert (impact["counts"]["worse"] >= 1, call(capsys, "words", "list")) == (True, [])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (BAD, "words.csv 第 3 行用不了：kind 要写 word、synonym、area 或 place。"),
        (FAULTY, "这些词还不能放进使用：驾照 已经在“驾驶证”那一组里。"),
    ],
)
def test_a_table_that_cannot_be_used_changes_nothing_and_says_why(
    folder: Path, capsys: pytest.CaptureFixture[str], table: str, said: str
) -> None:
    file = write(folder / "words.csv", table)
    for name in ("try", "put"):
        assert say(capsys, "words", name, file, code=1) == said
    assert call(capsys, "words", "list") == []
    assert say(capsys, "words", "undo", "3", code=1) == "没有第 3 次改动。"
