"""The migrations make exactly the tables of the code, both ways and on both databases, and nobody serves on any other schema."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Integer, LargeBinary, MetaData, Table, Text, bindparam, func, inspect, select, text

from bot.refusals import explain_refusal
from bot.service import run_service
from bot.texts import fill
from residents import made_pictures
from routing import supervision, timing
from routing.tables import Ticket
from store import audit
from store.base import Base, UTCDateTime
from store.engine import open_store, sqlite_engine
from store.keys import drop_key, new_key, open_key
from store.migrate import ReferencesLost, SchemaWrong, _config, expected_version, migrate, require_schema, version_of
from tests.architecture.sources import sources
from tests.installation import make_folder, make_settings
from tests.office import NOON, Teller, build_context

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.engine import Store
    from store.sealing import Vault

OLDER, NEWER = "0000", "9999"


def import_tables() -> set[str]:
    """Import every module of the house that declares a table; gives the tables' names, as the source files have them."""
    names = set()
    for path, tree in sources().items():
        declared = [
            node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and [ast.unparse(target) for target in node.targets] == ["__tablename__"]
        ]
        if declared:
            importlib.import_module(path.removesuffix(".py").replace("/", "."))
            names.update(map(str, declared))
    return names


def differences(session: Session, metadata: MetaData = Base.metadata) -> list[Any]:
    """What alembic would write into a new migration, so that the database became as `metadata` says: types and defaults included."""
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(session.connection(), opts=options), metadata)


def name_change(change: Any) -> tuple[str, str]:
    """Name one of alembic's differences by what it does and to what; those of a column's properties come as a list of one."""
    kind, *about = change[0] if isinstance(change, list) else change
    return (kind, about[2]) if kind.startswith("modify") else (kind, about[-1].name)


def say_schema_is(version: str) -> Any:
    return lambda session: session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def move(session: Session, direction: Any, to: str) -> None:
    """Let alembic move a database that is open; its own transaction is ours."""
    config = _config()
    config.attributes["connection"] = session.connection()
    direction(config, to)


def run(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    command_line = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(command_line, env=environment, capture_output=True, check=False, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_every_table_of_the_source_is_in_the_metadata() -> None:
    declared = import_tables()

    assert declared == set(Base.metadata.tables)
    assert len(declared) > 20


async def test_the_migrated_schema_is_the_metadata(store: Store) -> None:
    import_tables()

    assert await store.read(differences) == []


async def test_a_difference_would_be_seen(store: Store) -> None:
    import_tables()
    changed = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(changed)
    changed.tables["counter"].columns["value"].type = Text()
    changed.tables["outbox_message"].columns["body"].type = Integer()
    changed.tables["attachment"].columns["size"].nullable = False
    changed.tables["resident"].append_column(Column("odd", LargeBinary, nullable=True))
    changed.remove(changed.tables["audit_entry"])

    assert sorted(name_change(one) for one in await store.read(lambda s: differences(s, changed))) == [
        ("add_column", "odd"),
        ("modify_nullable", "size"),
        ("modify_type", "body"),
        ("modify_type", "value"),
        ("remove_index", "ix_audit_entry_at"),
        ("remove_index", "ix_audit_entry_subject"),
        ("remove_table", "audit_entry"),
    ]


async def test_down_to_nothing_and_up_again(store: Store) -> None:
    import_tables()

    await store.write(lambda s: move(s, command.downgrade, "base"))
    assert await store.read(lambda s: inspect(s.connection()).get_table_names()) == ["alembic_version"]
    assert await store.read(version_of) is None
    await store.write(lambda s: move(s, command.upgrade, "head"))

    assert await store.read(differences) == []
    await store.read(require_schema)


async def test_keys_and_conversations_of_the_version_before_are_taken_over(store: Store) -> None:
    """A SQLite database of 0002 keeps its keys and remembers its highest number from now on; no conversation names its group any more."""
    import_tables()
    await store.write(lambda s: move(s, command.downgrade, "0002"))
    key = await store.write(new_key)

    def write(session: Session) -> None:
        for number, place in enumerate(("person", "wrLT01G1", "wrLT02G1"), 1):
            statement = "INSERT INTO conversation (resident_id, channel, place, last_at) VALUES (1, :channel, :place, '2026-11-22 01:00:00+00:00')"
            session.execute(text(statement), {"channel": f"c{number}", "place": place})

    def read_places(session: Session) -> list[str]:
        return list(session.execute(text("SELECT place FROM conversation ORDER BY id")).scalars())

    await store.write(write)
    await store.write(lambda s: move(s, command.upgrade, "head"))

    assert (await store.read(lambda s: open_key(s, key.id))) == key
    assert await store.read(read_places) == ["person", "group-2", "group-3"]
    await store.write(lambda s: drop_key(s, key.id))
    assert (await store.write(new_key)).id > key.id
    assert await store.read(differences) == []


async def test_pictures_of_the_version_before_are_there_and_are_made_safe_like_new_ones(store: Store) -> None:
    """A picture of 0017 keeps its bytes and is taken up; going back, one that was made safe says that it is gone."""
    import_tables()
    await store.write(lambda s: move(s, command.downgrade, "0017"))
    key = await store.write(new_key)
    columns = "inbox_id, channel, kind, format, key_id, ref, body, state, tries, due_at"

    def write(session: Session) -> None:
        for inbox_id, kind in ((1, "image"), (2, "voice"), (3, "image")):
            values = {"inbox_id": inbox_id, "kind": kind, "key": key.id, "ref": key.seal(b"r"), "body": key.seal(b"b"), "at": NOON}
            statement = (
                f"INSERT INTO attachment ({columns}) VALUES (:inbox_id, 'web', :kind, '', :key, :ref, :body, 'fetched', 1, :at)"
            )
            session.execute(text(statement).bindparams(bindparam("at", type_=UTCDateTime())), values)

    await store.write(write)
    await store.write(lambda s: move(s, command.upgrade, "head"))
    taken = await store.write(lambda s: made_pictures.claim(s, now=NOON, limit=9))
    received = await store.read(lambda s: made_pictures.read_received(s, taken[0]))
    await store.write(lambda s: made_pictures.keep_made(s, taken[0], view=b"v", thumbnail=b"t", size=(1, 1)))

    assert (len(taken), received) == (2, b"b")
    await store.write(lambda s: move(s, command.downgrade, "0017"))
    kept = text("SELECT kind, state FROM attachment ORDER BY id")
    assert [tuple(row) for row in await store.read(lambda s: s.execute(kept).all())] == [
        ("image", "lost"),
        ("voice", "fetched"),
        ("image", "fetched"),
    ]
    await store.write(lambda s: move(s, command.upgrade, "head"))
    assert await store.read(differences) == []


async def test_migrating_again_changes_nothing(database_url: str, vault: Vault) -> None:
    opened = open_store(database_url, vault)
    await opened.write(lambda s: audit.record(s, actor="operator", action="test", subject="it stays"))
    await opened.close()

    assert [migrate(database_url), migrate(database_url)] == [expected_version()] * 2

    opened = open_store(database_url, vault)
    kept = await opened.read(lambda s: s.execute(select(audit.AuditEntry.subject)).scalars().all())
    await opened.close()
    assert kept == ["it stays"]


@pytest.mark.parametrize("version", [OLDER, NEWER])
async def test_a_service_refuses_a_database_of_another_version(
    database_url: str, vault: Vault, tmp_path: Path, version: str
) -> None:
    opened = open_store(database_url, vault)
    await opened.write(say_schema_is(version))
    await opened.close()
    settings = make_settings(database_url, tmp_path)

    with pytest.raises(SchemaWrong) as caught:
        async with run_service(settings):
            raise AssertionError("it serves")

    assert (caught.value.found, caught.value.expected) == (version, expected_version())
    assert explain_refusal(caught.value) == fill("cli", "error_schema_wrong", {"found": version, "expected": expected_version()})


async def test_migrating_a_newer_database_is_refused_and_leaves_it(database_url: str, vault: Vault) -> None:
    opened = open_store(database_url, vault)
    await opened.write(say_schema_is(NEWER))
    await opened.close()

    with pytest.raises(SchemaWrong):
        migrate(database_url)

    opened = open_store(database_url, vault)
    assert await opened.read(version_of) == NEWER
    await opened.close()


async def test_the_commands_migrate_twice_and_refuse_a_newer_database(vault: Vault, tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    outer = {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")}
    environment = outer | {"JIEYING_DATA_DIR": str(folder), "JIEYING_SERVER_PORT": "0", "PYTHONIOENCODING": "utf-8"}
    migrated = fill("cli", "migrated", {"version": expected_version()}) + "\n"
    refused = fill("cli", "error_schema_wrong", {"found": NEWER, "expected": expected_version()}) + "\n"

    assert [run(environment, "migrate") for _ in range(2)] == [(0, migrated, "")] * 2
    opened = open_store(f"sqlite:///{folder / 'jieying.db'}", vault)
    await opened.write(say_schema_is(NEWER))
    await opened.close()

    assert [run(environment, "serve"), run(environment, "migrate")] == [(1, "", refused)] * 2
    opened = open_store(f"sqlite:///{folder / 'jieying.db'}", vault)
    assert await opened.read(version_of) == NEWER
    await opened.close()


def insert_plainly(session: Session, table: Table, **values: object) -> None:
    """Insert a row into a table as it is in this version; what must be there and is not given is empty, or names row 1."""
    empty = {str: "-", int: 1, float: 1.0, bool: False, bytes: b"-", datetime: NOON, date: NOON.date()}
    needed = [column for column in table.columns if not column.nullable and column.server_default is None]
    filled = {column.name: [] if isinstance(column.type, JSON) else empty[column.type.python_type] for column in needed}
    session.execute(table.insert().values(filled | values))


def read_tables(session: Session) -> list[Table]:
    """Read what tables there are in this version, those that others name first."""
    metadata = MetaData()
    metadata.reflect(session.connection())
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def count_rows(session: Session) -> dict[str, int]:
    return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in read_tables(session)}


@pytest.mark.deep_on_postgres
@pytest.mark.parametrize("version", [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()])
async def test_a_database_of_any_version_with_a_row_in_each_table_is_migrated_and_keeps_them(
    database_url: str, vault: Vault, version: str
) -> None:
    opened = open_store(database_url, vault)
    await opened.write(lambda s: move(s, command.downgrade, version))

    def fill_tables(session: Session) -> dict[str, int]:
        for table in read_tables(session):
            session.execute(table.delete())
            insert_plainly(session, table)
        return count_rows(session)

    before = await opened.write(fill_tables)
    await opened.close()

    migrate(database_url)

    opened = open_store(database_url, vault)
    after = await opened.read(count_rows)
    await opened.close()
    made_anew = {"knowledge_miss"} if version < "0005" else set()
    assert set(before.values()) == {1}
    assert {name for name in before if after.get(name) != 1} == made_anew


async def test_a_database_whose_rows_name_what_is_not_there_is_not_migrated(tmp_path: Path, vault: Vault) -> None:
    url, config = f"sqlite:///{tmp_path / 'broken.db'}", _config()
    migrate(url)
    engine = sqlite_engine(url, migrating=True)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0012")
        connection.execute(text("INSERT INTO ticket_assist (ticket_id, unit) VALUES (7, 'D-gas')"))
    engine.dispose()

    with pytest.raises(ReferencesLost) as caught:
        migrate(url)

    assert explain_refusal(caught.value) == fill("cli", "error_references_lost", {"tables": caught.value.tables[0]})
    opened = open_store(url, vault)
    assert await opened.read(version_of) == "0012"
    await opened.close()


async def test_an_open_ticket_of_the_version_before_keeps_its_due_time_whatever_is_counted_later(
    database_url: str, vault: Vault
) -> None:
    context, due = build_context(Teller()), NOON + timedelta(hours=2)
    opened = open_store(database_url, vault)
    await opened.write(lambda s: move(s, command.downgrade, "0006"))

    def write(session: Session) -> None:
        key = new_key(session)
        tables = {table.name: table for table in read_tables(session)}
        moments = {"opened_at": NOON, "dispatched_at": NOON, "due_at": due, "look_at": due}
        who = {"resident_id": 1, "unit": "D-gas", "desk": "S1-desk", "kind": "help", "tier": "orange", "status": "signed"}
        numbered = {"id": 1, "number": "20260302-0001", "key_id": key.id, "version": 1, "text": key.seal(b"x")}
        insert_plainly(session, tables["ticket"], **numbered, **who, **moments)
        insert_plainly(session, tables["ticket_event"], ticket_id=1, act="sign")

    def look(session: Session) -> tuple[datetime, list[tuple[str, str, datetime]]]:
        ticket = session.execute(select(Ticket)).scalar_one()
        supervision.warn(session, ticket.id, now=NOON + timedelta(minutes=1), context=context)
        return ticket.due_at, [(run.kind, run.result, run.due_at) for run in timing.list_runs(session, ticket)]

    await opened.write(write)
    await opened.close()
    migrate(database_url)
    opened = open_store(database_url, vault)
    seen = await opened.write(look)
    await opened.close()

    assert seen == (due, [("unit", "running", due)])


async def test_the_months_of_the_figures_are_made_of_the_days_there_are(store: Store) -> None:
    """A database of 0021 with sums by day has the same sums by month at once, before any ticket changes."""
    import_tables()
    await store.write(lambda s: move(s, command.downgrade, "0021"))
    days = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 2, 28))

    def write(session: Session) -> None:
        table = Base.metadata.tables["figure_day"]
        for place, (day, value) in enumerate(zip(days, ("G1", "G1", "G1", "G2"), strict=True)):
            counts = {column.name: 0 for column in table.columns if isinstance(column.type, Integer)}
            session.execute(table.insert().values(dimension="area", day=day, value=value, **counts | {"received": 1 << place}))

    await store.write(write)
    await store.write(lambda s: move(s, command.upgrade, "head"))
    months = text("SELECT month, value, received, closed FROM figure_month ORDER BY month, value")
    found = [(str(month), *rest) for month, *rest in await store.read(lambda s: s.execute(months).all())]
    assert found == [("2026-01-01", "G1", 1, 0), ("2026-02-01", "G1", 6, 0), ("2026-02-01", "G2", 8, 0)]
    assert await store.read(differences) == []
