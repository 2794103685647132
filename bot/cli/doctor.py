"""`jieying doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, text
from bot.doctor.examination import examine
from store.clock import utcnow

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_MARKS = {"ok": ("✓", "green"), "hint": ("!", "yellow"), "wrong": ("✗", "red")}


@command("doctor")
@as_json
@invoked
def doctor(invocation: Invocation, *, as_json: bool) -> int:
    """Print every finding; exit code 1 if anything is wrong."""
    findings = asyncio.run(examine(invocation.path, now=utcnow()))
    bad = sum(finding.level == "wrong" for finding in findings)
    if as_json:
        print_json([{"level": finding.level, "key": finding.key, "words": finding.words} for finding in findings])
        return 1 if bad else 0
    for finding in findings:
        mark, colour = _MARKS[finding.level]
        click.echo(f"{click.style(mark, fg=colour)} {finding.words}")
    click.echo(text("doctor_wrong", count=bad) if bad else text("doctor_fine"))
    return 1 if bad else 0
