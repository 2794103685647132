"""The group `jieying` and what becomes of errors: a refusal is one clear sentence, a fault of the program keeps its trace.

Exit codes: 0 done, 1 refused or something is wrong, 2 the command or the settings were not understood, 130 stopped by the keyboard.
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import click

from bot.cli.invocation import Invocation
from bot.cli.mistakes import explain_mistake
from bot.cli.shelf import Shelf
from bot.cli.wording import Group, option, text

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = Shelf(
    {
        "serve": "bot.cli.serve:serve",
        "worker": "bot.cli.worker:worker",
        "migrate": "bot.cli.migrate:migrate",
        "seed": "bot.cli.seed:seed",
        "demo": "bot.cli.demo:demo",
        "say": "bot.cli.say:say",
        "simulate": "bot.cli.simulate:simulate",
        "import": "bot.cli.imports:imports",
        "knowledge": "bot.cli.knowledge:knowledge",
        "learn": "bot.cli.learn:learn",
        "models": "bot.cli.models:models",
        "evaluate": "bot.cli.evaluate:evaluate",
        "replay": "bot.cli.replay:replay_command",
        "tickets": "bot.cli.tickets:tickets",
        "incidents": "bot.cli.incidents:incidents",
        "patrol": "bot.cli.patrol:patrol",
        "plans": "bot.cli.plans:plans",
        "org": "bot.cli.organisation:organisation",
        "seat": "bot.cli.seat:seat",
        "drafts": "bot.cli.drafts:drafts",
        "paste": "bot.cli.drafts:paste",
        "report": "bot.cli.report:report",
        "outbox": "bot.cli.outbox:outbox",
        "codes": "bot.cli.codes:codes",
        "staff": "bot.cli.tokens:staff",
        "partner": "bot.cli.tokens:partner",
        "exchange": "bot.cli.exchange:exchange",
        "erase": "bot.cli.residents:erase",
        "config": "bot.cli.config:config",
        "doctor": "bot.cli.doctor:doctor",
    }
)

REFUSED = 1
NOT_UNDERSTOOD = 2
INTERRUPTED = 130


def find_version() -> str:
    """Give the installed version; a checkout that was never installed has none."""
    try:
        return metadata.version("jieying")
    except metadata.PackageNotFoundError:
        return text("no_version")


@click.group(
    "jieying", cls=Group, commands=COMMANDS, help=text("help_jieying"), context_settings={"help_option_names": ["-h", "--help"]}
)
@option("--config", "path", metavar="PATH")
@click.version_option(find_version(), message="%(version)s", help=text("option_version"))
@click.pass_context
def jieying(context: click.Context, path: str | None) -> None:
    """Read where the settings are; they are loaded by the command that needs them."""
    context.obj = Invocation(path)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; give its exit code. A fault of the program is raised."""
    try:
        code = jieying.main(list(arguments), prog_name="jieying", standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "jieying"
        click.echo(text("error_usage", error=explain_mistake(error), command=path), err=True)
        return NOT_UNDERSTOOD
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:
        # An import here costs a command that succeeds nothing.
        from bot.refusals import explain_refusal  # noqa: PLC0415 - see above
        from bot.settings import SettingsError  # noqa: PLC0415 - see above

        words = explain_refusal(error)
        if words is None:
            raise
        click.echo(words, err=True)
        return NOT_UNDERSTOOD if isinstance(error, SettingsError) else REFUSED
    return code if isinstance(code, int) else 0
