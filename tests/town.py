"""A small made-up town for the routing tests: one district, two streets, three communities, four grids, and who works there.

D 东湖区            desk D-desk (round the clock), 执法 D-law, 市政 D-works, 燃气 D-gas (utility), 物业 P1 P2 (companies)
├── S1 河东街道      desk S1-desk (weekdays), 执法 S1-law, 街道办 S1-office
│   ├── C1 柳树社区  C1-jwh; grids G1, G2
│   └── C2 桃园社区  C2-jwh; grid G3
└── S2 河西街道      no desk of its own
    └── C3 枣园社区  C3-jwh; grid G4
"""

from __future__ import annotations

from knowledge_base.text import Utterance, normalize
from routing.org import OrgChart, StaffMember, build
from routing.roster import RosterRow
from routing.terms import Area, Candidate, DutyItem, Evidence, HandlingUnit, Level, Report, UnitKind

AREAS = (
    Area(code="D", name="东湖区", level=Level.DISTRICT),
    Area(code="S1", name="河东街道", level=Level.STREET, parent="D"),
    Area(code="S2", name="河西街道", level=Level.STREET, parent="D"),
    Area(code="C1", name="柳树社区", level=Level.COMMUNITY, parent="S1"),
    Area(code="C2", name="桃园社区", level=Level.COMMUNITY, parent="S1"),
    Area(code="C3", name="枣园社区", level=Level.COMMUNITY, parent="S2"),
    Area(code="G1", name="柳树一格", level=Level.GRID, parent="C1"),
    Area(code="G2", name="柳树二格", level=Level.GRID, parent="C1"),
    Area(code="G3", name="桃园一格", level=Level.GRID, parent="C2"),
    Area(code="G4", name="枣园一格", level=Level.GRID, parent="C3"),
)

UNITS = (
    HandlingUnit(code="D-desk", name="东湖区指挥室", kind=UnitKind.DESK, area="D"),
    HandlingUnit(code="S1-desk", name="河东街道指挥室", kind=UnitKind.DESK, area="S1", parent="D-desk"),
    HandlingUnit(code="D-law", name="东湖区执法局", kind=UnitKind.DEPARTMENT, area="D", functions=("综合执法",)),
    HandlingUnit(code="D-works", name="东湖区市政中心", kind=UnitKind.DEPARTMENT, area="D", functions=("市政养护", "路灯照明")),
    HandlingUnit(code="D-gas", name="东湖燃气公司", kind=UnitKind.UTILITY, area="D", functions=("燃气",)),
    HandlingUnit(code="P1", name="安心物业公司", kind=UnitKind.PROPERTY_COMPANY, area="D", functions=("物业服务",), private=True),
    HandlingUnit(code="P2", name="放心物业公司", kind=UnitKind.PROPERTY_COMPANY, area="C1", functions=("物业服务",), private=True),
    HandlingUnit(
        code="S1-law", name="河东街道执法队", kind=UnitKind.DEPARTMENT, area="S1", functions=("综合执法",), parent="D-law"
    ),
    HandlingUnit(code="S1-office", name="河东街道办事处", kind=UnitKind.STREET_OFFICE, area="S1", functions=("街道办",)),
    HandlingUnit(
        code="C1-jwh", name="柳树社区居委会", kind=UnitKind.COMMUNITY, area="C1", functions=("社区居委会",), parent="S1-office"
    ),
    HandlingUnit(
        code="C2-jwh", name="桃园社区居委会", kind=UnitKind.COMMUNITY, area="C2", functions=("社区居委会",), parent="S1-office"
    ),
    HandlingUnit(code="C3-jwh", name="枣园社区居委会", kind=UnitKind.COMMUNITY, area="C3", functions=("社区居委会",)),
)

STAFF = (
    StaffMember(code="W1", name="郑小满", role="grid_worker", unit="C1-jwh", area="G1"),
    StaffMember(code="W2", name="熊立夏", role="grid_worker", unit="C1-jwh", area="G2"),
    StaffMember(code="K1", name="何白露", role="seat", unit="S1-desk"),
)

ROSTER = (
    RosterRow(desk="D-desk", starts="00:00", ends="00:00", days="1-7", staff="K8", backup="K9"),
    RosterRow(desk="S1-desk", starts="08:30", ends="17:30", days="1-5", staff="K1", backup="K2"),
)

LAMP = DutyItem(
    code="SZ-1",
    name="路灯不亮",
    category="municipal",
    words=("路灯", "灯不亮", "路灯坏"),
    phrasings=("楼下的灯黑了好几天", "晚上黑漆漆的没法走"),
    level=Level.DISTRICT,
    lead="路灯照明",
    assisting=("社区居委会", "物业服务"),
    allowed_levels=(Level.STREET, Level.DISTRICT),
)
STALL = DutyItem(
    code="ZF-1",
    name="占道经营",
    category="order",
    words=("摆摊", "占道", "流动摊贩"),
    phrasings=("卖菜的把路都占了", "人行道上全是摊子"),
    level=Level.STREET,
    lead="综合执法",
    allowed_levels=(Level.STREET, Level.DISTRICT),
)
NOISE = DutyItem(
    code="SQ-1",
    name="邻里噪声",
    category="community",
    words=("楼上吵", "跑跳声", "噪声"),
    phrasings=("楼上天天咚咚响", "半夜拖椅子"),
    level=Level.COMMUNITY,
    lead="社区居委会",
    allowed_levels=(Level.COMMUNITY,),
)
LIFT = DutyItem(
    code="WY-1",
    name="电梯停运",
    category="housing",
    words=("电梯坏", "电梯停了"),
    phrasings=("电梯又不动了",),
    level=Level.COMMUNITY,
    lead="物业服务",
    allowed_levels=(Level.COMMUNITY,),
)
GAS = DutyItem(
    code="RQ-1",
    name="突发停气",
    category="municipal",
    words=("停气", "没煤气"),
    phrasings=("灶打不着火没气了",),
    level=Level.STREET,
    lead="燃气",
    tier="orange",
    allowed_levels=(Level.STREET,),
)
ITEMS = (LAMP, STALL, NOISE, LIFT, GAS)


def build_town() -> OrgChart:
    """Build the town's chart."""
    return build(AREAS, UNITS, STAFF, ROSTER)


def rank_as(*ranking: tuple[DutyItem, float]) -> tuple[Candidate, ...]:
    """Make a ranking up: items with their confidences, best first."""
    evidence = (Evidence(found="路灯", weight=2.0, kind="word"),)
    return tuple(
        Candidate(item=item, score=10 * confidence, confidence=confidence, evidence=evidence) for item, confidence in ranking
    )


def report_at(*areas: str, text: str = "门口出了点事", **facts: object) -> Report:
    """Make a report about these areas."""
    return Report(text=text, areas=areas, public_place="柳树街", **facts)  # type: ignore[arg-type] # the tests name the fields


def utter(text: str) -> Utterance:
    """Read a text without jieba: triage takes only its normal form."""
    normal = normalize(text)
    return Utterance(raw=text, text=normal, folded=normal.lower(), tokens=(), grams=())
