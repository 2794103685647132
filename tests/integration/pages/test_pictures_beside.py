"""Pictures where somebody works with them: in one's own talk at the seat, with what is filed for a neighbour, and under one's own matter."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import select, update

from bot import erasing
from bot.channels import Inbound, Media
from bot.picture_making import PictureMaking
from bot.ways import Ways
from console.pages.door import PERSON_COOKIE, STAFF_COOKIE
from residents import attachments, conversations, made_pictures, seats
from residents.attachments import Attachment
from residents.conversations import PERSON
from residents.erasing import Erasure, request
from residents.tables import Resident
from residents.web_lines import CHANNEL, sender_of
from routing.tables import Ticket
from store import inbox
from store.audit import AuditEntry
from store.clock import utcnow
from store.inbox import InboxMessage
from tests.integration.pages.test_seat_page import MINE, OTHER, SEAT, Talks
from tests.page_resident import meet
from tests.pictures import make_picture

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from tests.page_door import Pages
    from tests.page_resident import Neighbour

VIEW, SMALL = make_picture(160, 120), make_picture(32, 24)
CANARY = b"Canary's phone"
WORKER, FILE = "GW001", "/staff/grid/file"
FORM = {"text": "楼道灯坏了，老人看不见", "place": "6号楼", "told": "on"}


async def send(pages: Pages, conversation_id: int, *, at: datetime, ticket: str = "") -> str:
    """Let a picture come in a conversation, and be made; gives its token."""

    def keep(session: Session) -> str:
        inbound = Inbound(
            channel="web",
            key=f"k{at.timestamp()}",
            sender="s",
            kind="image",
            sent_at=at,
            media=(Media(kind="image", ref="r", format="jpeg"),),
        )
        row = inbox.remember(session, channel="web", key=inbound.key, body=msgspec.json.encode(inbound), now=at)
        message = session.get_one(InboxMessage, row.id)
        assert message.key_id is not None
        inbox.settle(
            session, message, outcome="told", text=None, reply_via="none", conversation_id=conversation_id, ticket=ticket, now=at
        )
        attachments.expect(session, inbox_id=row.id, key_id=message.key_id, channel="web", media=[("image", "r", "jpeg")], now=at)
        if ticket:
            attachments.attach(session, inbox_id=row.id, ticket=ticket)
        one = session.scalars(select(Attachment.id).where(Attachment.inbox_id == row.id)).one()
        attachments.keep(session, one, VIEW, now=at)
        made_pictures.keep_made(session, one, view=VIEW, thumbnail=SMALL, size=(160, 120))
        return session.get_one(Attachment, one).token or ""

    return await pages.api.store.write(keep)


async def get(pages: Pages, path: str, *, post: str = "", me: Neighbour | None = None) -> tuple[int, bytes]:
    cookie = f"{STAFF_COOKIE}={await pages.sign_in(post)}" if post else f"{PERSON_COOKIE}={me.cookie if me else ''}"
    async with pages.client.get(f"{pages.address}{path}", headers={"Cookie": cookie}) as response:
        return response.status, await response.read()


async def talk_of(pages: Pages, talk: int) -> tuple[int, datetime]:
    return await pages.api.store.read(
        lambda s: (s.get_one(seats.SeatTalk, talk).conversation_id, s.get_one(seats.SeatTalk, talk).since)
    )


async def audited(pages: Pages, subject: str) -> list[str]:
    statement = select(AuditEntry.actor).where(AuditEntry.action == "picture_seen", AuditEntry.subject == subject)
    return list(await pages.api.store.read(lambda s: s.scalars(statement).all()))


# At the seat


async def test_who_has_a_talk_sees_the_pictures_that_came_in_it_and_opening_one_is_kept(pages: Pages) -> None:
    talks = Talks(pages)
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})
    conversation, since = await talk_of(pages, talk)
    token = await send(pages, conversation, at=since + timedelta(seconds=1))
    base = f"{SEAT}/{talk}/media/{token}"
    shown = await pages.visit(MINE, f"{SEAT}/{talk}")
    small = await get(pages, f"{base}/small", post=MINE)
    before = await audited(pages, f"talk:{talk}")
    view = await get(pages, base, post=MINE)

    assert f'src="{base}/small"' in shown.text
    assert (small, view) == ((200, SMALL), (200, VIEW))
    assert (before, await audited(pages, f"talk:{talk}")) == ([], [MINE])


async def test_nobody_else_sees_them_and_none_that_came_before_or_elsewhere(pages: Pages) -> None:
    """A seat answers what it was asked: a picture of last week's matter, or of another's talk, is none of it."""
    talks = Talks(pages)
    mine, other = await talks.ask(), await talks.ask("wx-2")
    for talk in (mine, other):
        await pages.visit(MINE if talk == mine else OTHER, f"{SEAT}/{talk}/claim", form={})
    conversation, since = await talk_of(pages, mine)
    foreign, _ = await talk_of(pages, other)
    here = await send(pages, conversation, at=since + timedelta(seconds=1))
    earlier = await send(pages, conversation, at=since - timedelta(minutes=5))
    theirs = await send(pages, foreign, at=since + timedelta(seconds=2))

    shown = (await pages.visit(MINE, f"{SEAT}/{mine}")).text
    statuses = {
        "mine": (await get(pages, f"{SEAT}/{mine}/media/{here}", post=MINE))[0],
        "earlier": (await get(pages, f"{SEAT}/{mine}/media/{earlier}", post=MINE))[0],
        "theirs": (await get(pages, f"{SEAT}/{mine}/media/{theirs}", post=MINE))[0],
        "no talk": (await get(pages, f"{SEAT}/{mine}/media/{here}/small", post=OTHER))[0],
        "no seat": (await get(pages, f"{SEAT}/{mine}/media/{here}", post=WORKER))[0],
        "nothing": (await get(pages, f"{SEAT}/{mine}/media/nothing", post=MINE))[0],
    }

    assert [token in shown for token in (here, earlier, theirs)] == [True, False, False]
    assert statuses == {"mine": 200, "earlier": 404, "theirs": 404, "no talk": 409, "no seat": 403, "nothing": 404}


async def test_who_gave_a_talk_back_sees_its_pictures_no_longer(pages: Pages) -> None:
    talks = Talks(pages)
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})
    conversation, since = await talk_of(pages, talk)
    token = await send(pages, conversation, at=since + timedelta(seconds=1))
    await pages.visit(MINE, f"{SEAT}/{talk}/close", form={})

    assert (await get(pages, f"{SEAT}/{talk}/media/{token}", post=MINE))[0] in {404, 409}


# Filed for a neighbour


async def make(pages: Pages) -> None:
    maker = PictureMaking(store=pages.api.store, ways=Ways({}), clock=utcnow)
    while await maker.run():
        pass


async def rows_of(pages: Pages) -> list[Attachment]:
    return list(await pages.api.store.read(lambda s: s.scalars(select(Attachment).order_by(Attachment.id)).all()))


async def test_a_worker_files_with_pictures_which_the_desk_sees_made_safe(pages: Pages) -> None:
    files = {"picture": ("a.jpg", make_picture(800, 600, text=CANARY)), "picture2": ("b.png", make_picture(form="PNG"))}
    sent = await pages.visit(WORKER, FILE, form=FORM, files=files)
    number = sent.location.partition("opened=")[2]
    await make(pages)
    rows = await rows_of(pages)
    desk = await pages.api.store.read(lambda s: s.scalars(select(Ticket.desk)).one())
    clerk = next(one.code for one in pages.api.city.org.staff.values() if one.role == "desk" and one.unit == desk)
    shown = (await pages.visit(clerk, f"/staff/tickets/{number}")).text
    status, view = await get(pages, f"/staff/media/{rows[0].token}", post=clerk)

    assert sent.status == 303
    assert [(row.state, row.ticket) for row in rows] == [("made", number)] * 2
    assert re.findall(r'src="/staff/media/([^"/]+)/small"', shown) == [row.token for row in rows]
    assert (status, view[:3], CANARY in view) == (200, b"\xff\xd8\xff", False)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"picture": ("a.jpg", b"GIF89a" + b"0" * 50)}, "不是照片"),
        ({"picture": ("a.jpg", b"<script>alert(1)</script>")}, "不是照片"),
        ({"picture": ("a.jpg", b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))}, "超过 10 MB"),
        ({f"picture{number}": ("a.jpg", make_picture()) for number in range(4)}, "最多 3 张"),
    ],
)
async def test_what_is_no_picture_is_refused_with_the_words_still_there(pages: Pages, files: dict[str, Any], said: str) -> None:
    seen = await pages.visit(WORKER, FILE, form=FORM, files=files)

    assert (seen.status, said in seen.text, FORM["text"] in seen.text) == (422, True, True)
    assert await pages.api.store.read(lambda s: s.scalars(select(Ticket)).all()) == []
    assert await rows_of(pages) == []


async def test_filing_without_pictures_keeps_no_empty_message(pages: Pages) -> None:
    sent = await pages.visit(WORKER, FILE, form=FORM, files={})

    assert sent.status == 303
    assert await pages.api.store.read(lambda s: s.scalars(select(InboxMessage)).all()) == []


async def test_no_worker_of_messages_takes_up_what_was_filed(pages: Pages) -> None:
    await pages.visit(WORKER, FILE, form=FORM, files={"picture": ("a.jpg", make_picture())})
    later = utcnow() + timedelta(hours=1)

    assert list(await pages.api.store.read(lambda s: inbox.unfinished(s, before=later))) == []


async def test_pictures_filed_for_somebody_go_with_them(pages: Pages, demo_city: tuple[Path, City]) -> None:
    me = await meet(pages)

    def give_phone(session: Session) -> None:
        speaker = conversations.open_for(session, channel=CHANNEL, sender=sender_of(me.cookie), place=PERSON, now=utcnow())
        conversations.keep_identity(session, speaker, kind="phone", value="13900001234", now=utcnow())

    await pages.api.store.write(give_phone)
    await pages.visit(WORKER, FILE, form={**FORM, "phone": "13900001234"}, files={"picture": ("a.jpg", make_picture())})
    await make(pages)
    assert [row.state for row in await rows_of(pages)] == ["made"]

    def ask(session: Session) -> int:
        resident = session.get_one(Resident, me.id)
        request(session, resident=resident, day="20261123", due_at=utcnow(), now=utcnow() - timedelta(hours=1))
        return session.scalars(select(Erasure.id)).one()

    erasure = await pages.api.store.write(ask)
    assert await pages.api.store.write(lambda s: erasing.carry_out(s, demo_city[1], erasure_id=erasure, now=utcnow()))

    assert await rows_of(pages) == []


# Under one's own matter


async def own(pages: Pages, me: Neighbour) -> int:
    """Give the conversation of somebody on the chat page."""

    def read(session: Session) -> int:
        return conversations.open_for(
            session, channel=CHANNEL, sender=sender_of(me.cookie), place=PERSON, now=utcnow()
        ).conversation.id

    return await pages.api.store.write(read)


async def test_a_resident_sees_their_own_pictures_under_their_matter_and_a_link_shows_none(pages: Pages) -> None:
    """A link is passed on: what a picture shows of a home is for who took it."""
    me, neighbour = await meet(pages), await meet(pages)
    opened = await me.open()
    number = opened.ticket.number
    mine = await send(pages, await own(pages, me), at=utcnow(), ticket=number)
    theirs = await send(pages, await own(pages, neighbour), at=utcnow() + timedelta(seconds=1), ticket=number)
    seen = (await me.visit(f"/my/{number}")).text
    linked = [(await one).text for one in (pages.visit("", f"/t/{opened.token}"), me.visit(f"/t/{opened.token}"))]

    assert [f'src="/media/{token}/small"' in seen for token in (mine, theirs)] == [True, False]
    assert ["/media/" in text for text in linked] == [False, False]
    assert [(await get(pages, f"/media/{token}", me=me))[0] for token in (mine, theirs)] == [200, 404]


async def test_of_a_confidential_matter_no_picture_is_shown_on_the_page(pages: Pages) -> None:
    me = await meet(pages)
    opened = await me.open()
    await send(pages, await own(pages, me), at=utcnow(), ticket=opened.ticket.number)
    await pages.api.store.write(lambda s: s.execute(update(Ticket).values(confidential=True)))

    assert "/media/" not in (await me.visit(f"/my/{opened.ticket.number}")).text
