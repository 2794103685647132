"""Which errors are refusals that a person can act on, and in which words: one table for the command line and the control socket.

What is not in it is a fault of the program and keeps its trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import InterfaceError, OperationalError

from bot.keyring import KeyringError
from bot.settings import SettingsError
from bot.texts import fill
from console import tokens
from console.codes import sheet
from console.exchange import hooks, transfers
from intents.hazards import HazardsWrong
from knowledge_base import entries, word_rows
from knowledge_base.linear import ModelWrong
from residents import seats
from residents.unsealing import ReasonMissing
from routing import codes, errors
from routing.terms import Level
from store import sheets
from store.engine import StoreError, StoreLocked
from store.looking import DatabaseMissing
from store.migrate import ReferencesLost, SchemaWrong
from store.models import NoVersion
from store.sealing import WrongKey

if TYPE_CHECKING:
    from collections.abc import Callable


class Refusal(Exception):
    """A command cannot be carried out as asked; the message says in the reader's words why and what to do."""


def refuse(key: str, **facts: object) -> Refusal:
    """Make a refusal out of a text of [cli]."""
    return Refusal(fill("cli", f"error_{key}", facts))


def explain_refusal(error: BaseException) -> str | None:
    """Say in one sentence what was refused and what to do; None for a fault of the program."""
    for kind, say in _TABLE:
        if isinstance(error, kind):
            return say(error)
    return None


def name_status(status: str) -> str:
    """Say a ticket's status."""
    return fill("cli", f"status_{status}")


def name_act(act: str) -> str:
    """Say what was done to a ticket."""
    return fill("cli", f"act_{act}")


def _say_itself(error: Any) -> str:
    return str(error)


def _say(key: str, *names: str) -> Callable[[Any], str]:
    """Fill a text of [cli] with attributes of the error."""
    return lambda error: fill("cli", f"error_{key}", {"error": error} | {name: getattr(error, name) for name in names})


def _say_by(key: str, name: str) -> Callable[[Any], str]:
    """Choose a text of [cli] by an attribute of the error."""
    return lambda error: fill("cli", f"error_{key}_{getattr(error, name)}")


def _say_wrong_level(error: errors.WrongLevel) -> str:
    names = {level: fill("cli", f"level_{level}") for level in Level}
    basis = error.basis or fill("cli", "error_wrong_level_no_basis", {"item": error.item})
    facts = {"item": error.item, "name": error.name, "basis": basis, "level": names[error.level] if error.level else ""}
    return fill("cli", "error_wrong_level", facts | {"allowed": "、".join(names[level] for level in error.allowed)})


def _say_routes(error: errors.UnknownRoute) -> str:
    return fill("cli", "error_unknown_route", {"routes": "、".join(error.routes)})


def _say_not_allowed(error: errors.NotAllowed) -> str:
    facts = {"act": name_act(error.act), "status": name_status(error.status)}
    if not error.allowed:
        return fill("cli", "error_nothing_allowed", facts)
    return fill("cli", "error_not_allowed", facts | {"allowed": "、".join(name_act(act) for act in error.allowed)})


def _say_missing(error: errors.Missing) -> str:
    needs = "、".join(fill("cli", f"need_{need}") for need in error.needs)
    return fill("cli", "error_missing", {"act": name_act(error.act), "needs": needs})


def _say_tasks_open(error: errors.TasksOpen) -> str:
    return fill("cli", "error_tasks_open", {"units": "、".join(error.units)})


def _say_words_wrong(error: word_rows.WordsWrong) -> str:
    faults = [f"{one.word} {fill('cli', f'words_fault_{one.why}', {'other': one.other})}" for one in error.faults[:10]]
    return fill("cli", "error_words_wrong", {"faults": "；".join(faults)})


def _say_unfit(error: errors.SummaryUnfit) -> str:
    faults = "、".join(fill("cli", f"fault_{kind}", {"words": words}) for kind, words in error.faults)
    return fill("cli", "error_summary_unfit", {"faults": faults})


def _say_barred(error: errors.NotPublished) -> str:
    return fill("cli", "error_not_published", {"bars": "、".join(fill("cli", f"bar_{bar}") for bar in error.bars)})


def _say_incomplete(error: entries.PublishRefused) -> str:
    return fill("cli", "error_publish_refused", {"code": error.code, "missing": "、".join(error.missing)})


def _say_references(error: ReferencesLost) -> str:
    return fill("cli", "error_references_lost", {"tables": "、".join(error.tables)})


def _say_schema(error: SchemaWrong) -> str:
    key = "error_schema_wrong" if error.found else "error_schema_empty"
    return fill("cli", key, {"found": error.found, "expected": error.expected})


def _say_unreachable(error: BaseException) -> str:
    return fill("cli", "error_database", {"error": type(getattr(error, "orig", None) or error).__name__})


_TABLE: tuple[tuple[type[BaseException], Callable[[Any], str]], ...] = (
    (Refusal, _say_itself),
    (SettingsError, _say_itself),
    (KeyringError, _say_itself),
    (StoreLocked, _say("store_locked", "pid")),
    (DatabaseMissing, _say("database_missing")),
    (StoreError, _say("store")),
    (SchemaWrong, _say_schema),
    (ReferencesLost, _say_references),
    (WrongKey, _say("wrong_key")),
    (HazardsWrong, _say("hazards_wrong")),
    (ModelWrong, _say("model_wrong")),
    (NoVersion, _say("no_version")),
    (ReasonMissing, _say("reason_missing")),
    (errors.NoTicket, _say("no_ticket")),
    (errors.NotAllowed, _say_not_allowed),
    (errors.NotYourGrid, _say("not_your_grid")),
    (errors.NotYours, _say("not_yours")),
    (errors.Missing, _say_missing),
    (errors.UnknownUnit, _say("unknown_unit")),
    (errors.UnknownItem, _say("unknown_item")),
    (errors.RefusedUnit, _say("refused_unit")),
    (errors.WrongLevel, _say_wrong_level),
    (errors.SameUnit, _say("same_unit")),
    (errors.SameHolder, _say("same_holder")),
    (errors.Barred, _say("barred")),
    (errors.OtherDecision, _say_by("other_decision", "cause")),
    (errors.NothingAbove, _say("nothing_above")),
    (errors.NobodyToAsk, _say("nobody_to_ask")),
    (errors.TooLate, _say("too_late")),
    (errors.UntilWrong, _say("until_wrong")),
    (errors.AppliedAlready, _say("applied_already")),
    (errors.NothingApplied, _say("nothing_applied")),
    (errors.OwnApplication, _say("own_application")),
    (errors.TasksOpen, _say_tasks_open),
    (errors.NoTask, _say("no_task")),
    (errors.NoSupervision, _say("no_supervision")),
    (errors.UnknownRoute, _say_routes),
    (errors.NotDeclined, _say("not_declined")),
    (errors.NotTogether, _say_by("not_together", "why")),
    (errors.NotParted, _say("not_parted")),
    (errors.SummaryMissing, _say("summary_missing")),
    (errors.SummaryDoubted, _say("summary_doubted")),
    (errors.SummaryUnfit, _say_unfit),
    (errors.NotConfidential, _say("not_confidential")),
    (errors.NoIncident, _say("no_incident")),
    (errors.NotSplit, _say("not_split")),
    (errors.NotPublished, _say_barred),
    (errors.UnknownName, _say("unknown_name")),
    (errors.UnknownCheck, _say("unknown_check")),
    (errors.NothingTold, _say("nothing_told")),
    (errors.UnknownWork, _say("unknown_work")),
    (errors.TicketError, _say("ticket")),
    (tokens.NoToken, _say("no_token")),
    (tokens.NoPost, _say("no_post")),
    (tokens.NoUnit, _say("no_api_unit")),
    (tokens.NoScope, _say("no_scope")),
    (tokens.NoField, _say("no_field")),
    (codes.NoCode, _say("no_code")),
    (codes.NoCodePlace, _say("no_code_place")),
    (codes.NoCodeArea, _say("no_code_area")),
    (codes.NoCodeWorker, _say("no_code_worker")),
    (sheet.NoPublicUrl, _say("no_public_url")),
    (hooks.NoHook, _say("no_hook")),
    (hooks.NoPartnerToken, _say("no_partner_token")),
    (hooks.UnknownAct, _say("unknown_act")),
    (hooks.BadAddress, _say("bad_address")),
    (transfers.NoPeer, _say("no_peer_address")),
    (transfers.NoTransfer, _say("no_transfer")),
    (transfers.HandedAlready, _say("handed_already")),
    (entries.PublishRefused, _say_incomplete),
    (word_rows.WordsWrong, _say_words_wrong),
    (word_rows.WordsChanged, _say("words_changed")),
    (word_rows.ChangedSince, _say("words_changed_since")),
    (word_rows.WordsTooMany, _say("words_too_many")),
    (entries.KnowledgeError, _say("knowledge")),
    (seats.NoTalk, _say("no_talk")),
    (seats.TalkTaken, _say("talk_taken")),
    (seats.NotClaimed, _say("not_claimed")),
    (seats.TalkOver, _say("talk_over")),
    (sheets.NotText, _say("not_text")),
    (sheets.NoColumns, _say("no_columns")),
    (sheets.SheetError, _say("bad_table")),
    (OperationalError, _say_unreachable),
    (InterfaceError, _say_unreachable),
    (PostgresError, _say_unreachable),
    (ConnectionError, _say_unreachable),
)
"""The first class that fits speaks, so the narrower stand above the wider."""
