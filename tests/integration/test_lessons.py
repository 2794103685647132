"""What desks decide teaches; what was only guessed, came back, is confidential or was erased does not. Versions of what was learned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from routing import desk
from routing.lessons import Lesson, collect
from routing.tables import Ticket
from store import models
from store.models import NoVersion
from tests.office import LAMP_OUT, NOON, Teller, build_context, report_lamp
from tests.town import LAMP, STALL

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

HOUR = timedelta(hours=1)
context = build_context(Teller())


def send(session: Session, *, item: str = LAMP.code, unit: str = "D-works", text: str = LAMP_OUT, **where: object) -> str:
    """Report something that waits at the desk, and let the desk dispatch it."""
    opened = report_lamp(session, context, reason="no_phone", text=text, **where)  # type: ignore[arg-type] # the tests name the fields
    number = opened.ticket.number
    desk.dispatch(session, number, unit=unit, item=item, actor="DESK-1", now=NOON, context=context)
    return number


async def test_what_a_clerk_confirmed_or_corrected_teaches(store: Store) -> None:
    await store.write(send)
    await store.write(lambda s: send(s, item=STALL.code, unit="S1-law", resident=2, text="柳树街12号门口的灯下面有人摆摊"))
    await store.write(lambda s: send(s, item=STALL.code, unit="S1-law", resident=3, place="柳树街80号"))

    assert await store.read(collect) == [
        Lesson(ticket=1, text=LAMP_OUT, item=LAMP.code, resident=1),
        Lesson(ticket=2, text="柳树街12号门口的灯下面有人摆摊", item=STALL.code, resident=2),
        Lesson(ticket=3, text=LAMP_OUT, item=STALL.code, resident=3, corrected=True),
    ]
    assert [lesson.ticket for lesson in await store.read(lambda s: collect(s, most=1))] == [3]


async def test_what_the_machine_sent_by_itself_or_came_back_teaches_nothing(store: Store) -> None:
    await store.write(lambda s: report_lamp(s, context))
    number = await store.write(lambda s: send(s, resident=2, place="柳树街80号"))
    await store.write(
        lambda s: desk.return_ticket(
            s, number, reason="not_ours", text="不归我们管", actor="LAMP-1", now=NOON + HOUR, context=context
        )
    )

    assert await store.read(collect) == []


async def test_what_is_confidential_or_erased_teaches_nothing(store: Store) -> None:
    sealed, erased = await store.write(send), await store.write(lambda s: send(s, resident=2, place="柳树街40号"))
    assert len(await store.read(collect)) == 2

    await store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == sealed).values(confidential=True)))
    await store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == erased).values(summary="")))

    assert await store.read(collect) == []


async def test_versions_are_counted_and_one_serves(store: Store) -> None:
    for at, content in enumerate((b"one", b"two", b"three"), start=1):
        version = await store.write(
            lambda s, c=content: models.keep(s, "routing", c, figures={"new": 0.5}, by="op", now=NOON).version
        )
        assert version == at
    assert await store.read(lambda s: models.find_serving(s, "routing")) is None

    await store.write(lambda s: models.put_into_service(s, "routing", 1, now=NOON))
    await store.write(lambda s: models.put_into_service(s, "routing", 3, now=NOON + HOUR))

    assert await store.read(lambda s: models.find_serving(s, "routing").content) == b"three"  # type: ignore[union-attr]
    assert await store.read(lambda s: [(one.version, one.serving) for one in models.list_versions(s)]) == [
        (3, True),
        (2, False),
        (1, False),
    ]


async def test_the_way_back_leads_to_what_served_before_and_then_to_what_is_shipped(store: Store) -> None:
    for content in (b"one", b"two"):
        await store.write(lambda s, c=content: models.keep(s, "routing", c, figures={}, by="op", now=NOON).version)
    await store.write(lambda s: models.put_into_service(s, "routing", 1, now=NOON))
    await store.write(lambda s: models.put_into_service(s, "routing", 2, now=NOON + HOUR))

    assert await store.write(lambda s: models.go_back(s, "routing")) == 1
    assert await store.write(lambda s: models.go_back(s, "routing")) is None
    assert await store.read(lambda s: models.find_serving(s, "routing")) is None
    with pytest.raises(NoVersion):
        await store.write(lambda s: models.go_back(s, "routing"))
    with pytest.raises(NoVersion, match="routing 9"):
        await store.write(lambda s: models.put_into_service(s, "routing", 9, now=NOON))
