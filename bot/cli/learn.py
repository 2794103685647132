"""`jieying learn …`: models of a city's own, learned from labelled files into a file, or from the desks' decisions (extra `[learn]`)."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
import msgspec

from bot.cli.acting import as_staff
from bot.cli.evaluate import show
from bot.cli.extras import need_learning
from bot.cli.invocation import invoked
from bot.cli.wording import as_json, command, flag, group, option
from bot.refusals import refuse

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from knowledge_base.linear import LinearModel

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_out = option("--out", metavar="MODEL", type=click.Path(dir_okay=False, path_type=Path), required=True)


@group("learn")
def learn() -> None:
    """Learn from labelled files."""


@command("learn routing")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@option("--out", metavar="MODEL", type=click.Path(dir_okay=False, path_type=Path), default=None)
@flag("--from-tickets")
@as_staff
@as_json
@invoked
def routing(invocation: Invocation, *, file: Path | None, out: Path | None, from_tickets: bool, actor: str, as_json: bool) -> None:
    """Learn which department a letter goes to, from a file or from what the desks have decided."""
    if from_tickets:
        if file is not None or out is not None:
            raise refuse("tickets_or_file")
        show(_learn_from_tickets(invocation, actor), as_json=as_json)
        return
    if file is None or out is None:
        raise refuse("tickets_or_file")
    check_can_learn(out)
    from bot.evaluation.routing import read_letters  # noqa: PLC0415 - see invocation
    from bot.learning.letters import learn_letters  # noqa: PLC0415 - see invocation
    from knowledge_base.text import Segmenter  # noqa: PLC0415 - see invocation

    letters = read_letters(file)
    began = perf_counter()
    try:
        model = learn_letters(letters, Segmenter(invocation.settings.folder / "jieba"))
    except ValueError as error:
        raise refuse("too_few_letters", file=file.name, counts=error) from error
    write(model, out, seconds=perf_counter() - began, as_json=as_json)


def _learn_from_tickets(invocation: Invocation, actor: str) -> dict[str, Any]:
    """Learn from the desks' decisions, keep the version, and let it serve if it did better on the latest of them."""
    need_learning()
    from bot.learning.tickets import Setting, learn_tickets  # noqa: PLC0415 - see invocation
    from knowledge_base.linear import load_model  # noqa: PLC0415 - see invocation
    from knowledge_base.text import Segmenter  # noqa: PLC0415 - see invocation
    from routing.duty_list import DutyList  # noqa: PLC0415 - see invocation
    from routing.lessons import Lesson  # noqa: PLC0415 - see invocation
    from routing.terms import DutyItem  # noqa: PLC0415 - see invocation
    from routing.triage import TriageSettings  # noqa: PLC0415 - see invocation

    given = invocation.call("models.lessons", actor=actor)
    lessons = msgspec.convert(given["lessons"], list[Lesson])
    items = msgspec.convert(given["duty_list"], list[DutyItem])
    setting = Setting(
        duty_list=DutyList(items={item.code: item for item in items}),
        today=date.fromisoformat(given["today"]),
        settings=msgspec.convert(given["settings"], TriageSettings),
        segmenter=Segmenter(invocation.settings.folder / "jieba"),
    )
    running = load_model(base64.b64decode(given["running"])) if given["running"] else None
    try:
        learned = learn_tickets(lessons, setting, running=running)
    except ValueError as error:
        raise refuse("too_few_lessons", count=len(lessons)) from error
    figures = {"new": learned.new, "running": learned.running, "held_out": learned.held_out}
    content = base64.b64encode(learned.model.dump()).decode()
    kept = invocation.call("models.keep", content=content, figures=figures, serve=learned.is_better, actor=actor)
    return {"lessons": len(lessons), **figures, **kept}


@command("learn gate")
@_file
@_out
@as_json
def gate(file: Path, *, out: Path, as_json: bool) -> None:
    """Learn which texts are requests and which are only talk."""
    check_can_learn(out)
    from bot.evaluation.gate import read_lines  # noqa: PLC0415 - see invocation
    from bot.learning.gate import learn_gate  # noqa: PLC0415 - see invocation

    lines = read_lines(file)
    began = perf_counter()
    try:
        model = learn_gate(lines)
    except ValueError as error:
        raise refuse("too_few_to_learn", file=file.name) from error
    write(model, out, seconds=perf_counter() - began, as_json=as_json)


def check_can_learn(out: Path) -> None:
    """Refuse at once what would fail after minutes: scikit-learn is not installed, or there is no folder for the model."""
    need_learning()
    if not out.absolute().parent.is_dir():
        raise refuse("no_folder_for_model", folder=out.absolute().parent)


def write(model: LinearModel, out: Path, *, seconds: float, as_json: bool) -> None:
    """Write a model into a file and print how it was learned."""
    content = model.dump()
    out.write_bytes(content)
    figures = {
        "samples": model.figures["samples"],
        "features": len(model.features),
        "accuracy": model.figures["accuracy"],
        "bytes": len(content),
        "train_seconds": seconds,
    }
    show(figures, as_json=as_json)


learn.add_command(routing)
learn.add_command(gate)
