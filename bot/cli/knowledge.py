"""`jieying knowledge …`: what residents asked in vain, what their use proposes, and a test of the entries before they are published."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff
from bot.cli.city_words import words
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text
from bot.refusals import refuse
from bot.texts import fill

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_WORSE = 1
_OUTCOMES = ("right", "choice_holds", "nothing", "choice_misses", "wrong")
_CHANGES = ("better", "worse", "same", "new")

_key = click.argument("proposal")


@group("knowledge")
def knowledge() -> None:
    """Look after the knowledge base."""


@command("knowledge misses")
@option("--limit", type=click.IntRange(1, 1000), default=50)
@as_json
@invoked
def misses(invocation: Invocation, *, limit: int, as_json: bool) -> None:
    """List what was asked in vain."""
    rows = invocation.call("knowledge.misses", limit=limit)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(text("misses_none"))
        return
    columns = [text(f"column_{name}") for name in ("question", "residents", "times", "useless", "also_asked", "nearest")]
    print_table(columns, ([*_cells(row), _name(row["nearest"], row["nearest_question"])] for row in rows))


@command("knowledge proposals")
@as_json
@invoked
def proposals(invocation: Invocation, *, as_json: bool) -> None:
    """List what is proposed."""
    found = invocation.call("knowledge.proposals")
    if as_json:
        print_json(found)
        return
    rows, made_at = found["rows"], found["made_at"]
    for row in rows:
        click.echo(_describe(row))
    if rows:
        click.echo(text("proposals_how_on"))
    elif made_at is not None:
        click.echo(text("proposals_none"))
    facts = {"at": made_at and datetime.fromisoformat(made_at).strftime("%Y-%m-%d %H:%M"), "minutes": found["minutes"]}
    click.echo(
        fill("cli", "proposals_never" if made_at is None else "proposals_late" if found["late"] else "proposals_as_of", facts)
    )


@command("knowledge accept")
@_key
@option("--question", word="proposal_question", default="")
@option("--answer", word="proposal_answer", default="")
@option("--source", word="proposal_source", default="")
@option("--code", word="proposal_code", default="")
@option("--entry", word="proposal_entry", metavar="CODE", default="")
@as_staff
@as_json
@invoked
def accept(invocation: Invocation, /, *, proposal: str, as_json: bool, **given: Any) -> None:
    """Accept a proposal."""
    result = invocation.call("knowledge.accept", key=proposal, **given)
    if as_json:
        print_json(result)
    else:
        click.echo(text(f"accepted_{'word' if result['kind'] == 'word' else 'entry'}", **result))


@command("knowledge refuse")
@_key
@as_staff
@as_json
@invoked
def refuse_proposal(invocation: Invocation, *, proposal: str, actor: str, as_json: bool) -> None:
    """Let a proposal go."""
    result = invocation.call("knowledge.refuse", key=proposal, actor=actor)
    if as_json:
        print_json(result)
    else:
        click.echo(text("proposal_refused", **result))


@command("knowledge test")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--with",
    "drafts",
    word="test_with",
    metavar="ENTRIES",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
)
@flag("--save", word="test_save")
@as_staff
@as_json
@invoked
def try_questions(invocation: Invocation, *, file: Path, drafts: tuple[Path, ...], save: bool, actor: str, as_json: bool) -> int:
    """Ask the questions of a file; exit code 1 if one fares worse than when it was last kept."""
    from bot.evaluation.knowledge import read_queries  # noqa: PLC0415 - see invocation

    rows = [{"question": query.question, "expected": sorted(query.expected)} for query in read_queries([file])]
    result = invocation.call("knowledge.test", rows=rows, drafts=[entry for one in drafts for entry in _read_drafts(one)])
    if save:
        outcomes = {row["mark"]: row["outcome"] for row in result["rows"]}
        invocation.call("knowledge.keep", outcomes=outcomes, actor=actor)
    for row in result["rows"]:
        del row["mark"]
    if as_json:
        print_json(result)
    else:
        _print_test(result)
    return _WORSE if "worse" in result["changes"] else 0


def _read_drafts(file: Path) -> list[Any]:
    """Read entries that are not published yet; a refusal that names the first line that cannot be."""
    import msgspec  # noqa: PLC0415 - see invocation

    from knowledge_base.importers import discover, find_importer  # noqa: PLC0415 - see invocation

    preview = (find_importer(file.name) or discover()["csv_table"]).preview(file, source=file.name)
    if preview.problems:
        raise refuse("bad_drafts", file=file.name, line=preview.problems[0].line)
    drafts: list[Any] = msgspec.to_builtins(preview.entries)
    return list(drafts)


def _print_test(result: dict[str, Any]) -> None:
    """Print what was not right or has changed, then the counts."""
    rows = [row for row in result["rows"] if row["outcome"] != "right" or row["change"] in ("better", "worse")]
    columns = [text(f"column_{name}") for name in ("question", "expected", "got", "outcome", "change")]
    if rows:
        print_table(
            columns,
            (
                [
                    row["question"],
                    ";".join(row["expected"]),
                    ";".join(row["got"]),
                    text(f"hit_{row['outcome']}"),
                    text(f"change_{row['change']}"),
                ]
                for row in rows
            ),
        )
    if result["unknown"]:
        click.echo(text("test_unknown", codes="、".join(result["unknown"])))
    click.echo(text("tested", count=len(result["rows"]), outcomes=_count("hit", _OUTCOMES, result["outcomes"])))
    if set(result["changes"]) - {"new"}:
        click.echo(text("test_compared", changes=_count("change", _CHANGES, result["changes"])))


def _count(kind: str, names: tuple[str, ...], counts: dict[str, int]) -> str:
    return "，".join(f"{text(f'{kind}_{name}')} {counts[name]}" for name in names if name in counts)


def _cells(row: dict[str, Any]) -> list[object]:
    return [row["question"], row["residents"], row["times"], row["useless"], " / ".join(row["examples"])]


def _name(code: str, name: str) -> str:
    return f"{code} {name}".strip()


def _describe(row: dict[str, Any]) -> str:
    """Describe a proposal in a few lines: what to do, where it comes from, how often it was seen."""
    what = text(
        f"proposal_{row['kind']}", proposal=row["proposal"], text=row["text"], target=_name(row["target"], row["target_name"])
    )
    lines = [what, text(f"proposal_from_{row['origin']}", residents=row["residents"], times=row["times"], unit=row["unit"])]
    if row["examples"]:
        lines.append(text("proposal_also", examples=" / ".join(row["examples"])))
    if row["answer"]:
        lines.append(text("proposal_answer", answer=row["answer"]))
    return "\n  ".join(lines)


for _one in (misses, proposals, accept, refuse_proposal, try_questions, words):
    knowledge.add_command(_one)
