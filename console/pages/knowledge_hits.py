"""Many questions at once whose entries an editor knows: how each fares with the entries as they are, and against the last time that was kept."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

from console.pages.knowledge import PATH
from console.pages.routes import Page, PageCall, PageRoute, Redirect, Upload
from console.problems import Problem, wrong
from knowledge_base.hit_test import OUTCOMES
from store.sheets import SheetError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from console.knowledge_port import HitRun

TEST = f"{PATH}/test"
MOST_BYTES = 1024 * 1024
MOST_QUESTIONS = 1000
"""Of one test: each takes the service a few thousandths of a second."""
_LONGEST = 200
_HEADS = frozenset({"question", "expected"})
_CHANGES = ("worse", "better", "same", "new")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question and the codes of the entries that would be right; none: nothing should answer it."""

    text: str
    expected: tuple[str, ...] = ()


def show_test(
    call: PageCall, *, problem: Problem | None = None, questions: Iterable[Question] = (), run: HitRun | None = None
) -> Page:
    """Show where questions are put, and how those that were put fared."""
    return Page(
        template="knowledge/test.html",
        status=problem.status if problem is not None else 200,
        values={
            "problem": problem,
            "lines": write_questions(questions) if run is not None else call.form.get("lines", ""),
            "run": run,
            "rows": sorted(run.rows, key=lambda row: (row.change != "worse", -OUTCOMES.index(row.outcome))) if run else [],
            "outcomes": OUTCOMES,
            "changes": _CHANGES,
            "most": MOST_QUESTIONS,
        },
    )


def read_questions(form: Mapping[str, str], files: Mapping[str, Upload]) -> list[Question]:
    """Read the questions of a form: a line each, the question and the codes behind a comma or a tab; Problem (422) for none, or too many."""
    upload = files.get("file")
    try:
        text = decode(upload.body) if upload is not None and upload.body else form.get("lines", "")
        found = list(_read_lines(text))
    except (SheetError, csv.Error) as error:
        raise wrong("form.file", "unreadable") from error
    if not found:
        raise wrong("form.lines", "missing")
    if len(found) > MOST_QUESTIONS:
        raise wrong("form.lines", "too_many")
    return found


def _read_lines(text: str) -> Iterator[Question]:
    """Read each line: cells between tabs, if it has any, else between commas; several codes between semicolons."""
    for line in text.splitlines():
        delimiter = "\t" if "\t" in line else ","
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter), [])]
        if not cells or not cells[0] or _HEADS.issuperset(filter(None, cells)):
            continue
        codes = cells[1].split(";") if len(cells) > 1 else []
        yield Question(text=cells[0][:_LONGEST], expected=tuple(sorted({code.strip() for code in codes} - {""})))


def write_questions(questions: Iterable[Question]) -> str:
    """Write questions as a form takes them."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([one.text, ";".join(one.expected)] for one in questions)
    return buffer.getvalue()


def run_test(call: PageCall) -> Page:
    """Ask the questions."""
    questions: list[Question] = call.prepared
    return show_test(call, questions=questions, run=_ask(call, questions))


def keep_test(call: PageCall) -> Redirect:
    """Ask them again and keep what they come to, to compare the next test with."""
    run = _ask(call, call.prepared)
    call.city.knowledge.keep_test(call.session, {row.mark: row.outcome for row in run.rows}, by=call.actor.code, now=call.now)
    return Redirect(to=TEST, flash="test_kept")


def _ask(call: PageCall, questions: Iterable[Question]) -> HitRun:
    call.city.knowledge.take_over(call.session, now=call.now)
    return call.city.knowledge.test(call.session, [(one.text, one.expected) for one in questions])


def _show_again(call: PageCall, problem: Problem) -> Page:
    return show_test(call, problem=problem)


PAGES = (
    PageRoute(path=TEST, name="test", action="knowledge.edit", run=show_test),
    PageRoute(
        path=TEST,
        name="test_run",
        action="knowledge.edit",
        run=run_test,
        method="POST",
        reads=True,
        again=_show_again,
        prepare=read_questions,
        most_bytes=MOST_BYTES,
    ),
    PageRoute(
        path=f"{TEST}/keep",
        name="test_keep",
        action="knowledge.edit",
        run=keep_test,
        method="POST",
        again=_show_again,
        prepare=read_questions,
        most_bytes=MOST_BYTES,
    ),
)
