"""Letters of the past, counted: each once, also when one came twice, one stayed open, and one was not understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.app import App, make_channels
from bot.replay import BadLetters, CountsDiffer, Letter, count, read_letters, replay, sample
from store import inbox
from store.clock import utcnow

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
LETTERS = [
    Letter(key=str(number), sender=sender, text=text, sent_at=WHEN)
    for number, (sender, text) in enumerate(
        [
            ("甲", "户口本丢了怎么补？"),
            ("乙", "安泰路15号门口路灯不亮"),
            ("丙", "安泰路15号门口的路灯不亮了"),
            ("丁", "垃圾桶满了好几天没人清运"),
            ("戊", "谢谢"),
            ("己", "和平里3栋着火了，我的电话13812345678"),
        ]
    )
]


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    return App(demo_settings, demo_store, demo_city[1], make_channels(demo_settings, demo_store))


async def test_every_letter_is_counted_once(app: App) -> None:
    twice = [*LETTERS, LETTERS[0], msgspec.structs.replace(LETTERS[1], text="别的话")]

    before, tally = await replay(app, twice, concurrency=1)
    drawn = await app.store.read(lambda s: sample(s, app.city, before, size=50))

    figures = msgspec.to_builtins(tally)
    assert figures.pop("seconds") > 0
    assert figures == {
        "received": 6,
        "repeated": 2,
        "answered": 1,
        "choices": 0,
        "tickets": 1,
        "joined": 1,
        "to_desk": 1,
        "emergencies": 1,
        "told": 1,
        "ignored": 0,
        "failed": 0,
        "opened": 3,
        "at_once": 1,
        "incomplete": 0,
    }
    assert tally.share_at_once == pytest.approx(1 / 3)
    assert [one.outcome for one in drawn] == ["answered", "ticket", "joined", "to_desk", "told", "emergency"]
    assert "13812345678" not in str(drawn)
    assert "〔电话〕" in drawn[5].text


async def test_letters_at_once_add_up_as_well_and_a_second_replay_receives_nothing(app: App) -> None:
    many = [msgspec.structs.replace(letter, key=f"{round_}-{letter.key}") for round_ in range(5) for letter in LETTERS]

    _, first = await replay(app, many)
    _, second = await replay(app, many)

    assert (first.received, first.repeated, first.failed, first.incomplete) == (30, 0, 0, 0)
    assert (second.received, second.repeated, second.opened) == (0, 30, 0)


@pytest.mark.parametrize(("apart", "told"), [(timedelta(minutes=5), 1), (timedelta(hours=5), 0)])
async def test_a_letter_long_after_a_question_does_not_answer_it(app: App, apart: timedelta, told: int) -> None:
    asked = Letter(key="1", sender="庚", text="垃圾桶满了好几天没人清运", sent_at=WHEN)
    later = Letter(key="2", sender="庚", text="建议在和平里3栋门口加一张长椅，老人走累了好坐", sent_at=WHEN + apart)

    _, tally = await replay(app, [asked, later])

    assert (tally.received, tally.told, tally.opened) == (2, told, 2 - told)


async def test_an_outcome_that_is_none_is_a_fault_and_not_passed_over(store: Store) -> None:
    kept = await store.write(lambda s: inbox.remember(s, channel="terminal", key="k", body=b"{}", now=utcnow()))

    with pytest.raises(CountsDiffer):
        await store.read(lambda s: count(s, kept.id - 1, total=1, seconds=1.0))


def test_letters_are_read_with_title_and_the_citys_time(tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    path.write_text(
        "id,user,title,text,sent_at,likes\n1,u1,路灯,不亮,2019-03-01T08:00:00,3\n2,u2,,只有正文,2019/3/1 8:00,0\n", encoding="utf-8"
    )

    letters = read_letters(path, zone=ZoneInfo("Asia/Shanghai"))

    moment = datetime(2019, 3, 1, tzinfo=UTC)
    assert letters == [
        Letter(key="1", sender="u1", text="路灯\n不亮", sent_at=moment),
        Letter(key="2", sender="u2", text="只有正文", sent_at=moment),
    ]
    assert read_letters(path, zone=ZoneInfo("Asia/Shanghai"), limit=1) == letters[:1]


def test_a_file_without_the_columns_is_refused_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "letters.csv"
    path.write_text("id,title,text\n1,路灯,不亮\n", encoding="utf-8")

    with pytest.raises(BadLetters) as refused:
        read_letters(path, zone=ZoneInfo("Asia/Shanghai"))

    assert str(refused.value) == "user, sent_at"
