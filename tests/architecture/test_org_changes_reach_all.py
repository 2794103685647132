"""Every column that names an area, a unit or a person by a code follows a change of the organisation, or says why it stays as it was."""

from __future__ import annotations

import re

from routing.holdings import COLUMNS
from store.base import Base
from tests.migrations.test_migrations import import_tables

_NAMES = re.compile(
    r"^(area|areas|grid|unit|units|desk|desks|worker|staff|parent|property_unit|assisting|refused|disputed|barred|target|lead|by|actor"
    r"|stationed|handler|reporter_staff|refused_staff|first_receiver|claimed_by|done_by|made_by|asked_by|decided_by|backup|supervisor|stationed|holder|owner_unit)$"
)

STAYS = {
    "audit_entry.actor": "who did it then",
    "ticket_event.actor": "who did it then",
    "ticket_event.unit": "who had it then; the organisation leads it to what followed",
    "city_word_edition.by": "who did it then",
    "knowledge_entry_version.by": "who did it then",
    "knowledge_verdict.by": "who did it then",
    "knowledge_proposal.target": "an entry, or a duty item",
    "learned_model.made_by": "who did it then",
    "patrol_round.done_by": "who went",
    "season_task.done_by": "who did it",
    "seat_line.staff": "who said it",
    "seat_talk.claimed_by": "a post that stays what it is in another unit",
    "spot_record.area": "where it was then; figures follow the grid",
    "spot_record.worker": "who did it",
    "staff_binding.staff": "a post that stays what it is in another unit",
    "presence.staff": "who looks just now; gone within a minute",
    "roster_shift.staff": "a post that stays what it is in another unit",
    "roster_shift.backup": "a post that stays what it is in another unit",
    "ticket.reporter_staff": "who reported it, wherever they work now",
    "ticket.handler": "who works on it, whatever unit they belong to now",
    "ticket.refused_staff": "whom it is about, wherever they work now",
    "ticket.first_receiver": "who took it in; a desk that is no more leads to what followed",
    "ticket_clock.unit": "hours or days",
    "api_token.made_by": "who made it",
    "api_token.unit": "a partner's; the organisation leads it to what followed",
    "figure_ticket.area": "computed from events",
    "figure_ticket.unit": "computed from events",
    "ticket_sign.unit": "computed from events",
    "given_answer.actor": "who asked",
    "webhook.made_by": "who made it",
    "place_code.made_by": "who made it",
    "month_decision.decided_by": "who decided",
    "place.parent": "the estate of a building, by its name",
    "ticket_assist.unit": "follows the ticket's own list by itself",
    "conversation.asked_by": "a message",
    "duty_item.lead": "a function, which the successor takes over",
    "duty_item.assisting": "functions, which the successor takes over",
    "ticket_request.asked_by": "who asked",
    "ticket_request.decided_by": "who decided",
    "ticket_supervision.by": "who asked",
    "sign_in_link.made_by": "who made it",
    "sign_in_link.staff": "a post that stays what it is in another unit",
    "staff_login.staff": "a post that stays what it is in another unit",
    "staff_session.staff": "a post that stays what it is in another unit",
}
"""Column -> why a change leaves it."""


def find_columns() -> set[str]:
    import_tables()
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if _NAMES.search(column.name)
    }


def test_every_column_that_names_somebody_or_somewhere_follows_or_says_why_not() -> None:
    assert find_columns() == {column.label for column in COLUMNS} | STAYS.keys()


def test_no_column_both_follows_and_stays() -> None:
    assert {column.label for column in COLUMNS} & STAYS.keys() == set()


def test_no_column_is_counted_twice_in_a_plan() -> None:
    labels = [column.label for column in COLUMNS]

    assert len(labels) == len(set(labels))


def test_a_new_column_would_be_seen() -> None:
    assert _NAMES.search("worker")
    assert not _NAMES.search("work_at")
