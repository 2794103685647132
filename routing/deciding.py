"""谁来裁定: which desk, and who there, decides on a matter that was twice not well done. Pure.

It has to stand above the unit whose work it is, and have nothing to do with the matter: the first desk on the way up that has a supervisor,
else the top one. A desk the matter is about, or that is itself the unit, never decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import sight
from routing.org import SUPERVISOR

if TYPE_CHECKING:
    from collections.abc import Collection

    from routing.org import OrgChart, StaffMember


def find_decider(org: OrgChart, *, unit: str, desk: str, refused: Collection[str]) -> str:
    """Find the desk that decides on what `unit` did for a matter of `desk`; "" if no desk may."""
    handling, own = org.unit(unit), org.unit(desk)
    start = org.desk_above(handling) if handling is not None else own or org.top_desk()
    way = [each for each in org.ways_up(start) if each.code != unit and not sight.is_kept_from(each.code, refused, org)]
    if own is not None and not way:
        way = [each for each in org.ways_up(own) if each.code != unit and not sight.is_kept_from(each.code, refused, org)]
    staffed = next((each.code for each in way if _list_supervisors(org, each.code)), "")
    return staffed or (way[-1].code if way else "")


def may_decide(person: StaffMember, *, desk: str, org: OrgChart, disputed: str = "") -> bool:
    """Tell whether somebody decides at the deciding desk: its supervisors; anybody who works there where it has none.

    Nobody decides on the work of a unit that is one of their own two posts.
    """
    if disputed and disputed in person.posts:
        return False
    supervises = person.unit == desk and person.role == SUPERVISOR
    return supervises or (desk in person.posts and not _list_supervisors(org, desk))


def _list_supervisors(org: OrgChart, desk: str) -> tuple[StaffMember, ...]:
    return org.staff_of(unit=desk, role=SUPERVISOR)
