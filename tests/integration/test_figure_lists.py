"""The tickets behind a figure are those that its number was made of, whatever happened to them; told a second time by a plain fold."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from routing import figure_lists, tally_rows
from routing.figures import Tally, list_figures
from routing.sight import OPERATOR
from tests.figure_fold import fold
from tests.histories import write_history
from tests.integration.test_figure_histories import NOW, SPAN, ZONE, write_some

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from store.engine import Store
    from tests.histories import History

pytestmark = pytest.mark.deep_on_postgres


def list_all(session: Session, city: City, code: Any, side: Any) -> list[str]:
    """Read a list to its end, a page of seven at a time."""
    numbers: list[str] = []
    after: int | None = None
    while True:
        page = figure_lists.list_behind(
            session, SPAN, code, side, org=city.org, now=NOW, viewer=OPERATOR, keep=lambda _: True, limit=7, after=after
        )
        numbers += [line.number for line in page.lines]
        if page.after is None:
            return numbers
        after = page.after


def expect(histories: list[History]) -> dict[tuple[str, str], set[str]]:
    """Tell, ticket by ticket, in which parts of which figures it is."""
    found: dict[tuple[str, str], set[str]] = {}
    for place, history in enumerate(histories):
        for figure in list_figures(Tally(**Counter(fold(history.events, now=NOW)))):
            parts: dict[str, int] = {"count": figure.count, **dict(figure.excluded)}
            if figure.of is not None:
                parts |= {"of": figure.of, "rest": figure.of - figure.count}
            for side, count in parts.items():
                found.setdefault((figure.code, side), set())
                if count > 0:
                    found[figure.code, side].add(f"T{place}")
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_every_part_of_every_figure_lists_its_tickets_and_no_others(
    demo_store: Store, demo_city: tuple[Path, City], seed: int
) -> None:
    rng, city = random.Random(seed), demo_city[1]
    histories = [write_history(rng) for _ in range(40)]
    await demo_store.write(lambda s: write_some(s, histories, rng, refresh=False))
    await demo_store.write(lambda s: tally_rows.refresh_all(s, now=NOW, zone=ZONE))

    for (code, side), numbers in expect(histories).items():
        listed = await demo_store.read(lambda s, code=code, side=side: list_all(s, city, code, side))
        assert (code, side, sorted(listed)) == (code, side, sorted(numbers))


def test_a_figure_has_the_parts_that_it_is_made_of_and_no_others() -> None:
    assert figure_lists.list_sides("received") == ("count",)
    assert figure_lists.list_sides("satisfied_rate") == ("count", "of", "rest", "silent")
    assert figure_lists.list_sides("kb_hit_rate") == ()
