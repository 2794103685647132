"""Who comes by a code is asked for no place, counted as a scan, and never given away by the door they scanned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.bursts import put_together
from bot.channels import Group, Inbound
from bot.city import City
from bot.control import carry_out
from residents.bursts import BurstPart
from residents.ledger import WECHAT_WINDOWS
from routing import codes, splitting
from routing.code_tables import CodeScan
from routing.codes import Target
from routing.tables import Ticket
from store.clock import utcnow
from store.keys import open_key
from tests.dialogue_phone import PhoneChannel
from tests.front_door import build, read_readable

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.app import App
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

GRID, OTHER = "LA-DL-LT-02-G1", "LA-DL-LT-02-G2"
BUILDING = Target(kind="building", area=GRID, name="柳浪新村", building="3号楼")
DOOR = Target(kind="door", area=GRID, name="柳浪新村", building="3号楼", door="2单元501")
LAMP = "楼道灯坏了三天了，晚上上下楼黑漆漆的看不见"


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


@pytest.fixture
def app(demo_store: Store, city: City, demo_settings: Settings) -> App:
    return build(demo_settings, demo_store, city, {"wechat_mp": make_phone()})


def make_phone() -> PhoneChannel:
    return PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)


async def make(app: App, target: Target) -> str:
    def write(session: Session) -> str:
        made = codes.make(session, [target], by="OP-1", now=utcnow(), org=app.city.org)
        return codes.sign_code(session, made.codes[0])

    return await app.store.write(write)


def letter(text: str, number: int = 1, **fields: Any) -> Inbound:
    given = {"channel": "wechat_mp", "kind": "text", "sent_at": utcnow(), "sender": "oA"} | fields
    return Inbound(key=f"m:{number}", text=text, **given)


def scan(code: str, number: int = 1, event: str = "scan") -> Inbound:
    return letter("", number, kind="event", event=event, event_key=f"qrscene_{code}" if event == "subscribe" else code)


async def send(app: App, *letters: Inbound) -> list[str]:
    found = [await app.receiver.receive(one) for one in letters]
    await app.receiver.drain()
    return [one.text or "" for one in found]


def read_tickets(session: Session) -> list[tuple[str, str, str, str]]:
    """Give source, area, public place and the place as it is sealed, of every ticket."""
    rows = session.execute(select(Ticket).order_by(Ticket.id)).scalars()
    return [(row.source, row.area, row.public_place, open_place(session, row)) for row in rows]


def open_place(session: Session, row: Ticket) -> str:
    return open_key(session, row.key_id).open(row.place_text).decode() if row.place_text else ""


def read_scans(session: Session) -> list[tuple[int, int]]:
    return [(row.code_id, row.count) for row in session.execute(select(CodeScan)).scalars()]


async def test_a_report_through_a_code_takes_its_place_and_counts_as_a_scan(app: App) -> None:
    code = await make(app, BUILDING)
    await send(app, letter(LAMP, code=code))

    assert await app.store.read(read_tickets) == [("scan", GRID, "柳浪新村3号楼", "柳浪新村3号楼")]
    assert await app.store.read(read_scans) == []


@pytest.mark.parametrize("by", ["link", "scan"])
async def test_what_was_put_together_of_a_flood_still_came_by_its_code(app: App, by: str) -> None:
    code = await make(app, BUILDING)
    most = app.city.settings.conversation.flood_per_minute
    if by == "scan":
        await send(app, scan(code, 900))
    await send(app, *(letter("嗯", number, code=code if by == "link" else "") for number in range(1, most + 2)))
    words = letter("楼道灯坏了三天了，看不见路", 500, code=code if by == "link" else "")
    await send(app, words, letter("物业电话打不通", 501))
    parts = await app.store.read(lambda s: s.scalars(select(BurstPart.conversation_id)).all())
    later = utcnow() + timedelta(minutes=1)
    await app.store.write(lambda s: put_together(s, parts[0], city=app.city, now=later))

    assert [(source, area) for source, area, *_ in await app.store.read(read_tickets)] == [("scan", GRID)]


async def test_a_flood_without_a_code_is_no_scan(app: App) -> None:
    most = app.city.settings.conversation.flood_per_minute
    await send(app, *(letter("嗯", number) for number in range(1, most + 2)), letter(f"柳浪新村3号楼{LAMP}", 500))
    parts = await app.store.read(lambda s: s.scalars(select(BurstPart.conversation_id)).all())
    later = utcnow() + timedelta(minutes=1)
    await app.store.write(lambda s: put_together(s, parts[0], city=app.city, now=later))

    assert [source for source, *_ in await app.store.read(read_tickets)] == [""]


@pytest.mark.parametrize("came", ["scan", ""])
async def test_each_part_of_what_came_by_a_code_came_by_it(app: App, came: str) -> None:
    code = await make(app, BUILDING) if came else ""
    await send(app, letter(f"柳浪新村3号楼{LAMP}", code=code))
    now = utcnow()
    context = app.city.routing_context(tell=lambda _session, _notice: None)
    number = await app.store.read(lambda s: s.scalars(select(Ticket.number)).one())
    await app.store.write(
        lambda s: splitting.split(s, number, parts=["单元门关不上"], text="楼道灯坏了", actor="operator", now=now, context=context)
    )

    assert [source for source, *_ in await app.store.read(read_tickets)] == [came, came]


@pytest.mark.parametrize("event", ["scan", "subscribe"])
async def test_a_scan_in_wechat_is_greeted_by_its_place_counted_and_remembered_for_one_matter(app: App, event: str) -> None:
    code = await make(app, BUILDING)
    [greeted] = await send(app, scan(code, event=event))
    await send(app, letter(LAMP, 2))
    await send(app, letter("树枝断了掉在路上，挡着车走不了", 3))

    assert greeted.startswith("您好，这里是接应。您扫的是柳浪新村3号楼的码，地点已经记下了")
    assert await app.store.read(read_tickets) == [("scan", GRID, "柳浪新村3号楼", "柳浪新村3号楼")]
    assert await app.store.read(read_scans) == [(1, 1)]


async def test_the_code_of_the_first_message_holds_for_the_matter_that_is_told_after_it(app: App) -> None:
    """Without scripts the page is opened anew after each message, and no longer knows the code."""
    code = await make(app, BUILDING)
    await send(app, letter("你好", code=code), letter(LAMP, 2), letter("树枝断了掉在路上，挡着车走不了", 3))

    assert await app.store.read(read_tickets) == [("scan", GRID, "柳浪新村3号楼", "柳浪新村3号楼")]


async def test_a_place_that_is_written_goes_before_that_of_the_code(app: App) -> None:
    code = await make(app, BUILDING)
    await send(app, letter("和平路15号门口路灯坏了三天，晚上黑漆漆的", code=code))

    [(source, _, place, _)] = await app.store.read(read_tickets)
    assert (source, place) == ("scan", "和平路15号")


async def test_of_a_door_others_read_no_more_than_the_building(app: App) -> None:
    code = await make(app, DOOR)
    await send(app, letter(LAMP, code=code))

    assert await app.store.read(read_tickets) == [("scan", GRID, "柳浪新村3号楼", "柳浪新村3号楼2单元501")]


async def test_a_confidential_matter_through_a_door_code_names_the_building_alone_and_is_no_scan(app: App) -> None:
    code = await make(app, DOOR)
    await send(app, letter("举报楼下小卖部卖假酒，请保密，不要说是我说的", code=code))
    rows = await app.store.read(read_tickets)
    words = await app.store.read(read_readable)

    assert rows == [("", GRID, "柳浪新村3号楼", "")]
    assert [line for line in words.splitlines() if "单元501" in line] == ["2单元501"]


async def test_what_is_sealed_later_names_the_door_no_more_and_is_no_scan_any_more(app: App, city: City) -> None:
    code = await make(app, DOOR)
    await send(app, letter(LAMP, code=code))
    number = await app.store.read(lambda s: s.scalars(select(Ticket.number)).one())
    await carry_out(app.store, city, "tickets.seal", {"number": number, "actor": "operator"})

    assert await app.store.read(read_tickets) == [("", GRID, "柳浪新村3号楼", "")]


async def test_a_forged_or_revoked_code_is_a_message_like_any_other(app: App) -> None:
    code = await make(app, BUILDING)
    await app.store.write(lambda s: codes.revoke(s, 1, by="OP-1", now=utcnow()))
    greeted = await send(app, scan(code, 1), scan("A" * 24, 2))
    await send(app, letter("路灯坏了三天，晚上黑漆漆的", 3, code=code))

    assert [words.startswith("您好，这里是接应。问政策、反映身边的问题") for words in greeted] == [True, True]
    assert await app.store.read(read_tickets) == []
    assert await app.store.read(read_scans) == []


async def test_in_a_group_a_code_says_nothing(app: App) -> None:
    code = await make(app, BUILDING)
    group = Group(id="wrLT01G1", mentions_bot=True, consent=True, can_reply=True)
    asked = letter(LAMP, channel="gateway", scope="group", group=group, comes_again=True, code=code)
    await send(app, asked)

    assert [row for row in await app.store.read(read_tickets) if row[0] == "scan" or row[2] == "柳浪新村3号楼"] == []


async def test_a_card_says_the_grid_and_the_place_is_still_asked_for(app: App, city: City) -> None:
    worker = next(one for one in city.org.staff_of(area=GRID) if one.role == "grid_worker")
    code = await make(app, Target(kind="worker", area=GRID, worker=worker.code))
    [greeted, asked] = await send(app, scan(code), letter("路灯坏了三天，晚上黑漆漆的", 2))
    await send(app, letter("3号楼门口", 3))

    assert greeted.startswith(f"您好，这里是接应。您扫的是{city.org.areas[GRID].name}的服务联系卡")
    assert asked.startswith("在什么地方？")
    assert await app.store.read(lambda s: list(s.execute(select(Ticket.source)).scalars())) == ["scan"]


async def test_what_came_by_codes_is_counted_by_the_figures(app: App, city: City) -> None:
    code = await make(app, BUILDING)
    await send(app, letter(LAMP, 1, code=code), letter("和平路15号门口的路灯坏了三天", 2, sender="oB"))
    today = utcnow().astimezone(city.zone).date().isoformat()

    async def received(**asked: str) -> str:
        while not await carry_out(app.store, city, "report.refresh", {}):
            pass
        found = await carry_out(app.store, city, "report.figures", {"first": today, "last": today} | asked)
        return str(next(one["share"] for one in found["figures"] if one["code"] == "received"))

    assert (await received(source="scan"), await received()) == ("1", "2")


async def test_after_two_grids_became_one_the_code_on_the_wall_leads_to_that(demo_store: Store, demo_settings: Settings) -> None:
    own = City(demo_settings)
    await demo_store.read(lambda s: own.load(s, now=utcnow()))
    app = build(demo_settings, demo_store, own, {"wechat_mp": make_phone()})
    code = await make(app, BUILDING)
    merged = await carry_out(
        demo_store, own, "org.merge_grids", {"into": OTHER, "others": [GRID], "actor": "operator", "dry_run": False}
    )
    await send(app, letter(LAMP, code=code))

    assert [move for move in merged["moves"] if move["table"] == "place_code"] == [
        {
            "table": "place_code", "table_name": "扫码的码", "key": 1, "name": "柳浪新村3号楼", "column": "area", "from": GRID, "to": OTHER,
            "to_name": own.org.areas[OTHER].name, "copied": False, "by_default": False,
        }
    ]  # fmt: skip
    assert await app.store.read(read_tickets) == [("scan", OTHER, "柳浪新村3号楼", "柳浪新村3号楼")]
