"""A real PostgreSQL for the tests: a given one (JIEYING_TEST_POSTGRES), else one started from the installed binaries in a temporary folder.

Missing binaries are an error that says what to do, never a skip. As root the server runs as `nobody`, as PostgreSQL demands.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the address of a server's maintenance database; stop the server afterwards if we started it."""
    given = os.environ.get("JIEYING_TEST_POSTGRES")
    if given:
        yield given
        return
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="jieying-pg-") as folder:
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
        options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200"
        run_as_server([str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start"])
        try:
            yield f"postgresql://jieying@127.0.0.1:{port}/postgres"
        finally:
            run_as_server([str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
