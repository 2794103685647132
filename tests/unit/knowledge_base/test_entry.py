from __future__ import annotations

from datetime import date

import pytest

from knowledge_base.entry import Entry, refuse

TODAY = date(2026, 5, 1)
CHAIN = ("G1", "C1", "S1", "city")


def entry(**facts: object) -> Entry:
    return Entry(code="a", question="公租房怎么申请", **facts)  # type: ignore[arg-type] # facts are a test's own


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, None),
        ({"status": "retired"}, "retired"),
        ({"valid_from": date(2026, 5, 1), "valid_to": date(2026, 5, 1)}, None),
        ({"valid_from": date(2026, 5, 2)}, "not_yet_valid"),
        ({"valid_to": date(2026, 4, 30)}, "expired"),
        ({"area": "city"}, None),
        ({"area": "S1"}, None),
        ({"area": "S2"}, "other_area"),
    ],
)
def test_an_entry_answers_only_in_its_time_and_area(facts: dict[str, object], why: str | None) -> None:
    assert refuse(entry(**facts), today=TODAY, areas=CHAIN, city="city") == why


def test_an_entry_that_is_gone_is_retired() -> None:
    assert refuse(None, today=TODAY, areas=CHAIN) == "retired"


def test_nobody_is_refused_for_an_area_nobody_knows() -> None:
    assert refuse(entry(area="S2"), today=TODAY, areas=()) is None


def test_an_entry_of_the_whole_city_needs_no_known_area_but_its_own_code_does() -> None:
    assert refuse(entry(area="city"), today=TODAY, areas=("G9",), city="city") is None
    assert refuse(entry(area="city"), today=TODAY, areas=("G9",)) == "other_area"
