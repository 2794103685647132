"""What residents' use proposes to the editors: picked choices, questions in vain, units' replies; accepted by a person, never by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot import erasing
from bot.app import App
from bot.channels import Inbound
from bot.city import load_city
from bot.commands import discover
from bot.refusals import Refusal
from bot.texts import fill
from knowledge_base import entries, uses
from knowledge_base.entries import PublishRefused
from knowledge_base.entry import Entry
from knowledge_base.tables import KnowledgeUse, ProposalVerdict
from routing.tables import Ticket
from store.audit import AuditEntry
from store.keys import open_key
from tests.dialogue_phone import PhoneChannel

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ASKED = "龙舟怎么租"
IN_VAIN = "宠物龟的户口在哪里办"
BOATS = [
    Entry(code="L1", question="东湖龙舟怎么租", answer="到东湖码头登记", source="园林中心"),
    Entry(code="L2", question="西湖龙舟怎么租", answer="到西湖码头登记", source="园林中心"),
]


class House:
    """A city with two entries alike, and residents who write."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.store, self.city, self.now = store, city, NOW
        phone: Any = PhoneChannel("wechat_mp", reply_limit=2048, windows={})
        self.app = App(settings, store, city, {"wechat_mp": phone}, clock=lambda: self.now)
        self.numbers = count()
        self.key = ""

    async def say(self, sender: str, words: str) -> str:
        self.now += timedelta(minutes=2)
        self.key = f"m:{next(self.numbers)}"
        inbound = Inbound(channel="wechat_mp", key=self.key, sender=sender, kind="text", sent_at=self.now, text=words)
        return (await self.app.receiver.receive(inbound)).text or ""

    async def pick(self, sender: str, words: str = ASKED) -> str:
        """Let somebody ask and take the first of the choice; gives the entry that was picked."""
        assert BOATS[0].question in await self.say(sender, words)
        assert "码头登记" in await self.say(sender, "1")
        last = select(KnowledgeUse).order_by(KnowledgeUse.id.desc()).limit(1)
        use = await self.read(lambda s: s.execute(last).scalar_one())
        assert (use.kind, use.question) == ("picked", words)
        return str(use.entry)

    async def read(self, work: Callable[[Session], Any]) -> Any:
        return await self.store.read(work)

    async def call(self, name: str, **arguments: Any) -> Any:
        command = discover()[f"knowledge.{name}"]
        run = self.store.write if command.writes else self.store.read
        result = await run(lambda s: command.run(s, self.city, now=self.now, **arguments))
        await self.store.read(lambda s: self.city.refresh(s, now=self.now))
        return result

    async def proposals(self) -> list[dict[str, Any]]:
        """List what is proposed after a round of the worker."""
        self.now += timedelta(seconds=self.city.settings.knowledge.use.propose_seconds)
        await self.app.duties.propose()
        return await self.standing()

    async def standing(self) -> list[dict[str, Any]]:
        """List what is proposed as the last round left it."""
        rows: list[dict[str, Any]] = (await self.call("proposals"))["rows"]
        return rows

    async def accept(self, proposal: dict[str, Any], **given: str) -> Any:
        blank = dict.fromkeys(("question", "answer", "source", "code", "entry"), "")
        return await self.call("accept", key=proposal["proposal"], actor="EDITOR", **blank | given)


@pytest.fixture
async def house(demo_store: Store, demo_settings: Settings) -> House:
    for entry in BOATS:
        await demo_store.write(lambda s, one=entry: entries.publish(s, one, now=NOW))
    return House(demo_settings, demo_store, await demo_store.read(lambda s: load_city(s, demo_settings, now=NOW)))


async def test_words_for_which_residents_picked_an_entry_become_its_phrasing_when_somebody_accepts_it(house: House) -> None:
    code = await house.pick("oA")
    assert await house.proposals() == []  # one resident is not enough
    assert await house.pick("oB") == code

    (proposal,) = await house.proposals()
    wanted = {"kind": "phrasing", "target": code, "text": ASKED, "origin": "picked", "residents": 2, "times": 2}
    assert {name: proposal[name] for name in wanted} == wanted
    assert await house.read(lambda s: entries.get(s, code).phrasings) == ()  # never by itself
    assert await house.pick("oC") == code

    assert await house.accept(proposal) == {"proposal": proposal["proposal"], "kind": "phrasing", "entry": code, "version": 2}

    assert await house.read(lambda s: entries.get(s, code).phrasings) == (ASKED,)
    assert "码头登记" in await house.say("oD", ASKED)  # answered at once
    assert await house.standing() == []  # and proposed no more before the next round
    assert await house.proposals() == []
    audits = await house.read(
        lambda s: s.execute(select(AuditEntry.actor, AuditEntry.facts).where(AuditEntry.action == "knowledge.accept")).all()
    )
    assert [tuple(one) for one in audits] == [("EDITOR", {"kind": "phrasing", "residents": 2})]  # as the round counted
    with pytest.raises(Refusal, match=proposal["proposal"]):
        await house.accept(proposal)


async def test_what_was_refused_is_not_proposed_again(house: House) -> None:
    for sender in ("oA", "oB"):
        await house.pick(sender)
    (proposal,) = await house.proposals()

    done = await house.call("refuse", key=proposal["proposal"], actor="EDITOR")
    assert done == {"proposal": proposal["proposal"], "kind": "phrasing"}
    assert await house.standing() == []

    await house.pick("oC", f"{ASKED}?")
    assert await house.proposals() == []
    verdicts = await house.read(lambda s: s.execute(select(ProposalVerdict)).scalars().all())
    assert [(row.accepted, row.by) for row in verdicts] == [(False, "EDITOR")]
    assert ASKED not in verdicts[0].mark


async def test_questions_in_vain_are_listed_in_groups_and_become_an_entry(house: House) -> None:
    await house.say("oA", IN_VAIN)
    await house.say("oA", f"{IN_VAIN}，我叫钱有余，电话13800001234")
    await house.say("oB", IN_VAIN)

    rows = await house.call("misses", limit=10)
    assert [(row["question"], row["residents"], row["times"], row["useless"]) for row in rows] == [
        (IN_VAIN, 2, 2, 0),
        (f"{IN_VAIN},我叫〔姓名〕,电话〔电话〕", 1, 1, 0),
    ]
    assert await house.call("misses", limit=1) == rows[:1]
    assert await house.proposals() == []

    await house.say("oC", IN_VAIN)
    (proposal,) = await house.proposals()
    assert (proposal["kind"], proposal["text"], proposal["origin"], proposal["residents"]) == ("entry", IN_VAIN, "missed", 3)
    with pytest.raises(PublishRefused, match="answer, source"):
        await house.accept(proposal)
    await house.accept(proposal, answer="龟没有户口", source="公安局", code="GUI")

    assert "龟没有户口" in await house.say("oD", IN_VAIN)
    assert (await house.call("misses", limit=10), await house.standing()) == ([], [])


async def test_a_missing_entry_may_become_a_phrasing_of_one_there_is(house: House) -> None:
    for sender in ("oA", "oB", "oC"):
        await house.say(sender, IN_VAIN)
    (proposal,) = await house.proposals()

    with pytest.raises(Refusal) as caught:
        await house.accept(proposal, entry="GONE")
    assert str(caught.value) == fill("cli", "error_no_entry", {"code": "GONE"})

    assert (await house.accept(proposal, entry="L1", question="宠物龟上户口"))["version"] == 2
    assert await house.read(lambda s: entries.get(s, "L1").phrasings) == ("宠物龟上户口",)


async def test_an_answer_that_was_no_use_is_in_vain_and_takes_the_pick_back(house: House) -> None:
    codes = [await house.pick(sender) for sender in ("oA", "oB")]
    assert len(await house.proposals()) == 1
    await house.say("oB", "没用")

    assert await house.proposals() == []
    (row,) = await house.call("misses", limit=10)
    assert (row["question"], row["residents"], row["useless"], row["nearest"]) == (ASKED, 1, 1, codes[0])


async def test_a_unit_s_reply_that_solved_it_comes_with_the_proposal(house: House) -> None:
    for sender in ("oA", "oB"):
        await house.say(sender, IN_VAIN)

    def settle(session: Session, **values: Any) -> None:
        ticket = session.execute(select(Ticket).order_by(Ticket.id)).scalars().first()
        assert ticket is not None
        ticket.reply_text = open_key(session, ticket.key_id).seal("龟不用上户口，有问题打13800001234".encode())
        for name, value in ({"kind": "consult", "solved": "yes"} | values).items():
            setattr(ticket, name, value)

    await house.store.write(settle)
    (proposal,) = await house.proposals()
    assert (proposal["origin"], proposal["answer"]) == ("replied", "龟不用上户口，有问题打〔电话〕")

    for values in ({"solved": "no"}, {"confidential": True}, {"refused": ["S1"]}, {"kind": "help"}):
        await house.store.write(lambda s, given=values: settle(s, **{"confidential": False, "refused": []} | given))
        assert await house.standing() == []
        assert await house.proposals() == []
        await house.store.write(lambda s: settle(s, confidential=False, refused=[]))
        assert len(await house.proposals()) == 1


async def test_what_is_confidential_is_not_kept(house: House) -> None:
    await house.say("oA", "我要举报，别说是我说的，宠物龟的户口在哪里办")

    assert await house.read(uses.load_uses) == []


async def test_taking_a_message_back_takes_its_question_too(house: House) -> None:
    await house.say("oB", IN_VAIN)
    await house.say("oA", IN_VAIN)
    assert len(await house.read(uses.load_uses)) == 2

    assert await house.app.receiver.recall("wechat_mp", house.key)

    assert [use.resident for use in await house.read(uses.load_uses)] == [1]


async def test_a_resident_s_questions_go_with_the_resident_and_with_their_time(house: House) -> None:
    await house.say("oA", IN_VAIN)
    late = house.now + timedelta(days=house.city.settings.privacy.message_days, minutes=1)
    await house.say("oB", IN_VAIN)

    assert (await house.read(lambda s: erasing.count_due(s, house.city, now=late))).misses == 1
    assert (await house.store.write(lambda s: erasing.run_due(s, house.city, now=late))).misses == 1
    assert [use.resident for use in await house.read(uses.load_uses)] == [2]
    await house.say("oA", IN_VAIN)
    assert await house.store.write(lambda s: uses.forget_resident(s, resident_id=9)) == 0
    assert await house.store.write(lambda s: uses.forget_resident(s, resident_id=1)) == 1
    assert await house.store.write(lambda s: uses.forget_resident(s, resident_id=2)) == 1
    assert await house.call("misses", limit=10) == []


async def test_a_test_says_what_changed_since_it_was_last_kept(house: House) -> None:
    rows = [{"question": "东湖龙舟怎么租", "expected": ["L1"]}, {"question": IN_VAIN, "expected": ["GUI"]}]
    first = await house.call("test", rows=rows, drafts=[])
    assert [(row["outcome"], row["change"]) for row in first["rows"]] == [("right", "new"), ("nothing", "new")]
    assert (first["outcomes"], first["unknown"]) == ({"right": 1, "nothing": 1}, ["GUI"])
    outcomes = {row["mark"]: row["outcome"] for row in first["rows"]}
    assert await house.call("keep", outcomes=outcomes, actor="EDITOR") == {"kept": 2}

    draft = {"code": "GUI", "question": IN_VAIN, "answer": "龟没有户口", "source": "公安局"}
    tried = await house.call("test", rows=rows, drafts=[draft])
    assert (tried["changes"], tried["unknown"]) == ({"same": 1, "better": 1}, [])
    assert "GUI" not in house.city.matcher.entries  # only tried

    await house.store.write(lambda s: entries.retire(s, "L1", now=NOW))
    await house.read(lambda s: house.city.refresh(s, now=NOW))
    later = await house.call("test", rows=rows, drafts=[])
    assert [row["change"] for row in later["rows"]] == ["worse", "same"]
    other = await house.call("test", rows=[{"question": IN_VAIN, "expected": []}], drafts=[])
    assert [(row["outcome"], row["change"]) for row in other["rows"]] == [
        ("right", "new")
    ]  # what is expected is part of the question
