"""A confidential matter from the first word to the last: what lies in the database, what leaves the desk, and who opens the original."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from bot.app import App
from bot.channels import Group, Inbound
from bot.cli.printing import write_table
from bot.control import CommandRefused, carry_out
from bot.texts import fill
from residents.tables import Identity
from residents.unsealing import unseal
from routing.tables import Ticket
from store.audit import AuditEntry
from store.base import Base
from store.outbox import OutboxMessage
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 3, 47, 23, tzinfo=UTC)
WORDS = "我住安泰花园37号楼4021，举报楼上金丝雀婆婆天天卖假酒，别说是我"
CANARIES = ("金丝雀", "4021", "卖假酒", "37号楼", "百灵鸟", "画眉鸟群")
ABOUT_WORKER = "举报安泰花园的网格员郑育才收了金丝雀装修队的红包，百灵鸟亲眼看见"
NEUTRAL = "安泰花园有人反映个人在住宅内销售假冒酒类。希望核实处理，并答复结果。"


@pytest.fixture
def app(demo_settings: Settings, demo_store: Store, demo_city: tuple[Path, City]) -> App:
    channels: dict[str, Any] = {
        "wechat_mp": PhoneChannel("wechat_mp", reply_limit=2048, windows={}),
        "gateway": PhoneChannel("gateway", reply_limit=0, windows={}),
    }
    return App(demo_settings, demo_store, demo_city[1], channels, clock=lambda: NOW)


async def write(app: App, words: str, *, key: str = "m:1", group: Group | None = None) -> Any:
    scope: Any = "group" if group else "person"
    channel = "gateway" if group else "wechat_mp"
    inbound = Inbound(channel=channel, key=key, sender="o-1", kind="text", sent_at=NOW, text=words, scope=scope, group=group)
    return await app.receiver.receive(inbound)


async def do(app: App, name: str, number: str, *, actor: str = "operator", **arguments: Any) -> Any:
    return await carry_out(app.store, app.city, f"tickets.{name}", {"number": number, "actor": actor, **arguments})


async def look(app: App, name: str, **arguments: Any) -> Any:
    return await carry_out(app.store, app.city, f"tickets.{name}", arguments)


async def refused(app: App, name: str, number: str, **arguments: Any) -> str:
    with pytest.raises(CommandRefused) as error:
        await do(app, name, number, **arguments)
    return str(error.value)


def read_rows(session: Session) -> bytes:
    """Put every value of every row of every table into one heap of bytes; the city's own tables and knowledge left out."""
    heap = bytearray()
    city = {"area", "unit", "staff", "place", "resident_group", "duty_item", "roster_shift", "emergency_contact", "kb_entry"}
    for table in Base.metadata.sorted_tables:
        if table.name in city or table.name.startswith("knowledge"):
            continue
        for row in session.execute(select(table)):
            for value in row:
                heap += value if isinstance(value, bytes) else str(value).encode()
    return bytes(heap)


async def live_through(app: App) -> str:
    """Let a confidential matter live: added to, approved, dispatched, answered, not solved; and one about a worker, told in a group."""
    number = (await write(app, WORDS)).ticket
    await write(app, "补充一下，百灵鸟也看见了，我家4021都闻得到", key="m:2")
    await do(app, "summary.edit", number, text=NEUTRAL)
    await do(app, "summary.approve", number)
    await do(app, "dispatch", number, unit="DL-SCJG")
    await do(app, "return", number, reason="area", text="不在本所辖区")
    await do(app, "dispatch", number, unit="DL-SCJG")
    await do(app, "conclude", number, text="已检查，未发现")
    await write(app, "没解决，金丝雀婆婆还在卖假酒", key="m:3")
    group = Group(id="wrLT01G1", name="画眉鸟群", consent=True, mentions_bot=True, can_reply=True)
    await write(app, ABOUT_WORKER, key="g:1", group=group)
    await app.duties.supervise()
    while await app.duties.send():
        await app.duties.drain()
    return str(number)


def find_canaries(heap: bytes) -> list[str]:
    """Find what may not be there; the door's four digits standing alone, not inside a longer number or a hash, which has them by chance."""
    return [
        one
        for one in CANARIES
        if (re.search(rf"(?<![0-9a-f.]){one}(?![0-9a-f])".encode(), heap) if one.isdigit() else one.encode() in heap)
    ]


async def test_rows_and_files_hold_no_word_of_a_confidential_matter(app: App, tmp_path: Path) -> None:
    number = await live_through(app)

    heap = await app.store.read(read_rows)
    heap += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "demo.db" in path.name)
    assert number.encode() in heap
    assert find_canaries(heap) == []


async def test_the_servers_log_holds_no_word_either(app: App) -> None:
    await live_through(app)

    def where(session: Session) -> Path | None:
        if session.get_bind().dialect.name != "postgresql":
            return None
        return Path(session.execute(text("SHOW data_directory")).scalar_one()) / "log"

    log = await app.store.read(where)
    if log is None or not log.exists():  # SQLite has none; a given server's cannot be reached
        return
    with pytest.raises(Exception, match="canary_that_is_logged"):
        await app.store.read(lambda s: s.execute(text("SELECT canary_that_is_logged")))
    written = log.read_bytes()
    assert b"canary_that_is_logged" in written
    assert find_canaries(written) == []


async def test_the_home_is_kept_with_the_resident_only(app: App) -> None:
    number = (await write(app, WORDS)).ticket

    def read(session: Session) -> tuple[str, bytes | None, list[str]]:
        ticket = session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()
        resident = session.execute(select(Identity.resident_id).where(Identity.kind == "home")).scalar_one()
        return (
            ticket.public_place,
            ticket.place_text,
            unseal(session, resident_id=resident, kind="home", reason="核实", actor="DK007"),
        )

    assert await app.store.write(read) == ("安泰花园", None, ["安泰花园37号楼4021"])


async def test_nothing_leaves_the_desk_without_an_approved_summary(app: App) -> None:
    number = (await write(app, WORDS)).ticket

    assert await refused(app, "dispatch", number, unit="DL-SCJG") == fill("cli", "error_summary_missing")
    edited = await do(app, "summary.edit", number, text="我楼上金丝雀婆婆天天卖假酒，4021室，电话13812345678，昨天")
    kinds = {fault["kind"] for fault in edited["faults"]}
    assert kinds == {"person", "relation", "number", "time", "home", "quote"}
    assert (await refused(app, "summary.approve", number)).startswith("转办摘要里还有不能给承办单位看的：")
    await do(app, "summary.edit", number, text=NEUTRAL)
    approved = await do(app, "summary.approve", number, actor="DK007")
    assert (approved["text"], approved["state"], approved["faults"]) == (NEUTRAL, "approved", [])
    dispatched = await do(app, "dispatch", number, unit="DL-SCJG")
    assert (dispatched["unit"], dispatched["title"], dispatched["place"]) == ("DL-SCJG", "保密事项", "安泰花园")


async def test_the_unit_sees_the_summary_and_the_day(app: App) -> None:
    number = (await write(app, WORDS)).ticket
    await do(app, "summary.edit", number, text=NEUTRAL)
    await do(app, "summary.approve", number)
    await do(app, "dispatch", number, unit="DL-SCJG")

    seen = await look(app, "show", number=number, actor="UC020")
    assert (seen["summary"], seen["handover"], seen["events"], seen["why"], seen["due_basis"]) == (NEUTRAL, "", [], [], [])
    assert datetime.fromisoformat(seen["opened_at"]) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    with pytest.raises(CommandRefused):
        await look(app, "summary.show", number=number, actor="UC020")
    with pytest.raises(CommandRefused):
        await do(app, "original", number, reason="想看看", actor="UC020")


async def test_lists_searches_and_tables_show_its_number_only(app: App, tmp_path: Path) -> None:
    number = (await write(app, WORDS)).ticket

    for actor in ("operator", "DK007"):
        (line,) = (await look(app, "list", actor=actor))["tickets"]
        assert (line["number"], line["title"], line["place"], line["unit_name"], line["opened_at"]) == (number, "", "", "", "")
        assert line["desk_name"] == "柳塘街道社会治理指挥室"
        for word in ("假酒", "安泰花园", "保密", number[:10]):
            assert (await look(app, "search", word=word, actor=actor))["tickets"] == []
        assert [found["number"] for found in (await look(app, "search", word=number, actor=actor))["tickets"]] == [number]
    exported = await look(app, "export", actor="DK007")
    (row,) = exported["rows"]
    assert {name for name, value in row.items() if value} == {"number", "status", "desk", "due", "exported_by"}
    write_table(tmp_path / "out.csv", {name: name for name in row}, [row | {"title": "=1+1"}])
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (written,) = csv.DictReader(file)
    assert (written["number"], written["title"]) == (number, "'=1+1")
    acts = await app.store.read(lambda s: s.execute(select(AuditEntry.actor, AuditEntry.action)).all())
    assert ("DK007", "tickets.export") in [tuple(act) for act in acts]


async def test_the_original_is_opened_for_a_reason_that_is_kept(app: App) -> None:
    number = (await write(app, WORDS)).ticket

    assert await refused(app, "original", number, reason=" ", actor="DK007") == fill("cli", "error_reason_missing")
    opened = await do(app, "original", number, reason="核实地点", actor="DK007")
    assert (opened["text"], opened["place"], opened["at"]) == (WORDS, "", NOW.isoformat())
    rows = await app.store.read(lambda s: s.execute(select(AuditEntry).where(AuditEntry.action == "unseal")).scalars().all())
    assert [(row.actor, row.subject, row.facts) for row in rows] == [
        ("DK007", f"ticket:{number}", {"kind": "original", "reason": "核实地点"})
    ]


async def test_what_is_sealed_later_is_taken_out_of_what_was_told_before(app: App) -> None:
    number = (await write(app, "安泰路12号门口金丝雀烧烤店占道经营")).ticket
    before = await app.store.read(read_rows)
    assert "金丝雀".encode() in before

    sealed = await do(app, "seal", number)
    assert (sealed["unit"], sealed["status"], sealed["confidential"], sealed["title"]) == ("LT-ZHS", "accepted", True, "保密事项")
    assert [canary for canary in CANARIES if canary.encode() in await app.store.read(read_rows)] == []
    assert (await look(app, "list", actor="UC058"))["tickets"] == []


async def test_whoever_it_is_about_loses_it_with_what_waited_for_them(app: App) -> None:
    number = (await write(app, "安泰路12号门口路灯不亮三天了，晚上黑漆漆的")).ticket
    assert (await look(app, "show", number=number, actor="UC008"))["unit"] == "DL-LDZM"

    mine = await do(app, "about", number, units=["DL-LDZM"], actor="DK007")
    assert mine == {"number": number, "out_of_sight": True}
    with pytest.raises(CommandRefused):
        await look(app, "show", number=number, actor="UC008")
    with pytest.raises(CommandRefused):
        await look(app, "show", number=number, actor="DK007")
    now = await look(app, "show", number=number, actor="DK003")
    assert (now["unit"], now["status"]) == ("DL-ZHS", "accepted")

    def waiting(session: Session) -> list[tuple[str, str]]:
        rows = session.execute(
            select(OutboxMessage).where(OutboxMessage.audience != "resident").order_by(OutboxMessage.id)
        ).scalars()
        return [(row.target, row.state) for row in rows if row.body is not None or row.state in {"pending", "shown"}]

    assert {target for target, _ in await app.store.read(waiting)} == {
        "DL-SZYH",
        "DL-ZHS",
    }  # who was to assist knew, and is not refused
    assert await refused(app, "dispatch", number, unit="DL-LDZM") == fill("cli", "error_refused_unit")
    assert await refused(app, "about", number, units=["NOBODY"]) == fill("cli", "error_unknown_name")


async def test_where_nobody_is_above_the_operator_is_told_and_nobody_else(app: App) -> None:
    reply = await write(app, "投诉东篱区社会治理指挥室敷衍，打了三次电话都糊弄我")

    rows = await app.store.read(
        lambda s: s.execute(select(OutboxMessage).where(OutboxMessage.audience != "resident")).scalars().all()
    )
    assert [(row.audience, row.notice, row.state, row.facts) for row in rows] == [
        ("operator", "operator_stranded", "shown", {"number": reply.ticket})
    ]
    assert (await look(app, "list"))["tickets"][0]["number"] == reply.ticket
    for actor in ("DK001", "DK007", "SV001"):
        assert (await look(app, "list", actor=actor))["tickets"] == []


async def test_in_a_group_nothing_is_said_of_it(app: App) -> None:
    group = Group(id="wrLT01G1", name="安泰一格居民群", consent=True, mentions_bot=True, can_reply=False)
    reply = await write(app, ABOUT_WORKER, group=group)

    assert (reply.text, reply.suggested) == (None, fill("say", "group_receipt", {}))


async def test_a_resident_holds_the_summary_back_until_somebody_has_talked_to_them(app: App) -> None:
    number = (await write(app, WORDS)).ticket
    held = await write(app, "改", key="m:2")
    await do(app, "summary.edit", number, text=NEUTRAL)

    assert held.outcome == "told"
    assert (await look(app, "summary.show", number=number, actor="operator"))["state"] == "doubted"
    assert await refused(app, "summary.approve", number) == fill("cli", "error_summary_doubted")
    assert (await do(app, "summary.approve", number, talked=True))["state"] == "approved"


async def test_an_ordinary_matter_has_no_summary(app: App) -> None:
    number = (await write(app, "安泰路12号门口路灯不亮三天了，晚上黑漆漆的")).ticket

    assert await refused(app, "summary.approve", number) == fill("cli", "error_not_confidential")
