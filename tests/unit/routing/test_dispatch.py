"""What all rules together make of a report."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.dispatch import ItemStatistics, RoutingSettings, UnknownRule, decide, order_rules
from routing.org import NoDesk, OrgChart, build
from routing.rules import discover
from routing.terms import Assignment, Candidate, Report, UnitKind
from tests.town import AREAS, GAS, ITEMS, LAMP, LIFT, NOISE, STALL, UNITS, build_town, rank_as, report_at

TOWN = build_town()
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def _decide(
    report: Report, candidates: tuple[Candidate, ...], settings: RoutingSettings | None = None, org: OrgChart = TOWN
) -> Assignment:
    return decide(report, candidates, org, now=NOW, settings=settings or RoutingSettings(), statistics={})


def test_a_confident_matter_goes_to_its_unit_at_once() -> None:
    assert _decide(report_at("G1"), rank_as((LAMP, 0.95), (STALL, 0.02))) == Assignment(
        unit="D-works",
        desk="S1-desk",
        automatic=True,
        item="SZ-1",
        assisting=("C1-jwh",),
        candidates=("SZ-1", "ZF-1"),
        why=(
            "evidence_strong|item=路灯不亮|found=路灯|percent=95",
            "territory_unit|item=路灯不亮|function=路灯照明|area=东湖区|unit=东湖区市政中心",
            "sent_to|unit=东湖区市政中心",
        ),
    )


def test_an_open_place_waits_at_the_desk_of_the_common_area() -> None:
    near = _decide(report_at("G1", "G3"), rank_as((LAMP, 0.95)))
    far = _decide(report_at("G1", "G4"), rank_as((LAMP, 0.95)))

    assert (near.unit, near.desk, near.automatic, near.item, near.assisting) == ("S1-desk", "S1-desk", False, "SZ-1", ())
    assert near.why[0] == "place_ambiguous|place=柳树街|areas=柳树一格、桃园一格"
    assert near.why[-1] == "held_at|desk=河东街道指挥室"
    assert far.unit == "D-desk"


def test_what_nothing_speaks_for_waits_at_the_desk() -> None:
    assert _decide(report_at("G1"), ()) == Assignment(
        unit="S1-desk", desk="S1-desk", automatic=False, why=("evidence_none", "held_at|desk=河东街道指挥室")
    )


def test_all_reasons_are_told_not_only_the_first() -> None:
    assignment = _decide(
        report_at(kind="report", tier="red", reason="asked_person"),
        rank_as((LAMP, 0.4), (STALL, 0.3)),
        RoutingSettings(automatic="never"),
    )

    assert [line.partition("|")[0] for line in assignment.why] == [
        "emergency_red",
        "confidential_report",
        "stated_asked_person",
        "place_unknown",
        "evidence_weak",
        "second_near",
        "territory_nobody",
        "automatic_never",
        "held_at",
    ]
    assert (assignment.item, assignment.candidates) == ("", ("SZ-1", "ZF-1"))


def test_a_hazard_is_sent_at_once_and_says_so() -> None:
    assignment = _decide(report_at("G1", tier="orange"), rank_as((GAS, 0.9)))

    assert (assignment.unit, assignment.automatic) == ("D-gas", True)
    assert assignment.why[0] == "emergency_orange"


def test_a_matter_about_the_unit_goes_to_the_desk_above_and_refuses_it() -> None:
    assignment = _decide(report_at("G1", text="执法队打人"), rank_as((STALL, 0.95)))

    assert (assignment.unit, assignment.desk, assignment.automatic, assignment.refused) == ("D-desk", "D-desk", False, ("S1-law",))
    assert assignment.why[0] == "conflict|words=执法队|units=河东街道执法队"


def test_a_desk_that_is_complained_of_does_not_get_the_matter() -> None:
    assignment = _decide(report_at("G1", about=("河东街道指挥室",)), rank_as((LAMP, 0.95)))

    assert (assignment.unit, assignment.refused) == ("D-desk", ("S1-desk",))


def test_a_refused_unit_does_not_assist_either() -> None:
    assignment = _decide(report_at("G1", text="路灯坏了，居委会互相推"), rank_as((LAMP, 0.95)))

    assert (assignment.unit, assignment.automatic, assignment.assisting, assignment.refused) == ("D-works", True, (), ("C1-jwh",))


def test_only_the_rules_that_are_on_speak() -> None:
    assignment = _decide(report_at(kind="report"), rank_as((LAMP, 0.95)), RoutingSettings(rules=("weak_evidence",)))

    assert [line.partition("|")[0] for line in assignment.why] == ["evidence_strong", "held_at"]


def test_rules_keep_the_order_of_the_settings() -> None:
    assert [rule.name for rule in order_rules(("territory", "automatic"))] == ["territory", "automatic"]
    assert [rule.name for rule in order_rules(RoutingSettings().rules)] == list(RoutingSettings().rules)


def test_an_unknown_rule_names_the_nearest() -> None:
    with pytest.raises(UnknownRule, match="'territorry'; did you mean territory\\?"):
        order_rules(("territorry",))


def test_without_any_desk_it_is_refused_in_words() -> None:
    with pytest.raises(NoDesk):
        _decide(report_at("G1"), (), org=build(AREAS, [unit for unit in UNITS if unit.kind is not UnitKind.DESK]))


def test_an_item_that_comes_back_too_often_loses_it_by_itself() -> None:
    past = {"SZ-1": ItemStatistics(dispatched=20, returned=5)}

    assignment = decide(report_at("G1"), rank_as((LAMP, 0.95)), TOWN, now=NOW, settings=RoutingSettings(), statistics=past)

    assert (assignment.unit, assignment.automatic) == ("S1-desk", False)
    assert "automatic_lost|item=路灯不亮|returned=5|dispatched=20" in assignment.why


_words = st.one_of(
    st.text(max_size=40), st.sampled_from(["城管打人", "举报网格员", "物业不作为|a=b", "郑小满索贿\n", "河东街道指挥室推诿"])
)
_areas = st.sampled_from([*(area.code for area in AREAS), "nowhere", ""])
_reports = st.builds(
    Report,
    text=_words,
    kind=st.sampled_from(["help", "report", "complaint", "?"]),
    place=_words,
    public_place=_words,
    areas=st.lists(_areas, max_size=4).map(tuple),
    property_unit=st.sampled_from(["", "P1", "P2", "D-desk", "nowhere"]),
    tier=st.sampled_from(["red", "orange", "none"]),
    hazard=_words,
    confidential=st.booleans(),
    about=st.lists(_words, max_size=3).map(tuple),
    reason=_words,
)
_items = st.sampled_from([*ITEMS, msgspec.structs.replace(LAMP, lead="没有这项", assisting=("也没有",))])
_rankings = st.lists(st.tuples(_items, st.floats(0, 1)), max_size=4).map(lambda ranking: rank_as(*ranking))
_settings = st.builds(
    RoutingSettings,
    automatic=st.sampled_from(["confident", "earned", "never"]),
    rules=st.lists(st.sampled_from(sorted(discover())), unique=True).map(tuple),
    confident=st.floats(0, 1),
)


@given(_reports, _rankings, _settings)
def test_any_report_gets_a_unit_or_a_desk_and_a_reason(
    report: Report, candidates: tuple[Candidate, ...], settings: RoutingSettings
) -> None:
    assignment = _decide(report, candidates, settings)
    unit = TOWN.units[assignment.unit]

    assert TOWN.units[assignment.desk].kind is UnitKind.DESK
    assert assignment.automatic or assignment.unit == assignment.desk
    assert assignment.unit not in assignment.refused or unit == TOWN.top_desk()
    assert not set(assignment.assisting) & {assignment.unit, *assignment.refused}
    assert assignment.why
    assert all(line and "\n" not in line for line in assignment.why)


@given(_reports, _rankings)
def test_what_is_sent_at_once_is_sure_public_and_in_one_grid(report: Report, candidates: tuple[Candidate, ...]) -> None:
    assignment = _decide(report, candidates)

    if assignment.automatic:
        assert candidates[0].confidence >= 0.8
        assert candidates[0].item.lead in TOWN.units[assignment.unit].functions
        assert len(report.areas) == 1
        assert not report.confidential
        assert report.kind != "report"
        assert report.tier != "red"
        assert not report.reason


@pytest.mark.parametrize(("item", "place"), [(NOISE, "G4"), (STALL, "G4"), (LIFT, "G2")])
def test_the_decision_is_the_same_every_time(item: object, place: str) -> None:
    ranking = rank_as((item, 0.9))  # type: ignore[arg-type] # parametrize loses the type

    assert _decide(report_at(place), ranking) == _decide(report_at(place), ranking)


def test_what_is_held_waits_at_the_lowest_desk_that_is_on_duty() -> None:
    def at(hour: int) -> Assignment:
        night = datetime(2026, 3, 2, hour, tzinfo=UTC)
        return decide(
            report_at("G1"), (), TOWN, now=night, settings=RoutingSettings(), statistics={}, zone=ZoneInfo("Asia/Shanghai")
        )

    assert (at(2).desk, at(2).unit) == ("S1-desk", "S1-desk")
    assert (at(14).desk, at(14).unit) == ("D-desk", "D-desk")
    assert "desk_off_duty|desk=河东街道指挥室|above=东湖区指挥室" in at(14).why


def test_a_matter_that_needs_no_desk_keeps_the_place_s_own_at_night() -> None:
    night = datetime(2026, 3, 2, 14, tzinfo=UTC)
    sure = decide(
        report_at("G1"),
        rank_as((LAMP, 0.95), (STALL, 0.02)),
        TOWN,
        now=night,
        settings=RoutingSettings(),
        statistics={},
        zone=ZoneInfo("Asia/Shanghai"),
    )

    assert (sure.unit, sure.desk) == ("D-works", "S1-desk")
