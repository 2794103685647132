"""Who may do what: every action of every route stands in the table, and the table only takes away from what sight shows."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import msgspec
import pytest

from console import policy
from console.catalogue import ROUTES
from console.pages.catalogue import PAGES
from console.policy import TABLE, Actor, Allowed, Denied, Resource, Role, Rows, authorize
from routing.org import StaffMember, build
from routing.sight import Sight, decide
from tests.office import LAMP_TICKET
from tests.town import AREAS, ROSTER, STAFF, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.facts import TicketFacts

PEOPLE = tuple(
    StaffMember(code=f"{role.value}@{unit}", name="某", role=role.value, unit=unit, area=area)
    for role in Role
    for unit, area in (("C1-jwh", "G1"), ("C2-jwh", "G3"), ("S1-desk", ""), ("D-desk", ""), ("D-works", ""))
)
ORG = build(AREAS, UNITS, STAFF + PEOPLE, ROSTER)
ACTORS = tuple(Actor(kind="staff", code=one.code, role=policy.role_of(one.role), unit=one.unit, area=one.area) for one in PEOPLE)


def make_ticket(**facts: object) -> TicketFacts:
    told = {"unit": "C1-jwh", "assisting": ()}
    return msgspec.structs.replace(LAMP_TICKET, **(told | facts))  # type: ignore[arg-type] # the tests name the fields


def make_tickets() -> Iterator[TicketFacts]:
    for unit, area, secret, refused in product(
        ("C1-jwh", "C2-jwh", "S1-desk", "D-works"), ("G1", "G3", ""), (False, True), ((), ("C1-jwh",), ("S1-desk",))
    ):
        yield make_ticket(unit=unit, area=area, confidential=secret, refused=refused, assisting=("C2-jwh",))


def test_every_route_and_page_has_a_row_and_every_row_one_of_them() -> None:
    assert {route.action for route in (*ROUTES, *PAGES)} == set(TABLE)


def test_every_role_is_in_the_table_and_reaches_something() -> None:
    assert {role for role in Role if not any(role in roles for roles in TABLE.values())} == set()


def test_no_row_reaches_beyond_what_sight_shows() -> None:
    tried = 0
    for actor, action, ticket in product(ACTORS, TABLE, make_tickets()):
        decided = authorize(actor, action, Resource(ticket=ticket, org=ORG))
        if isinstance(decided, Allowed) and decided.rows not in {Rows.REPORTED, Rows.NEAR}:
            assert decide(ticket, actor.viewer, org=ORG) > Sight.NONE
            tried += 1
    assert tried > 1000


@pytest.mark.parametrize(
    ("role", "unit", "own_area", "area", "seen"),
    [
        ("grid_worker", "C1-jwh", "G1", "G1", True),
        ("grid_worker", "C1-jwh", "G1", "G2", False),  # another grid of the same community
        ("liaison", "C1-jwh", "C1", "G2", True),
        ("unit_clerk", "C2-jwh", "", "G1", False),  # another unit
        ("desk", "S1-desk", "", "G1", True),
        ("desk", "D-desk", "", "G1", True),
        ("auditor", "S1-desk", "", "G1", True),
        ("auditor", "D-works", "", "G1", False),
    ],
)
def test_rows_by_area_and_unit(role: str, unit: str, own_area: str, area: str, seen: bool) -> None:
    code = next(one.code for one in PEOPLE if one.role == role and one.unit == unit)
    actor = Actor(kind="staff", code=code, role=Role(role), unit=unit, area=own_area)
    decided = authorize(actor, "tickets.read", Resource(ticket=make_ticket(area=area), org=ORG))

    assert isinstance(decided, Allowed) == seen
    assert seen or decided == Denied("unseen")


def test_a_grid_worker_evaluates_what_they_reported_and_nothing_else() -> None:
    actor = Actor(kind="staff", code="W1", role=Role.GRID_WORKER, unit="C1-jwh", area="G1")
    theirs, others = make_ticket(reporter_staff="W1", unit="D-works"), make_ticket(reporter_staff="W2")

    assert authorize(actor, "act.evaluate", Resource(ticket=theirs, org=ORG)) == Allowed(Rows.REPORTED)
    assert authorize(actor, "act.evaluate", Resource(ticket=others, org=ORG)) == Denied("unseen")


def test_a_grid_worker_looks_at_what_is_near_and_at_nothing_that_is_secret_or_about_anybody() -> None:
    actor = Actor(kind="staff", code="W1", role=Role.GRID_WORKER, unit="C1-jwh", area="G1")

    for ticket, near in (
        (make_ticket(unit="D-works"), True),
        (make_ticket(unit="D-works", area="G2"), False),
        (make_ticket(unit="D-works", area=""), False),
        (make_ticket(confidential=True), False),
        (make_ticket(refused=("C1-jwh",)), False),
        (make_ticket(refused_staff=("W1",)), False),
    ):
        assert isinstance(authorize(actor, "act.verify", Resource(ticket=ticket, org=ORG)), Allowed) == near


@pytest.mark.parametrize(
    ("role", "action"),
    [
        ("auditor", "act.note"),
        ("knowledge_editor", "tickets.read"),
        ("operator", "tickets.read"),
        ("seat", "act.dispatch"),
        ("unit_clerk", "act.dispatch"),
        ("desk", "own.read"),
        ("nobody", "org.read"),
    ],
)
def test_what_a_role_never_does_is_refused_before_any_ticket_is_looked_at(role: str, action: str) -> None:
    actor = Actor(kind="staff", code="X", role=Role(role), unit="S1-desk")

    assert authorize(actor, action) == Denied("role")


def test_a_partner_has_its_scopes_and_the_rows_of_its_unit() -> None:
    partner = Actor(kind="partner", code="热线", role=Role.PARTNER, unit="C1-jwh", scopes=("tickets.read",))

    assert authorize(partner, "tickets.file") == Denied("scope")
    assert authorize(partner, "act.sign") == Denied("role")
    assert authorize(partner, "tickets.read", Resource(ticket=make_ticket(), org=ORG)) == Allowed(Rows.UNIT)
    assert authorize(partner, "tickets.read", Resource(ticket=make_ticket(unit="D-works"), org=ORG)) == Denied("unseen")
    unplaced = Actor(kind="partner", code="热线", role=Role.PARTNER, scopes=("tickets.read",))
    assert authorize(unplaced, "tickets.read", Resource(ticket=make_ticket(), org=ORG)) == Denied("unseen")


def test_a_role_that_the_table_does_not_know_is_nobody() -> None:
    assert [policy.role_of(name) for name in ("desk", "resident", "partner", "", "主任")] == [
        Role.DESK, Role.NOBODY, Role.NOBODY, Role.NOBODY, Role.NOBODY,
    ]  # fmt: skip


def test_an_action_without_a_row_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        authorize(ACTORS[0], "tickets.burn")
