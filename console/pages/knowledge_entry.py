"""One entry of the knowledge base: edited, tried before it is published, withdrawn, and put back as any version it had.

What is published answers residents at once. Each change names the version it was made from: where somebody published another one in between,
nothing is lost on either side, and the page shows both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from console.pages.knowledge import PATH, day_of, name_areas
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import FieldProblem, Problem
from knowledge_base import browsing, entries
from knowledge_base.coordinates import read_coordinates
from knowledge_base.difference import compare
from knowledge_base.entry import Entry, Kind
from knowledge_base.proposals import fold
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from console.knowledge_port import Trial
    from knowledge_base.browsing import Version
    from knowledge_base.difference import Piece

NEW = f"{PATH}/new"
_VERSIONS = 30
_LONGEST = {"code": 60, "question": 200, "answer": 10_000, "source": 300, "unit": 100}
"""Characters: of what residents read no more than they will."""
_MOST_PHRASINGS = 200
_COMPARED = (
    "question", "phrasings", "answer", "kind", "area", "unit", "source", "source_date", "valid_from", "valid_to", "coordinates", "status",
)  # fmt: skip


class EntryForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of an entry. `miss` and `proposal` name what it was made of; `asked` is a question to try."""

    code: str = ""
    kind: Kind = "question"
    question: str = ""
    phrasings: list[str] = []
    answer: str = ""
    area: str = ""
    unit: str = ""
    source: str = ""
    source_date: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    coordinates: str = ""
    miss: str = ""
    proposal: str = ""
    asked: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field that differs between two versions."""

    field: str
    pieces: list[Piece]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One version in the history, with what it changed; `first` has nothing before it."""

    version: Version
    changes: list[Change]
    first: bool


def show_entry(call: PageCall, *, problem: Problem | None = None, trial: Trial | None = None) -> Page:
    """Show an entry with its history; `problem` is what was wrong with what was typed, `trial` what a question came to."""
    entry = _find(call)
    call.city.knowledge.take_over(call.session, now=call.now)
    asked = call.query.get("asked", "")
    typed = "question" in call.form
    changed = typed and problem is not None and problem.status == 409  # noqa: PLR2004 - a conflict
    return _page(
        call,
        entry=entry,
        values=_typed(call) if typed else _fill(entry),
        problem=problem,
        trial=trial if trial is not None or not asked else call.city.knowledge.try_question(asked),
        between=list_changes(entry, _make(call, entry.code, lenient=True)) if changed else [],
    )


def show_new(call: PageCall, *, problem: Problem | None = None, trial: Trial | None = None) -> Page:
    """Show the form of a new entry: empty, or filled with what residents asked or a unit replied."""
    values = _typed(call) if "question" in call.form else _prefill(call)
    return _page(call, entry=None, values=values, problem=problem, trial=trial, between=[])


def publish(call: PageCall) -> Redirect:
    """Publish a new entry; what it was made of is settled with it."""
    form = call.read_form(EntryForm)
    entry = _make(call, form.code or make_code(form.question))
    check(call, entry)
    try:
        made = entries.publish(call.session, entry, now=call.now, by=call.actor.code)
    except entries.EntryExists as error:
        raise Problem(422, "invalid", fields=(FieldProblem(where="form.code", expected="taken"),)) from error
    room = call.city.knowledge
    if form.miss:
        room.settle_miss(call.session, form.miss, answered=True, by=call.actor.code, now=call.now)
    if form.proposal:
        room.accept(call.session, form.proposal, by=call.actor.code, now=call.now, entry=True)
    _note(call, "publish", made)
    return Redirect(to=path_of(made.code), flash="published")


def revise(call: PageCall) -> Redirect:
    """Publish what was typed as the next version."""
    before = _check_edition(call)
    entry = _make(call, before.code)
    check(call, entry)
    made = entries.revise(call.session, entry, now=call.now, by=call.actor.code)
    if made.version == before.version:
        return Redirect(to=path_of(made.code), flash="nothing")
    _note(call, "revise", made)
    return Redirect(to=path_of(made.code), flash="published")


def retire(call: PageCall) -> Redirect:
    """Take an entry out of use: it answers nobody from now on."""
    before = _check_edition(call)
    made = entries.retire(call.session, before.code, now=call.now, by=call.actor.code)
    if made.version == before.version:
        return Redirect(to=path_of(made.code), flash="nothing")
    _note(call, "retire", made)
    return Redirect(to=path_of(made.code), flash="withdrawn")


def restore(call: PageCall) -> Redirect:
    """Publish an older version again, as the next one."""
    before = _check_edition(call)
    number = call.form.get("version", "")
    wanted = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0  # noqa: PLR2004 - what fits a row's number
    older = browsing.find_version(call.session, before.code, wanted)
    if older is None:
        raise Problem(404, "not_found")
    made = entries.revise(call.session, older, now=call.now, by=call.actor.code)
    if made.version == before.version:
        return Redirect(to=path_of(made.code), flash="nothing")
    _note(call, "restore", made)
    return Redirect(to=path_of(made.code), flash="restored")


def try_entry(call: PageCall) -> Page:
    """Try a question with what was typed, which is published to nobody."""
    code = call.path.get("code", "")
    known = entries.get(call.session, code) if code else None
    draft = _make(call, code or "new", lenient=True)
    asked = call.form.get("asked", "")[: _LONGEST["question"]]
    complete = bool(draft.question and draft.answer and draft.source)
    as_if = msgspec.structs.replace(draft, version=known.version if known else 1)
    trial = call.city.knowledge.try_question(asked, draft=as_if if complete else None) if asked else None
    return show_entry(call, trial=trial) if code else show_new(call, trial=trial)


def check(call: PageCall, entry: Entry) -> None:
    """Refuse (422) an entry that cannot be published, naming each field that is wrong."""
    wrong = [FieldProblem(where=f"form.{name}", expected=why) for name, why in _find_faults(call, entry)]
    if wrong:
        raise Problem(422, "invalid", fields=tuple(wrong))


def _find_faults(call: PageCall, entry: Entry) -> Iterator[tuple[str, str]]:
    for name in ("question", "answer", "source"):
        if not getattr(entry, name).strip():
            yield name, "missing"
    for name, most in _LONGEST.items():
        if len(getattr(entry, name)) > most:
            yield name, "too_long"
    if len(entry.phrasings) > _MOST_PHRASINGS or any(len(one) > _LONGEST["question"] for one in entry.phrasings):
        yield "phrasings", "too_long"
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        yield "valid_to", "crossed"
    if entry.area and entry.area not in call.context.org.areas:
        yield "area", "unknown"
    if entry.coordinates and _tidy_coordinates(entry.coordinates) is None:
        yield "coordinates", "place"


def make_code(question: str) -> str:
    """Make the code of an entry that is given none: the same question gives the same one."""
    return f"JY-{sha256(fold(question).encode()).hexdigest()[:8]}"


def path_of(code: str) -> str:
    """Give the address of an entry's page."""
    return f"{PATH}/entries/{quote(code, safe='')}"


def list_steps(versions: Sequence[Version]) -> list[Step]:
    """Say of each version, the newest first, what it changed; of the oldest that is known nothing."""
    steps = []
    for version, before in zip(versions, (*versions, None)[1:], strict=True):
        changes = list_changes(before.entry, version.entry) if before is not None else []
        steps.append(Step(version=version, changes=changes, first=version.entry.version == 1))
    return steps


def list_changes(old: Entry, new: Entry) -> list[Change]:
    """List the fields that differ, piece by piece."""
    pairs = [(name, _write(old, name), _write(new, name)) for name in _COMPARED]
    return [Change(field=name, pieces=compare(one, other)) for name, one, other in pairs if one != other]


def _write(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    return "\n".join(value) if name == "phrasings" else "" if value is None else str(value)


def _page(
    call: PageCall,
    *,
    entry: Entry | None,
    values: dict[str, str],
    problem: Problem | None,
    trial: Trial | None,
    between: list[Change],
) -> Page:
    versions = browsing.list_versions(call.session, entry.code, limit=_VERSIONS) if entry is not None else []
    shown: dict[str, Any] = {
        "entry": entry,
        "values": values,
        "steps": list_steps(versions),
        "trial": trial,
        "asked": call.form.get("asked", "") or call.query.get("asked", ""),
        "between": between,
        "problem": problem,
        "wrong": {one.where.removeprefix("form."): one.expected for one in problem.fields} if problem is not None else {},
        "areas": name_areas(call),
        "units": sorted({unit.name for unit in call.context.org.units.values()}),
        "staff": {code: person.name for code, person in call.context.org.staff.items() if code in {one.by for one in versions}},
        "today": day_of(call),
    }
    return Page(template="knowledge/entry.html", values=shown, status=problem.status if problem is not None else 200)


def _find(call: PageCall) -> Entry:
    entry = entries.get(call.session, call.path["code"])
    if entry is None:
        raise Problem(404, "not_found")
    return entry


def _check_edition(call: PageCall) -> Entry:
    """Find the entry a form is about; Problem (409) if another version of it stands by now."""
    entry = _find(call)
    if call.condition != str(entry.version):
        raise Problem(409, "entry_changed")
    return entry


def _make(call: PageCall, code: str, *, lenient: bool = False) -> Entry:
    """Make the entry that was typed; Problem (422) for a day that is none, `lenient` takes it as left open."""
    given = (
        replace(call, form={name: value for name, value in call.form.items() if not _is_bad_day(name, value)}) if lenient else call
    )
    form = given.read_form(EntryForm)
    values = {name: getattr(form, name) for name in Entry.__struct_fields__ if name in EntryForm.__struct_fields__}
    typed = form.coordinates.strip()
    tidied = {
        "code": code,
        "phrasings": tuple(dict.fromkeys(form.phrasings)),
        "coordinates": (_tidy_coordinates(typed) or typed) if typed else "",
    }
    return Entry(**(values | tidied))


def _tidy_coordinates(typed: str) -> str | None:
    try:
        return read_coordinates(typed)
    except ValueError:
        return None


def _is_bad_day(name: str, value: str) -> bool:
    if name not in {"source_date", "valid_from", "valid_to"} or not value:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return True
    return False


def _typed(call: PageCall) -> dict[str, str]:
    return {name: call.form.get(name, "") for name in EntryForm.__struct_fields__}


def _fill(entry: Entry) -> dict[str, str]:
    """Fill the form with an entry."""
    values = {name: _write(entry, name) for name in EntryForm.__struct_fields__ if name in Entry.__struct_fields__}
    return {name: values.get(name, "") for name in EntryForm.__struct_fields__}


def _prefill(call: PageCall) -> dict[str, str]:
    """Fill the form with what an entry is to be made of."""
    values = dict.fromkeys(EntryForm.__struct_fields__, "") | {"kind": "question"}
    room = call.city.knowledge
    if (key := call.query.get("miss", "")) and (miss := room.find_miss(call.session, key)) is not None:
        values |= {
            "question": miss.questions[0],
            "phrasings": "\n".join(miss.questions[1:]),
            "miss": key,
            "asked": miss.questions[0],
        }
    elif key := call.query.get("proposal", ""):
        found = room.find_proposal(call.session, key)
        if found is not None and found.kind == "entry":
            source = call.city.say_page("source_reply", unit=found.unit) if found.answer else ""
            values |= {"question": found.text, "phrasings": "\n".join(found.others), "answer": found.answer, "unit": found.unit}
            values |= {"source": source, "proposal": key, "asked": found.text}
    return values


def _note(call: PageCall, act: str, made: Entry) -> None:
    facts = {"version": made.version}
    record(call.session, actor=call.actor.code, action=f"knowledge.{act}", subject=f"entry:{made.code}", facts=facts)


def _show_again(call: PageCall, problem: Problem) -> Page:
    return show_entry(call, problem=problem)


def _show_new_again(call: PageCall, problem: Problem) -> Page:
    return show_new(call, problem=problem)


_ENTRY = f"{PATH}/entries/{{code}}"
PAGES = (
    PageRoute(path=NEW, name="entry_new", action="knowledge.edit", run=show_new),
    PageRoute(path=NEW, name="entry_publish", action="knowledge.edit", run=publish, method="POST", again=_show_new_again),
    PageRoute(path=f"{NEW}/try", name="entry_new_try", action="knowledge.edit", run=try_entry, method="POST", reads=True),
    PageRoute(path=_ENTRY, name="entry", action="knowledge.edit", run=show_entry),
    PageRoute(path=_ENTRY, name="entry_revise", action="knowledge.edit", run=revise, method="POST", again=_show_again),
    PageRoute(path=f"{_ENTRY}/try", name="entry_try", action="knowledge.edit", run=try_entry, method="POST", reads=True),
    PageRoute(path=f"{_ENTRY}/retire", name="entry_retire", action="knowledge.edit", run=retire, method="POST", again=_show_again),
    PageRoute(
        path=f"{_ENTRY}/restore", name="entry_restore", action="knowledge.edit", run=restore, method="POST", again=_show_again
    ),
)
