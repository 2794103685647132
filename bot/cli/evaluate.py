"""`jieying evaluate …`: how good understanding is on a labelled file; pure, no database, the very code that serves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.extras import need_learning
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text
from bot.refusals import refuse
from bot.texts import has_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.cli.invocation import Invocation


_path = click.Path(exists=True, dir_okay=False, path_type=Path)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_model = option("--model", metavar="MODEL", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None)


@group("evaluate")
def evaluate() -> None:
    """Measure on labelled files."""


@command("evaluate routing")
@_file
@option("--model", word="letters_model", metavar="MODEL", type=_path, default=None)
@option("--folds", type=click.IntRange(2), default=None)
@option("--seed", word="folds_seed", type=int, default=0)
@option(
    "--map",
    "departments",
    word="departments",
    metavar="UNITS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
)
@flag("--titles-only")
@as_json
@invoked
def routing(
    invocation: Invocation,
    *,
    file: Path,
    model: Path | None,
    folds: int | None,
    seed: int,
    departments: Path | None,
    titles_only: bool,
    as_json: bool,
) -> None:
    """Measure how well letters find their department."""
    from bot.evaluation import routing as measured  # noqa: PLC0415 - see invocation
    from knowledge_base.linear import load_model  # noqa: PLC0415 - see invocation
    from knowledge_base.text import Segmenter  # noqa: PLC0415 - see invocation
    from routing.duty_list import load_folder  # noqa: PLC0415 - see invocation
    from routing.triage import Triage  # noqa: PLC0415 - see invocation
    from store.clock import utcnow  # noqa: PLC0415 - see invocation

    if sum(way is not None for way in (model, folds, departments)) > 1:
        raise refuse("one_way_to_evaluate")
    letters = measured.read_letters(file)
    segmenter = Segmenter(invocation.settings.folder / "jieba")
    if model is not None:
        figures = measured.measure_model(letters, load_model(model.read_bytes()), segmenter, titles_only=titles_only)
    elif folds is not None:
        need_learning()
        figures = measured.measure_folds(letters, segmenter, folds=folds, seed=seed, titles_only=titles_only)
    elif departments is not None:
        triage = Triage(load_folder()[0], today=utcnow().date())
        figures = measured.measure_list(letters, triage, measured.read_map(departments), titles_only=titles_only)
    else:
        raise refuse("one_way_to_evaluate")
    show(figures, as_json=as_json)


@command("evaluate gate")
@_file
@_model
@as_json
def gate(file: Path, *, model: Path | None, as_json: bool) -> None:
    """Measure how well requests are told from talk."""
    from bot.evaluation.gate import check_gate, measure_gate, read_lines  # noqa: PLC0415 - see invocation
    from knowledge_base.linear import load_model  # noqa: PLC0415 - see invocation

    learned = check_gate(load_model(model.read_bytes()), model) if model else None
    show(measure_gate(read_lines(file), learned), as_json=as_json)


@command("evaluate tiers")
@_file
@as_json
def tiers(file: Path, *, as_json: bool) -> None:
    """Measure how well danger is heard."""
    from bot.evaluation.tiers import measure_tiers, read_tiers  # noqa: PLC0415 - see invocation

    show(measure_tiers(read_tiers(file)), as_json=as_json)


@command("evaluate turns")
@_file
@flag("--show", "shows", word="show")
@as_json
@invoked
def turns(invocation: Invocation, *, file: Path, shows: bool, as_json: bool) -> None:
    """Measure how well whole messages are understood."""
    from bot.cli.made_up_city import borrow_city  # noqa: PLC0415 - see invocation
    from bot.evaluation.labels import read_turns  # noqa: PLC0415 - see invocation
    from bot.evaluation.turns import measure_turns  # noqa: PLC0415 - see invocation

    labels = read_turns(file)
    with borrow_city(invocation.settings) as city:
        figures = measure_turns(labels, city, shows=shows)
    show(figures, as_json=as_json)


@command("evaluate knowledge")
@click.argument("more", metavar="[FILE]...", nargs=-1, type=_path)
@option("--entries", word="entry_files", metavar="FILE", type=_path, multiple=True, required=True)
@option("--queries", word="query_files", metavar="FILE", type=_path, multiple=True, required=True)
@option("--noise", metavar="homophones=COUNT", default="")
@flag("--semantic")
@as_json
@invoked
def knowledge(
    invocation: Invocation,
    *,
    more: tuple[Path, ...],
    entries: tuple[Path, ...],
    queries: tuple[Path, ...],
    noise: str,
    semantic: bool,
    as_json: bool,
) -> None:
    """Measure how well questions find their entry and when they are answered."""
    from bot.evaluation import knowledge as measured  # noqa: PLC0415 - see invocation
    from knowledge_base.encoder import load_encoder  # noqa: PLC0415 - see invocation
    from knowledge_base.text import Segmenter  # noqa: PLC0415 - see invocation
    from store.clock import utcnow  # noqa: PLC0415 - see invocation

    encoder = load_encoder() if semantic else None
    if semantic and encoder is None:
        raise refuse("no_encoder")
    figures = measured.measure_knowledge(
        measured.read_entries([*entries, *more]),
        measured.read_queries(queries),
        Segmenter(invocation.settings.folder / "jieba"),
        settings=invocation.settings.knowledge,
        encoder=encoder,
        today=utcnow().date(),
        homophones=measured.read_noise(noise),
    )
    show(figures, as_json=as_json)


@command("evaluate incidents")
@_file
@option("--known", metavar="KNOWN", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@as_json
@invoked
def incidents(invocation: Invocation, *, file: Path, known: Path, as_json: bool) -> None:
    """Measure how well messages of one incident are put together."""
    from bot.evaluation.incidents import KNOWN, STREAM, measure_incidents  # noqa: PLC0415 - see invocation
    from bot.evaluation.samples import read_samples  # noqa: PLC0415 - see invocation
    from knowledge_base.text import Segmenter  # noqa: PLC0415 - see invocation
    from routing.incidents import IncidentSettings  # noqa: PLC0415 - see invocation

    segmenter = Segmenter(invocation.settings.folder / "jieba")
    figures = measure_incidents(read_samples(file, STREAM), read_samples(known, KNOWN), segmenter, IncidentSettings())
    show(figures, as_json=as_json)


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures: as they are for a program; for people the single ones in one table, then each group of them in its own."""
    if as_json:
        print_json(figures)
        return
    single = {name: value for name, value in figures.items() if not isinstance(value, dict | list)}
    print_table([text("column_figure"), text("column_value")], ([_name(name), _say(value)] for name, value in single.items()))
    for name, parts in figures.items():
        if isinstance(parts, dict) and parts:
            click.echo(f"\n{_name(name)}")
            _print_parts(parts)
        elif isinstance(parts, list) and parts:
            click.echo(f"\n{_name(name)}")
            print_table(list(map(_name, parts[0])), ([_say(cell) for cell in part.values()] for part in parts))


def _print_parts(parts: Mapping[str, Any]) -> None:
    first = next(iter(parts.values()))
    if isinstance(first, dict):
        print_table(["", *map(_name, first)], ([_name(name), *map(_say, part.values())] for name, part in parts.items()))
    else:
        print_table([text("column_figure"), text("column_value")], ([_name(name), _say(value)] for name, value in parts.items()))


def _name(figure: str) -> str:
    """Name a figure: its text if it has one, else as programs know it."""
    return text(f"figure_{figure}") if has_text("cli", f"figure_{figure}") else figure


def _say(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.4f}" if abs(value) < 1 else f"{value:,.2f}"


evaluate.add_command(routing)
evaluate.add_command(gate)
evaluate.add_command(tiers)
evaluate.add_command(turns)
evaluate.add_command(knowledge)
evaluate.add_command(incidents)
