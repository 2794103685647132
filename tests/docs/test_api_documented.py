"""docs/api.md names every route, scope and problem of the API, and its examples do what it says they do."""

from __future__ import annotations

import re
import shlex
import string
from typing import TYPE_CHECKING, Any

import pytest

from bot.texts import load_texts
from console.catalogue import ROUTES
from console.policy import SCOPES
from store.engine import open_store
from tests.api_door import UNIT, open_api
from tests.architecture.sources import text_of
from tests.integration.test_api import give

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.city import City
    from store.sealing import Vault
    from tests.api_door import Api

TEXT = text_of("docs/api.md")


def list_examples() -> Iterator[tuple[list[str], int]]:
    """List the curl calls of the page with the status that stands below each."""
    for block in re.findall(r"^```\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL):
        lines = block.splitlines()
        for place, line in enumerate(lines):
            if line.startswith("curl "):
                yield shlex.split(line), int(lines[place + 1].removeprefix("# "))


def read_curl(words: list[str], known: dict[str, str]) -> dict[str, Any]:
    """Read a curl command as what the client takes."""
    given: dict[str, Any] = {"method": "GET", "headers": {}, "params": {}}
    rest = iter(string.Template(word).safe_substitute(known) for word in words[1:])
    for word in rest:
        match word:
            case "-s" | "-G":
                continue
            case "-H":
                name, _, value = next(rest).partition(": ")
                given["headers"][name] = value
            case "-d":
                given |= {"method": "POST", "data": next(rest)}
            case "--data-urlencode":
                name, _, value = next(rest).partition("=")
                given["params"][name] = value
            case _:
                given["url"] = word
    return given


def remember(known: dict[str, str], answer: dict[str, Any]) -> None:
    """Keep what the next example refers to."""
    items = answer.get("items") or [answer]
    for name, key in (("number", "NUMBER"), ("etag", "ETAG")):
        if items[0].get(name):
            known[key] = items[0][name]
    if answer.get("next"):
        known["CURSOR"] = answer["next"]


async def test_the_examples_do_what_the_page_says(
    demo_city: tuple[Path, City], copy_demo: Callable[[str], str], vault: Vault
) -> None:
    store = open_store(copy_demo("sqlite"), vault)
    async with open_api(store, demo_city[1]) as api:
        for resident in (1, 2):
            opened = await api.open(resident=resident, area=f"LA-DL-LT-01-G{resident}")
            await api.store.write(lambda s, number=opened.ticket.number: give(s, number, UNIT))
        tried = await walk(api, {"API": f"{api.address}/api/v1", "TOKEN": await api.token("desk")})
    await store.close()

    assert tried == [(words[1:3], status) for words, status in list_examples()]
    assert len(tried) >= 12


async def walk(api: Api, known: dict[str, str]) -> list[tuple[list[str], int]]:
    """Run the examples one after the other; gives each with the status it got."""
    tried = []
    for words, _ in list_examples():
        asked = read_curl(words, known)
        response = await api.client.request(asked.pop("method"), asked.pop("url"), **asked)
        remember(known, await response.json(content_type=None))
        tried.append((words[1:3], response.status))
    return tried


def test_every_route_is_on_the_page_and_none_that_is_gone() -> None:
    documented = re.findall(r"^\| `((?:GET|POST) /\S+)` \|", TEXT, re.MULTILINE)

    assert sorted(documented) == sorted(f"{route.method} {route.path}" for route in ROUTES)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope_is_on_the_page(scope: str) -> None:
    assert f"`{scope}`" in TEXT


def test_every_problem_of_ours_is_on_the_page() -> None:
    ours = {key.removeprefix("problem_") for key in load_texts()["api"] if key.startswith("problem_")} - {"denied_unseen"}

    assert {code for code in ours if f"`{code}`" not in TEXT} == set()
