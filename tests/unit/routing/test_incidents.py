"""Which messages tell of one incident: by words, by place and matter, online, and as people merge and split them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from knowledge_base.places import PlaceMention
from knowledge_base.rarity import start
from knowledge_base.text import Segmenter
from routing.incidents import Incidents, IncidentSettings, Message, Spot, find_spot, may_be_one
from routing.nearness import Nearness

if TYPE_CHECKING:
    from typing import Protocol

    from routing.incidents import Gist

DAY = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - times of a file have no zone either


class Said(frozenset[str]):
    """A gist of a few words: as like another as the share of its words that both have."""

    def glance(self, other: Said, /) -> float:
        return len(self & other) / max(len(self), len(other))

    compare = glance


LAMP, DARK, BINS = Said({"灯", "黑"}), Said({"黑"}), Said({"桶"})
PLANT = ("金桂苑旁边建搅拌站，灰尘太大", "我是金桂苑小区业主，小区旁边新建的搅拌站日夜施工，灰尘满天，噪音也大，老人孩子都受不了")
AGAIN = ("搅拌站灰尘污染金桂苑小区", "金桂苑小区附近的搅拌站每天灰尘飞扬，机器轰鸣，窗户都不敢开，请尽快处理")
LIFT = ("海棠公寓电梯又停运", "海棠公寓三单元的电梯坏了半个月，物业一直不修，老人上下楼困难")


if TYPE_CHECKING:

    class Write(Protocol):
        """Makes a message."""

        def __call__(
            self, title: str, text: str, *, by: str, days: float = 0, spot: Spot | None = None, gist: Gist | None = None
        ) -> Message: ...


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Make messages: title and text, then what is known of them; each has the id and the resident that `by` says."""
    segmenter = Segmenter(tmp_path_factory.mktemp("jieba"))

    def make(title: str, text: str, *, by: str, days: float = 0, spot: Spot | None = None, gist: Gist | None = None) -> Message:
        return Message(
            id=by,
            resident=by,
            sent_at=DAY + timedelta(days=days),
            title=segmenter.read(title),
            text=segmenter.read(text),
            spot=spot,
            gist=gist,
        )

    return make


@pytest.fixture
def incidents() -> Incidents:
    return Incidents(IncidentSettings(), Nearness(start()))


def test_letters_about_one_matter_join_and_say_what_they_share(incidents: Incidents, write: Write) -> None:
    first = incidents.add(write(*PLANT, by="甲"))
    second = incidents.add(write(*AGAIN, by="乙", days=5))

    assert (first.nearest, first.shared, first.strength) == ("", (), 0.0)
    assert (second.cluster, second.nearest) == (first.cluster, "甲")
    assert second.strength > 1.0
    assert "搅拌站" in second.shared


def test_another_matter_begins_an_incident_of_its_own(incidents: Incidents, write: Write) -> None:
    clusters = [incidents.add(write(*letter, by=by)).cluster for by, letter in (("甲", PLANT), ("乙", LIFT), ("丙", AGAIN))]
    assert clusters == [0, 1, 0]
    assert {cluster: [message.id for message in group] for cluster, group in incidents.clusters.items()} == {
        0: ["甲", "丙"],
        1: ["乙"],
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("青石路路灯不亮", "青石路的路灯坏了三天，晚上漆黑一片"),
            ("青石路烧烤摊占道", "青石路每晚都有烧烤摊，油烟呛人，路也走不通"),
        ),
        (("", "青石路的路灯坏了三天"), ("", "青石路有人半夜施工，睡不着")),
    ],
)
def test_a_shared_street_alone_joins_nobody(
    incidents: Incidents, write: Write, one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert [incidents.add(write(*letter, by=by)).cluster for by, letter in (("甲", one), ("乙", other))] == [0, 1]


def test_what_is_too_long_ago_is_another_incident(incidents: Incidents, write: Write) -> None:
    assert [incidents.add(write(*PLANT, by=by, days=days)).cluster for by, days in (("甲", 0), ("乙", 366))] == [0, 1]


def test_what_comes_late_is_compared_all_the_same(incidents: Incidents, write: Write) -> None:
    assert [incidents.add(write(*PLANT, by=by, days=days)).cluster for by, days in (("甲", 9), ("乙", 0))] == [0, 0]


@pytest.mark.parametrize(
    ("spot", "gist", "cluster"),
    [
        (Spot("海棠公寓", "3号楼"), DARK, 0),
        (Spot("海棠公寓"), DARK, 0),
        (Spot("海棠公寓", "3号楼"), BINS, 1),
        (Spot("海棠公寓", "5号楼"), LAMP, 1),
        (Spot("金桂苑", "3号楼"), LAMP, 1),
    ],
)
def test_known_places_join_by_place_and_matter(incidents: Incidents, write: Write, spot: Spot, gist: Gist, cluster: int) -> None:
    incidents.add(write("", "楼道灯不亮", by="甲", spot=Spot("海棠公寓", "3号楼"), gist=LAMP))
    assert incidents.add(write("", "楼道灯不亮", by="乙", spot=spot, gist=gist)).cluster == cluster


def test_of_very_many_about_one_place_those_that_look_nearest_are_compared(incidents: Incidents, write: Write) -> None:
    spot = Spot("海棠公寓")
    first = incidents.add(write("", "楼道灯不亮", by="甲", spot=spot, gist=LAMP)).cluster
    others = [incidents.add(write("", "垃圾", by=f"乙{at}", spot=spot, gist=Said({f"事{at}"}))).cluster for at in range(40)]

    assert len({first, *others}) == 41
    assert incidents.add(write("", "黑灯", by="丙", spot=spot, gist=LAMP)).cluster == first


def test_the_same_words_about_two_known_places_are_two_incidents(incidents: Incidents, write: Write) -> None:
    incidents.add(write(*PLANT, by="甲", spot=Spot("金桂苑"), gist=LAMP))
    assert incidents.add(write(*PLANT, by="乙", spot=Spot("海棠公寓"), gist=LAMP)).cluster == 1


def test_an_id_comes_once(incidents: Incidents, write: Write) -> None:
    incidents.add(write(*PLANT, by="甲"))
    with pytest.raises(ValueError, match="甲"):
        incidents.add(write(*LIFT, by="甲"))


def test_what_people_merged_stays_together_and_draws_what_is_like_any_of_it(incidents: Incidents, write: Write) -> None:
    incidents.add(write(*PLANT, by="甲"))
    incidents.add(write(*LIFT, by="乙"))
    incidents.arrange({"甲": 0, "乙": 0}, next_cluster=2)

    assert [message.id for message in incidents.clusters[0]] == ["甲", "乙"]
    assert incidents.add(write("", "广场舞声音太大", by="丙")).cluster == 2


def test_what_people_split_is_never_joined_again_by_itself(incidents: Incidents, write: Write) -> None:
    for by in "甲乙丙":
        incidents.add(write(*PLANT, by=by))
    incidents.arrange({"甲": 0, "乙": 0, "丙": 1}, apart=[(0, 1)], next_cluster=2)

    joined = incidents.add(write(*PLANT, by="丁"))
    assert (joined.cluster in {0, 1}, joined.absorbed) == (True, ())
    assert sorted(incidents.clusters) == [0, 1]


def test_all_that_is_there_has_to_be_arranged(incidents: Incidents, write: Write) -> None:
    incidents.add(write(*PLANT, by="甲"))
    incidents.add(write(*LIFT, by="乙"))
    with pytest.raises(KeyError, match="乙"):
        incidents.arrange({"甲": 0})
    assert sorted(incidents.clusters) == [0, 1]


def test_what_is_restored_is_where_it_was_and_draws_what_is_like_it(incidents: Incidents, write: Write) -> None:
    incidents.restore(write(*PLANT, by="甲"), 7)
    incidents.restore(write(*LIFT, by="乙"), 4)

    assert ("甲" in incidents, "丙" in incidents) == (True, False)
    assert incidents.add(write(*AGAIN, by="丙")).cluster == 7
    assert incidents.add(write("", "广场舞声音太大", by="丁")).cluster == 8
    with pytest.raises(ValueError, match="甲"):
        incidents.restore(write(*PLANT, by="甲"), 7)


@pytest.mark.parametrize(("area", "cluster"), [("C1", 0), ("", 0), ("C2", 1)])
def test_what_is_known_to_lie_in_two_communities_is_not_one(incidents: Incidents, write: Write, area: str, cluster: int) -> None:
    incidents.add(msgspec.structs.replace(write(*PLANT, by="甲"), area="C1"))
    assert incidents.add(msgspec.structs.replace(write(*PLANT, by="乙"), area=area)).cluster == cluster


def test_a_message_that_is_very_near_to_two_incidents_makes_them_one(write: Write) -> None:
    incidents = Incidents(IncidentSettings(merge=1.05), Nearness(start()))
    spot, lamp, dark = Spot("海棠公寓"), Said({"灯"}), Said({"黑"})
    first = [incidents.add(write("", "灯", by=by, spot=spot, gist=gist)).cluster for by, gist in (("甲", lamp), ("乙", dark))]
    last = incidents.add(write("", "灯", by="丙", spot=spot, gist=LAMP))

    assert first == [0, 1]
    assert (last.cluster, last.absorbed) == (0, (1,))
    assert [message.id for message in incidents.clusters[0]] == ["甲", "乙", "丙"]


def test_a_message_about_two_matters_of_one_place_makes_them_no_one_incident(incidents: Incidents, write: Write) -> None:
    spot = Spot("海棠公寓")
    first = [incidents.add(write("", "灯", by=by, spot=spot, gist=gist)).cluster for by, gist in (("甲", DARK), ("乙", BINS))]
    last = incidents.add(write("", "灯", by="丙", spot=spot, gist=Said(DARK | BINS)))

    assert (first, last.cluster, last.absorbed) == ([0, 1], 0, ())
    assert 1.0 < last.strength <= 1.25


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Spot("金桂苑"), Spot("金桂苑"), True),
        (Spot("金桂苑", "3号楼"), Spot("金桂苑"), True),
        (Spot("金桂苑", "3号楼"), Spot("金桂苑", "5号楼"), False),
        (Spot("金桂苑"), Spot("海棠公寓"), False),
    ],
)
def test_two_buildings_are_two_places(one: Spot, other: Spot, *, same: bool) -> None:
    assert may_be_one(one, other) is same


def test_the_spot_of_a_message_is_a_place_with_a_number_before_one_without() -> None:
    estate = PlaceMention(text="金桂苑", public="金桂苑", name="金桂苑", kind="estate", areas=("G1",))
    house = PlaceMention(text="青石路8号", public="青石路8号", name="青石路", kind="road", number="8", areas=("G1",))
    wide = PlaceMention(text="柳树社区", public="柳树社区", name="柳树社区", kind="community", areas=("G1",))
    unknown = PlaceMention(text="某花园", public="某花园")

    assert find_spot([estate, house]) == Spot("青石路", "8")
    assert find_spot([wide, estate]) == Spot("金桂苑")
    assert find_spot([wide, unknown]) is None
    assert find_spot([]) is None
