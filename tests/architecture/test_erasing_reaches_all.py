"""Every column that names a resident, or holds what somebody wrote, is known to the erasure: a new one has to say what becomes of it."""

from __future__ import annotations

import re

from sqlalchemy import LargeBinary
from sqlalchemy.types import TypeDecorator

from store.base import Base
from tests.migrations.test_migrations import import_tables

_NAMES = re.compile(r"^(resident|conversation|inbox|proxy|represented|speaker|sender|requester)_id$|^blind$")

REACHED = {
    "attachment": "deleted with its message",
    "burst": "deleted with its conversation",
    "burst_part": "deleted with its conversation",
    "consent": "deleted",
    "conversation": "deleted",
    "copied_words": "keyed marks of what groups copy, gone after a day; they name nobody",
    "erasure": "resident_id is emptied when it is done",
    "group_draft": "their lines are taken out of open drafts; all drafts are gone after a day",
    "identity": "deleted",
    "inbox_message": "emptied: that it came, when, and what became of it stays",
    "knowledge_use": "deleted",
    "outbox_message": "emptied: that it was sent stays, to nobody",
    "page_entrance": "deleted",
    "resident_session": "deleted",
    "seat_line": "deleted with its talk",
    "seat_talk": "emptied: how fast it was answered stays",
    "send_ledger": "deleted",
    "staff_binding": "deleted",
    "ticket": "emptied, its resident is nobody",
    "ticket_event": "what they wrote is dropped, what the staff wrote is masked or dropped",
    "ticket_follower": "deleted; of a ticket that is over the others' words are emptied too",
    "ticket_proxy": "deleted where they reported, emptied where they were spoken for",
    "web_line": "deleted",
    "web_upload": "deleted",
}
"""Table -> what an erasure does with its rows of a person (residents.erasing, routing.forgetting)."""

NOBODYS = {
    "access_token": "the city's own tokens",
    "data_key": "the keys themselves",
    "staff_login": "the second factor of a post, sealed under a key of its own",
    "learned_model": "weights of words that several masked summaries have in common",
}
"""Table -> whose sealed or binary columns are nobody's."""

TIMED = {
    "page_count": "keyed marks of what was done how often: dropped when their span is over (residents.page_limits)",
    "partner_call": "what partners asked for: dropped after [privacy] call_days (console.call_log)",
    "spot_record": "a worker's own words, masked: emptied after [privacy] ticket_days (routing.forgetting)",
}
"""Table -> what becomes of rows that name no resident and yet have a time; tests/integration/test_erasing.py has a night take them away."""


def holds_somebody(kind: object) -> bool:
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, LargeBinary)


def find_tables() -> set[str]:
    import_tables()
    return {
        table.name
        for table in Base.metadata.sorted_tables
        if any(_NAMES.search(column.name) or holds_somebody(column.type) for column in table.columns)
    }


def test_every_table_that_holds_somebody_is_reached() -> None:
    assert find_tables() == REACHED.keys() | NOBODYS.keys()


def test_a_new_column_would_be_seen() -> None:
    assert _NAMES.search("requester_id")
    assert not _NAMES.search("ticket_id")


def test_what_only_has_a_time_names_nobody() -> None:
    assert TIMED.keys() <= Base.metadata.tables.keys()
    assert TIMED.keys() & find_tables() == set()
