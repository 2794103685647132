"""`jieying knowledge words …`: the city's own words, synonyms and names of places; tried on residents' questions before they are put into service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text
from bot.refusals import refuse

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_WORSE = 1
_DIFFERENCES = ("first", "item", "band", "places", "cut")
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@group("knowledge words")
def words() -> None:
    """Look after the city's own words."""


@command("knowledge words list")
@option("--with", "part", word="words_with", metavar="WORD", default="")
@flag("--all", "everything", word="words_all")
@flag("--csv", "as_csv", word="words_csv")
@as_json
@invoked
def list_words(invocation: Invocation, *, part: str, everything: bool, as_csv: bool, as_json: bool) -> None:
    """List words."""
    rows = invocation.call("knowledge.words", words=part, everything=everything)
    if as_json:
        print_json(rows)
    elif as_csv:
        click.echo(_write(rows), nl=False)
    elif rows:
        columns = [text(f"column_{name}") for name in ("words_kind", "words_word", "words_means", "words_origin")]
        print_table(columns, ([*_cells(row["own"]), text(f"words_origin_{row['origin']}")] for row in rows))
    else:
        click.echo(text("words_none"))


@command("knowledge words history")
@option("--limit", type=click.IntRange(1, 1000), default=20)
@as_json
@invoked
def history(invocation: Invocation, *, limit: int, as_json: bool) -> None:
    """List the editions."""
    rows = invocation.call("knowledge.words_history", limit=limit)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(text("words_edition", **row))
        for change in row["changes"]:
            before, after = change.get("before"), change.get("after")
            known = after or before
            click.echo(f"  {text('words_kind_' + known['kind'])} {known['word']}: {_means(before)} -> {_means(after)}")


@command("knowledge words try")
@_file
@as_json
@invoked
def try_words(invocation: Invocation, *, file: Path, as_json: bool) -> int:
    """Tell what the words of a table would change; exit code 1 if a wording loses its entry."""
    impact = invocation.call("knowledge.words_try", wanted=_read(file))
    if as_json:
        print_json(impact)
    else:
        _print_impact(impact)
    return _WORSE if impact["counts"].get("worse") else 0


@command("knowledge words put")
@_file
@as_staff
@as_json
@invoked
def put(invocation: Invocation, *, file: Path, actor: str, as_json: bool) -> None:
    """Put the words of a table into service."""
    result = invocation.call("knowledge.words_put", wanted=_read(file), actor=actor)
    if as_json:
        print_json(result)
    else:
        click.echo(
            text("words_put" if result["edition"] else "words_put_nothing", edition=result["edition"], count=len(result["changes"]))
        )


@command("knowledge words undo")
@click.argument("number", type=int)
@as_staff
@as_json
@invoked
def undo(invocation: Invocation, *, number: int, actor: str, as_json: bool) -> None:
    """Take an edition back."""
    result = invocation.call("knowledge.words_undo", number=number, actor=actor)
    if as_json:
        print_json(result)
    else:
        click.echo(text("words_undone", number=number, edition=result["edition"]))


def _read(file: Path) -> list[Any]:
    """Read a table of words; a refusal that names the first line that cannot be."""
    import msgspec  # noqa: PLC0415 - see invocation

    from knowledge_base.word_table import read_table  # noqa: PLC0415 - see invocation

    table = read_table(file.read_bytes())
    if table.problems:
        first = table.problems[0]
        raise refuse("bad_words", file=file.name, line=first.line, why=text(f"words_problem_{first.why}"))
    return [msgspec.to_builtins(one) for one in table.wanted]


def _write(rows: list[dict[str, Any]]) -> str:
    import msgspec  # noqa: PLC0415 - see invocation

    from knowledge_base.own_words import OwnWord, Wanted  # noqa: PLC0415 - see invocation
    from knowledge_base.word_table import write_table  # noqa: PLC0415 - see invocation

    return write_table(Wanted(own=msgspec.convert(row["own"], OwnWord)) for row in rows)


def _print_impact(impact: dict[str, Any]) -> None:
    """Print how many texts would be read otherwise, then each of them."""
    counts = impact["counts"]
    click.echo(text("words_compared", all=counts["all"], compared=impact["compared"], asked=impact["asked"]))
    found = [text(f"words_{name}", count=counts[name]) for name in (*_DIFFERENCES, "worse", "better") if counts.get(name)]
    if found:
        click.echo(text("words_counted", counts="，".join(found)))
    columns = [text(f"column_words_{name}") for name in ("text", "before", "after")]
    if impact["rows"]:
        print_table(columns, ([row["text"], _reading(row["before"]), _reading(row["after"])] for row in impact["rows"]))


def _reading(one: dict[str, Any]) -> str:
    parts = [
        text(f"words_outcome_{one['outcome']}"),
        one["first"],
        one["item"],
        " / ".join(one["tokens"]),
        "; ".join(one["places"]),
    ]
    return " | ".join(filter(None, parts))


def _cells(own: dict[str, Any]) -> list[str]:
    return [text(f"words_kind_{own['kind']}"), own["word"], _means(own)]


def _means(own: dict[str, Any] | None) -> str:
    """Say what a word is: what it means the same as, or what it is a name of."""
    if own is None:
        return "-"
    said = " ".join(own["others"]) or own["target"]
    return f"{text('words_off')} {said}".strip() if own["off"] else said or text("words_on")


for _one in (list_words, history, try_words, put, undo):
    words.add_command(_one)
