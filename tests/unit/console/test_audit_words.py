"""What the audit shows is Chinese: every word of a closed vocabulary that is recorded has its name, by the fact it stands in; the rest stays as it is."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast, get_args

import pytest

from bot.city_view import CityView
from bot.texts import load_texts
from console.pages.audit_words import NAMES, name_fact, name_value
from console.pages.system_audit import name_act, name_subject
from console.pages.tickets import _ORDERS as ORDERS
from intents.actions import RequestKind
from knowledge_base.hit_test import Outcome
from knowledge_base.importers import ImportCounts as EntryCounts
from knowledge_base.own_words import Kind as WordKind
from knowledge_base.proposals import ProposalKind
from residents.erasing import Counts
from routing.codes import CodeKind
from routing.figures import FigureCode
from routing.importers import discover
from routing.month_decisions import DecisionState
from routing.org_rows import ImportCounts
from routing.swelling import Kind as SwellingKind
from routing.terms import Status
from store.sends import SendList

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City
    from console.pages.routes import PageCall

CLOSED: dict[str, tuple[str, ...]] = {
    "kind": (*get_args(CodeKind), *get_args(ProposalKind), *get_args(SwellingKind), *get_args(RequestKind), "original"),
    "channel": ("wechat_mp", "gateway", "web", "terminal", "email", "webhook", "partner"),
    "form": ("csv", "xlsx"),
    "tab": ("red", "wait", "back", "decide", "held", "late", "answered", "sign", "work", "tasks", "asked"),
    "list": (*get_args(SendList), "put_away"),
    "order": ORDERS,
    "state": (*(state for state in get_args(DecisionState) if state != "pending"), "revoked", "unprinted"),
    "why": ("name", "shut", "password", "code"),
    "what": ("page", "list", "show:12"),
    "reason": ("operator", "gone", "unreachable"),
    "words": tuple(f"{kind}:路灯" for kind in get_args(WordKind)),
    "figure": get_args(FigureCode),
    "side": ("count", "of", "rest", "silent", "withdrawn"),
    "status": tuple(Status),
    "decided": ("arrived", "again", "give_up"),
    "by": ("link", "password"),
}
"""By the fact it is recorded as, what of a closed vocabulary may stand in it."""
COUNTED = (*get_args(Outcome), *(one for counts in (Counts(), EntryCounts(), ImportCounts()) for one in counts.__struct_fields__))
MACHINE = re.compile(r"[a-z_]{2,}")


@pytest.fixture
def call(demo_city: tuple[Path, City]) -> PageCall:
    city = demo_city[1]
    context = SimpleNamespace(org=city.org, duty_list=city.duty_list)
    return cast("PageCall", SimpleNamespace(city=CityView(city), context=context))


def test_every_value_of_a_closed_vocabulary_is_worded(call: PageCall) -> None:
    said = {(fact, value): name_value(call, fact, value) for fact, values in CLOSED.items() for value in values}

    assert [key for key, words in said.items() if MACHINE.search(words)] == []
    assert set(NAMES) <= set(CLOSED)


def test_no_name_is_left_of_a_value_that_there_is_not(call: PageCall) -> None:
    """Names of the kinds that only the audit has."""
    own = ("proposal", "incident", "form", "tab", "list", "order", "code_state", "sign_in", "look", "webhook_off", "word")
    named = {(kind, code) for kind in own for code in call.city.list_names(kind)}
    values = {value.partition(":")[0] for values in CLOSED.values() for value in values}

    assert {one for one in named if one[1] not in values} == set()


def test_every_act_of_the_audit_that_is_written_in_the_code_and_every_count_has_a_name(call: PageCall) -> None:
    acts = ("knowledge.words", "knowledge.words_undo", "knowledge.test", "incident.raise")

    assert [one for one in acts if name_act(call, one) == one] == []
    assert [one for one in COUNTED if name_fact(call, one) == one] == []
    assert [one for one in discover() if name_subject(call, one) == one] == []


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("kind", "building", "楼栋码"),
        ("kind", "report", "举报"),
        ("status", "accepted\nsigned", "待派单、已签收"),
        ("words", ["synonym:路灯", "place:安泰路"], "同义词 路灯、地点的别名 安泰路"),
        ("what", "show:12", "草稿 12"),
        ("side", "silent", "没有回答"),
        ("rows", 12, "12"),
        ("serve", False, "否"),
        ("found", [], ""),
        ("kind", "nothing_we_know", "nothing_we_know"),
        ("figure", "nothing_we_know", "nothing_we_know"),
        ("reason", "居民来电：请核对号码", "居民来电：请核对号码"),
        ("reason", "building", "building"),
        ("what", "else:12", "else:12"),
        ("url", "show:12", "show:12"),
    ],
)
def test_a_value_is_named_by_the_fact_that_it_stands_in_and_what_nothing_names_stays(
    call: PageCall, fact: str, value: Any, words: str
) -> None:
    assert name_value(call, fact, value) == words


def test_a_fact_of_a_nested_one_is_named_by_its_own_name(call: PageCall) -> None:
    assert (name_fact(call, "areas.created"), name_value(call, "areas.form", "xlsx")) == ("区域 新增", "表格")
    assert "fact_created" in load_texts()["names"]
