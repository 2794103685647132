"""Commands on the city's database, wherever the service runs: through its socket while it does, in this very process while it does not.

The socket lies in the data folder and lets only its owner in; a command is the same function in the same kind of transaction either way,
and is refused with the same words.

    ControlError
    ├── CommandRefused    the command cannot be carried out as asked: says why and what to do
    ├── CommandBroke      the command failed inside the service, whose log holds the trace
    ├── SocketInUse       another service has this data folder
    └── PathTooLong       the data folder's path is too long for a socket
"""

from __future__ import annotations

import os
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, UnixConnector, web

from bot.city import City, load_city
from bot.commands import discover
from bot.keyring import load_vault
from bot.refusals import Refusal, explain_refusal
from bot.texts import fill
from store.clock import utcnow
from store.engine import StoreLocked, open_store
from store.migrate import require_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from bot.commands import Json
    from bot.settings import Settings
    from store.engine import Store

log = structlog.get_logger(__name__)

FILE = "control.sock"

_PATH_BYTES = 100  # the kernel takes 107 bytes, some systems 103
_BODY_BYTES = 64 * 1024 * 1024  # an imported file travels inside
_ANSWER_SECONDS = 900.0  # the longest import
_REFUSED = 409
_BROKE = 500


class ControlError(Refusal):
    """A command could not be carried out."""


class CommandRefused(ControlError):
    """The command was refused."""


class CommandBroke(ControlError):
    """The command failed inside the service."""


class SocketInUse(ControlError):
    """Another service uses this data folder."""


class PathTooLong(ControlError):
    """The path of the control socket is too long."""


async def call(settings: Settings, name: str, arguments: Mapping[str, Json]) -> Json:
    """Have a command carried out: by the running service, else here. CommandRefused says why not."""
    path = socket_path(settings)
    if is_live(path):
        return await _ask(path, name, arguments)
    try:
        async with open_city(settings) as (store, city):
            return await carry_out(store, city, name, arguments)
    except StoreLocked:
        if is_live(path):  # it was just starting
            return await _ask(path, name, arguments)
        raise


async def carry_out(store: Store, city: City, name: str, arguments: Mapping[str, Json]) -> Json:
    """Run a command in its transaction, then take over what it changed in the city."""
    command = discover()[name]
    now = utcnow()
    transact = store.write if command.writes else store.read
    try:
        result = await transact(lambda session: command.run(session, city, now=now, **arguments))
    except Exception as error:
        words = explain_refusal(error)
        if words is None:
            raise
        raise CommandRefused(words) from error
    await store.read(lambda session: city.refresh(session, now=now))
    return result


@asynccontextmanager
async def open_city(settings: Settings) -> AsyncIterator[tuple[Store, City]]:
    """Open the database and the city without the rest of the service. StoreLocked while one runs on this SQLite file."""
    store = open_store(settings.database_url, load_vault(settings))
    try:
        await store.read(require_schema)
        yield store, await store.read(lambda session: load_city(session, settings, now=utcnow()))
    finally:
        await store.close()


@asynccontextmanager
async def serve_control(settings: Settings, store: Store, city: City) -> AsyncIterator[Path]:
    """Take commands on the socket while inside. A file that a dead process left is replaced."""
    path = socket_path(settings)
    if is_live(path):
        raise SocketInUse(fill("cli", "error_socket_in_use", {"path": path}))

    async def take(request: web.Request) -> web.Response:
        asked: dict[str, Any] = await request.json()
        try:
            return web.json_response({"result": await carry_out(store, city, asked["name"], asked["arguments"])})
        except CommandRefused as error:
            return web.json_response({"error": str(error)}, status=_REFUSED)
        except Exception as error:
            log.exception("command failed", action="command_failed", command=asked.get("name"))
            return web.json_response({"error": type(error).__name__}, status=_BROKE)

    application = web.Application(client_max_size=_BODY_BYTES)
    application.router.add_post("/", take)
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.SockSite(runner, _bind(path)).start()
        yield path
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)


def socket_path(settings: Settings) -> Path:
    """Name the socket of a data folder; PathTooLong if no socket can have that name."""
    path = settings.folder / FILE
    if len(os.fsencode(path)) > _PATH_BYTES:
        raise PathTooLong(fill("cli", "error_path_too_long", {"path": path, "most": _PATH_BYTES}))
    return path


def is_live(path: Path) -> bool:
    """Tell whether somebody listens on the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except OSError:
            return False
    return True


def _bind(path: Path) -> socket.socket:
    """Make the socket so that from its first moment only its owner can connect."""
    with suppress(FileNotFoundError):
        path.unlink()
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(os.fspath(path))
    finally:
        os.umask(before)
    return listening


async def _ask(path: Path, name: str, arguments: Mapping[str, Json]) -> Json:
    """Ask the running service."""
    timeout = ClientTimeout(total=_ANSWER_SECONDS)
    async with ClientSession(connector=UnixConnector(os.fspath(path)), timeout=timeout) as client:
        try:
            response = await client.post("http://service/", json={"name": name, "arguments": dict(arguments)})
            body: dict[str, Any] = await response.json()
        except ClientConnectionError as error:
            raise CommandBroke(fill("cli", "error_service_gone")) from error
    if response.status == _REFUSED:
        raise CommandRefused(body["error"])
    if response.status == _BROKE:
        raise CommandBroke(fill("cli", "error_command_broke", {"error": body["error"]}))
    return body["result"]
