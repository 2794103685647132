"""The operator's pages: what waits at night, what a person decides about a send or a message, what an auditor reads, and what nobody gets round."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from bot.channels import Inbound
from routing.tables import Ticket
from store import failures, inbox, outbox
from store.audit import AuditEntry, record
from store.clock import utcnow
from store.inbox import InboxMessage
from store.outbox import OutboxMessage
from tests.api_door import POSTS
from tests.integration.test_api import count_queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.page_door import Pages

SYSTEM = "/staff/system"
OUTBOX = f"{SYSTEM}/outbox"
QUARANTINE = f"{SYSTEM}/quarantine"
AUDIT = f"{SYSTEM}/audit"
OPERATOR = POSTS["operator"].code
SAID = "井盖不见了，打我电话13812345678"
ROOMS = (SYSTEM, f"{SYSTEM}/aside", OUTBOX, QUARANTINE, AUDIT, f"{SYSTEM}/doctor", f"{SYSTEM}/settings")


async def put(
    pages: Pages, state: str = "unknown", *, cause: str = "c", error: str | None = "SendUnknown 0", **more: object
) -> int:
    """Write a send down as it stands after it was tried; gives its number."""
    given = {"audience": "unit", "target": "LT-01-JWH", "channel": "terminal", "notice": "assigned", **more}

    def write(session: Session) -> int:
        outbox.put(session, cause=cause, now=utcnow(), **given)  # type: ignore[arg-type]
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.cause == cause)).one()
        row.state, row.error, row.attempt = state, error, 3
        return row.id

    return await pages.api.store.write(write)


async def state_of(pages: Pages, message: int) -> tuple[str, str | None, int]:
    def read(session: Session) -> tuple[str, str | None, int]:
        row = session.get_one(OutboxMessage, message)
        return row.state, row.error, row.attempt

    return await pages.api.store.read(read)


async def set_aside(pages: Pages, text: str = SAID, *, key: str = "k1") -> int:
    """Quarantine a message that a resident wrote; gives its number."""
    inbound = Inbound(channel="terminal", key=key, sender="o1", kind="text", sent_at=utcnow(), text=text)

    def write(session: Session) -> int:
        kept = inbox.remember(session, channel="terminal", key=key, body=msgspec.json.encode(inbound), now=utcnow())
        inbox.quarantine(session, kept.id, reason="KeyError", now=utcnow())
        return kept.id

    return await pages.api.store.write(write)


async def outcome_of(pages: Pages, message: int) -> tuple[str | None, str]:
    def read(session: Session) -> tuple[str | None, str]:
        row = session.get_one(InboxMessage, message)
        return row.outcome, row.reply_via

    return await pages.api.store.read(read)


async def acts(pages: Pages, *names: str) -> list[tuple[str, str, str, object]]:
    def read(session: Session) -> list[tuple[str, str, str, object]]:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id))
        return [(row.actor, row.action, row.subject, row.facts) for row in rows]

    return await pages.api.store.read(read)


async def count_asked(pages: Pages, path: str) -> int:
    """Count what a page asks the database."""
    await pages.sign_in("operator")
    with count_queries() as asked:
        assert (await pages.visit("operator", path)).status == 200
    return len(asked)


@pytest.mark.parametrize("path", ROOMS)
async def test_an_auditor_reads_every_room_and_finds_nothing_to_press(pages: Pages, path: str) -> None:
    await put(pages)
    await set_aside(pages)

    seen = await pages.visit("auditor", path)

    assert seen.status == 200
    forms = re.findall(r'<form method="post" action="([^"]*)"', seen.text)
    assert forms == ["/staff/sign-out"]


@pytest.mark.parametrize("decision", ["arrived", "again", "give_up", "words"])
async def test_an_auditor_decides_nothing(pages: Pages, decision: str) -> None:
    message = await put(pages)

    seen = await pages.visit("auditor", f"{OUTBOX}/{message}/{decision}", form={"reason": "看看"})

    assert (seen.status, await state_of(pages, message)) == (403, ("unknown", "SendUnknown 0", 3))


async def test_a_calm_night_says_so_and_a_restless_one_says_what_to_do(pages: Pages) -> None:
    await pages.api.store.write(lambda s: s.execute(delete(OutboxMessage)))
    assert "现在没有要处理的事" in (await pages.visit("operator", SYSTEM)).text

    await put(pages)
    await set_aside(pages)
    await pages.api.store.write(lambda s: failures.note(s, "burst", 7, reason="KeyError", most=1, now=utcnow()))
    seen = await pages.visit("operator", SYSTEM)

    assert "现在没有要处理的事" not in seen.text
    assert [word for word in ("1 条不知是否送达", "1 条来信程序处理不了", "1 件到点的事反复办不成") if word not in seen.text] == []


async def put_aside(pages: Pages, *rows: int) -> None:
    for row in rows:
        await pages.api.store.write(lambda s, row=row: failures.note(s, "burst", row, reason="KeyError", most=1, now=utcnow()))


async def test_work_that_was_put_aside_is_tried_again_by_a_person(pages: Pages) -> None:
    await put_aside(pages, 7, 8)
    listed = await pages.visit("operator", f"{SYSTEM}/aside")

    one = await pages.visit("operator", f"{SYSTEM}/aside/burst/7/again", form={})
    left = await pages.api.store.read(failures.list_aside)
    again = await pages.visit("operator", f"{SYSTEM}/aside/burst/7/again", form={})
    whole = await pages.visit("operator", f"{SYSTEM}/aside/again", form={})

    assert [word for word in ("合并补充", "KeyError", "/aside/burst/8/again") if word not in listed.text] == []
    assert (one.status, one.location, left) == (303, f"{SYSTEM}/aside", [("burst", 8, "KeyError")])
    assert (again.status, whole.status) == (303, 303)
    assert await pages.api.store.read(lambda s: failures.of_duty(s, "burst")) == {7: False, 8: False}
    assert await acts(pages, "duty.again") == [(OPERATOR, "duty.again", "burst:7", {}), (OPERATOR, "duty.again", "duty", {})]
    assert "没有搁置的事" in (await pages.visit("operator", f"{SYSTEM}/aside")).text


async def test_what_is_still_tried_or_unknown_is_not_touched(pages: Pages) -> None:
    await pages.api.store.write(lambda s: failures.note(s, "burst", 7, reason="KeyError", most=2, now=utcnow()))

    for path in ("burst/7", "burst/9", "nothing/7"):
        assert (await pages.visit("operator", f"{SYSTEM}/aside/{path}/again", form={})).status == 303
    assert (await pages.visit("operator", f"{SYSTEM}/aside/burst/x/again", form={})).status == 422
    assert await acts(pages, "duty.again") == []


async def test_an_auditor_sees_what_is_put_aside_and_tries_nothing(pages: Pages) -> None:
    await put_aside(pages, 7)

    seen = await pages.visit("auditor", f"{SYSTEM}/aside")

    assert ("合并补充" in seen.text, "again" in seen.text) == (True, False)
    assert (await pages.visit("auditor", f"{SYSTEM}/aside/burst/7/again", form={})).status == 403
    assert (await pages.visit("auditor", f"{SYSTEM}/aside/again", form={})).status == 403
    assert await pages.api.store.read(failures.list_aside) == [("burst", 7, "KeyError")]


async def test_a_message_that_nobody_takes_up_is_the_first_thing_said(pages: Pages) -> None:
    long_ago = utcnow() - timedelta(minutes=10)
    await pages.api.store.write(lambda s: inbox.remember(s, channel="terminal", key="k9", body=b"{}", now=long_ago))

    assert "来信处理得慢" in (await pages.visit("operator", SYSTEM)).text


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        ("unknown", "arrived", ("sent", "SendUnknown 0", 3)),
        ("unknown", "again", ("pending", "SendUnknown 0", 3)),
        ("failed", "again", ("pending", None, 0)),
        ("failed", "give_up", ("failed", "given up: SendUnknown 0", 3)),
        ("held", "give_up", ("failed", "given up: SendUnknown 0", 3)),
    ],
)
async def test_what_a_person_decides_about_a_send_is_done_and_kept(
    pages: Pages, before: str, decision: str, after: tuple[str, str | None, int]
) -> None:
    message = await put(pages, before)

    seen = await pages.visit("operator", f"{OUTBOX}/{message}/{decision}", form={"list": before})

    assert (seen.status, seen.location) == (303, f"{OUTBOX}?list={before}")
    assert await state_of(pages, message) == after
    assert await acts(pages, "outbox.decide") == [(OPERATOR, "outbox.decide", f"outbox:{message}", {"decided": decision})]


@pytest.mark.parametrize(
    ("before", "error", "decision"),
    [
        ("sent", None, "again"),
        ("sent", None, "give_up"),
        ("sending", None, "again"),
        ("sending", None, "give_up"),
        ("pending", None, "arrived"),
        ("failed", "recalled", "again"),
        ("failed", "overtaken", "again"),
        ("failed", "acknowledged", "again"),
        ("failed", "erased", "again"),
        ("failed", "SendNever 1", "arrived"),
        ("unknown", "SendUnknown 0", "give_up"),
    ],
)
async def test_what_makes_no_sense_for_a_send_changes_nothing(pages: Pages, before: str, error: str | None, decision: str) -> None:
    message = await put(pages, before, error=error)

    seen = await pages.visit("operator", f"{OUTBOX}/{message}/{decision}", form={})

    assert (seen.status, await state_of(pages, message)) == (303, (before, error, 3))
    assert await acts(pages, "outbox.decide") == []


async def test_what_was_given_up_can_be_sent_again(pages: Pages) -> None:
    message = await put(pages, "failed")
    await pages.visit("operator", f"{OUTBOX}/{message}/give_up", form={})
    assert f'href="{OUTBOX}/{message}"' in (await pages.visit("operator", f"{OUTBOX}?list=given_up")).text
    assert f'href="{OUTBOX}/{message}"' not in (await pages.visit("operator", f"{OUTBOX}?list=failed")).text

    await pages.visit("operator", f"{OUTBOX}/{message}/again", form={})

    assert await state_of(pages, message) == ("pending", None, 0)


async def test_words_of_a_send_are_shown_masked_for_a_reason_that_is_kept(pages: Pages) -> None:
    ticket = (await pages.api.open()).ticket
    message = await pages.api.store.read(lambda s: s.scalars(select(func.min(OutboxMessage.id))).one())
    assert ticket.number in str(await pages.api.store.read(lambda s: s.get_one(OutboxMessage, message).facts))

    without = await pages.visit("operator", f"{OUTBOX}/{message}/words", form={"reason": " "})
    assert (without.status, "请写明理由" in without.text, "内容（号码和姓名已遮）" in without.text) == (422, True, False)
    assert await acts(pages, "unseal") == []

    seen = await pages.visit("operator", f"{OUTBOX}/{message}/words", form={"reason": "核对是否送达"})
    assert (seen.status, "内容（号码和姓名已遮）" in seen.text) == (200, True)
    assert await acts(pages, "unseal") == [(OPERATOR, "unseal", f"outbox:{message}", {"kind": "words", "reason": "核对是否送达"})]


async def test_a_matter_about_the_operator_is_in_no_room_of_theirs(pages: Pages) -> None:
    """Its number, whom it was told to and what was said are hidden; whether it arrived can be decided all the same."""
    opened = await pages.api.open("操作员收了红包", confidential=True, kind="report")
    number = opened.ticket.number
    await pages.api.store.write(lambda s: s.execute(update(Ticket).where(Ticket.number == number).values(refused_staff=[OPERATOR])))
    message = await put(pages, facts={"number": number}, target=opened.ticket.desk, audience="desk")
    await pages.api.store.write(lambda s: record(s, actor="DK001", action="unseal", subject=number, facts={"kind": "text"}))

    for path in (*ROOMS, f"{OUTBOX}/{message}", f"{AUDIT}?subject={number}", f"{AUDIT}/save/csv"):
        text = (await pages.visit("operator", path)).text
        shown = text.replace(f'value="{number}"', "").replace(f"subject={number}", "")  # what was asked for stands in the form
        assert (path, number in shown) == (path, False)
    assert (await pages.visit("operator", f"{OUTBOX}/{message}/words", form={"reason": "看看"})).status == 404
    assert (await pages.visit("operator", f"{OUTBOX}/{message}/arrived", form={})).status == 303
    assert (await state_of(pages, message))[0] == "sent"


async def test_a_quarantined_message_is_shown_masked_for_a_reason(pages: Pages) -> None:
    message = await set_aside(pages)
    listed = await pages.visit("operator", QUARANTINE)
    opened = await pages.visit("operator", f"{QUARANTINE}/{message}")
    assert [word for word in ("井盖", "13812345678") if word in listed.text + opened.text] == []
    assert (await pages.visit("operator", f"{QUARANTINE}/{message}/words", form={})).status == 422

    seen = await pages.visit("operator", f"{QUARANTINE}/{message}/words", form={"reason": "居民来电问"})

    assert ("井盖不见了" in seen.text, "13812345678" in seen.text) == (True, False)
    assert await acts(pages, "unseal") == [(OPERATOR, "unseal", f"message:{message}", {"kind": "words", "reason": "居民来电问"})]


async def test_a_message_that_is_replayed_waits_for_the_worker_and_its_new_answer_is_not_lost(pages: Pages) -> None:
    message = await set_aside(pages)
    told = await put(pages, "sent", cause=f"reply:{message}:0", error=None)
    alarm = await put(pages, "sent", cause=f"quarantine:{message}", error=None)
    other = await put(pages, "sent", cause=f"quarantine:{message}7", error=None)

    assert (await pages.visit("operator", f"{QUARANTINE}/{message}/replay", form={})).location == QUARANTINE

    assert await outcome_of(pages, message) == (None, "open")
    assert message in await pages.api.store.read(lambda s: inbox.unfinished(s, before=utcnow()))
    causes = [await pages.api.store.read(lambda s, n=one: s.get_one(OutboxMessage, n).cause) for one in (told, alarm, other)]
    assert [cause in {f"reply:{message}:0", f"quarantine:{message}"} for cause in causes] == [False, False, False]
    assert causes[2] == f"quarantine:{message}7"
    assert await acts(pages, "message.replay") == [(OPERATOR, "message.replay", f"message:{message}", {})]
    assert (await pages.visit("operator", f"{QUARANTINE}/{message}/replay", form={})).status == 404


async def test_bytes_that_nobody_can_read_are_not_replayed(pages: Pages) -> None:
    message = await pages.api.store.write(
        lambda s: inbox.quarantine_raw(s, channel="gateway", raw=b'{"half":', reason="DecodeError", now=utcnow())
    )

    seen = await pages.visit("operator", f"{QUARANTINE}/{message}/replay", form={})

    assert (seen.status, "读不出来" in seen.text) == (409, True)
    assert await outcome_of(pages, message) == ("quarantined", "none")


async def test_a_message_that_a_person_took_care_of_is_put_away_and_can_be_taken_back(pages: Pages) -> None:
    message = await set_aside(pages)

    await pages.visit("operator", f"{QUARANTINE}/{message}/put_away", form={})
    link = f'href="{QUARANTINE}/{message}"'
    assert (await outcome_of(pages, message))[0] == "ignored"
    assert link not in (await pages.visit("operator", QUARANTINE)).text
    assert link in (await pages.visit("operator", f"{QUARANTINE}?list=put_away")).text

    await pages.visit("operator", f"{QUARANTINE}/{message}/take_back", form={})
    assert (await outcome_of(pages, message))[0] == "quarantined"
    assert [action for _, action, _, _ in await acts(pages, "message.put_away", "message.take_back")] == [
        "message.put_away",
        "message.take_back",
    ]


async def test_a_message_that_was_handled_is_no_business_of_this_room(pages: Pages) -> None:
    kept = await pages.api.store.write(lambda s: inbox.remember(s, channel="terminal", key="fine", body=b"{}", now=utcnow()))

    assert (await pages.visit("operator", f"{QUARANTINE}/{kept.id}")).status == 404
    assert (await pages.visit("operator", f"{QUARANTINE}/{kept.id}/words", form={"reason": "看看"})).status == 404
    assert (await pages.visit("operator", f"{QUARANTINE}/{kept.id}/put_away", form={})).status == 404


async def test_the_audit_is_found_by_who_what_on_what_and_when(pages: Pages) -> None:
    def write(session: Session) -> None:
        record(session, actor="OP001", action="code.make", subject="code:1")
        record(session, actor="OP001", action="code.revoke", subject="code:2")
        record(session, actor="OP002", action="code.make", subject="code:3")

    await pages.api.store.write(write)

    async def found(query: str) -> list[str]:
        text = (await pages.visit("auditor", f"{AUDIT}?{query}")).text
        return re.findall(r'href="\?subject=code%3A(\d)"', text) or re.findall(r'href="\?subject=code:(\d)"', text)

    assert await found("actor=OP001") == ["2", "1"]
    assert await found("act=code") == ["3", "2", "1"]
    assert await found("act=code.make") == ["3", "1"]
    assert await found("subject=code:3") == ["3"]
    assert await found("act=cod") == []
    assert await found("act=code&until=2001-01-01") == []
    assert await found(f"act=code&since={utcnow() - timedelta(days=1):%Y-%m-%d}&until={utcnow() + timedelta(days=1):%Y-%m-%d}") == [
        "3", "2", "1",
    ]  # fmt: skip
    assert (await pages.visit("auditor", f"{AUDIT}?since=2001-13-01")).status == 422


async def test_the_audit_is_saved_as_a_table_without_formulas_with_the_readers_mark_and_that_is_audited(pages: Pages) -> None:
    await pages.api.store.write(lambda s: record(s, actor="=1+1", action="code.make", subject="@code"))

    seen = await pages.visit("auditor", f"{AUDIT}/save/csv?act=code")

    [_, header, row, _, mark] = csv.reader(io.StringIO(seen.text.lstrip("\ufeff")))
    assert (header[1], row[1], row[3], row[5], POSTS["auditor"].code in mark[0]) == ("谁", "'=1+1", "做码", "'@code", True)
    kept = {"count": 1, "form": "csv"}
    assert await acts(pages, "audit.save") == [(POSTS["auditor"].code, "audit.save", "audit", kept)]


async def test_of_many_counts_the_page_shows_those_that_count_something_and_the_table_all(pages: Pages) -> None:
    counts = {"tables": {"areas": {"added": 54, "changed": 0}}}
    await pages.api.store.write(lambda s: record(s, actor="OP001", action="seed", subject="some", facts=counts))
    nothing = {"tables": {"areas": {"added": 0, "changed": 0}}}
    await pages.api.store.write(lambda s: record(s, actor="OP001", action="seed", subject="none", facts=nothing))

    [none, some] = re.findall(r'data-label="细节">(.*?)</td>', (await pages.visit("auditor", f"{AUDIT}?actor=OP001")).text)
    assert (re.findall(r"</span> (\d+)", some), re.findall(r"</span> (\d+)", none), "都是 0" in none) == (["54"], [], True)
    saved = csv.reader(io.StringIO((await pages.visit("auditor", f"{AUDIT}/save/csv?actor=OP001&subject=some")).text))
    assert [re.findall(r"\d+", row[-1]) for row in saved if row[1:2] == ["OP001"]] == [["54", "0"]]


async def test_pages_of_the_lists_follow_one_another_without_gap(pages: Pages) -> None:
    def write(session: Session) -> None:
        for number in range(120):
            record(session, actor="OP009", action="seed", subject=f"entry:{number}")

    await pages.api.store.write(write)
    found, address = [], f"{AUDIT}?actor=OP009"
    while address:
        text = (await pages.visit("auditor", address)).text
        found += re.findall(r">条目 (\d+)<", text)
        after = re.search(r'before=(\d+)">下一页', text)
        address = f"{AUDIT}?actor=OP009&before={after[1]}" if after else ""

    assert found == [str(number) for number in reversed(range(120))]


@pytest.mark.parametrize("path", [f"{OUTBOX}?list=nothing", f"{OUTBOX}?after=x", f"{QUARANTINE}?after=-1", f"{AUDIT}?before=1e9"])
async def test_an_address_that_is_no_address_is_refused(pages: Pages, path: str) -> None:
    assert (await pages.visit("operator", path)).status == 422


async def test_no_room_asks_the_database_more_often_for_more_rows(pages: Pages) -> None:
    numbers = [(await pages.api.open(f"路灯坏了{number}")).ticket.number for number in range(2)]
    await put(pages, cause="one", facts={"number": numbers[0]})
    rooms = (SYSTEM, OUTBOX, QUARANTINE, AUDIT)
    before = [await count_asked(pages, path) for path in rooms]

    for number in range(20):
        await put(pages, cause=f"more{number}", facts={"number": numbers[number % 2]})
        await set_aside(pages, key=f"more{number}")

    assert [await count_asked(pages, path) for path in rooms] == before


async def test_secrets_are_on_no_page_of_settings(pages: Pages) -> None:
    seen = await pages.visit("auditor", f"{SYSTEM}/settings")

    assert ("[server]" in seen.text, "reply_budget_seconds" in seen.text) == (True, True)
