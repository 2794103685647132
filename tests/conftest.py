"""Real databases for every test that asks for `store`: the same test runs on SQLite and on PostgreSQL, each on a freshly migrated copy."""

from __future__ import annotations

import asyncio
import copy
import gc
import shutil
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp_jinja2
import jieba
import pytest
import structlog
from hypothesis import settings as hypothesis_settings
from jinja2 import BytecodeCache
from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import create_async_engine

from bot.city import City
from bot.commands.seeding import seed
from bot.settings import load
from knowledge_base import text
from knowledge_base.dictionary import load_tokenizer
from store import engine as store_engine
from store.clock import utcnow
from store.engine import open_store
from store.migrate import migrate
from store.sealing import Vault
from tests.installation import jieba_cache
from tests.postgres import Databases, postgres_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import CodeType

    from jinja2.bccache import Bucket
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.settings import Settings
    from store.engine import Store

HERE = Path(__file__).parent
LONG = frozenset({"faults", "e2e", "browser"})
"""The folders whose tests start processes and wait for them."""

STATEMENTS = 10_000
"""More than there are."""

hypothesis_settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault of the code
hypothesis_settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run the fault tests at full size, and what is marked deep (make deep)")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked deep to `make deep`, and say how many there are; begin with what takes long.

    Tests that wait for other processes leave a core idle: at the end, nobody else would be there to use it.
    """
    items.sort(key=lambda item: LONG.isdisjoint(item.path.relative_to(HERE).parts))
    if config.getoption("--deep"):
        return
    deep = [item for item in items if is_deep(item)]
    config.hook.pytest_deselected(items=deep)
    items[:] = [item for item in items if not is_deep(item)]


def is_deep(item: pytest.Item) -> bool:
    """Tell whether a test is left to `make deep`: itself, or its half on PostgreSQL."""
    half = item.get_closest_marker("deep_on_postgres") is not None and "postgresql" in item.name
    return half or item.get_closest_marker("deep") is not None


def pytest_configure() -> None:
    """Let the garbage collector come more seldom, also while tests are gathered: a sixth of the time."""
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what stays to the end: thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def one_dictionary() -> Iterator[None]:
    """Make jieba's dictionary once per process (a second; a fifth of one to load it); every segmenter gets a copy of its own."""

    @cache
    def load() -> jieba.Tokenizer:
        return load_tokenizer(jieba_cache())

    def copy_out(cache_dir: Path) -> jieba.Tokenizer:
        cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total, tokenizer.initialized = load().FREQ.copy(), load().total, True
        return tokenizer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "load_tokenizer", copy_out)
        yield


class Compiled(BytecodeCache):
    """What templates were compiled to, kept in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def one_printer() -> Iterator[None]:
    """Compile each template of the pages once per process, as the service does, and not once per test: a third of the pages' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp_jinja2, "setup", partial(aiohttp_jinja2.setup, bytecode_cache=Compiled()))
        yield


@pytest.fixture(scope="session", autouse=True)
def one_compiler() -> Iterator[None]:
    """Compile each statement once per process, as the service does, and not once per store: a fifth of the time.

    SQLAlchemy keeps what it compiled by engine and dialect; so all engines of a kind get those of the first that has connected.
    """
    kept: dict[str, Engine] = {}

    def share(engine: Engine) -> None:
        first = kept.get(engine.dialect.name)
        if first is None:
            event.listen(engine, "first_connect", lambda *_: kept.setdefault(engine.dialect.name, engine))
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache

    def make(*arguments: Any, **options: Any) -> Engine:
        made = create_engine(*arguments, query_cache_size=STATEMENTS, **options)
        share(made)
        return made

    def make_async(*arguments: Any, **options: Any) -> AsyncEngine:
        made = create_async_engine(*arguments, query_cache_size=STATEMENTS, **options)
        share(made.sync_engine)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_engine, "create_engine", make)
        patch.setattr(store_engine, "create_async_engine", make_async)
        yield


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """Write what is logged of an error as Python does: in colours, with all variables, one takes a tenth of a second and nobody reads it."""
    *before, _ = structlog.get_config()["processors"]
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, renderer])


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault({1: bytes(range(32))})


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    with postgres_server() as address, closing(Databases(address)) as databases:
        yield databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "jieying.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Databases) -> Iterator[str]:
    address = postgres.make()
    migrate(address)
    yield address
    postgres.drop(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty, migrated database of each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "jieying.db")
        yield f"sqlite:///{tmp_path / 'jieying.db'}"
        return
    postgres: Databases = request.getfixturevalue("postgres")
    address = postgres.make(request.getfixturevalue("postgres_template"))
    yield address
    postgres.drop(address)


@pytest.fixture(scope="session")
def demo_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the demo city: no rehearsal, everything else as shipped."""
    folder = tmp_path_factory.mktemp("data")
    return load(environ={"JIEYING_DATA_DIR": str(folder), "JIEYING_SERVER_REHEARSAL": "false"})


@pytest.fixture(scope="session")
def seeded_city(
    sqlite_template: Path, demo_settings: Settings, vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, City]:
    """Seed the demo city once; the file and the City are templates to copy."""
    path = tmp_path_factory.mktemp("demo") / "jieying.db"
    shutil.copy(sqlite_template, path)
    return path, asyncio.run(_seed(f"sqlite:///{path}", demo_settings, vault))


@pytest.fixture
def demo_city(seeded_city: tuple[Path, City]) -> tuple[Path, City]:
    """Give the seeded demo city: its file, and a City of this test's own, which may take over what the test's database says.

    The entries are shared; who changes them makes a City anew.
    """
    return seeded_city[0], copy.copy(seeded_city[1])


@pytest.fixture(scope="session")
def demo_postgres(postgres: Databases, postgres_template: str, demo_settings: Settings, vault: Vault) -> Iterator[str]:
    """Seed the demo city on PostgreSQL once; the database is a template to copy. What is in memory is the same as of `seeded_city`."""
    address = postgres.make(postgres_template)
    asyncio.run(_seed(address, demo_settings, vault))
    yield address
    postgres.drop(address)


async def _seed(address: str, settings: Settings, vault: Vault) -> City:
    opened = open_store(address, vault)
    city = City(settings)
    await opened.read(lambda s: city.load(s, now=utcnow()))
    await opened.write(lambda s: seed(s, city, now=utcnow()))
    await opened.read(lambda s: city.refresh(s, now=utcnow()))
    await opened.close()
    return city


@pytest.fixture
def copy_demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Give what copies the seeded demo city onto a kind of database, and gives the copy's address."""
    copies: list[tuple[Databases, str]] = []

    def copy(kind: str) -> str:
        if kind == "sqlite":
            template: Path = request.getfixturevalue("seeded_city")[0]
            shutil.copy(template, tmp_path / "demo.db")
            return f"sqlite:///{tmp_path / 'demo.db'}"
        postgres: Databases = request.getfixturevalue("postgres")
        address = postgres.make(request.getfixturevalue("demo_postgres"))
        copies.append((postgres, address))
        return address

    yield copy
    for postgres, address in copies:
        postgres.drop(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest, copy_demo: Callable[[str], str]) -> str:
    """Give the address of a copy of the seeded demo city, on each kind of database."""
    return copy_demo(request.param)


@pytest.fixture
async def demo_store(demo_url: str, vault: Vault) -> AsyncIterator[Store]:
    """Open a copy of the seeded demo city, on each kind of database."""
    opened = open_store(demo_url, vault)
    yield opened
    await opened.close()


@pytest.fixture
async def store(database_url: str, vault: Vault) -> AsyncIterator[Store]:
    opened = open_store(database_url, vault)
    yield opened
    await opened.close()
