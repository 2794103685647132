"""A real PostgreSQL for the tests: a given one (JIEYING_TEST_POSTGRES), else one started from the installed binaries in a temporary folder.

The folder is in memory where there is room for it: to make a database is to write a thousand small files, which takes a disk up to twenty times as long.
Missing binaries are an error that says what to do, never a skip. As root the server runs as `nobody`, as PostgreSQL demands.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")  # noqa: S108 - only a new folder of our own is made in it
ROOM = 1 << 30
"""Bytes that have to be free in memory: a server with what stands at one time takes a fifth of it."""
OPTIONS = "fsync=off full_page_writes=off autovacuum=off max_wal_size=128MB max_connections=200 listen_addresses=127.0.0.1"
"""What may be lost with the machine may be lost: nothing here outlives the tests."""


class PostgresMissing(Exception):
    """No PostgreSQL server programs were found: run `make test`, which installs them, or set JIEYING_TEST_POSTGRES to a server's address."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def find_binaries() -> Path:
    """Find the newest installed server programs."""
    folders = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0),
    )
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    if found is None:
        raise PostgresMissing
    return Path(found).resolve().parent


def run_as_server(command: list[str]) -> None:
    """Run a server program, as nobody when we are root."""
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    subprocess.run(command, check=True, capture_output=True, cwd="/")


def find_room() -> Path | None:
    """Find memory that takes files and has room; None: use the disk, as temporary files do."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


class Databases:
    """The databases of a server, each copied from another and dropped again over one connection to its maintenance database.

    The names hold the process, so that several may use one given server.
    """

    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # leaves the tests' own loops alone
        self._connection = self._runner.run(asyncpg.connect(server))
        self._numbers = count(1)
        by_files = self._connection.get_server_version().major >= 15  # before, there was no other way
        self._way = " STRATEGY FILE_COPY" if by_files else ""

    def make(self, template: str = "") -> str:
        """Make a database, empty or a copy of the one at an address; gives its address."""
        name = f"jieying_{os.getpid()}_{next(self._numbers)}"
        source = f" TEMPLATE {make_url(template).database}{self._way}" if template else ""
        self._runner.run(self._connection.execute(f"CREATE DATABASE {name}{source}"))
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._runner.run(self._connection.execute(f"DROP DATABASE {make_url(address).database} WITH (FORCE)"))

    def close(self) -> None:
        """Close the connection."""
        self._runner.run(self._connection.close())
        self._runner.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the address of a server's maintenance database; stop the server afterwards if we started it."""
    given = os.environ.get("JIEYING_TEST_POSTGRES")
    if given:
        yield given
        return
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="jieying-pg-", dir=find_room()) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)
            shutil.chown(data, "nobody", "nogroup")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        run_as_server(
            [str(binaries / "initdb"), "-D", str(data), "-U", "jieying", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"]
        )
        options = f"-p {port} -k {data} " + " ".join(f"-c {option}" for option in OPTIONS.split())
        run_as_server([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start"])
        try:
            yield f"postgresql://jieying@127.0.0.1:{port}/postgres"
        finally:
            run_as_server([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
