"""`jieying knowledge …` on a city of its own: what is listed, what accepting and refusing say, and how a test ends."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run
from bot.control import open_city
from bot.keyring import load_vault
from bot.proposal_round import Proposing
from bot.settings import load
from bot.texts import fill
from knowledge_base import uses
from routing.lessons import Lesson, Stretch
from store.clock import utcnow
from store.engine import open_store
from tests.installation import move_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from knowledge_base.proposals import UseKind

ENTRIES = "code,question,answer\nK1,门禁卡怎么补？,带身份证到物业。\nK2,车位怎么租？,到物业登记。\n"
QUESTIONS = "question,expected\n门禁卡怎么补,K1\n宠物龟的户口在哪里办,\n车位怎么租,K1\n"
DUTIES = "code,name,words,level,lead\nOWN-1,路灯维护,路灯|灯不亮,district,city_management\n"


@pytest.fixture(scope="module")
def city(migrated_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a city with two entries: a template to copy."""
    folder = tmp_path_factory.mktemp("entries")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, migrated_city, patch)
        assert run(["import", "knowledge", write(folder / "entries.csv", ENTRIES), "--source", "物业"]) == 0
    return folder


@pytest.fixture
def folder(enter: Callable[[Path], Path], city: Path) -> Path:
    return enter(city)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def call(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run(["knowledge", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def say(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command as a person does; gives what it says."""
    capsys.readouterr()
    assert run(["knowledge", *arguments]) == code
    said = capsys.readouterr()
    return (said.err if code else said.out).rstrip("\n")


def ask(question: str, *residents: int, kind: UseKind = "missed", entry: str = "") -> None:
    """Let residents have asked something that came to this."""

    async def work() -> None:
        settings = load()
        store = open_store(settings.database_url, load_vault(settings))
        for resident in residents:
            use = {"kind": kind, "entry": entry, "question": question, "resident_id": resident, "now": utcnow()}
            await store.write(lambda s, use=use: uses.record_use(s, **use))
        await store.close()

    asyncio.run(work())


def propose(*, ago: timedelta = timedelta()) -> str:
    """Let the worker have done a round so long ago; gives when, as it is said."""
    at = utcnow() - ago

    async def work() -> str:
        async with open_city(load()) as (store, city):
            await Proposing(store=store, city=city, clock=utcnow).make(now=at)
            return f"{at.astimezone(city.zone):%Y-%m-%d %H:%M}"

    return asyncio.run(work())


def proposed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """List what is proposed after a round."""
    propose()
    rows: list[dict[str, Any]] = call(capsys, "proposals")["rows"]
    return rows


@pytest.mark.usefixtures("folder")
def test_nothing_asked_is_nothing_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "misses") == []
    assert say(capsys, "misses") == fill("cli", "misses_none")


@pytest.mark.usefixtures("folder")
def test_it_is_said_as_of_when_proposals_are_and_that_the_worker_makes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "proposals") == {"rows": [], "made_at": None, "minutes": 10, "late": False}
    assert say(capsys, "proposals") == fill("cli", "proposals_never", {"minutes": 10})

    at = propose(ago=timedelta(minutes=29))
    as_of = fill("cli", "proposals_as_of", {"at": at, "minutes": 10})
    assert say(capsys, "proposals").splitlines() == [fill("cli", "proposals_none"), as_of]

    at = propose(ago=timedelta(minutes=31))
    assert say(capsys, "proposals").splitlines()[1:] == [fill("cli", "proposals_late", {"at": at, "minutes": 10})]


@pytest.mark.usefixtures("folder")
def test_what_is_asked_in_vain_is_listed_with_the_nearest_entry(capsys: pytest.CaptureFixture[str]) -> None:
    ask("门禁坏了找谁", 1, 2)
    ask("门禁坏了该找谁", 3)
    ask("龟的户口", 1)

    rows = call(capsys, "misses")

    assert [(row["question"], row["examples"], row["residents"], row["nearest"]) for row in rows] == [
        ("门禁坏了找谁", ["门禁坏了该找谁"], 3, "K1"),
        ("龟的户口", [], 1, ""),
    ]
    heading, first, second = say(capsys, "misses").splitlines()
    assert heading.split("\t")[0] == fill("cli", "column_question")
    assert first.split("\t") == ["门禁坏了找谁", "3", "3", "0", "门禁坏了该找谁", "K1 门禁卡怎么补？"]
    assert second.split("\t")[:2] == ["龟的户口", "1"]
    assert len(call(capsys, "misses", "--limit", "1")) == 1


@pytest.mark.usefixtures("folder")
def test_a_phrasing_is_accepted_once(capsys: pytest.CaptureFixture[str]) -> None:
    ask("进门的卡丢了", 1, 2, kind="picked", entry="K1")
    (proposal,) = proposed(capsys)
    number = proposal["proposal"]

    listed = say(capsys, "proposals")
    assert f"{number} 加问法“进门的卡丢了” → K1 门禁卡怎么补？" in listed
    assert "2 位居民" in listed

    assert say(capsys, "accept", number) == fill("cli", "accepted_entry", {"proposal": number, "entry": "K1", "version": 2})
    assert say(capsys, "accept", number, code=1) == fill("cli", "error_no_proposal", {"proposal": number})


@pytest.mark.usefixtures("folder")
def test_a_new_entry_needs_an_answer_and_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    ask("宠物龟的户口在哪里办", 1, 2, 3)
    (proposal,) = proposed(capsys)
    number = proposal["proposal"]

    refused = fill("cli", "error_publish_refused", {"code": f"JY-{number}", "missing": "answer、source"})
    assert say(capsys, "accept", number, code=1) == refused
    given = ("--answer", "龟没有户口", "--source", "公安局")
    assert call(capsys, "accept", number, *given) == {
        "proposal": number,
        "kind": "entry",
        "entry": f"JY-{number}",
        "version": 1,
    }
    assert proposed(capsys) == []


@pytest.mark.usefixtures("folder")
def test_what_is_refused_stays_away(capsys: pytest.CaptureFixture[str]) -> None:
    ask("宠物龟的户口在哪里办", 1, 2, 3)
    (proposal,) = proposed(capsys)

    said = fill("cli", "proposal_refused", {"proposal": proposal["proposal"]})
    assert say(capsys, "refuse", proposal["proposal"]) == said

    ask("宠物龟的户口在哪里办", 4, 5, 6)
    assert proposed(capsys) == []
    assert len(call(capsys, "misses")) == 1
    assert say(capsys, "refuse", "00000000", code=1) == fill("cli", "error_no_proposal", {"proposal": "00000000"})


def test_a_word_goes_into_the_city_s_own_duty_list_and_nowhere_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def decide(item: str) -> None:
        lessons = [
            Lesson(ticket=at, text=f"门口的灯泡炸了，第{at}天了", item=item, resident=at, corrected=True) for at in range(1, 4)
        ]
        monkeypatch.setattr("bot.proposal_round.read_stretch", lambda _session, **_: Stretch(lessons, None))
        monkeypatch.setattr("bot.proposing.read_lessons", lambda _session, _tickets: lessons)

    decide("SZ-007")
    shipped = next(one for one in proposed(capsys) if one["text"] == "灯泡")
    facts = {"item": shipped["target_name"], "word": "灯泡"}
    assert say(capsys, "accept", shipped["proposal"], code=1) == fill("cli", "error_no_own_duty_list", facts)

    assert run(["import", "duty-list", write(folder / "duties.csv", DUTIES)]) == 0
    decide("OWN-1")
    own = next(one for one in proposed(capsys) if one["text"] == "灯泡")
    assert (own["kind"], own["target"], own["origin"], own["residents"]) == ("word", "OWN-1", "corrected", 3)
    said = fill("cli", "accepted_word", {"proposal": own["proposal"], "item": "OWN-1"})
    assert say(capsys, "accept", own["proposal"]) == said
    assert [one for one in proposed(capsys) if one["text"] == "灯泡"] == []


def test_a_test_counts_and_ends_badly_only_where_something_got_worse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(folder / "questions.csv", QUESTIONS)
    first = call(capsys, "test", file, "--save")

    assert [(row["question"], row["got"], row["outcome"], row["change"]) for row in first["rows"]] == [
        ("门禁卡怎么补", ["K1"], "right", "new"),
        ("宠物龟的户口在哪里办", [], "right", "new"),
        ("车位怎么租", ["K2"], "wrong", "new"),
    ]
    assert (first["outcomes"], first["changes"], first["unknown"]) == ({"right": 2, "wrong": 1}, {"new": 3}, [])
    assert call(capsys, "test", file)["changes"] == {"same": 3}

    drafts = write(folder / "drafts.csv", "code,question,answer\nK1,车位怎么租？,到物业登记。\n")
    changed = call(capsys, "test", file, "--with", drafts, code=1)
    assert [row["change"] for row in changed["rows"]] == ["worse", "same", "better"]
    assert call(capsys, "test", file)["changes"] == {"same": 3}  # the draft was only tried


def test_a_person_reads_what_was_not_right_and_the_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(folder / "questions.csv", f"{QUESTIONS}谁管快递柜,GONE\n")

    lines = say(capsys, "test", file).splitlines()

    assert [line.split("\t")[0] for line in lines[1:3]] == ["车位怎么租", "谁管快递柜"]
    assert lines[3] == fill("cli", "test_unknown", {"codes": "GONE"})
    assert lines[4] == fill("cli", "tested", {"count": 4, "outcomes": "对 2，没有答案 1，答错 1"})
    assert len(lines) == 5


def test_drafts_that_cannot_be_published_are_refused_by_their_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(folder / "questions.csv", QUESTIONS)
    drafts = write(folder / "drafts.csv", "code,question,answer\nK3,没有答案的,\n")

    assert say(capsys, "test", file, "--with", drafts, code=1) == fill("cli", "error_bad_drafts", {"file": "drafts.csv", "line": 2})
    bare = write(folder / "bare.csv", "question\n门禁卡怎么补\n")
    facts = {"file": "bare.csv", "missing": "expected", "needed": "question,expected"}
    assert say(capsys, "test", bare, code=1) == fill("cli", "error_samples_lack", facts)
