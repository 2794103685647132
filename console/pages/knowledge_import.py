"""Files of entries: read apart from the service, shown with what is new, what changes and what is wrong, and taken only then."""

from __future__ import annotations

import tempfile
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from console.knowledge_port import ImportDraft
from console.pages.knowledge import PATH, name_areas
from console.pages.knowledge_entry import Change, list_changes
from console.pages.routes import Page, PageCall, PageRoute, Redirect, Upload
from console.problems import Problem, find_field, wrong
from knowledge_base import entries
from knowledge_base.entry import Entry, Kind  # noqa: TC001 - msgspec reads the annotations
from knowledge_base.importers import Preview, discover, find_importer
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping

IMPORT = f"{PATH}/import"
MOST_BYTES = 10 * 1024 * 1024
"""Of a file with its form: five times a city's whole knowledge base as a workbook."""
_SHOWN = 50
_PROBLEMS = 100
_DISTINCT = ("question", "answer")


class ImportForm(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the rows of a file that do not say their own."""

    kind: Kind = "question"
    source: str = ""
    source_date: date | None = None
    unit: str = ""
    area: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do with an entry of the file."""

    state: Literal["added", "changed", "unchanged"]
    entry: Entry
    changes: list[Change] = []


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read."""

    name: str
    preview: Preview


def show_form(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show where a file is chosen; `problem` is what was wrong with one."""
    return Page(
        template="knowledge/import.html",
        status=problem.status if problem is not None else 200,
        values={
            "problem": problem,
            "typed": call.form,
            "areas": name_areas(call),
            "endings": sorted(ending for spec in discover().values() for ending in spec.suffixes),
            "draft": None,
        },
    )


def read_upload(form: Mapping[str, str], files: Mapping[str, Upload]) -> Read:
    """Read a file of entries; Problem (422) where none was chosen or it is of no kind that is read."""
    upload = files.get("file")
    if upload is None or not upload.body:
        raise wrong("form.file", "missing")
    spec = find_importer(upload.name)
    if spec is None:
        raise wrong("form.file", "unknown")
    given = {name: value for name, value in form.items() if value and name in ImportForm.__struct_fields__}
    try:
        options: dict[str, Any] = msgspec.structs.asdict(msgspec.convert(given, ImportForm, strict=False))
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", fields=(find_field(error, "form"),)) from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{Path(upload.name).stem[:60] or 'file'}{Path(upload.name).suffix.lower()}"
        path.write_bytes(upload.body)
        preview = spec.preview(path, **options)
        if any(one.key == "no_code" for one in preview.problems) and preview.used.get("question"):
            preview = spec.preview(path, **options, key_columns=preview.used["question"])
    return Read(name=upload.name[:100], preview=preview)


def show_preview(call: PageCall) -> Page:
    """Show what a file that was read would do, and keep it until somebody says so."""
    read: Read = call.prepared
    standing = entries.find_all(call.session, [entry.code for entry in read.preview.entries])
    versions = {code: entry.version for code, entry in standing.items()}
    draft = ImportDraft(by=call.actor.code, at=call.now, name=read.name, preview=read.preview, versions=versions)
    return _show_draft(call, draft, key=call.city.knowledge.keep_import(draft) if read.preview.entries else "")


def _show_draft(call: PageCall, draft: ImportDraft, *, key: str, problem: Problem | None = None) -> Page:
    standing = entries.find_all(call.session, [entry.code for entry in draft.preview.entries])
    rows = [_compare(entry, standing.get(entry.code)) for entry in draft.preview.entries]
    said = call.city.knowledge.say_problems(draft.preview)
    return Page(
        template="knowledge/import.html",
        status=problem.status if problem is not None else 200,
        values={
            "problem": problem,
            "draft": draft,
            "key": key,
            "counts": {state: sum(row.state == state for row in rows) for state in ("added", "changed", "unchanged")},
            "changed": [row for row in rows if row.state == "changed"][:_SHOWN],
            "added": [row for row in rows if row.state == "added"][:_SHOWN],
            "troubles": said[:_PROBLEMS],
            "more_troubles": max(0, len(said) - _PROBLEMS),
            "blocked": draft.preview.is_blocked,
        },
    )


def _compare(entry: Entry, before: Entry | None) -> Row:
    if before is None:
        return Row(state="added", entry=entry)
    changes = list_changes(before, entry)
    return Row(state="changed" if changes else "unchanged", entry=entry, changes=changes)


def take(call: PageCall) -> Page | Redirect:
    """Take what a file holds, if nobody changed one of its entries since it was shown."""
    room, key = call.city.knowledge, call.form.get("key", "")
    draft = room.find_import(key, by=call.actor.code, now=call.now)
    if draft is None:
        return show_form(call, problem=Problem(409, "draft_gone"))
    preview = draft.preview
    skip_bad = call.form.get("skip_bad") == "on"
    if preview.is_blocked or (preview.problems and not skip_bad):
        return _show_draft(call, draft, key=key, problem=Problem(422, "has_problems"))
    standing = entries.find_all(call.session, [entry.code for entry in preview.entries])
    if {code: entry.version for code, entry in standing.items()} != draft.versions:
        renewed = msgspec.structs.replace(draft, versions={code: entry.version for code, entry in standing.items()}, at=call.now)
        return _show_draft(call, renewed, key=room.keep_import(renewed), problem=Problem(409, "entries_changed"))
    spec = next(iter(discover().values()))
    counts = msgspec.to_builtins(spec.apply(call.session, preview, now=call.now, by=call.actor.code, skip_bad=skip_bad))
    record(call.session, actor=call.actor.code, action="import", subject="knowledge", facts=counts)
    room.drop_import(key)
    return Redirect(to=PATH, flash="imported")


def _show_again(call: PageCall, problem: Problem) -> Page:
    return show_form(call, problem=problem)


PAGES = (
    PageRoute(path=IMPORT, name="import", action="knowledge.edit", run=show_form),
    PageRoute(
        path=IMPORT,
        name="import_read",
        action="knowledge.edit",
        run=show_preview,
        method="POST",
        reads=True,
        again=_show_again,
        prepare=read_upload,
        most_bytes=MOST_BYTES,
    ),
    PageRoute(path=f"{IMPORT}/take", name="import_take", action="knowledge.edit", run=take, method="POST", again=_show_again),
)
