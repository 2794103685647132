from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.commands import discover
from bot.demo.past import Act, lay_out, load_past, read_span

PAST = load_past()
ZONE = ZoneInfo("Asia/Shanghai")
TITLES = [matter.title for matter in PAST.matters]
NOWS = (
    datetime(2026, 11, 22, 16, 0, tzinfo=UTC),  # midnight in Shanghai
    datetime(2026, 11, 23, 2, 30, tzinfo=UTC),
    datetime(2027, 3, 1, 15, 59, tzinfo=UTC),  # the last minute of a day
)


@pytest.mark.parametrize("now", NOWS, ids=str)
def test_all_of_it_is_over_when_the_demonstration_begins_and_spans_weeks(now: datetime) -> None:
    happenings = lay_out(PAST, now=now, zone=ZONE)

    assert [one.matter.title for one in happenings if one.at > now] == []
    assert now - happenings[0].at > timedelta(weeks=4)
    assert [one.at for one in happenings] == sorted(one.at for one in happenings)


def test_it_is_the_same_every_time() -> None:
    assert lay_out(load_past(), now=NOWS[0], zone=ZONE) == lay_out(load_past(), now=NOWS[0], zone=ZONE)


def test_every_matter_has_a_title_of_its_own_and_a_beginning() -> None:
    assert len(TITLES) == len(set(TITLES))
    assert [matter.title for matter in PAST.matters if bool(matter.at) == bool(matter.ago)] == []
    assert [matter.title for matter in PAST.matters if not (matter.text or matter.steps)] == []
    assert PAST.followed in TITLES


def test_staff_act_by_commands_that_exist_on_tickets_that_exist() -> None:
    steps = [step for matter in PAST.matters for step in matter.steps]
    acts = [step for step in (*steps, *(step for ending in PAST.endings.values() for step in ending)) if isinstance(step, Act)]
    named = {value[1:] for act in acts for value in act.given.values() if isinstance(value, str) and value.startswith("@")}

    assert {act.name for act in acts} - set(discover()) == set()
    assert {act.pick for act in acts if act.pick} - set(discover()) == set()
    assert named - set(TITLES) == set()
    assert {matter.ending for matter in PAST.matters if matter.ending} == set(PAST.endings)


@pytest.mark.parametrize("words", ["", "3", "2w", "-1h", "1.5h"])
def test_a_span_that_says_no_length_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=words or "^$"):
        read_span(words)


def test_a_span_says_minutes_hours_or_days() -> None:
    assert [read_span(words) for words in ("20m", "3h", "2d")] == [timedelta(minutes=20), timedelta(hours=3), timedelta(days=2)]
