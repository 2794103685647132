"""What the store promises, on both databases."""

from __future__ import annotations

import asyncio
import traceback
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from store import inbox, outbox
from store.audit import AuditEntry, record
from store.counters import next_number
from store.engine import SqliteStore, StoreClosed, StoreLocked
from store.keys import drop_key, new_key, open_key
from store.looking import look
from store.migrate import SchemaWrong, expected_version, require_schema, version_of
from store.sealing import KeyGone, Vault, WrongKey

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from store.engine import Store

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_migrated_database_has_the_expected_schema(store: Store) -> None:
    assert await store.read(version_of) == expected_version()
    await store.read(require_schema)


async def test_many_writers_each_get_their_own_number(store: Store) -> None:
    numbers = await asyncio.gather(*(store.write(lambda s: next_number(s, "ticket")) for _ in range(50)))
    assert sorted(numbers) == list(range(1, 51))


async def test_a_failing_unit_keeps_nothing_and_harms_no_other(store: Store) -> None:
    def fail(session: Session) -> None:
        record(session, actor="system", action="wrong", subject="x")
        raise RuntimeError("on purpose")

    def succeed(session: Session) -> None:
        record(session, actor="system", action="right", subject="x")

    results = await asyncio.gather(store.write(succeed), store.write(fail), store.write(succeed), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), RuntimeError, type(None)]
    assert await store.read(lambda s: s.execute(select(AuditEntry.action)).scalars().all()) == ["right", "right"]


async def test_read_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await store.read(lambda s: record(s, actor="system", action="sneak", subject="x"))
    assert await store.read(lambda s: s.execute(select(AuditEntry.action)).scalars().all()) == []


WORDS = "三栋的张阿姨"
FAILING = {
    "no such table": "INSERT INTO nowhere (words) VALUES (:words)",
    "a row that is not whole": "INSERT INTO audit_entry (actor) VALUES (:words)",
}


@pytest.mark.parametrize("statement", FAILING.values(), ids=FAILING)
@pytest.mark.parametrize("road", ["write", "read", "look"])
async def test_what_an_error_says_holds_no_parameter(store: Store, database_url: str, road: str, statement: str) -> None:
    def fail(session: Session) -> None:
        session.execute(text(statement), {"words": WORDS})

    with pytest.raises(DBAPIError) as caught:
        await {"write": store.write, "read": store.read, "look": partial(look, database_url)}[road](fail)

    said = "".join(traceback.format_exception(caught.value))
    assert type(caught.value).__name__ in said
    assert WORDS not in said


async def test_a_value_that_does_not_fit_is_not_quoted(store: Store) -> None:
    statement = {"sqlite": "SELECT abs(:words, 1)", "postgresql": "SELECT CAST(CAST(:words AS TEXT) AS INTEGER)"}[store.dialect]

    with pytest.raises(DBAPIError) as caught:
        await store.write(lambda s: s.execute(text(statement), {"words": WORDS}))

    assert WORDS not in "".join(traceback.format_exception(caught.value))


async def test_a_dropped_key_leaves_nothing_readable(store: Store) -> None:
    key = await store.write(new_key)
    sealed = key.seal("三栋的张阿姨".encode())
    assert (await store.read(lambda s: open_key(s, key.id))).open(sealed).decode() == "三栋的张阿姨"
    await store.write(lambda s: drop_key(s, key.id))
    with pytest.raises(KeyGone):
        await store.read(lambda s: open_key(s, key.id))


async def test_the_number_of_a_dropped_key_is_never_given_again(store: Store) -> None:
    first = await store.write(new_key)
    await store.write(lambda s: drop_key(s, first.id))

    assert (await store.write(new_key)).id > first.id


def test_a_changed_or_foreign_value_is_refused() -> None:
    vault, other = Vault({1: bytes(32)}), Vault({2: b"x" * 32})
    wrapped = vault.wrap(b"k" * 32)
    assert vault.unwrap(wrapped) == b"k" * 32
    with pytest.raises(WrongKey):
        vault.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]))
    with pytest.raises(WrongKey):
        other.unwrap(wrapped)


async def test_the_same_key_is_one_message_also_when_delivered_at_once(store: Store) -> None:
    def remember(session: Session) -> inbox.Remembered:
        return inbox.remember(session, channel="wechat_mp", key="m:1", body=b"hello", now=NOW)

    kept = await asyncio.gather(*(store.write(remember) for _ in range(8)))
    assert {one.id for one in kept} == {kept[0].id}
    assert sorted(one.new for one in kept) == [False] * 7 + [True]
    other = await store.write(lambda s: inbox.remember(s, channel="wechat_mp", key="m:1", body=b"other", now=NOW))
    assert (other.id, other.same_body) == (kept[0].id, False)


async def test_what_was_ignored_leaves_no_text_and_no_key(store: Store) -> None:
    await store.write(lambda s: inbox.ignore(s, channel="gateway", key="g:1", body="今晚吃什么".encode(), now=NOW))
    row = await store.read(lambda s: s.execute(select(inbox.InboxMessage)).scalar_one())
    assert (row.outcome, row.payload, row.key_id, row.reply, row.conversation_id) == ("ignored", None, None, None, None)


async def test_a_recalled_message_cannot_be_taken_or_read(store: Store) -> None:
    kept = await store.write(lambda s: inbox.remember(s, channel="gateway", key="g:2", body=b"secret", now=NOW))
    forgotten = await store.write(lambda s: inbox.forget(s, channel="gateway", key="g:2", now=NOW))
    assert forgotten is not None
    assert await store.write(lambda s: inbox.forget(s, channel="gateway", key="g:2", now=NOW)) is None
    assert await store.write(lambda s: inbox.take(s, kept.id)) is None
    row = await store.read(lambda s: s.execute(select(inbox.InboxMessage)).scalar_one())
    assert (row.payload, row.key_id, row.outcome, row.reply_via) == (None, None, "ignored", "none")


async def test_an_answer_whose_key_is_gone_is_no_answer(store: Store) -> None:
    kept = await store.write(lambda s: inbox.remember(s, channel="wechat_mp", key="m:3", body=b"hello", now=NOW))

    def settle(session: Session) -> int:
        row = inbox.lock(session, kept.id)
        inbox.settle(session, row, outcome="told", now=NOW, text="好的", reply_via="passive")
        return row.key_id or 0

    key_id = await store.write(settle)
    assert (await store.read(lambda s: inbox.answer_of(s, kept.id))).text == "好的"
    await store.write(lambda s: drop_key(s, key_id))
    answer = await store.read(lambda s: inbox.answer_of(s, kept.id))
    assert (answer.outcome, answer.text) == ("told", None)


def put(session: Session, cause: str, target: str = "1", *, urgent: bool = False) -> bool:
    kinds = {"audience": "resident", "channel": "wechat_mp", "notice": "reply"}
    return outbox.put(session, cause=cause, target=target, urgent=urgent, now=NOW, **kinds)


async def test_the_same_cause_is_one_send(store: Store) -> None:
    assert await store.write(lambda s: put(s, "reply:1")) is True
    assert await store.write(lambda s: put(s, "reply:1")) is False
    assert await store.read(outbox.count_by_state) == {"pending": 1}


def claim(session: Session, owner: str, now: datetime = NOW) -> list[outbox.Claim]:
    return [one for one, _ in outbox.claim(session, owner=owner, now=now, lease=MINUTE, limit=10)]


async def test_sends_to_one_destination_leave_one_after_the_other(store: Store) -> None:
    await store.write(lambda s: [put(s, "a"), put(s, "b", target="2")])
    taken = await store.write(lambda s: claim(s, "one"))
    assert len(taken) == 2
    await store.write(lambda s: put(s, "c"))
    assert await store.write(lambda s: claim(s, "two")) == []
    await store.write(lambda s: outbox.mark_sent(s, taken[0], reference="", now=NOW))
    assert len(await store.write(lambda s: claim(s, "two"))) == 1


async def test_an_expired_lease_is_unknown_and_a_late_writer_is_refused(store: Store) -> None:
    await store.write(lambda s: put(s, "a"))
    (lost,) = await store.write(lambda s: claim(s, "dead"))
    assert await store.write(lambda s: outbox.expire_leases(s, now=NOW)) == 0
    assert await store.write(lambda s: outbox.expire_leases(s, now=NOW + 2 * MINUTE)) == 1
    assert await store.read(outbox.count_by_state) == {"unknown": 1}
    assert await store.write(lambda s: outbox.mark_sent(s, lost, reference="late", now=NOW)) is False
    assert await store.write(lambda s: claim(s, "other", NOW + 9 * MINUTE)) == []
    assert await store.read(outbox.count_by_state) == {"unknown": 1}


async def test_what_certainly_did_not_arrive_is_claimed_again_when_due(store: Store) -> None:
    await store.write(lambda s: put(s, "a"))
    (one,) = await store.write(lambda s: claim(s, "me"))
    await store.write(lambda s: outbox.mark_later(s, one, due_at=NOW + MINUTE, error="busy"))
    assert await store.write(lambda s: claim(s, "me")) == []
    (again,) = await store.write(lambda s: claim(s, "me", NOW + MINUTE))
    assert again.attempt == 2


async def test_what_is_tried_again_later_is_not_overtaken(store: Store) -> None:
    await store.write(lambda s: [put(s, "a"), put(s, "b"), put(s, "c", target="2")])
    first, _ = await store.write(lambda s: claim(s, "me"))
    await store.write(lambda s: outbox.mark_later(s, first, due_at=NOW + MINUTE, error="busy"))
    assert await store.write(lambda s: claim(s, "me")) == []
    assert [one.id for one in await store.write(lambda s: claim(s, "me", NOW + MINUTE))] == [first.id]


async def test_what_is_urgent_waits_for_nothing_but_a_send_under_way(store: Store) -> None:
    await store.write(lambda s: put(s, "a"))
    (first,) = await store.write(lambda s: claim(s, "me"))
    await store.write(lambda s: [put(s, "b"), put(s, "alarm", urgent=True)])
    assert await store.write(lambda s: claim(s, "me")) == []
    await store.write(lambda s: outbox.mark_later(s, first, due_at=NOW + MINUTE, error="busy"))
    (alarm,) = await store.write(lambda s: claim(s, "me"))
    cause = select(outbox.OutboxMessage.cause).where(outbox.OutboxMessage.id == alarm.id)
    assert await store.read(lambda s: s.execute(cause).scalar_one()) == "alarm"
    assert await store.write(lambda s: claim(s, "me", NOW + MINUTE)) == []


async def test_the_held_goes_at_the_next_contact(store: Store) -> None:
    await store.write(lambda s: put(s, "a"))
    (one,) = await store.write(lambda s: claim(s, "me"))
    await store.write(lambda s: outbox.mark_ended(s, one, state="held", error="window"))
    assert await store.write(lambda s: outbox.release_held(s, target="2", channel="wechat_mp", now=NOW)) == 0
    assert await store.write(lambda s: outbox.release_held(s, target="1", channel="wechat_mp", now=NOW)) == 1
    assert len(await store.write(lambda s: claim(s, "me"))) == 1


async def test_one_process_writes_to_a_file(tmp_path: Path, vault: Vault) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    first = SqliteStore(url, vault)
    with pytest.raises(StoreLocked, match=r"process \d+"):
        SqliteStore(url, vault)
    await first.close()
    with pytest.raises(StoreClosed):
        await first.write(lambda s: next_number(s, "x"))
    second = SqliteStore(url, vault)
    with pytest.raises(SchemaWrong, match="jieying migrate"):
        await second.read(require_schema)
    await second.close()
