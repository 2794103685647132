"""执法人员: who may enforce at a place. A duty item that can be enforced names the officers who look after the place, nearest first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing import sight

if TYPE_CHECKING:
    from collections.abc import Collection

    from routing.org import OrgChart, StaffMember
    from routing.terms import DutyItem

OFFICER = "officer"
"""The role of staff who enforce; their `area` is what they look after: an estate's grid, a community, a street."""


def find_officers(
    org: OrgChart, item: DutyItem | None, area: str, *, refused: Collection[str] = (), refused_staff: Collection[str] | None = ()
) -> tuple[StaffMember, ...]:
    """Find the officers of the narrowest area that holds a place, by code; nobody for an item that is not enforced, and none it is about."""
    if item is None or not item.enforceable:
        return ()
    officers = [
        person
        for person in org.staff_of(role=OFFICER)
        if person.code not in (refused_staff or ()) and not sight.is_kept_from_person(person, refused, org)
    ]
    return next((found for code in org.chain(area) if (found := tuple(one for one in officers if one.area == code))), ())
