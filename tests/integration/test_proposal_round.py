"""The worker's rounds of proposals: what plain reckoning proposes, kept without a word, and as true as what it stands on."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot import proposal_round, proposing
from bot.proposal_round import Proposing
from knowledge_base import proposal_rows, uses
from knowledge_base.proposals import propose_entries, propose_phrasings
from knowledge_base.tables import KnowledgeUse, ProposalRound, ProposalRow, ProposalSource
from routing.lessons import collect
from routing.tables import Ticket, TicketEvent
from routing.word_proposals import propose_words
from tests.integration.test_lessons import send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.proposals import Proposal, UseKind
    from store.engine import Store

pytestmark = pytest.mark.deep_on_postgres

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ASKED = "宠物龟的户口在哪里办"
TURTLES = (ASKED, "宠物龟的户口去哪办", "宠物龟在哪办户口", "月亮上能不能种菜", "龙舟怎么租", "龙舟在哪租")
WORDS = ("灯泡炸了", "灯罩掉了", "油烟很大", "狗叫", "盖板翘起来")
TAILS = ("好几天了", "没人管", "影响走路")


class Town:
    """A store with nothing in it but what residents asked and clerks decided, the city that reads it, and its rounds."""

    def __init__(self, store: Store, city: City) -> None:
        self.store, self.city, self.now = store, city, NOW
        self.rounds = Proposing(store=store, city=city, clock=lambda: self.now)
        self.items = sorted(city.duty_list.items)[:2]

    async def ask(self, question: str, *residents: int, kind: UseKind = "missed", entry: str = "") -> None:
        for resident in residents:
            await self.store.write(
                lambda s, who=resident: uses.record_use(s, kind=kind, question=question, resident_id=who, now=self.now, entry=entry)
            )

    async def teach(self, *lessons: tuple[str, str, int, str]) -> None:
        """Have tickets with this summary and item, of this resident, that a clerk decided so (`agreed`, `corrected`)."""

        def write(session: Session) -> None:
            first = session.scalars(select(Ticket).order_by(Ticket.id).limit(1)).one_or_none()
            if first is None:
                send(session)
                first = session.scalars(select(Ticket)).one()
                session.execute(update(Ticket).values(summary=""))  # a form to copy, no lesson
            form = {column.name: getattr(first, column.name) for column in Ticket.__table__.columns if column.name != "id"}
            for text, item, resident, how in lessons:
                fresh = f"{session.scalars(select(Ticket.id).order_by(Ticket.id.desc()).limit(1)).one():05}"
                values = {"summary": text, "item": item, "resident_id": resident, "number": fresh, "token_hash": fresh}
                [made] = session.scalars(insert(Ticket).values(form | values).returning(Ticket.id))
                event = {"ticket_id": made, "at": NOW, "act": "dispatch", "actor": "DESK-1", "how": how, "facts": {}}
                blank = dict.fromkeys(("before", "after", "unit", "item"), "")
                session.execute(insert(TicketEvent).values(event | blank))

        await self.store.write(write)

    async def make(self) -> list[Proposal]:
        """Do a round; gives what it proposes."""
        await self.rounds.make(now=self.now)
        return await self.list()

    async def list(self) -> list[Proposal]:
        return await self.store.read(lambda s: list(proposing.find_proposals(s, self.city)))

    async def reckon(self) -> list[tuple[Any, ...]]:
        """Reckon plainly what there is to propose, out of everything at once."""
        city, settings = self.city, self.city.settings.knowledge.use
        given = await self.store.read(uses.load_uses)
        lessons = await self.store.read(collect)
        plain = {"answers": lambda text: proposing.answer(city, text), "segmenter": city.segmenter, "settings": settings}
        found = [*propose_phrasings(given, city.matcher.entries, **plain), *propose_entries(given, **plain)]
        cuts = [sorted(proposing.cut(city, one.text)) for one in lessons]
        numbers = {word: number for number, word in enumerate(sorted({word for words in cuts for word in words}))}
        words = propose_words(
            [(one, [numbers[word] for word in cut]) for one, cut in zip(lessons, cuts, strict=True)],
            city.duty_list.items,
            residents=settings.word_residents,
            share=settings.word_share,
            spell=lambda _, number: list(numbers)[number],
        )
        return [
            *((one.kind, one.target, one.texts, one.origin, one.residents, one.times) for one in found),
            *(("word", one.item, (one.word,), "corrected", len(one.writers), one.times) for one in words),
        ]


@pytest.fixture
def town(store: Store, demo_city: tuple[Path, City]) -> Town:
    return Town(store, demo_city[1])


def tell(found: Sequence[Proposal]) -> list[tuple[Any, ...]]:
    return [(one.kind, one.target, one.texts, one.origin, one.residents, one.times) for one in found]


async def test_a_round_in_small_stretches_proposes_what_plain_reckoning_does(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_round, "_AT_ONCE", 7)
    monkeypatch.setattr(proposal_round, "_CUT_AT_ONCE", 3)
    monkeypatch.setattr(proposal_round, "_REST", 0)
    monkeypatch.setattr(proposing, "_AT_ONCE", 2)
    dice = random.Random(3)
    kinds: tuple[UseKind, ...] = ("missed", "missed", "useless", "picked")
    for _ in range(60):
        kind = dice.choice(kinds)
        await town.ask(dice.choice(TURTLES), dice.randrange(1, 9), kind=kind, entry="" if kind == "missed" else "ZS-001")
    await town.teach(
        *(
            (f"{word}，{dice.choice(TAILS)}", dice.choice(town.items[: at % 2 + 1]), dice.randrange(1, 9), how)
            for at, word in enumerate(WORDS * 6)
            for how in dice.choices(("agreed", "corrected"), weights=(1, 2))
        )
    )

    plain = await town.reckon()

    assert {one[0] for one in plain} == {"phrasing", "entry", "word"}
    assert tell(await town.make()) == plain
    assert tell(await town.make()) == plain  # also of what was cut before
    await town.ask("龙舟怎么租", 20, 21, 22, 23)
    await town.teach(*((f"管盖板，{tail}", town.items[0], 30 + at, "corrected") for at, tail in enumerate(TAILS)))
    after = await town.reckon()
    assert after != plain
    assert tell(await town.make()) == after


async def test_a_round_is_done_when_it_is_due_and_takes_in_what_came_since(town: Town) -> None:
    every = timedelta(seconds=town.city.settings.knowledge.use.propose_seconds)
    other = Proposing(store=town.store, city=town.city, clock=lambda: town.now)
    await town.rounds.run()
    assert await town.list() == []
    await town.ask(ASKED, 1, 2, 3)

    town.now += every - timedelta(seconds=1)
    await town.rounds.run()
    assert (await town.list(), await town.store.read(proposal_rows.made_at)) == ([], NOW)

    town.now += timedelta(seconds=1)
    await other.run()  # another process of the same database
    await town.rounds.run()
    assert ([one.text for one in await town.list()], await town.store.read(proposal_rows.made_at)) == ([ASKED], town.now)


async def test_a_round_that_failed_leaves_what_was_and_the_next_makes_up_for_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.ask(ASKED, 1, 2, 3)
    await town.rounds.run()
    before = await town.list()
    await town.ask("龙舟怎么租", 1, 2, 3)
    town.now += timedelta(hours=1)
    with monkeypatch.context() as patch:
        patch.setattr(proposal_round, "propose_words", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await town.rounds.run()

    assert (await town.list(), await town.store.read(proposal_rows.made_at)) == (before, NOW)
    late = await town.store.read(lambda s: proposing.read_round(s, town.city, now=town.now))
    assert (late.at, late.is_late) == (NOW, True)
    town.now += late.every
    await town.rounds.run()
    assert len(await town.list()) == 2


async def test_a_round_ends_early_when_the_service_stops_and_leaves_what_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_round, "_CUT_AT_ONCE", 1)
    await town.ask(ASKED, 1, 2, 3)
    before = await town.make()
    await town.ask("龙舟怎么租", 1, 2, 3)
    await town.teach(*((f"{word}，{tail}", town.items[0], 1, "agreed") for word in WORDS for tail in TAILS))
    seen: list[str] = []

    def stop(_city: City, text: str) -> frozenset[str]:
        seen.append(text)
        town.rounds.leave_off()
        return frozenset()

    monkeypatch.setattr(proposal_round, "cut", stop)

    assert await town.make() == before
    assert len(seen) == 1


async def test_no_word_is_kept(town: Town) -> None:
    await town.ask(ASKED, 1, 2, 3)
    await town.teach(*((f"灯泡炸了，{tail}", town.items[0], at, "corrected") for at, tail in enumerate(TAILS, start=1)))
    assert {"灯泡", ASKED} <= {one.text for one in await town.make()}

    tables = (ProposalRound, ProposalRow, ProposalSource)
    rows = await town.store.read(lambda s: [tuple(row) for table in tables for row in s.execute(select(table.__table__))])

    kept = {value for row in rows for value in row if isinstance(value, str)}
    marks = {value for value in kept if len(value) == 64 and set(value) <= set("0123456789abcdef")}
    assert len(marks) >= 2
    assert kept - marks == {"entry", "word", "", town.items[0]}


async def test_what_was_erased_or_sealed_proposes_nothing_at_once(town: Town) -> None:
    await town.ask(ASKED, 1, 2, 3)
    await town.ask("宠物龟在哪办户口", 4)
    await town.teach(*((f"灯泡炸了，{tail}", town.items[0], at, "corrected") for at, tail in enumerate(TAILS, start=1)))
    made = await town.make()
    assert {one.text for one in made} >= {ASKED, "灯泡"}

    await town.store.write(lambda s: uses.forget_resident(s, resident_id=4))
    assert [one.texts for one in await town.list() if one.kind == "entry"] == [(ASKED,)]
    await town.store.write(lambda s: uses.forget_resident(s, resident_id=2))
    assert [one for one in await town.list() if one.kind == "entry"] == []

    for values in ({"summary": ""}, {"confidential": True}, {"item": town.items[1]}, {"summary": "路边有积水"}):
        last = select(Ticket.id).order_by(Ticket.id.desc()).limit(1).scalar_subquery()
        before = await town.store.read(
            lambda s, last=last: (
                s.execute(select(Ticket.summary, Ticket.confidential, Ticket.item).where(Ticket.id == last)).one()._asdict()
            )
        )
        await town.store.write(lambda s, given=values, last=last: s.execute(update(Ticket).where(Ticket.id == last).values(given)))
        assert "灯泡" not in {one.text for one in await town.list()}
        await town.store.write(lambda s, given=before, last=last: s.execute(update(Ticket).where(Ticket.id == last).values(given)))
        assert "灯泡" in {one.text for one in await town.list()}


async def test_a_row_that_took_the_number_of_one_that_is_gone_is_not_taken_for_it(town: Town) -> None:
    await town.ask(ASKED, 1, 2, 3)
    assert len(await town.make()) == 1

    def replace(session: Session) -> None:
        last = session.scalars(select(KnowledgeUse).order_by(KnowledgeUse.id.desc()).limit(1)).one()
        values: dict[str, Any] = {"id": last.id, "resident_id": 9, "kind": "missed", "entry": "", "question": "我家的事", "at": NOW}
        session.execute(delete(KnowledgeUse).where(KnowledgeUse.id == last.id))
        session.execute(insert(KnowledgeUse).values(values))

    await town.store.write(replace)
    assert await town.list() == []


async def test_a_round_cuts_only_what_came_since_and_forgets_what_is_no_lesson_any_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def note(city: City, text: str) -> frozenset[str]:
        seen.append(text)
        return proposing.cut(city, text)

    monkeypatch.setattr(proposal_round, "cut", note)
    await town.teach(("灯泡炸了", town.items[0], 1, "agreed"), ("灯罩掉了", town.items[0], 2, "agreed"))
    await town.make()
    assert sorted(seen) == ["灯泡炸了", "灯罩掉了"]
    await town.teach(("油烟很大", town.items[0], 3, "agreed"))
    await town.make()
    assert seen[2:] == ["油烟很大"]

    async def sum_up(before: str, after: str) -> None:
        await town.store.write(lambda s: s.execute(update(Ticket).where(Ticket.summary == before).values(summary=after)))
        await town.make()

    await sum_up("油烟很大", "")
    await sum_up("灯泡炸了", "油烟很大")
    assert seen[3:] == ["油烟很大"]  # it had been forgotten
    town.city.places = (*town.city.places[1:],)
    await town.make()
    assert sorted(seen[4:]) == ["油烟很大", "灯罩掉了"]  # a place less: all is cut anew
