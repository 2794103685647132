from __future__ import annotations

import ast
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from intents.catalog import modules, specs
from intents.classify import classify
from intents.group import PUBLIC_TEXTS
from intents.hazards import hazards
from intents.spec import ResidentFacts, TicketFacts
from intents.state import ConversationState

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.spec import Turn

NOW = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)
SAY: dict[str, str] = tomllib.loads(files("bot").joinpath("texts.toml").read_text("utf-8"))["say"]
CODES = {
    "acknowledge", "add_to_ticket", "appointment", "ask_person", "ask_policy", "check_summary", "child_protection", "complaint", "correct",
    "domestic_violence", "emergency", "erase_me", "feedback", "help", "legal_aid", "medical", "mental_health", "my_data", "on_behalf",
    "opinion", "praise", "preview", "progress", "rate", "report_problem", "report_violation", "service_lookup", "small_talk", "stop_notices",
    "suggestion", "thanks", "upset", "urge", "withdraw",
}  # fmt: skip

CONTEXT: dict[str, dict[str, Any]] = {
    "check_summary": {"facts": ResidentFacts(tickets=(TicketFacts(ticket="20250301001", status="accepted", confidential=True),))},
    "acknowledge": {"facts": ResidentFacts(alarms=("20250301001",))},
    "rate": {
        "facts": ResidentFacts(
            tickets=(TicketFacts(ticket="20250301001", status="concluded", awaiting_rating=True),), awaiting_rating=("20250301001",)
        )
    },
    "feedback": {"state": ConversationState(last_answer="K1", last_question="居住证怎么办", asked_at=NOW - timedelta(minutes=2))},
}
"""What makes a number or a word mean something: 1 alone is no rating."""


def test_every_intent_stands_in_its_own_file() -> None:
    assert {module.__name__.rpartition(".")[2]: module.INTENT.code for module in modules()} == {code: code for code in CODES}
    assert set(specs()) == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_intent_has_a_title_a_reason_and_eight_examples_of_its_own(code: str) -> None:
    spec = specs()[code]
    others = {example for other in specs().values() if other.code not in {code, *CONTEXT} for example in other.examples}

    assert spec.title
    assert len(spec.examples) >= 8
    assert len(set(spec.examples)) == len(spec.examples)
    assert code in CONTEXT or others.isdisjoint(spec.examples)


@pytest.mark.parametrize(("code", "example"), [(code, example) for code in sorted(CODES) for example in specs()[code].examples])
def test_its_own_examples_win(make_turn: Callable[..., Turn], code: str, example: str) -> None:
    classification = classify(make_turn(example, **CONTEXT.get(code, {})))

    assert (classification.code, classification.margin > 0) == (code, True), classification


def test_every_slot_has_its_question() -> None:
    slots = {slot.name for spec in specs().values() for slot in spec.slots} | {"matter"}

    assert [slot for slot in sorted(slots) if f"ask_{slot}" not in SAY] == []


def test_everything_an_intent_says_stands_in_the_texts() -> None:
    said: set[str] = set(PUBLIC_TEXTS)
    for path in (files("intents"), files("intents") / "catalog"):
        for file in path.iterdir():
            if file.name.endswith(".py"):
                for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Tell":
                        said |= {item.value for item in ast.walk(node.args[0]) if isinstance(item, ast.Constant)}

    assert {"help", "thanks", "welcome", "photo_kept", "group_receipt"} <= said
    assert sorted(said - set(SAY)) == []


def test_every_red_hazard_says_the_numbers_that_help() -> None:
    for hazard in hazards():
        if hazard.tier == "red":
            missing = [code for code in hazard.numbers if f"{{{code}_number}}" not in SAY[f"emergency_{hazard.name}"]]
            assert (hazard.name, missing) == (hazard.name, [])


def test_no_receipt_promises_a_time_limit_before_a_unit_has_the_ticket() -> None:
    for key in ("ticket_opened", "ticket_at_desk", "ticket_joined", "callback_opened", "no_answer_to_desk"):
        assert ("due_at" in SAY[key], "工作日" in SAY[key], "小时" in SAY[key]) == (False, False, False)
