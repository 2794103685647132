"""Residents' pictures on the staff's pages: for whom the whole ticket is, each opening kept; of a confidential matter only after a reason."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from console.pages.door import STAFF_COOKIE
from residents import attachments, made_pictures
from routing.tables import Ticket
from store import inbox
from store.audit import AuditEntry
from store.clock import utcnow
from tests.api_door import POSTS, UNIT
from tests.integration.test_api import count_queries, give
from tests.pictures import make_picture

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages, Seen

VIEW, SMALL = make_picture(160, 120), make_picture(32, 24)


async def send(pages: Pages, number: str, *, made: bool = True) -> str:
    """Let a resident's picture for a ticket come; gives its token ("" where it was not made)."""
    now = utcnow()

    def keep(session: Session) -> str:
        key = f"k{now.timestamp()}"
        row = inbox.remember(session, channel="web", key=key, body=b"{}", now=now)
        key_id = session.execute(select(inbox.InboxMessage.key_id).where(inbox.InboxMessage.id == row.id)).scalar_one()
        assert key_id is not None
        attachments.expect(session, inbox_id=row.id, key_id=key_id, channel="web", media=[("image", "r", "jpeg")], now=now)
        attachments.attach(session, inbox_id=row.id, ticket=number)
        one = session.execute(select(attachments.Attachment.id).order_by(attachments.Attachment.id.desc())).scalars().first()
        assert one is not None
        attachments.keep(session, one, VIEW, now=now)
        if made:
            made_pictures.keep_made(session, one, view=VIEW, thumbnail=SMALL, size=(160, 120))
        else:
            made_pictures.refuse(session, one, reason="broken", passing=False, now=now)
        return session.get_one(attachments.Attachment, one).token or ""

    return await pages.api.store.write(keep)


def tokens_of(seen: Seen) -> list[str]:
    return re.findall(r'src="/staff/media/([^"/]+)/small"', seen.text)


async def get(pages: Pages, role: str, path: str) -> tuple[int, bytes, str]:
    """Ask for a picture as a browser does that is signed in; gives status, bytes and the policy it is served with."""
    cookie = f"{STAFF_COOKIE}={await pages.sign_in(role)}"
    async with pages.client.get(f"{pages.address}{path}", headers={"Cookie": cookie}) as response:
        return response.status, await response.read(), response.headers["Content-Security-Policy"]


async def seen_by(pages: Pages, number: str) -> list[tuple[str, Any]]:
    statement = select(AuditEntry.actor, AuditEntry.facts).where(
        AuditEntry.action == "picture_seen", AuditEntry.subject == f"ticket:{number}"
    )
    return [
        (row.actor, row.facts) for row in await pages.api.store.read(lambda s: s.execute(statement.order_by(AuditEntry.id)).all())
    ]


async def open_ticket(pages: Pages, **facts: Any) -> str:
    return (await pages.api.open(**facts)).ticket.number


async def test_the_desk_and_the_unit_that_has_it_see_a_picture_and_opening_it_is_kept(pages: Pages) -> None:
    number = await open_ticket(pages)
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    token = await send(pages, number)
    shown = [tokens_of(await pages.visit(role, f"/staff/tickets/{number}")) for role in ("desk", "unit_clerk")]
    small = await get(pages, "unit_clerk", f"/staff/media/{token}/small")
    before = await seen_by(pages, number)
    view = await get(pages, "unit_clerk", f"/staff/media/{token}")
    after = await seen_by(pages, number)

    assert shown == [[token], [token]]
    assert [one[:2] for one in (small, view)] == [(200, SMALL), (200, VIEW)]
    assert "sandbox" in view[2]
    assert (before, [actor for actor, _ in after]) == ([], [POSTS["unit_clerk"].code])


async def test_a_unit_that_has_it_no_more_and_who_never_had_it_find_no_picture(pages: Pages) -> None:
    number = await open_ticket(pages)
    token = await send(pages, number)
    await pages.api.store.write(
        lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(unit=pages.api.city.desk, area="LA-DL-SL-01"))
    )
    found = [
        (role, (await get(pages, role, f"/staff/media/{token}{size}"))[0])
        for role in ("unit_clerk", "liaison", "auditor", "operator", "knowledge_editor")
        for size in ("", "/small")
    ]

    assert dict(found) == {
        "unit_clerk": 404,
        "liaison": 404,
        "auditor": 403,
        "operator": 403,
        "knowledge_editor": 403,
    }
    assert await seen_by(pages, number) == []


async def test_whom_it_is_about_never_sees_a_picture(pages: Pages) -> None:
    number = await open_ticket(pages)
    await pages.api.store.write(lambda s: give(s, number, UNIT))
    token = await send(pages, number)
    clerk = POSTS["unit_clerk"].code
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(refused_staff=[clerk])))

    assert (await pages.visit("unit_clerk", f"/staff/tickets/{number}")).status == 404
    assert [(await get(pages, "unit_clerk", f"/staff/media/{token}{size}"))[0] for size in ("", "/small")] == [404, 404]
    assert (await get(pages, "desk", f"/staff/media/{token}/small"))[0] == 200


async def test_of_a_confidential_matter_pictures_are_seen_only_after_a_reason_and_for_a_while(pages: Pages) -> None:
    number = await open_ticket(pages)
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(confidential=True)))
    token = await send(pages, number)
    page = await pages.visit("desk", f"/staff/tickets/{number}")
    before = (await get(pages, "desk", f"/staff/media/{token}/small"))[0]
    form = {"edition": page.edition, "reason": "核对现场照片"}
    opened = await pages.visit("desk", f"/staff/tickets/{number}/original", form=form)
    after = [(await get(pages, "desk", f"/staff/media/{token}{size}"))[0] for size in ("", "/small")]
    await pages.api.store.write(
        lambda s: s.execute(update(AuditEntry).where(AuditEntry.action == "unseal").values(at=utcnow() - timedelta(minutes=16)))
    )
    late = (await get(pages, "desk", f"/staff/media/{token}/small"))[0]

    assert (page.status, tokens_of(page), before) == (200, [], 404)
    assert (opened.status, tokens_of(opened), after, late) == (200, [token], [200, 200], 404)
    assert [actor for actor, _ in await seen_by(pages, number)] == [POSTS["desk"].code]


async def test_a_picture_that_could_not_be_opened_is_said_on_the_ticket(pages: Pages) -> None:
    number = await open_ticket(pages)
    await send(pages, number, made=False)

    seen = await pages.visit("desk", f"/staff/tickets/{number}")

    assert (tokens_of(seen), "有 1 张照片没能打开" in seen.text) == ([], True)


async def test_the_ticket_asks_no_more_for_many_pictures_than_for_one(pages: Pages) -> None:
    number = await open_ticket(pages)
    counts = []
    for more in (1, 4):
        for _ in range(more):
            await send(pages, number)
        await pages.visit("desk", f"/staff/tickets/{number}")
        with count_queries() as asked:
            await pages.visit("desk", f"/staff/tickets/{number}")
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("token", ["nothing", "a" * 60])
async def test_no_other_token_opens_anything(pages: Pages, token: str) -> None:
    assert (await pages.visit("desk", f"/staff/media/{token}/small")).status == 404
