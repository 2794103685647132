from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.places import Gazetteer, PlaceMention, PlaceRow, hide
from knowledge_base.text import normalize


class Area(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    level: str
    parent: str = ""
    aliases: tuple[str, ...] = ()


AREAS = (
    Area(code="city", name="云州市", level="city", aliases=("云州",)),
    Area(code="S1", name="东门街道", level="street", parent="city", aliases=("东门办事处",)),
    Area(code="S2", name="西山街道", level="street", parent="city"),
    Area(code="C1", name="松林社区", level="community", parent="S1"),
    Area(code="C2", name="石桥社区", level="community", parent="S2"),
    Area(code="G1", name="松林第一网格", level="grid", parent="C1"),
    Area(code="G2", name="松林第二网格", level="grid", parent="C1"),
    Area(code="G3", name="石桥第一网格", level="grid", parent="C2"),
)
PLACES = (
    PlaceRow(name="松林路", kind="road", area="G1", number_from=1, number_to=99, parity="odd", aliases=("松林大街",)),
    PlaceRow(name="松林路", kind="road", area="G2", number_from=2, number_to=98, parity="even", aliases=("松林大街",)),
    PlaceRow(name="松林路", kind="road", area="G3", number_from=100, number_to=200),
    PlaceRow(name="石桥巷", kind="road", area="G3"),
    PlaceRow(name="松林路与石桥巷口", kind="crossing", area="G3"),
    PlaceRow(name="锦绣花园", kind="estate", area="G1", aliases=("锦绣小区",), property_unit="WY-1"),
    PlaceRow(name="锦绣花园", kind="estate", area="G3", aliases=("锦绣小区",), property_unit="WY-2"),
    PlaceRow(name="棉纺厂宿舍", kind="estate", area="G1", aliases=("棉纺大院",), property_unit="WY-3"),
    PlaceRow(name="1号楼", kind="building", area="G1", parent="棉纺厂宿舍"),
    PlaceRow(name="2号楼", kind="building", area="G2", parent="棉纺厂宿舍"),
    PlaceRow(name="松林中学", kind="school", area="G2", aliases=("松中",)),
)
CITY = Gazetteer(PLACES, AREAS)


def best(text: str) -> PlaceMention:
    return CITY.find(text)[0]


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("松林路12号门口路灯坏了", ("G2",)),
        ("松林路１３号", ("G1",)),
        ("松林路十三号", ("G1",)),
        ("松林大街一百五十号", ("G3",)),
        ("松林路999号", ()),
        ("松林路上到处是垃圾", ("G1", "G2", "G3")),
        ("石桥巷7号", ("G3",)),
        ("松林路与石桥巷口", ("G3",)),
        ("石桥巷和松林路交叉口积水", ("G3",)),
        ("棉纺厂宿舍2栋", ("G2",)),
        ("棉纺大院一号楼", ("G1",)),
        ("棉纺厂宿舍9栋", ("G1", "G2")),
        ("棉纺厂宿舍", ("G1", "G2")),
        ("锦绣花园3栋", ("G1", "G3")),
        ("西山街道锦绣花园3栋", ("G3",)),
        ("锦绣花园，松林社区的", ("G1",)),
        ("松林中学门口", ("G2",)),
        ("我在松中门口", ("G2",)),
        ("松林社区有人放炮", ("G1", "G2")),
        ("松林路12、14号", ("G2",)),
        ("松林路12号和13号", ("G1", "G2")),
        ("松林路八九十号", ("G1", "G2", "G3")),
        ("松林路跟石桥巷那个路口", ("G3",)),
        ("石桥巷同松林路拐角", ("G3",)),
        ("松林路靠近石桥巷那边", ("G3",)),
        ("棉纺厂宿舍里的第二栋", ("G2",)),
        ("棉纺厂宿舍2-1-302", ("G2",)),
        ("我家棉纺二号楼", ("G2",)),
        ("棉纺厂宿舍，我住二栋", ("G2",)),
        ("2号楼，棉纺厂宿舍的", ("G2",)),
        ("棉纺厂宿舍1号楼和2号楼", ("G1", "G2")),
        ("棉纺厂宿舍1、2号楼", ("G1", "G2")),
        ("棉纺厂宿舍有两栋楼都停电", ("G1", "G2")),
        ("棉纺厂宿舍，我在隔壁9栋", ("G1", "G2")),
        ("锦绣3栋", ("G1", "G3")),
        ("松林12号", ("G2",)),
        ("石桥那边", ("G3",)),
        ("锦绣花园，石桥巷上那个", ("G3",)),
        ("松林的锦绣花园", ("G1",)),
        ("松林中学旁边的锦绣花园", ("G1",)),
        ("云州市", ()),
    ],
)
def test_a_place_resolves_to_the_grids_it_may_lie_in(text: str, areas: tuple[str, ...]) -> None:
    assert best(text).areas == areas


def test_everything_said_of_a_place_is_kept_and_others_see_no_door() -> None:
    assert best("棉纺厂宿舍 2号楼3单元501室漏水") == PlaceMention(
        text="棉纺厂宿舍 2号楼3单元501室",
        public="棉纺厂宿舍 2号楼",
        name="棉纺厂宿舍",
        kind="estate",
        building="2",
        unit="3",
        room="501",
        areas=("G2",),
        area_name="松林第二网格",
        property_unit="WY-3",
    )


def test_a_company_is_named_only_where_the_estate_is_certain() -> None:
    assert [best(text).property_unit for text in ("锦绣花园", "西山街道锦绣花园")] == ["", "WY-2"]


def test_two_grids_are_named_by_what_they_have_in_common() -> None:
    assert [best(text).area_name for text in ("棉纺厂宿舍", "锦绣花园", "松林路12号")] == ["松林社区", "云州市", "松林第二网格"]


@pytest.mark.parametrize(
    ("text", "written", "public"),
    [
        ("我住在幸福家园8栋2单元", "幸福家园8栋2单元", "幸福家园8栋"),
        ("幸福路22号门口有坑", "幸福路22号", "幸福路22号"),
        ("松村路12号", "松村路12号", "松村路12号"),
        ("新松林路12号", "新松林路12号", "新松林路12号"),
        ("水月苑3-2-501漏水", "水月苑3-2-501", "水月苑3号楼"),
        ("3号楼2单元501没电", "3号楼2单元501", "3号楼"),
        ("我家靠近翠竹小区", "翠竹小区", "翠竹小区"),
        ("由于翠屏小区没有路灯", "翠屏小区", "翠屏小区"),
        ("路边有一个向阳公寓", "向阳公寓", "向阳公寓"),
        ("和平小区停水", "和平小区", "和平小区"),
    ],
)
def test_an_unknown_place_is_kept_as_written_and_resolves_to_nothing(text: str, written: str, public: str) -> None:
    found = best(text)

    assert (found.text, found.public, found.name, found.areas) == (written, public, "", ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯坏了",
        "我们小区停水",
        "这个小区没人管",
        "老旧小区改造",
        "轻松中奖",
        "作业松中有紧",
        "2号线几点开",
        "物业无法提供小区公摊明细",
        "没有考虑过学位和小区",
        "影响附近小区",
        "同一小区的人",
        "按照小区的规定",
        "锦绣前程",
        "松林防火",
        "有人睡车里",
    ],
)
def test_what_names_no_place_gives_none(text: str) -> None:
    assert CITY.find(text) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("棉坊厂宿舍停水", "棉纺厂宿舍"),
        ("锦绣花圆停水", "锦绣花园"),
        ("锦绣家园停水", ""),
        ("锦秀花园停水", "锦绣花园"),
        ("松淋路12号", "松林路"),
        ("送林路12号", "松林路"),
        ("松材路12号", ""),
        ("绵纺厂宿舍停水", "棉纺厂宿舍"),
        ("棉纺宿舍停水", "棉纺厂宿舍"),
        ("化纤厂宿舍停水", ""),
        ("松林中雪门口", "松林中学"),
    ],
)
def test_a_slip_is_forgiven_only_where_it_makes_no_other_name(text: str, name: str) -> None:
    assert best(text).name == name


def test_the_resolved_and_precise_place_comes_first() -> None:
    found = CITY.find("松林路上，锦绣花园附近，棉纺厂宿舍2栋门口")

    assert [mention.name for mention in found] == ["棉纺厂宿舍", "锦绣花园", "松林路"]


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("松林中学对面的棉纺厂宿舍", ["松林中学"]),
        ("棉纺厂宿舍挨着松林中学", ["松林中学"]),
        ("不是松林中学，是棉纺厂宿舍", ["松林中学"]),
        ("松林路12号，不对，棉纺厂宿舍", ["松林路"]),
        ("松林中学，棉纺厂宿舍", []),
        ("不是松林中学", []),
    ],
)
def test_a_place_may_be_named_only_beside_another(text: str, beside: list[str]) -> None:
    assert [mention.name for mention in CITY.find(text) if mention.beside] == beside


@pytest.mark.parametrize("text", ["上海的松林路12号", "老家松林路12号", "临江市松林路12号", "省城锦绣花园"])
def test_a_name_that_another_city_has_too_is_not_ours_there(text: str) -> None:
    assert {mention.areas for mention in CITY.find(text)} <= {()}


@pytest.mark.parametrize("text", ["云州市松林路12号", "刚从上海回来，松林路12号", "菜市场旁松林路12号", "我们市松林路12号"])
def test_our_own_city_is_not_another(text: str) -> None:
    assert best(text).areas == ("G2",)


def test_two_names_in_other_clauses_tell_nothing_of_each_other() -> None:
    found = CITY.find("松林路的坑该补了，还有石桥巷的灯")

    assert {mention.name: mention.areas for mention in found} == {"松林路": ("G1", "G2", "G3"), "石桥巷": ("G3",)}


def test_without_a_gazetteer_places_are_still_read() -> None:
    empty = Gazetteer()

    assert [mention.text for mention in empty.find("幸福路22号，幸福小区3栋")] == ["幸福路22号", "幸福小区3栋"]
    assert (empty.chain("G1"), empty.within("G1", "city")) == ((), False)


def test_places_need_no_areas() -> None:
    assert Gazetteer(PLACES).find("松林路12号")[0].areas == ("G2",)


def test_the_gazetteer_knows_the_tree() -> None:
    assert CITY.chain("G3") == ("G3", "C2", "S2", "city")
    assert CITY.within("G3", "S2")
    assert not CITY.within("G3", "S1")


PIECES = st.lists(
    st.sampled_from(
        [
            "松林路",
            "石桥巷",
            "锦绣花园",
            "棉纺厂宿舍",
            "幸福家园",
            "与",
            "口",
            "，",
            " ",
            "12号",
            "3号楼",
            "三栋",
            "2单元",
            "501室",
            "4楼",
            "3-2-501",
            "的",
            "在",
            "东门街道",
        ]
    ),
    max_size=8,
)


@given(PIECES)
def test_nobody_sees_a_door_and_every_mention_stands_in_the_text(pieces: list[str]) -> None:
    text = normalize("".join(pieces))
    for mention in CITY.find(text):
        assert mention.text in text
        assert not any(word in mention.public for word in ("单元", "室", "4楼", "501"))
        assert len(mention.areas) == len(set(mention.areas))


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    assert all(mention.text for mention in CITY.find(text))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("松林路8号路灯坏了", "▤路灯坏了"),
        ("锦绣花园3号楼2单元停电", "▣停电"),
        ("松林社区的网格员不在", "松林社区的网格员不在"),
        ("路灯坏了", "路灯坏了"),
        ("", ""),
    ],
)
def test_a_hidden_place_leaves_a_sign_of_its_kind(text: str, hidden: str) -> None:
    assert hide(text, CITY.find(text)) == hidden
