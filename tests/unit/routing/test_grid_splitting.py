"""Splitting a grid: every house number lands in exactly one part, or the split is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.places import PlaceRow
from routing.grid_splitting import Part, plan_split
from routing.reorganising import Held, StoredPlace
from tests.town import build_town

ORG = build_town()


def split(
    rows: list[PlaceRow], *places: tuple[str, ...], held: tuple[Held, ...] = ()
) -> tuple[list[PlaceRow], list[str], list[tuple[str, str, bool]]]:
    """Split G1 into parts with these places; gives its rows, what is wrong, and where each held row goes."""
    parts = [Part(code=f"N{number}", name=f"新{number}", places=names) for number, names in enumerate(places)]
    stored = [StoredPlace(code=str(number), row=row) for number, row in enumerate(rows)]
    org = ORG.__class__(**{name: getattr(ORG, name) for name in ORG.__struct_fields__} | {"staff": {}})
    plan = plan_split(org, "G1", parts, places=stored, held=held)
    moves = [(str(move.held.key), move.to, move.by_default) for move in plan.moves]
    return list(plan.places), sorted(trouble.key for trouble in plan.troubles), moves


def road(first: int, last: int, parity: str = "all") -> PlaceRow:
    return PlaceRow(name="柳树街", kind="road", area="G1", number_from=first, number_to=last, parity=parity)  # type: ignore[arg-type]


def numbers(row: PlaceRow) -> list[int]:
    every = range(row.number_from or 0, (row.number_to or 0) + 1)
    return [number for number in every if row.parity == "all" or (number % 2 == 1) is (row.parity == "odd")]


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 120), st.sampled_from(["all", "odd", "even"]))
def test_every_number_lands_in_exactly_one_part(first: int, more: int, cut: int, parity: str) -> None:
    row = road(first, first + more, parity)
    rows, troubles, _ = split([row], (f"柳树街#0-{cut}",), (f"柳树街#{cut + 1}-999",))

    assert troubles == []
    assert sorted(number for one in rows for number in numbers(one)) == numbers(row)
    assert all(number <= cut for one in rows if one.area == "N0" for number in numbers(one))


@given(st.integers(2, 40), st.integers(2, 40))
def test_a_gap_or_an_overlap_is_refused(one: int, other: int) -> None:
    _, troubles, _ = split([road(1, 60)], (f"柳树街#1-{one}",), (f"柳树街#{other}-60",))

    assert troubles == ([] if other == one + 1 else ["place_twice"] if other <= one else ["numbers_wrong"])


def test_the_two_sides_of_a_road_may_part() -> None:
    rows, troubles, _ = split([road(1, 10)], ("柳树街#1-10odd",), ("柳树街#1-10even",))

    assert (troubles, [(row.area, numbers(row)) for row in rows]) == ([], [("N0", [1, 3, 5, 7, 9]), ("N1", [2, 4, 6, 8, 10])])


def test_a_road_without_numbers_is_cut_only_whole() -> None:
    whole = PlaceRow(name="柳树街", kind="road", area="G1")

    assert split([whole], ("柳树街#1-10",), ("柳树街#11-20",))[1] == ["unnumbered"]
    assert split([whole], ("柳树街",), ())[1] == []
    assert split([whole], ("柳树街",), ("柳树街",))[1] == ["place_twice"]


def test_what_says_where_it_is_goes_there_and_the_rest_to_the_first() -> None:
    def ticket(key: int, where: str) -> Held:
        return Held(table="ticket", key=key, column="area", kind="area", code="G1", where=where)

    held = (ticket(1, "柳树街8号"), ticket(2, "柳树街38号"), ticket(3, ""), ticket(4, "别处"))
    moves = split([road(1, 40)], ("柳树街#1-20",), ("柳树街#21-40",), held=held)[2]

    assert moves == [("1", "N0", False), ("2", "N1", False), ("3", "N0", True), ("4", "N0", True)]


def test_what_holds_of_the_whole_grid_holds_of_each_part() -> None:
    held = (Held(table="patrol_sheet", key="S", column="area", kind="area", code="G1"),)

    assert split([], (), (), (), held=held)[2] == [("S", "N0", False), ("S", "N1", False), ("S", "N2", False)]
