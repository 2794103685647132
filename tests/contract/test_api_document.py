"""The document against the running API: whatever schemathesis makes up as any role, no server error and no answer that is not written down."""

from __future__ import annotations

import asyncio
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode, checks
from sqlalchemy import update

from console.catalogue import ROUTES
from console.routes import PREFIX
from routing.tables import Ticket
from store.engine import open_store
from tests.api_door import GRID, POSTS, UNIT, open_api
from tests.integration.test_api import give

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import APIOperation, Case

    from bot.city import City
    from store.sealing import Vault
    from tests.api_door import Api

ROLES = (*POSTS, "partner", "")
ALWAYS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
LONGEST_ADDRESS = 8000
"""Bytes of a query that aiohttp reads with all that stands before it (8,190 a line)."""
STATUSES = ("accepted", "dispatched", "signed", "replied", "concluded", "carried", "closed")


class Served:
    """The API in a thread of its own, with tickets in every hand, and a token of every role."""

    def __init__(self, address: str, tokens: dict[str, str], numbers: list[str], links: list[str]) -> None:
        self.url = address
        self.tokens = tokens
        self.numbers = numbers
        self.links = links
        self.session = requests.Session()
        self.schema = schemathesis.openapi.from_dict(self.session.get(f"{address}{PREFIX}/openapi.json", timeout=60).json())
        found: list[APIOperation[Any, Any, Any, Any]] = [one.ok() for one in self.schema.get_all_operations()]
        self.operations = {one.definition.raw["operationId"]: one for one in found}
        self.answered: dict[str, set[int]] = {}

    def ask(self, case: Case, role: str) -> schemathesis.Response:
        """Send a case as a role."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        response = case.call(base_url=self.url, session=self.session, headers=headers, timeout=60)
        self.answered.setdefault(role, set()).add(response.status_code)
        return response


@contextmanager
def run_loop() -> Iterator[Any]:
    """Run an event loop in a thread; gives the function that waits for a coroutine there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(120)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def fill(api: Api) -> tuple[list[str], list[str]]:
    """Open tickets, in every status, with the unit and at the desk, one confidential."""
    numbers, links = [], []
    for place, status in enumerate((*STATUSES, "accepted")):
        opened = await api.open("柳树街路灯坏了三天", resident=place + 1, area=GRID, confidential=place == len(STATUSES))
        number = opened.ticket.number
        unit = api.city.desk if status == "accepted" else UNIT
        await api.store.write(lambda s, number=number, unit=unit: give(s, number, unit))
        await api.store.write(lambda s, number=number, status=status: set_status(s, number, status))
        numbers.append(number)
        links.append(opened.token)
    return numbers, [link for link in links if link]


def set_status(session: Any, number: str, status: str) -> None:
    session.execute(update(Ticket).where(Ticket.number == number).values(status=status))


@pytest.fixture(scope="module")
def served(seeded_city: tuple[Path, City], vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("api") / "demo.db"
    shutil.copy(seeded_city[0], path)
    with run_loop() as wait:

        async def start() -> Any:
            store = open_store(f"sqlite:///{path}", vault)
            context = open_api(store, seeded_city[1])
            api = await context.__aenter__()
            tokens = {role: await api.token(role) for role in ROLES if role}
            return store, context, api, tokens, await fill(api)

        store, context, api, tokens, (numbers, links) = wait(start())
        yield Served(api.address, tokens, numbers, links)

        async def stop() -> None:
            await context.__aexit__(None, None, None)
            await store.close()

        wait(stop())


def try_cases(
    served: Served, operation: APIOperation[Any, Any, Any, Any], roles: tuple[str, ...], *, mode: GenerationMode, examples: int
) -> None:
    """Send cases of one operation as some roles. What fits the schema goes to real tickets; what does not must be refused."""
    is_positive = mode is GenerationMode.POSITIVE
    turn = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        nonlocal turn
        assume(is_positive or can_be_refused(case))
        for role in roles:
            turn += 1
            if is_positive:
                aim(case, served, turn)
            case.validate_response(
                served.ask(case, role), checks=ALWAYS if is_positive else [*ALWAYS, checks.negative_data_rejection]
            )

    send()


def can_be_refused(case: Case) -> bool:
    """Tell whether what is wrong with a query comes to the API: an empty list leaves nothing in the address, and a longer address is refused before it."""
    query = case.query or {}
    return [] not in query.values() and len(urlencode(query, doseq=True)) < LONGEST_ADDRESS


def aim(case: Case, served: Served, turn: int) -> None:
    """Let a case that fits the schema meet something that is there, so that more is tried than 404 and 409."""
    if "number" in case.path_parameters:
        case.path_parameters["number"] = served.numbers[turn % len(served.numbers)]
    if "token" in case.path_parameters and turn % 2:
        case.path_parameters["token"] = served.links[turn % len(served.links)]
    if "If-Match" in (case.headers or {}) and turn % 4:
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict) and "unit" in case.body and turn % 2:
        case.body["unit"] = UNIT


@pytest.mark.parametrize("name", [route.name for route in ROUTES])
def test_no_server_error_and_no_undocumented_answer(served: Served, name: str, request: pytest.FixtureRequest) -> None:
    """Every case of an operation is sent as every role, and without a token."""
    examples = 200 if request.config.getoption("--deep") else 2
    try_cases(served, served.operations[name], ROLES, mode=GenerationMode.POSITIVE, examples=examples)


@pytest.mark.parametrize("name", [route.name for route in ROUTES if route.body or route.query])
def test_what_does_not_fit_the_document_is_refused(served: Served, name: str, request: pytest.FixtureRequest) -> None:
    examples = 500 if request.config.getoption("--deep") else 5
    try_cases(served, served.operations[name], ("supervisor",), mode=GenerationMode.NEGATIVE, examples=examples)


def test_the_cases_meet_what_is_there(served: Served) -> None:
    """Acts are done and refused, not only held up at the door."""
    before = served.answered.pop("desk", set())
    for name in ("act_note", "act_sign", "act_kind", "act_supervise", "act_original"):
        try_cases(served, served.operations[name], ("desk",), mode=GenerationMode.POSITIVE, examples=10)
    assert served.answered["desk"] >= {200, 409}
    served.answered["desk"] |= before


def test_methods_and_tokens_as_the_document_says(served: Served) -> None:
    for operation in served.operations.values():
        url = served.url + operation.path.format(number=served.numbers[0], token="none", code="none")
        without = served.session.request(operation.method, url, json={}, timeout=60)
        assert without.status_code == (404 if operation.path.endswith("/my/{token}") else 401)
        other = served.session.request("DELETE", url, timeout=60)
        assert (other.status_code, operation.method.upper() in other.headers["Allow"]) == (405, True)
