"""What a desk may show to everybody, on both databases: which matters, in which words, and that what became unfit since is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from routing import desk, publishing, secrecy
from routing.errors import Missing, NotPublished, NotYours, SummaryUnfit
from routing.tables import Ticket, TicketFollower
from tests.integration.test_api import count_queries
from tests.office import LAMP_OUT, NOON, Teller, build_context, report_lamp

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.publishing import Published
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
SAID = "柳树社区有路灯不亮，市政单位已安排更换。"
teller = Teller()
context = build_context(teller)


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    teller.notices.clear()


def lamp(session: Session, *, people: int = 3, **changes: object) -> str:
    """Let some residents tell of one lamp; gives the number of the ticket."""
    numbers = []
    for resident in range(1, people + 1):
        opened = report_lamp(session, context, resident=resident, **changes)  # type: ignore[arg-type]
        numbers.append(opened.joined_to or opened.ticket.number)
    assert len(set(numbers)) == 1
    return numbers[0]


def publish(session: Session, number: str, text: str = SAID, *, actor: str = "DESK-1", least: int = 3) -> None:
    publishing.publish(session, number, text=text, least=least, actor=actor, now=NOON + HOUR, context=context)


def read(session: Session, *, least: int = 3, **asked: object) -> list[Published]:
    return publishing.list_published(
        session,
        org=context.org,
        duties=context.duty_list,
        zone=context.calendar.zone,
        least=least,
        limit=100,
        **asked,  # type: ignore[arg-type]
    )


async def test_what_a_desk_published_is_its_words_the_grid_and_the_day(store: Store) -> None:
    def walk(session: Session) -> tuple[str, list[Published], list[Published]]:
        number = lamp(session)
        before = read(session)
        publish(session, number)
        return number, before, read(session)

    number, before, [one] = await store.write(walk)
    assert before == []
    assert (one.number, one.summary, one.item, one.is_closed) == (number, SAID, "SZ-1", False)
    assert one.place == "东湖区 河东街道 柳树社区 柳树一格"
    assert one.opened_on.astimezone(context.calendar.zone).isoformat() == "2026-03-02T00:00:00+08:00"


@pytest.mark.parametrize(
    ("people", "changes", "bar"),
    [
        (2, {}, "few"),
        (3, {"kind": "report"}, "kind"),
        (3, {"confidential": True}, "confidential"),
        (3, {"refused": ["D-works"]}, "about"),
        (3, {"refused_staff": ["W1"]}, "about"),
        (3, {"public_space": False}, "private"),
        (3, {"item": ""}, "private"),
        (3, {"tier": "red"}, "danger"),
        (3, {"rehearsed": True}, "rehearsed"),
    ],
)
async def test_what_is_kept_from_the_public_and_gone_once_it_becomes_so(
    store: Store, people: int, changes: dict[str, object], bar: str
) -> None:
    def change(session: Session, number: str) -> None:
        if changes:
            session.execute(update(Ticket).where(Ticket.number == number).values(**changes))
            session.expire_all()

    def refuse(session: Session) -> tuple[str, ...]:
        number = lamp(session, people=people)
        change(session, number)
        with pytest.raises(NotPublished) as refused:
            publish(session, number, actor="operator")
        return refused.value.bars

    def fade(session: Session) -> tuple[int, int]:
        number = lamp(session, people=people, place="柳树街90号", area="G2")
        publish(session, number, least=people)
        shown = len(read(session, least=people))
        change(session, number)
        return shown, len(read(session, least=people + (bar == "few")))

    assert bar in await store.write(refuse)
    assert await store.write(fade) == (1, 0)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("住户张先生 13800138000 反映路灯不亮", "number"),
        ("柳树街12号3单元501门口路灯不亮", "home"),
        ("我们反映路灯不亮", "person"),
        ("邻居说路灯不亮", "relation"),
        ("3月2日路灯不亮", "time"),
        ("路灯不亮，请郑小满去看", "name"),
        ("晚上路灯不亮，黑漆漆的没法走", "quote"),
        ("路灯不亮，市政中心不作为", "name"),
    ],
)
async def test_a_text_that_says_too_much_is_refused(store: Store, text: str, kind: str) -> None:
    def refuse(session: Session) -> tuple[list[str], int]:
        number = lamp(session)
        with pytest.raises(SummaryUnfit) as refused:
            publish(session, number, text)
        return [fault for fault, _ in refused.value.faults], len(read(session))

    faults, shown = await store.write(refuse)
    assert kind in faults
    assert shown == 0


async def test_the_words_of_neighbours_who_joined_and_their_names_are_looked_for_too(store: Store) -> None:
    def refuse(session: Session) -> list[tuple[str, str]]:
        number = lamp(session, people=2)
        report_lamp(session, context, resident=3, text="我叫欧阳采薇，" + LAMP_OUT + "，孩子上晚自习害怕得直哭")
        with pytest.raises(SummaryUnfit) as refused:
            publish(session, number, "路灯不亮，孩子上晚自习害怕，欧阳采薇等反映")
        return list(refused.value.faults)

    faults = await store.write(refuse)
    assert ("name", "欧阳采薇") in faults
    assert "quote" in dict(faults)


async def test_it_can_be_taken_back_and_written_anew(store: Store) -> None:
    def walk(session: Session) -> list[object]:
        number = lamp(session)
        publish(session, number)
        publish(session, number, "柳树社区路灯故障，正在处理。")
        [anew] = [one.summary for one in read(session)]
        done = publishing.unpublish(session, number, actor="DESK-1", now=NOON + HOUR, context=context).done
        again = publishing.unpublish(session, number, actor="DESK-1", now=NOON + HOUR, context=context).done
        return [anew, done, again, len(read(session))]

    assert await store.write(walk) == ["柳树社区路灯故障，正在处理。", True, False, 0]


async def test_only_the_desk_publishes_and_only_words(store: Store) -> None:
    def refuse(session: Session) -> None:
        number = lamp(session)
        with pytest.raises(NotYours):
            publish(session, number, actor="LAW-1")
        with pytest.raises(Missing):
            publish(session, number, "  ")

    await store.write(refuse)


async def test_filters_and_no_moment_finer_than_a_day(store: Store) -> None:
    def walk(session: Session) -> list[int]:
        number = lamp(session)
        publish(session, number)
        moment = session.execute(select(Ticket.opened_at)).scalar_one()
        found = [
            len(read(session, numbers=[number])),
            len(read(session, numbers=["20990101-0001"])),
            len(read(session, items=["SZ-1"])),
            len(read(session, items=["ZF-1"])),
            len(read(session, closed=True)),
            len(read(session, closed=False)),
            len(read(session, since=moment + HOUR)),  # the same day: as if asked from its beginning
            len(read(session, until=moment - HOUR)),
            len(read(session, since=moment + timedelta(days=1))),
            len(read(session, until=moment - timedelta(days=1))),
        ]
        desk.conclude(session, number, text="已换", actor="LAMP-1", now=NOON + 2 * HOUR, context=context)
        desk.close(session, number, actor="DESK-1", now=NOON + 3 * HOUR, context=context)
        return [*found, len(read(session, closed=True))]

    assert await store.write(walk) == [1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1]


async def test_what_is_sealed_later_is_gone_at_once(store: Store) -> None:
    def walk(session: Session) -> tuple[int, int]:
        number = lamp(session)
        publish(session, number)
        shown = len(read(session))
        secrecy.keep_secret(session, number, actor="DESK-1", now=NOON + 2 * HOUR, context=context)
        return shown, len(read(session))

    assert await store.write(walk) == (1, 0)


async def test_however_much_is_published_it_is_read_in_two_queries(store: Store) -> None:
    def walk(session: Session) -> int:
        number = lamp(session)
        publish(session, number)
        row = session.execute(select(Ticket).where(Ticket.number == number)).scalar_one()
        values = {column.name: getattr(row, column.name) for column in Ticket.__table__.columns if column.name != "id"}
        for place in range(50):
            copy = Ticket(**values | {"number": f"20260302-9{place:03d}", "token_hash": f"hash-{place}"})
            session.add(copy)
            session.flush()
            for resident in (2, 3):
                session.add(
                    TicketFollower(ticket_id=copy.id, resident_id=resident, joined_at=NOON, key_id=row.key_id, text=row.text)
                )
            session.add(publishing.PublishedSummary(ticket_id=copy.id, text=SAID, approved_by="DESK-1", published_at=NOON))
        session.flush()
        return len(read(session))

    assert await store.write(walk) == 51
    with count_queries() as asked:
        assert len(await store.read(read)) == 51
    assert len([one for one in asked if one.startswith("SELECT")]) == 2
