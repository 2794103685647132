"""`jieying say`: write to the running service as a resident would, and read what comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import click

from bot.channels.terminal import PATH
from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, option, text
from bot.refusals import refuse
from bot.service import local_address

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_ANSWER_SECONDS = 30.0
_LOOK_SECONDS = 0.3
_OK = 200


@command("say")
@click.argument("words", nargs=-1, required=True)
@option("--as", "name", word="say_as", default=None)
@option("--url", word="say_url", default=None)
@option("--wait", "seconds", type=click.FloatRange(0, 600), default=2.0)
@as_json
@invoked
def say(
    invocation: Invocation, *, words: tuple[str, ...], name: str | None, url: str | None, seconds: float, as_json: bool
) -> None:
    """Say something and print the answer, then what arrives within some seconds."""
    address = url or local_address(invocation.settings)
    sender = name or text("say_default_name")
    answer, later = asyncio.run(_say(address.rstrip("/"), sender=sender, words=" ".join(words), seconds=seconds))
    if as_json:
        print_json(answer | {"later": later})
        return
    if answer["reply"]:
        click.echo(answer["reply"])
    for message in later:
        click.echo(text("said_later", text=message))
    if not answer["reply"] and not later:
        click.echo(text("said_nothing", outcome=answer["outcome"]))


async def _say(address: str, *, sender: str, words: str, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """Hand the words over; give the answer, and what was sent to this sender after it."""
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        try:
            seen = await _list_later(client, address, sender=sender, after=0)
            async with client.post(f"{address}{PATH}", json={"sender": sender, "text": words}) as response:
                if response.status != _OK:
                    raise refuse("say_refused", status=response.status, answer=await response.text())
                answer: dict[str, Any] = await response.json()
            last = max((number for number, _ in seen), default=0)
            return answer, [
                message for _, message in await _wait_for_later(client, address, sender=sender, after=last, seconds=seconds)
            ]
        except aiohttp.ClientConnectionError as error:
            raise refuse("no_service", address=address) from error


async def _wait_for_later(
    client: aiohttp.ClientSession, address: str, *, sender: str, after: int, seconds: float
) -> list[tuple[int, str]]:
    """Look until something has arrived or the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        found = await _list_later(client, address, sender=sender, after=after)
        if found or loop.time() >= until:
            return found
        await asyncio.sleep(_LOOK_SECONDS)


async def _list_later(client: aiohttp.ClientSession, address: str, *, sender: str, after: int) -> list[tuple[int, str]]:
    query = {"sender": sender, "after": str(after)}
    async with client.get(f"{address}{PATH}", params=query) as response:
        if response.status != _OK:
            raise refuse("say_refused", status=response.status, answer=await response.text())
        messages = (await response.json())["messages"]
    return [(message["number"], message["text"]) for message in messages]
