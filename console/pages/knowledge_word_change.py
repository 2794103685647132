"""Changing the city's words: one in a form or many in a table, looked at by what they would change, and only then put into service.

Nothing is kept between the two: what is wanted rides in the page that shows what it would do, as the table that an import reads.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from console.pages.knowledge_words import WORDS
from console.pages.routes import Page, PageCall, PageRoute, Redirect, Upload
from console.problems import FieldProblem, Problem, wrong
from console.words_port import DIFFERENCES
from knowledge_base import word_rows
from knowledge_base.own_words import KINDS, OwnWord, Wanted, tidy
from knowledge_base.word_table import STATES, read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.words_port import Known
    from knowledge_base.own_words import Fault, Kind
    from knowledge_base.word_table import Table

CHANGE = f"{WORDS}/change"
IMPORT = f"{WORDS}/import"
PREVIEW = f"{WORDS}/preview"
MOST_BYTES = 1024 * 1024
MOST_NAMES = 300
"""Names of places that a form offers to choose from: more weigh the page down, and are typed."""
_SHOWN_CHANGES = 50
_SHOWN_PROBLEMS = 30


def show_change(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the form of one word: empty, or as it stands."""
    kind = _read_kind(call.form.get("kind", "") or call.query.get("kind", ""))
    room = call.city.words
    room.take_over(call.session, now=call.now)
    word, target = call.query.get("word", ""), call.query.get("target", "")
    known = next((one for one in room.list_known() if one.key == (kind, word) and (not target or one.own.target == target)), None)
    names = room.name_targets(kind)
    return Page(
        template="knowledge/word.html",
        status=problem.status if problem is not None else 200,
        values={
            "kind": kind,
            "known": known,
            "typed": _typed(call) if "word" in call.form else _fill(known, word),
            "names": names if len(names) <= MOST_NAMES or kind == "area" else {},
            "problem": problem,
        },
    )


def show_import(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show where a table of words is pasted or chosen."""
    return Page(
        template="knowledge/words_import.html",
        status=problem.status if problem is not None else 200,
        values={"problem": problem, "lines": call.form.get("lines", "")},
    )


def read_wanted(form: Mapping[str, str], files: Mapping[str, Upload]) -> Table:
    """Read what is wanted: a table that was pasted or chosen, or the one word of a form."""
    upload = files.get("file")
    if upload is not None and upload.body:
        return read_table(upload.body)
    if "word" not in form:
        return read_table(form.get("lines", "").encode())
    own = OwnWord(
        kind=_read_kind(form.get("kind", "")),
        word=form["word"],
        others=tuple(form.get("others", "").split()),
        target=form.get("target", ""),
        off=form.get("state") == STATES[1],
        note=form.get("note", "").replace("\n", " "),
    )
    return read_table(write_table([Wanted(own=tidy(own), gone=form.get("state") == STATES[2])]).encode())


def show_preview(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show what the words would change; Problem (422) with what is wrong with them."""
    room, wanted = call.city.words, check(call)
    room.take_over(call.session, now=call.now)
    standing = {one.key: one.own for one in room.list_known()}
    changes = [(standing.get((one.own.kind, one.own.word)), one) for one in wanted]
    return Page(
        template="knowledge/words_preview.html",
        status=problem.status if problem is not None else 200,
        values={
            "changes": changes[:_SHOWN_CHANGES],
            "count": len(changes),
            "impact": room.preview(call.session, wanted),
            "differences": DIFFERENCES,
            "lines": write_table(wanted),
            "edition": word_rows.current_edition(call.session),
            "areas": {area.code: area.name for area in call.context.org.areas.values()},
            "back": wanted[0].own if len(wanted) == 1 else None,
            "problem": problem,
        },
    )


def check(call: PageCall) -> list[Wanted]:
    """Give what is wanted; Problem (422) where a row cannot be read, nothing is wanted, or words cannot stand together."""
    table: Table = call.prepared
    if table.problems:
        raise Problem(
            422,
            "words_unread",
            fields=tuple(FieldProblem(where=str(one.line), expected=one.why) for one in table.problems[:_SHOWN_PROBLEMS]),
        )
    if not table.wanted:
        raise wrong("form.lines", "missing")
    faults = call.city.words.find_faults(call.session, table.wanted)
    if faults:
        raise _refuse(faults)
    return table.wanted


def put(call: PageCall) -> Redirect:
    """Put the words into service; Problem (409) if another edition stands by now."""
    edition = call.form.get("edition", "")
    number = int(edition) if edition.isascii() and edition.isdecimal() and len(edition) < 10 else -1  # noqa: PLR2004 - what fits a row's number
    try:
        made = call.city.words.put(call.session, check(call), edition=number, by=call.actor.code, now=call.now)
    except word_rows.WordsChanged as error:
        raise Problem(409, "words_changed") from error
    except word_rows.WordsTooMany as error:
        raise Problem(422, "words_too_many") from error
    return Redirect(to=f"{WORDS}?origin=own", flash="words_put" if made is not None else "nothing")


def _refuse(faults: Sequence[Fault]) -> Problem:
    given = [FieldProblem(where=one.word, expected=f"{one.why}:{one.other}") for one in faults[:_SHOWN_PROBLEMS]]
    return Problem(422, "words_wrong", fields=tuple(given))


def _read_kind(given: str) -> Kind:
    return next((kind for kind in KINDS if kind == given), KINDS[0])


def _fill(known: Known | None, word: str) -> dict[str, str]:
    if known is None:
        return {"word": word, "others": "", "target": "", "state": "on", "note": ""}
    own = known.own
    return {
        "word": own.word,
        "others": " ".join(own.others or known.replaced),
        "target": own.target,
        "state": "off" if own.off else "on",
        "note": own.note,
    }


def _typed(call: PageCall) -> dict[str, str]:
    return {name: call.form.get(name, "") for name in ("word", "others", "target", "state", "note")}


def _show_preview_again(call: PageCall, problem: Problem) -> Page:
    """Show the form that the words were typed in; or where they were right and somebody else was quicker, what they would change now."""
    if problem.code == "words_changed":
        return show_preview(replace(call, prepared=read_wanted(call.form, {})), problem=problem)
    return show_change(call, problem=problem) if "word" in call.form else show_import(call, problem=problem)


PAGES = (
    PageRoute(path=CHANGE, name="word_change", action="words.edit", run=show_change),
    PageRoute(path=IMPORT, name="words_import", action="words.edit", run=show_import),
    PageRoute(
        path=PREVIEW,
        name="words_preview",
        action="words.edit",
        run=show_preview,
        method="POST",
        reads=True,
        again=_show_preview_again,
        prepare=read_wanted,
        most_bytes=MOST_BYTES,
    ),
    PageRoute(
        path=f"{WORDS}/put",
        name="words_put",
        action="words.edit",
        run=put,
        method="POST",
        again=_show_preview_again,
        prepare=read_wanted,
        most_bytes=MOST_BYTES,
    ),
)
