"""Taking what an import previewed into the knowledge base: new entries published, those that differ revised, in the transaction of whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge_base import entries
from knowledge_base.importers import ImportCounts, ImportRefused

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.importers import Preview


def take(session: Session, preview: Preview, *, now: datetime, by: str = "", skip_bad: bool = False) -> ImportCounts:
    """Publish the entries that are new and revise those that differ; entries that the file does not name stay as they are.

    ImportRefused if there are problems, unless `skip_bad` leaves those lines out; problems of the header always refuse.
    """
    if preview.is_blocked or (preview.problems and not skip_bad):
        raise ImportRefused
    standing = entries.find_all(session, [entry.code for entry in preview.entries])
    created = changed = unchanged = 0
    for entry in preview.entries:
        before = standing.get(entry.code)
        if before is None:
            entries.publish(session, entry, now=now, by=by)
            created += 1
        elif entries.revise(session, entry, now=now, by=by).version != before.version:
            changed += 1
        else:
            unchanged += 1
    refused = len({problem.line for problem in preview.problems})
    return ImportCounts(created=created, changed=changed, unchanged=unchanged, refused=refused)
