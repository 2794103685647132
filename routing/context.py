"""What acting on tickets needs to know and to reach, handed in from above: the city's values, the settings, and who keeps notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from routing.duplicates import DuplicateSettings
from routing.rules import RoutingSettings

if TYPE_CHECKING:
    from routing.calendar import Calendar
    from routing.duty_list import DutyList
    from routing.notices import Teller
    from routing.org import OrgChart
    from routing.triage import Triage


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks and limits of desks and supervision."""

    desk_hours: int = 2
    """Working hours a matter may wait at a desk: from receipt to dispatch, as hotlines ask of themselves."""
    urgent_minutes: int = 30
    """The same for what is red or orange, by any clock."""
    unit_days: int = 5
    """Working days of a unit for a matter without a duty item: the middle of what rules of cities give."""
    half_share: float = 0.5
    """The share after which whoever has it hears for the first time: early enough to ask for help."""
    warn_share: float = 0.8
    """The share of a unit's time after which it is warned: enough is left to act."""
    overdue_hours: int = 24
    """How often an overdue ticket is called to mind again."""
    alarm_minutes: int = 5
    """How often a red alarm is repeated until somebody acknowledges it."""
    climb_minutes: int = 5
    """How long each rung of the ladder has before a red alarm climbs on: to who stands in, the desk above, the top."""
    alarm_limit: int = 36
    """After this many repetitions (three hours, everybody and the operator rung) it rings hourly: until acknowledged, but not as noise."""
    alarm_slow_minutes: int = 60
    """How often it rings from then on."""
    close_days: int = 7
    """Days after which a concluded ticket nobody rated is closed without a rating."""
    rest_hours: int = 24
    """How long what a rating left open (联系、解决、满意) is waited for: people answer the same day or not at all."""
    part_minutes: int = 30
    """How long 部分解决 waits to hear what is still open before it goes back as it is; like any other question of ours."""
    resident_days: int = 13
    """Working days from receipt by which the resident has a right to an answer, whoever has the matter: a common rule for what is not a question."""
    resident_consult_days: int = 3
    """The same for a question (咨询)."""
    resident_orange_hours: int = 24
    """Hours by any clock for an orange matter: outages of water, power, gas and heat."""
    resident_red_hours: int = 2
    """Hours by any clock for a red one: life or property in danger."""
    more_days: int = 3
    """Days after which a matter that waits for its resident goes on with what there is."""
    task_share: float = 0.8
    """The share of the lead's remaining time that an assisting unit has: the rest is for putting the answers together."""
    supervision_days: int = 3
    """Working days to answer a supervision or an instruction, where none are said."""
    review_days: int = 3
    """Working days of the supervisor who decides after the second bad result."""
    returns_before_review: int = 2
    """The return at which a supervisor decides whose it is: a third unit sent round would cost the resident another week."""
    carry_days: int = 30
    """How often the resident hears of a matter that is carried forward (挂账)."""
    reask_days: int = 30
    """How long after its close a thing in public space is asked after once more: what was mended badly shows by then."""
    urges_per_day: int = 3
    """How often a resident's urging of one ticket reaches the unit within a day; more would only numb it."""
    recent_days: int = 30
    """How long a finished ticket is still shown to its resident in the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingContext:
    """The city as it is now, and the way for notices. Built by bot for each transaction, of parts that are shared."""

    org: OrgChart
    duty_list: DutyList
    triage: Triage
    calendar: Calendar
    tell: Teller
    routing: RoutingSettings = field(default_factory=RoutingSettings)
    desk: DeskSettings = field(default_factory=DeskSettings)
    duplicates: DuplicateSettings = field(default_factory=DuplicateSettings)
    rehearsal: bool = False
