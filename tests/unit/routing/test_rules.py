"""Each routing rule by itself: when it holds, when it names or refuses, and when it keeps silent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from routing.dispatch import ItemStatistics, RoutingSettings
from routing.rules import Case, Finding, discover
from routing.terms import Candidate, Level, Report
from tests.town import GAS, LAMP, LIFT, NOISE, STALL, build_town, rank_as, report_at

TOWN = build_town()
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
SURE = rank_as((LAMP, 0.95))


def _judge(
    rule: str,
    report: Report,
    candidates: tuple[Candidate, ...] = SURE,
    settings: RoutingSettings | None = None,
    statistics: dict[str, ItemStatistics] | None = None,
) -> Finding | None:
    only = TOWN.areas.get(report.areas[0]) if len(report.areas) == 1 else None
    case = Case(
        report=report,
        candidates=candidates,
        org=TOWN,
        now=NOW,
        settings=settings or RoutingSettings(),
        statistics=statistics or {},
        place=only.code if only and only.level is Level.GRID else "",
        scope=TOWN.common_area(report.areas),
    )
    return discover()[rule].judge(case)


def test_every_rule_is_named_like_its_file_and_on_by_default() -> None:
    assert all(spec.judge.__module__ == f"routing.rules.{name}" for name, spec in discover().items())
    assert sorted(RoutingSettings().rules) == sorted(discover())


@pytest.mark.parametrize(
    ("facts", "candidates", "finding"),
    [
        ({"tier": "red", "hazard": "fire"}, SURE, Finding(key="emergency_red", hold=True)),
        ({"tier": "orange"}, SURE, Finding(key="emergency_orange")),
        ({}, rank_as((GAS, 0.9)), Finding(key="emergency_item", facts={"item": "突发停气"})),
        ({}, rank_as((GAS, 0.79)), None),
        ({}, SURE, None),
        ({}, (), None),
    ],
)
def test_emergency(facts: dict[str, Any], candidates: tuple[Candidate, ...], finding: Finding | None) -> None:
    assert _judge("emergency", report_at("G1", **facts), candidates) == finding


@pytest.mark.parametrize(
    ("facts", "finding"),
    [
        ({"kind": "report"}, Finding(key="confidential_report", hold=True)),
        ({"confidential": True}, Finding(key="confidential_asked", hold=True)),
        ({"kind": "complaint"}, None),
    ],
)
def test_confidential(facts: dict[str, Any], finding: Finding | None) -> None:
    assert _judge("confidential", report_at("G1", **facts)) == finding


@pytest.mark.parametrize(
    ("reason", "finding"),
    [
        ("asked_person", Finding(key="stated_asked_person", hold=True)),
        ("something new", Finding(key="stated_reason", facts={"reason": "something new"}, hold=True)),
        ("", None),
    ],
)
def test_stated_reason(reason: str, finding: Finding | None) -> None:
    assert _judge("stated_reason", report_at("G1", reason=reason)) == finding


def test_unresolved_place() -> None:
    assert _judge("unresolved_place", report_at("G1")) is None
    assert _judge("unresolved_place", report_at()) == Finding(key="place_unknown", facts={"place": "柳树街"}, hold=True)
    assert _judge("unresolved_place", Report(text="")) == Finding(key="place_missing", hold=True)
    assert _judge("unresolved_place", report_at("G1", "G3")) == Finding(
        key="place_ambiguous", facts={"place": "柳树街", "areas": "柳树一格、桃园一格"}, hold=True
    )
    assert _judge("unresolved_place", report_at("C1")) == Finding(
        key="place_no_grid", facts={"place": "柳树街", "areas": "柳树社区"}, hold=True
    )


def test_weak_evidence() -> None:
    facts = {"item": "路灯不亮", "found": "路灯", "percent": 80}

    assert _judge("weak_evidence", report_at("G1"), ()) == Finding(key="evidence_none", hold=True)
    assert _judge("weak_evidence", report_at("G1"), rank_as((LAMP, 0.8))) == Finding(key="evidence_strong", facts=facts)
    assert _judge("weak_evidence", report_at("G1"), rank_as((LAMP, 0.79))) == Finding(
        key="evidence_weak", facts={**facts, "percent": 79}, hold=True
    )


def test_near_second() -> None:
    other = msgspec.structs.replace(LAMP, code="SZ-9", name="路灯增设")
    facts = {"first": "路灯不亮", "second": "占道经营"}

    units = {"lead": "东湖区市政中心", "assisting": "河东街道执法队"}

    assert _judge("near_second", report_at("G1"), rank_as((LAMP, 0.6), (STALL, 0.3))) == Finding(
        key="second_assists", facts={**facts, **units}, hold=True
    )
    nobody = msgspec.structs.replace(STALL, lead="没有这个职能")
    assert _judge("near_second", report_at("G1"), rank_as((LAMP, 0.6), (nobody, 0.3))) == Finding(
        key="second_near", facts=facts, hold=True
    )
    assert _judge("near_second", report_at("G1"), rank_as((LAMP, 0.6), (STALL, 0.29))) is None
    assert _judge("near_second", report_at("G1"), SURE) is None
    assert _judge("near_second", report_at("G1"), rank_as((LAMP, 0.5), (other, 0.5))) == Finding(
        key="second_same_unit", facts={"first": "路灯不亮", "second": "路灯增设"}
    )


@pytest.mark.parametrize(
    ("item", "place", "company", "unit"),
    [
        (NOISE, "G3", "", "C2-jwh"),
        (STALL, "G1", "", "S1-law"),
        (STALL, "G4", "", "D-law"),
        (LIFT, "G1", "P1", "P1"),
        (NOISE, "G1", "P1", "C1-jwh"),  # the company is asked only for what it is for
        (GAS, "G1", "", "D-gas"),
    ],
)
def test_territory_names_the_unit(item: Any, place: str, company: str, unit: str) -> None:
    finding = _judge("territory", report_at(place, property_unit=company), rank_as((item, 0.9)))

    assert finding is not None
    assert (finding.unit, finding.hold) == (unit, False)


def test_territory_without_a_unit_is_held() -> None:
    assert _judge("territory", report_at("G1"), rank_as((LIFT, 0.9))) == Finding(
        key="territory_nobody", facts={"item": "电梯停运", "function": "物业服务"}, hold=True
    )
    assert _judge("territory", report_at("G1"), ()) is None


def test_allowed_levels() -> None:
    strict = msgspec.structs.replace(STALL, allowed_levels=(Level.STREET,))

    assert _judge("allowed_levels", report_at("G1"), rank_as((strict, 0.9))) is None
    assert _judge("allowed_levels", report_at("G4"), rank_as((strict, 0.9))) == Finding(
        key="level_not_allowed", facts={"item": "占道经营", "unit": "东湖区执法局"}, hold=True
    )
    assert _judge("allowed_levels", report_at("G1"), rank_as((GAS, 0.9))) is None  # a utility
    assert _judge("allowed_levels", report_at("G1", property_unit="P1"), rank_as((LIFT, 0.9))) is None
    assert _judge("allowed_levels", report_at("G4"), rank_as((msgspec.structs.replace(STALL, allowed_levels=()), 0.9))) is None


@pytest.mark.parametrize(
    ("mode", "past", "key"),
    [
        ("confident", ItemStatistics(), None),
        ("confident", ItemStatistics(dispatched=10, returned=2), "automatic_lost"),
        ("confident", ItemStatistics(dispatched=11, returned=2), None),
        ("confident", ItemStatistics(dispatched=9, returned=9), None),
        ("earned", ItemStatistics(), "automatic_not_earned"),
        ("earned", ItemStatistics(confirmed=19, agreed=19), "automatic_not_earned"),
        ("earned", ItemStatistics(confirmed=20, agreed=18), None),
        ("earned", ItemStatistics(confirmed=20, agreed=17), "automatic_not_earned"),
        ("earned", ItemStatistics(confirmed=20, agreed=20, dispatched=10, returned=5), "automatic_lost"),
        ("never", ItemStatistics(confirmed=99, agreed=99), "automatic_never"),
    ],
)
def test_automatic(mode: Any, past: ItemStatistics, key: str | None) -> None:
    finding = _judge(
        "automatic", report_at("G1"), settings=RoutingSettings(automatic=mode), statistics={"SZ-1": past, "other": past}
    )

    assert (finding.key if finding else None) == key
    assert finding is None or finding.hold


@pytest.mark.parametrize(
    ("text", "about", "item", "refused", "desk"),
    [
        ("网格员郑小满态度恶劣", (), NOISE, ("C1-jwh",), "S1-desk"),
        ("楼上太吵，居委会推诿不管", (), NOISE, ("C1-jwh",), "S1-desk"),
        ("投诉城管队员打人", (), STALL, ("S1-law",), "D-desk"),
        ("我要举报河东街道执法队", (), STALL, ("S1-law",), "D-desk"),
        ("占道摆摊反映多次，城管来了也是走过场", (), STALL, ("S1-law",), "D-desk"),
        ("违法摆摊没人清，执法局明知道却视而不见", (), STALL, ("D-law",), "D-desk"),
        ("天天有人摆摊，你们就是不作为", (), STALL, ("S1-law",), "D-desk"),
        ("路灯的事相关部门踢皮球", (), LAMP, ("D-works",), "D-desk"),
        ("路灯的事", ("社区主任",), LAMP, ("C1-jwh",), "S1-desk"),
        ("路灯的事", ("郑小满",), LAMP, ("C1-jwh",), "S1-desk"),
        ("路灯的事", ("东湖区市政中心",), LAMP, ("D-works",), "D-desk"),
        ("路灯的事", ("姓王的科长",), LAMP, ("D-works",), "D-desk"),  # a post of no known unit: whoever would handle it
        ("指挥室何白露骂人", ("何白露",), LAMP, ("S1-desk",), "D-desk"),
    ],
)
def test_a_matter_about_its_handler_goes_above_it(
    text: str, about: tuple[str, ...], item: Any, refused: tuple[str, ...], desk: str
) -> None:
    finding = _judge("conflict_of_interest", report_at("G1", text=text, about=about), rank_as((item, 0.9)))

    assert finding is not None
    assert (finding.key, finding.hold, finding.refused, finding.desk) == ("conflict", True, refused, desk)


@pytest.mark.parametrize(
    ("text", "about", "item"),
    [
        ("门口有人摆摊，请城管来管管", (), STALL),
        ("楼上太吵，麻烦居委会调解一下", (), NOISE),
        ("举报有人摆摊占道，希望城管处理", (), STALL),
        ("摊主说话不算数，请城管上门看看", (), STALL),
        ("天天有人摆摊，希望你们管管", (), STALL),
        ("摊主骂人。希望有关部门来看看", (), STALL),
        ("楼上骂人。找过居委会了", (), NOISE),
        ("路灯坏了", ("隔壁老王",), LAMP),
    ],
)
def test_asking_somebody_to_come_is_no_accusation(text: str, about: tuple[str, ...], item: Any) -> None:
    assert _judge("conflict_of_interest", report_at("G1", text=text, about=about), rank_as((item, 0.9))) is None


def test_whoever_is_in_charge_is_not_refused_where_nobody_is_known_to_be() -> None:
    assert _judge("conflict_of_interest", report_at(text="天天吵，你们不作为"), ()) is None


def test_who_is_complained_of_beside_the_matter_only_never_sees_it() -> None:
    finding = _judge("conflict_of_interest", report_at("G1", text="路灯坏了，居委会互相推，没人修"))

    facts = {"words": "居委会", "units": "柳树社区居委会"}
    assert finding == Finding(key="conflict_elsewhere", facts=facts, refused=("C1-jwh",), desk="S1-desk")


def test_a_unit_that_answers_to_the_one_complained_of_does_not_get_it() -> None:
    finding = _judge("conflict_of_interest", report_at("G1", text="街道办不作为，楼上天天吵"), rank_as((NOISE, 0.9)))

    assert finding is not None
    assert (finding.hold, finding.refused, finding.desk) == (True, ("S1-office",), "D-desk")


def test_where_the_place_is_open_all_who_may_be_meant_are_refused() -> None:
    everywhere = _judge("conflict_of_interest", report_at(text="网格员态度差"), rank_as((NOISE, 0.9)))
    in_the_street = _judge("conflict_of_interest", report_at("G1", "G3", text="网格员态度差"), rank_as((NOISE, 0.9)))
    teams = _judge("conflict_of_interest", report_at(text="城管打人"), rank_as((STALL, 0.9)))

    assert everywhere is not None
    assert everywhere.refused == ("C1-jwh", "C2-jwh", "C3-jwh")
    assert in_the_street is not None
    assert in_the_street.refused == ("C1-jwh", "C2-jwh")
    assert teams is not None
    assert teams.refused == ("S1-law",)  # the bureau above it stays free to look into it


def test_of_many_refused_units_the_reason_names_three() -> None:
    finding = _judge("conflict_of_interest", report_at(text="网格员态度差，物业乱收费"), rank_as((NOISE, 0.9)))

    assert finding is not None
    assert finding.key == "conflict_many"
    assert finding.facts == {"words": "网格员、物业", "units": "柳树社区居委会、桃园社区居委会、枣园社区居委会", "count": "5"}
    assert finding.refused == ("C1-jwh", "C2-jwh", "C3-jwh", "P1", "P2")


def test_the_estates_own_company_is_meant_or_else_any_that_may_be() -> None:
    text = "物业乱收费，电梯坏了也不管"
    own = _judge("conflict_of_interest", report_at("G1", text=text, property_unit="P1"), rank_as((LIFT, 0.9)))
    unknown = _judge("conflict_of_interest", report_at("G1", text=text), rank_as((LIFT, 0.9)))
    elsewhere = _judge("conflict_of_interest", report_at("G4", text=text), rank_as((LIFT, 0.9)))

    assert own is not None
    assert own.refused == ("P1",)
    assert unknown is not None
    assert unknown.refused == ("P1", "P2")
    assert elsewhere is not None
    assert elsewhere.refused == ("P1",)
