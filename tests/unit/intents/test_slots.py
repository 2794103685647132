from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.actions import PlaceRef
from intents.slots import (
    describe_place,
    find_about,
    find_kind,
    find_phone,
    find_place,
    is_confidential,
    place_of,
)
from knowledge_base.places import PlaceMention


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("电话13800001111", "13800001111"),
        ("打138 0000 1111找我", "13800001111"),
        ("+86-138-0000-1111", "13800001111"),
        ("座机0900-6100123", "09006100123"),
        ("编号20250301001", ""),
        ("身份证110101199001011234", ""),
        ("12号楼", ""),
    ],
)
def test_phones_are_found_and_other_numbers_are_not(text: str, phone: str) -> None:
    assert find_phone(text) == phone


@given(st.from_regex(r"\A[2-7][0-9]{12,20}\Z"))
def test_a_longer_run_of_digits_is_no_phone(digits: str) -> None:
    assert find_phone(f"编号{digits}。") == ""


def mention(text: str, *areas: str, kind: str = "estate") -> PlaceMention:
    return PlaceMention(text=text, public=text, name=text, kind=kind, areas=areas)


def test_a_place_in_one_area_is_taken_before_ambiguous_and_unknown_ones() -> None:
    found = find_place([mention("无名小区"), mention("东苑", "G1", "G2"), mention("安泰路12号", "G3", kind="road")])

    assert found is not None
    assert (found.text, found.areas) == ("安泰路12号", ("G3",))


def test_two_exact_places_in_different_areas_stay_open() -> None:
    found = find_place([mention("安泰路12号", "G1", kind="road"), mention("东苑", "G2")])

    assert found is not None
    assert (found.text, found.areas) == ("安泰路12号、东苑", ("G1", "G2"))


def test_a_place_that_is_named_only_beside_another_does_not_blur_it() -> None:
    beside = PlaceMention(text="安泰小学", public="安泰小学", name="安泰小学", kind="school", areas=("G1",), beside=True)

    assert [
        place.areas if (place := find_place(mentions)) else None
        for mentions in (
            [beside, mention("杏花里", "G2")],
            [beside, mention("阳光花园", "G3", "G4")],
            [beside, mention("无名小区")],
            [beside],
        )
    ] == [("G2",), ("G3", "G4"), ("G1",), ("G1",)]


def test_a_community_beside_an_exact_place_does_not_blur_it() -> None:
    found = find_place([mention("安泰社区", "G9", kind="community"), mention("安泰路12号", "G1", kind="road")])

    assert found is not None
    assert (found.text, found.areas) == ("安泰路12号", ("G1",))


def test_of_places_with_the_same_name_the_residents_own_is_meant() -> None:
    assert place_of(mention("东苑", "G1", "G2"), home_areas=["G2", "G7"]).areas == ("G2",)
    assert place_of(mention("东苑", "G1", "G2"), home_areas=["G7"]).areas == ("G1", "G2")


def test_home_is_never_made_up_as_a_place() -> None:
    assert find_place([], home_areas=["G1"]) is None


def test_the_public_place_leaves_out_what_is_below_the_building() -> None:
    one = PlaceMention(text="东苑3号楼2单元501", public="东苑3号楼", name="东苑", kind="estate", areas=("G1",), property_unit="WY1")

    assert place_of(one) == PlaceRef(
        text="东苑3号楼2单元501", public="东苑3号楼", areas=("G1",), name="东苑", kind="estate", property_unit="WY1"
    )


def test_words_that_sound_like_a_place_are_kept_without_an_area() -> None:
    assert describe_place("就在小区门口") == PlaceRef(text="就在小区门口")
    assert describe_place("快点来人") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("我要举报楼上违建", "report"),
        ("实名举报某局长受贿", "report"),
        ("多次举报无果，烧烤摊还在", "help"),
        ("投诉广场舞扰民", "complaint"),
        ("建议增设一个公交站", "suggestion"),
        ("表扬环卫师傅", "praise"),
        ("路灯坏了", "help"),
    ],
)
def test_the_words_say_what_kind_of_request_it_is(text: str, kind: str) -> None:
    assert find_kind(text, asks=False) == kind


def test_a_question_is_a_consultation_unless_it_reports_somebody() -> None:
    assert find_kind("投诉要多久", asks=True) == "consult"
    assert find_kind("我要举报他，可以吗", asks=True) == "report"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我要举报楼上违建", True),
        ("请替我保密", True),
        ("不要告诉他是我说的，别透露我的电话", True),
        ("匿名反映", True),
        ("不想让物业知道", True),
        ("别让我再等了", False),
        ("账目不公开，业主不知道", False),
        ("怎么举报", False),
        ("路灯坏了", False),
    ],
)
def test_reports_and_pleas_for_secrecy_are_confidential(text: str, expected: object) -> None:
    assert is_confidential(text) is expected


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("我要投诉我们小区的网格员", ("网格员",)),
        ("网格员小李态度恶劣", ("网格员小李",)),
        ("物业不作为，城管也不管", ("物业", "城管")),
        ("王主任收了钱", ("王主任",)),
        ("网格员收了人家的红包才肯办", ("网格员",)),
        ("网格员教大家垃圾分类收了有什么用", ()),
        ("派出所民警打人", ("派出所民警",)),
        ("请城管来看看占道的摊子", ()),
        ("尊敬的李局长：路灯坏了，没人处理", ()),
        ("路灯坏了", ()),
    ],
)
def test_only_whom_the_matter_is_against_is_named(text: str, about: tuple[str, ...]) -> None:
    assert find_about(text) == about
