from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy.exc import OperationalError

from bot.control import CommandRefused
from bot.refusals import explain_refusal, refuse
from bot.settings import SettingsError
from bot.texts import fill, has_text
from knowledge_base.entries import PublishRefused
from routing.errors import Missing, NotAllowed, RefusedUnit, UnknownUnit
from routing.lifecycle import Act
from routing.terms import Status
from store.engine import StoreClosed, StoreLocked
from store.migrate import SchemaWrong


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SettingsError(["甲", "乙"]), "甲\n乙"),
        (CommandRefused("不行，因为…"), "不行，因为…"),
        (refuse("worker_on_sqlite"), fill("cli", "error_worker_on_sqlite")),
        (StoreLocked("77"), fill("cli", "error_store_locked", {"pid": "77"})),
        (StoreClosed(), fill("cli", "error_store", {"error": StoreClosed()})),
        (SchemaWrong(None, "0002"), fill("cli", "error_schema_empty")),
        (SchemaWrong("0001", "0002"), fill("cli", "error_schema_wrong", {"found": "0001", "expected": "0002"})),
        (UnknownUnit(), fill("cli", "error_unknown_unit")),
        (RefusedUnit(), fill("cli", "error_refused_unit")),
        (Missing(act="reply", needs=("text",)), "答复还缺：文字（--text）。"),
        (
            NotAllowed(act="sign", status=Status.ACCEPTED, role="unit", allowed=("dispatch", "note")),
            "现在不能签收：工单待派单。现在可以：派单、备注。",
        ),
        (NotAllowed(act="sign", status=Status.CLOSED, role="unit", allowed=()), "现在不能签收：工单已结案，已经不能再办了。"),
        (PublishRefused("K1", ("source",)), fill("cli", "error_publish_refused", {"code": "K1", "missing": "source"})),
        (
            OperationalError("SELECT '13812345678'", {}, ConnectionRefusedError("to 10.0.0.7")),
            fill("cli", "error_database", {"error": "ConnectionRefusedError"}),
        ),
    ],
)
def test_a_refusal_says_why_and_what_to_do(error: Exception, words: str) -> None:
    assert explain_refusal(error) == words


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyError("x"), AssertionError(), RuntimeError("loop")])
def test_a_fault_of_the_program_is_no_refusal(error: Exception) -> None:
    assert explain_refusal(error) is None


def test_every_act_has_a_name_that_people_read() -> None:
    assert {act for act in get_args(Act) if not has_text("cli", f"act_{act}")} == set()
