from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from knowledge_base import entries
from knowledge_base.entry import Entry
from knowledge_base.tables import EntryFeedback, EntryVersion

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 5, 2, 9, tzinfo=UTC)
FULL = Entry(
    code="rent",
    kind="service_item",
    question="公租房怎么申请",
    phrasings=("申请公租房",),
    answer="到街道窗口",
    area="S1",
    valid_from=date(2026, 1, 1),
    valid_to=date(2027, 1, 1),
    source="《公租房管理办法》",
    source_date=date(2025, 12, 1),
    unit="住建局",
)
DOG = Entry(code="dog", question="犬证怎么办", answer="到派出所", source="《养犬条例》")


def test_what_is_published_comes_back_whole(session: Session) -> None:
    assert entries.publish(session, FULL, now=NOW) == FULL
    session.expire_all()

    assert entries.get(session, "rent") == FULL
    assert entries.load_all(session) == [FULL]
    assert entries.count_published(session) == 1


def test_an_unknown_source_date_stays_open(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)

    assert entries.get(session, "dog") == DOG


@pytest.mark.parametrize("missing", ["question", "answer", "source"])
def test_nothing_is_published_that_nobody_could_answer_for(session: Session, missing: str) -> None:
    bare = msgspec.structs.replace(DOG, **{missing: "  "})

    with pytest.raises(entries.PublishRefused, match=f"entry dog has no {missing}") as refused:
        entries.publish(session, bare, now=NOW)

    assert refused.value.missing == (missing,)
    assert entries.get(session, "dog") is None


def test_a_revision_cannot_lose_the_source_either(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)

    with pytest.raises(entries.PublishRefused):
        entries.revise(session, msgspec.structs.replace(DOG, source=""), now=LATER)

    assert entries.get(session, "dog") == DOG


def test_a_code_is_published_once(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)

    with pytest.raises(entries.EntryExists, match="entry dog exists already"):
        entries.publish(session, DOG, now=NOW)


def test_every_version_stays_as_it_was(session: Session) -> None:
    entries.publish(session, DOG, now=NOW, by="editor")
    revised = entries.revise(session, msgspec.structs.replace(DOG, answer="网上办"), now=LATER, by="editor")
    entries.retire(session, "dog", now=LATER, by="head")

    versions = session.scalars(select(EntryVersion).order_by(EntryVersion.version)).all()

    assert revised == msgspec.structs.replace(DOG, answer="网上办", version=2)
    assert [(row.version, row.content["answer"], row.content["status"], row.by, row.at) for row in versions] == [
        (1, "到派出所", "published", "editor", NOW),
        (2, "网上办", "published", "editor", LATER),
        (3, "网上办", "retired", "head", LATER),
    ]


def test_the_same_content_again_is_no_new_version(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)
    seen = entries.changed_since(session, 0)[1]

    assert entries.revise(session, DOG, now=LATER) == DOG
    assert entries.changed_since(session, seen) == ([], seen)
    assert len(session.scalars(select(EntryVersion)).all()) == 1


def test_a_retired_entry_is_readable_but_not_in_use_until_it_is_revised(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)
    retired = entries.retire(session, "dog", now=LATER)

    assert retired == msgspec.structs.replace(DOG, status="retired", version=2)
    assert entries.retire(session, "dog", now=LATER) == retired
    assert (entries.get(session, "dog"), entries.load_all(session), entries.count_published(session)) == (retired, [], 0)
    assert entries.revise(session, DOG, now=LATER) == msgspec.structs.replace(DOG, version=3)
    assert entries.count_published(session) == 1


def test_another_process_learns_each_change_once_and_the_retired_too(session: Session) -> None:
    entries.publish(session, FULL, now=NOW)
    entries.publish(session, DOG, now=NOW)
    first, seen = entries.changed_since(session, 0)
    entries.retire(session, "rent", now=LATER)
    second, again = entries.changed_since(session, seen)

    assert [entry.code for entry in first] == ["rent", "dog"]
    assert [(entry.code, entry.status) for entry in second] == [("rent", "retired")]
    assert entries.changed_since(session, again) == ([], again)


def test_what_is_not_there_cannot_be_changed(session: Session) -> None:
    for change in (
        lambda: entries.revise(session, DOG, now=NOW),
        lambda: entries.retire(session, "dog", now=NOW),
        lambda: entries.record_feedback(session, "dog", useful=True, now=NOW),
    ):
        with pytest.raises(entries.EntryMissing, match="there is no entry dog"):
            change()


def test_feedback_is_kept_with_the_version_it_was_about(session: Session) -> None:
    entries.publish(session, DOG, now=NOW)
    entries.record_feedback(session, "dog", useful=False, now=NOW)
    entries.revise(session, msgspec.structs.replace(DOG, answer="网上办"), now=LATER)
    entries.record_feedback(session, "dog", useful=True, now=LATER)

    rows = session.scalars(select(EntryFeedback).order_by(EntryFeedback.id)).all()

    assert [(row.version, row.useful, row.at) for row in rows] == [(1, False, NOW), (2, True, LATER)]
