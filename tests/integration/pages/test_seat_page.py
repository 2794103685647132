"""坐席: who waits is taken over by one press, what was said is shown masked, what is said goes out, and the figure of the first answers is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from residents import conversations, seats
from residents.seat_clock import SeatSettings
from residents.seats import SeatTalk
from store.audit import AuditEntry
from store.clock import utcnow
from store.outbox import OutboxMessage
from tests.integration.pages.test_live import SOON, listen, settle

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

SEAT = "/staff/seat"
MINE, OTHER, BELOW = "ST001", "ST002", "DK009"


@dataclass
class Talks:
    pages: Pages

    async def ask(self, sender: str = "wx-1") -> int:
        """Let a resident wait for a person at the district's desk."""
        desk = self.pages.api.city.org.staff[MINE].unit

        def write(session: Session) -> int:
            now = utcnow()
            speaker = conversations.open_for(session, channel="terminal", sender=sender, place="person", now=now)
            talk = seats.enqueue(
                session,
                conversation_id=speaker.conversation.id,
                resident_id=speaker.resident.id,
                inbox_id=None,
                key=speaker.key,
                wanted=b"{}",
                desk=desk,
                now=now,
                settings=SeatSettings(),
            )
            return talk.id

        return await self.pages.api.store.write(write)

    async def state(self, talk: int) -> tuple[str, str, str]:
        def read(session: Session) -> tuple[str, str, str]:
            row = session.get_one(SeatTalk, talk)
            return row.state, row.claimed_by, row.ended_how

        return await self.pages.api.store.read(read)


@pytest.fixture
def talks(pages: Pages) -> Talks:
    return Talks(pages)


async def test_one_press_takes_who_waits_and_opens_the_talk(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    queue = await pages.visit(MINE, SEAT)

    sent = await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})

    assert f'action="{SEAT}/{talk}/claim"' in queue.text
    assert (sent.status, sent.location) == (303, f"{SEAT}/{talk}")
    assert await talks.state(talk) == ("claimed", MINE, "")
    assert (await pages.visit(MINE, sent.location)).status == 200


async def test_of_two_seats_one_has_it_and_the_other_is_told_so(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})

    sent = await pages.visit(OTHER, f"{SEAT}/{talk}/claim", form={})
    shown = await pages.visit(OTHER, f"{SEAT}/{talk}")
    said = await pages.visit(OTHER, f"{SEAT}/{talk}/say", form={"text": "您好"})

    assert (sent.status, shown.status, said.status) == (409, 409, 409)
    assert "同事正在谈" in (await pages.visit(OTHER, SEAT)).text
    assert await talks.state(talk) == ("claimed", MINE, "")


async def test_what_a_seat_says_goes_to_the_resident_and_stands_in_the_talk(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})

    sent = await pages.visit(MINE, f"{SEAT}/{talk}/say", form={"text": "您好，请说。"})

    assert sent.location == f"{SEAT}/{talk}"
    assert "您好，请说。" in (await pages.visit(MINE, f"{SEAT}/{talk}")).text
    notices = await pages.api.store.read(lambda s: list(s.scalars(select(OutboxMessage.notice))))
    assert "seat_says" in notices


async def test_an_empty_answer_is_not_sent(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})

    assert (await pages.visit(MINE, f"{SEAT}/{talk}/say", form={"text": "  "})).status == 422
    assert (await pages.visit(MINE, f"{SEAT}/{talk}/answer", form={"entry": "NO-SUCH"})).status == 404


async def test_a_knowledge_entry_is_found_and_sent(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})
    question = next(iter(pages.api.city.entries.values())).question

    found = await pages.visit(MINE, f"{SEAT}/{talk}?q={question}")
    entry = re.search(r'name="entry" value="([^"]+)"', found.text)
    assert entry is not None
    sent = await pages.visit(MINE, f"{SEAT}/{talk}/answer", form={"entry": entry[1]})

    assert sent.status == 303
    shown = (await pages.visit(MINE, f"{SEAT}/{talk}")).text
    assert pages.api.city.entries[entry[1]].question in shown


@pytest.mark.parametrize(("act", "how"), [("back", "handed_back"), ("close", "finished")])
async def test_a_talk_ends_as_it_is_ended(pages: Pages, talks: Talks, act: str, how: str) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})

    sent = await pages.visit(MINE, f"{SEAT}/{talk}/{act}", form={})

    assert (sent.status, sent.location) == (303, SEAT)
    assert await talks.state(talk) == ("ended", MINE, how)


async def test_what_is_said_is_masked_until_somebody_gives_a_reason_that_is_kept(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})
    await pages.visit(MINE, f"{SEAT}/{talk}/say", form={"text": "您留的电话是13812345678吗"})

    masked = await pages.visit(MINE, f"{SEAT}/{talk}")
    refused = await pages.visit(MINE, f"{SEAT}/{talk}/unseal", form={"reason": " "})
    opened = await pages.visit(MINE, f"{SEAT}/{talk}/unseal", form={"reason": "要给居民回电话"})

    assert ("13812345678" in masked.text, refused.status, "13812345678" in opened.text) == (False, 422, True)
    kept = await pages.api.store.read(
        lambda s: [row.facts.get("reason") for row in s.scalars(select(AuditEntry).where(AuditEntry.action == "seat.unseal"))]
    )
    assert kept == ["要给居民回电话"]


async def test_a_desk_that_does_not_look_after_it_has_no_such_talk(pages: Pages, talks: Talks) -> None:
    talk = await talks.ask()

    assert f"/{talk}/claim" not in (await pages.visit(BELOW, SEAT)).text
    assert (await pages.visit(BELOW, f"{SEAT}/{talk}/claim", form={})).status == 404
    assert (await pages.visit(BELOW, f"{SEAT}/{talk}")).status == 404
    assert (await pages.visit("unit_clerk", SEAT)).status == 403
    assert (await pages.visit(MINE, f"{SEAT}/nothing")).status == 404


async def test_the_figure_counts_first_answers_in_time(pages: Pages, talks: Talks) -> None:
    before = await pages.visit(MINE, SEAT)
    talk = await talks.ask()
    await pages.visit(MINE, f"{SEAT}/{talk}/claim", form={})
    await pages.visit(MINE, f"{SEAT}/{talk}/say", form={"text": "您好"})

    after = await pages.visit(MINE, SEAT)

    assert "0 / 0 次" in before.text
    assert "<b>100%</b>" in after.text
    assert "1 / 1 次" in after.text


async def test_who_waits_appears_by_itself_and_only_where_it_may(pages: Pages, talks: Talks) -> None:
    async with listen(pages, MINE, "?seats=1") as mine, listen(pages, BELOW, "?seats=1") as below:
        assert (await mine.next(within=SOON))[0] == "seats"
        assert (await below.next(within=SOON))[0] == "seats"
        await settle()
        await talks.ask()

        assert (await mine.next(within=SOON))[0] == "seats"
        assert await below.is_quiet()
