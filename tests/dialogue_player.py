"""Plays golden dialogues: Markdown that city staff can read, through the real receiver, database, worker and desk functions.

> 李阿姨（公众号）：安泰路12号门口路灯坏了        somebody writes; （公众号，语音）（公众号，图片）（公众号，位置）（群 wrLT01G1，@）（群 wrLT01G1）
                                                 （公众号，初次）: never wrote before and gets the notice; all others have seen it; （公众号，关注）: follows
> 小蒋（公众号）：甲 19:03⏎灯坏了              ⏎ begins a new line of the message
< 已受理，编号〔…〕                              the answer; … stands for any words, …… for any lines; none: < （不说话）
<< 柳塘街道…已答复                               a message that comes later by itself, line by line
= 工单 路灯不亮 / 柳塘街道市政…                   what the message became, and for a ticket its item and who has it
= 理由 “甲”和“乙”都像…                           one of the reasons on that ticket; = 候选 甲、乙…: the items it may be, the likeliest first
! 单位 答复：已换灯泡                             staff (or one of them, by code: UC002 签收) act on the last ticket: 指挥室 派单 LT-SZYH、单位 签收、单位 退单：…、单位 办结：…、指挥室 结案
                                                 指挥室 回避 LT-01-JWH：某某、保密、改摘要：…、审定摘要（已商量）、查原话：…; （不行） at the end: it is refused
? GW001 看不到                                    what one of the staff sees of the last ticket: 看不到、只看到编号、看到摘要：…、看到全部
! DK007 接                                       a seat (staff code): 接, 说：…, 答 条目, 登记：…, 交还, 结束, in the conversation that waits or is theirs
! SV001 改派 DL-SZYH：原因                         results and alarms: see tests/dialogue_results.py
! 单位 要求补充：… = 状态 待补充 = 告诉 LT-ZHS …     what happens on the way, and how a matter stands then: see tests/dialogue_acts.py
! 对接 12345                                     12345's own system on the other side of a real port: see tests/dialogue_peer.py
! 值班表 只有白天                                each desk has somebody from 8:30 to 18:00 only
> 小刘（公众号，连发20条）：在吗                 the same words so many times, two seconds apart; the answers follow one another
~ 9天                                            time passes (分钟 小时 天, or 到12月9日10:00), the worker does what is due
"""

from __future__ import annotations

import itertools
import re
from contextlib import AsyncExitStack
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App
from bot.channels import Group, Inbound, Media, Point
from bot.telling import Telling
from residents.ledger import WECHAT_WINDOWS
from residents.unsealing import ReasonMissing
from routing import desk, secrecy
from routing.errors import NoTicket, TicketError
from routing.listing import list_tickets, search
from routing.register import show
from routing.sight import Sight, Viewer, decide
from tests.acquaintance import introduce
from tests.dialogue_acts import WAY_ACTS, WAY_LOOKS, act_on_way, last_notice, look_at_way, read_day, set_city
from tests.dialogue_peer import HANDED, PEER_ACTS, PEER_LOOKS, Peer
from tests.dialogue_phone import PhoneChannel
from tests.dialogue_results import RESULT_ACTS, act_on_result, bind, find_ticket
from tests.dialogue_seats import SEAT_ACTS, count_times, open_by_day, sit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.channels import Reply
    from bot.city import City
    from bot.settings import Settings
    from routing.facts import Acted
    from store.engine import Store

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 9 o'clock in Shanghai
_LINE = re.compile(r"^> (?P<who>[^（]+)（(?P<where>[^）]+)）：?(?P<text>.*)$")
_SPANS = {"分钟": "minutes", "小时": "hours", "天": "days"}
_OUTCOMES = {
    "已答": "answered",
    "待选": "choice",
    "追问": "asked",
    "工单": "ticket",
    "加入": "joined",
    "转指挥室": "to_desk",
    "紧急": "emergency",
    "告知": "told",
    "不理": "ignored",
    "搁置": "quarantined",
}
_SILENT = "（不说话）"


@dataclass
class Dialogue:
    """One dialogue of a file: its title and its lines with their numbers."""

    title: str
    path: str
    lines: list[tuple[int, str]] = field(default_factory=list)


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """Split a file into dialogues at its headings."""
    current: Dialogue | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("# "):
            if current:
                yield current
            current = Dialogue(title=line[2:].strip(), path=path.name)
        elif current and line.strip() and line[0] in "><=!~?":
            current.lines.append((number, line))
    if current:
        yield current


class Player:
    """Plays one dialogue in one city."""

    def __init__(self, settings: Settings, store: Store, city: City, *, folder: Path) -> None:
        city = copy(city)  # a dialogue may change it
        self.now = START
        self.phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
        group = PhoneChannel("gateway", reply_limit=0, windows={})
        self.app = App(settings, store, city, {"wechat_mp": self.phone, "gateway": group}, clock=lambda: self.now)
        self.store = store
        self.folder = folder
        self.peer: Peer | None = None
        self._stack = AsyncExitStack()
        self.city = city
        self.ticket = ""
        self.reply: Reply | None = None
        self.said: list[str] = []
        self._seen = 0
        self._told = 0
        self._known: set[str] = set()
        self._numbers = itertools.count(1)

    async def play(self, dialogue: Dialogue) -> None:
        """Play every line; AssertionError names the line that did not hold."""
        async with self._stack:
            await self._play(dialogue)

    async def _play(self, dialogue: Dialogue) -> None:
        expected: list[str] = []
        later: list[str] = []
        for number, line in [*dialogue.lines, (0, "")]:
            where = f"{dialogue.path}:{number} {dialogue.title}"
            if not line.startswith("< ") and expected:
                check(self.said, expected, where)
                expected = []
            if not line.startswith("<< ") and later:
                check(self._arrivals(), later, where)
                later = []
            if line.startswith("< "):
                expected.append(line[2:])
            elif line.startswith("<< "):
                later.append(line[3:])
            elif line.startswith("> "):
                self._refuse_unread(where)
                await self._hear(line)
            elif line:
                await self._do(line, where)
        self._refuse_unread(dialogue.title)

    async def _do(self, line: str, where: str) -> None:
        """Compare what became of a message, act as the staff, look with the staff's eyes, or let time pass."""
        rest = line[2:]
        match line[0]:
            case "=":
                await self._compare(rest, where)
            case "!":
                await self._act(rest)
            case "?":
                await self._look(rest, where)
            case "~":
                await self._wait(rest)

    async def _hear(self, line: str) -> None:
        self._told = await self.store.read(last_notice)
        found = _LINE.match(line)
        assert found, f"not a message: {line}"
        where, times = count_times(found["where"])
        await self._introduce(found["who"], where)
        self.said = []
        for _ in range(times):
            self.now += timedelta(seconds=20 if times == 1 else 2)
            self.reply = await self.app.receiver.receive(self._inbound(found["who"], where, found["text"]))
            if self.reply.ticket:
                self.ticket = self.reply.ticket
            self.said += self.reply.text.split("\n") if self.reply.text else []
        self.said = self.said or [_SILENT]
        await self._work()

    async def _introduce(self, who: str, where: str) -> None:
        """Let somebody have seen the notice before, unless this is said to be their first word."""
        if who in self._known or where.startswith("群"):
            return
        self._known.add(who)
        if not {"初次", "关注"} & {part.strip() for part in where.split("，")}:
            await introduce(self.store, self.city.settings, channel="wechat_mp", sender=f"o-{who}", now=self.now)

    def _inbound(self, who: str, where: str, text: str) -> Inbound:
        number, text = next(self._numbers), text.replace("⏎", "\n")
        place, *kinds = [part.strip() for part in where.split("，")]
        common = {"key": f"m:{number}", "sender": f"o-{who}", "sent_at": self.now}
        if place.startswith("群"):
            group = Group(
                id=place[1:].strip(),
                mentions_bot="@" in kinds,
                quotes_bot="引用" in kinds,
                forwarded_by_worker="网格员转发" in kinds,
                consent="未同意" not in kinds,
                can_reply=True,
            )
            return Inbound(channel="gateway", kind="text", text=text, scope="group", group=group, **common)
        if "关注" in kinds:
            return Inbound(channel="wechat_mp", kind="event", event="subscribe", **common)
        kind = next((_KINDS[name] for name in kinds if name in _KINDS), "text")
        media = (Media(kind=kind, ref=f"media-{number}"),) if kind in {"image", "voice", "video"} else ()
        point = Point(latitude=30.1, longitude=120.1, label=text) if kind == "location" else None
        return Inbound(channel="wechat_mp", kind=kind, text="" if point else text, media=media, point=point, **common)

    async def _compare(self, wanted: str, where: str) -> None:
        word, _, rest = wanted.partition(" ")
        if word in WAY_LOOKS:
            await self._compare_way(word, rest, where)
            return
        if word in PEER_LOOKS:
            assert self.peer is not None, f"{where}: there is no such system"
            check(*await self.peer.look(self.store, word, rest, now=self.now), where)
            return
        assert self.reply is not None
        if word in {"理由", "候选"}:
            await self._compare_grounds(word, rest, where)
            return
        assert self.reply.outcome == _OUTCOMES[word], f"{where}: became {self.reply.outcome}, not {word}"
        if not rest:
            return
        shown = await self.store.read(lambda s: show(s, self.reply.ticket, org=self.city.org))
        ticket = shown.ticket
        item = self.city.duty_list.item(ticket.item or next(iter(ticket.candidates), ""))
        found = [
            item.name if item else "",
            ticket.unit_name,
            *(["橙色"] if ticket.tier == "orange" else ["红色"] if ticket.tier == "red" else []),
        ]
        check([" / ".join(part for part in found if part)], [rest], where)

    async def _compare_grounds(self, word: str, wanted: str, where: str) -> None:
        """Compare what the desk reads on the last ticket: why it is there, or which items it may be."""
        ticket = (await self.store.read(lambda s: show(s, self.ticket, org=self.city.org))).ticket
        if word == "理由":
            reasons = [self.city.words.explain(line) for line in ticket.why]
            assert any(reads_as([reason], [wanted]) for reason in reasons), f"{where}: the reasons are {reasons}"
            return
        items = [self.city.duty_list.item(code) for code in ticket.candidates]
        check(["、".join(item.name for item in items if item)], [wanted], where)

    async def _compare_way(self, word: str, rest: str, where: str) -> None:
        """Compare how the last ticket stands, what its clocks say, or who was told what."""
        looked = {"ticket": self.ticket, "what": word, "rest": rest, "since": self._told}
        seen, wanted = await self.store.read(lambda s: look_at_way(s, self.city, **looked))
        if word == "没有告诉":
            assert seen == [], f"{where}: was told {seen}"
        elif word in {"状态", "在", "时限"}:
            check(seen, [wanted], where)
        else:
            assert any(reads_as([one], [wanted]) for one in seen), f"{where}: there is {seen}"

    async def _act(self, line: str) -> None:
        is_refused = line.endswith("（不行）")
        who, _, rest = line.removesuffix("（不行）").partition(" ")
        act, _, words = rest.partition("：")
        act, _, target = act.partition(" ")
        self._told = await self.store.read(last_notice)
        if not await self._arrange(who, rest, act, target):
            await self._act_as(who, act, target, words, is_refused=is_refused)

    async def _arrange(self, who: str, rest: str, act: str, target: str) -> bool:
        """Change what the dialogue is about or what the city is like; False if somebody acts instead."""
        match who:
            case "值班表":
                open_by_day(self.city)
            case "换到":
                self.ticket = await self.store.read(lambda s: find_ticket(s, rest))
            case "城市":
                set_city(self.city, act, target)
            case "对接":
                await self._connect()
            case "绑定":
                await self.store.write(lambda s: bind(s, staff=act, name=target, now=self.now))
                await self._introduce(target, "公众号")
            case _:
                return False
        return True

    async def _connect(self) -> None:
        """Let there be 12345's own system, and ours call it."""
        self.peer = await Peer.open(self._stack, self.folder)
        self.city.settings = self.peer.settings(self.city.settings)
        self.app = App(self.city.settings, self.store, self.city, self.app.channels, clock=lambda: self.now)
        await self.peer.connect(self._stack, self.app, now=self.now)

    async def _act_as(self, who: str, act: str, target: str, words: str, *, is_refused: bool) -> None:
        if self.peer is not None and (act in PEER_ACTS or (act, target) == HANDED):
            self.now += timedelta(minutes=5)
            self.ticket = await self.peer.act(self.app, act, target, words, ticket=self.ticket, now=self.now)
            await self._work()
            return
        if act in WAY_ACTS:
            self.now += timedelta(minutes=5)
            way = {"ticket": self.ticket, "who": who, "act": act, "target": target, "words": words, "now": self.now}
            await self._try(lambda s: act_on_way(s, self.city, **way), is_refused=is_refused)
            return
        if act in RESULT_ACTS:
            self.now += timedelta(minutes=5)
            done = {"ticket": self.ticket, "who": who, "act": act, "target": target, "words": words, "now": self.now}
            self.ticket = await self.store.write(lambda s: act_on_result(s, self.city, **done))
            await self._work()
            return
        if act in SEAT_ACTS:
            self.now += timedelta(seconds=20)
            seated = {"staff": who, "act": act, "target": target, "words": words, "now": self.now}
            await self.store.write(lambda s: sit(s, self.city, **seated))
            await self._work()
            return
        self.now += timedelta(minutes=5)
        context = self.city.routing_context(tell=Telling(self.city, now=self.now))
        is_somebody = who in self.city.org.staff
        assert is_somebody or who in {"单位", "指挥室"}, f"who acts? {who} {act}"
        common = {"actor": who if is_somebody else "operator", "now": self.now, "context": context}
        unit, _, item = target.partition(" ")
        acts = {
            "派单": lambda s: desk.dispatch(s, self.ticket, unit=unit, item=item, **common),
            "签收": lambda s: desk.sign(s, self.ticket, **common),
            "答复": lambda s: desk.reply(s, self.ticket, text=words, **common),
            "办结": lambda s: desk.conclude(s, self.ticket, text=words, **common),
            "结案": lambda s: desk.close(s, self.ticket, **common),
            "保密": lambda s: secrecy.keep_secret(s, self.ticket, **common),
            "回避": lambda s: self._keep_from(s, target.split(), words, **common),
            "改摘要": lambda s: secrecy.edit_summary(s, self.ticket, text=words, **common),
            "审定摘要": lambda s: secrecy.approve_summary(s, self.ticket, talked=target == "已商量", **common),
            "查原话": lambda s: secrecy.open_original(s, self.ticket, reason=words, **common),
        }
        await self._try(acts[act], is_refused=is_refused)

    async def _try(self, act: Callable[[Session], object], *, is_refused: bool) -> None:
        """Do an act in a transaction of its own, or see it refused."""
        if is_refused:
            with pytest.raises((TicketError, ReasonMissing)):
                await self.store.write(act)
            return
        await self.store.write(act)
        await self._work()

    def _keep_from(self, session: Session, codes: list[str], name: str, **common: Any) -> Acted:
        units = [code for code in codes if code in self.city.org.units]
        staff = [code for code in codes if code not in units]
        return secrecy.keep_from(session, self.ticket, units=units, staff=staff, names=[name] if name else [], **common)

    async def _look(self, line: str, where: str) -> None:
        """Look at the last ticket with the eyes of one of the staff, on every way there is."""
        code, _, wanted = line.partition(" ")
        viewer = Viewer("staff", code)
        assert code in self.city.org.staff, f"{where}: nobody is {code}"
        listed = await self.store.read(lambda s: list_tickets(s, org=self.city.org, now=self.now, viewer=viewer, limit=500))
        found = await self.store.read(lambda s: search(s, self.ticket, org=self.city.org, now=self.now, viewer=viewer))
        assert found.lines == tuple(one for one in listed.lines if one.number == self.ticket), f"{where}: found, not listed"
        if wanted == "看不到":
            assert not found.lines, f"{where}: {code} finds it"
            with pytest.raises(NoTicket):
                await self.store.read(lambda s: show(s, self.ticket, org=self.city.org, viewer=viewer))
            return
        ticket = (await self.store.read(lambda s: show(s, self.ticket, org=self.city.org, viewer=viewer))).ticket
        level, _, words = wanted.partition("：")
        levels = {"只看到编号": Sight.CODE, "看到摘要": Sight.SUMMARY, "看到全部": Sight.FULL}
        raw = (await self.store.read(lambda s: show(s, self.ticket, org=self.city.org))).ticket
        assert decide(raw, viewer, org=self.city.org) is levels[level], f"{where}: {code} sees otherwise"
        assert len(found.lines) == 1, f"{where}: {code} does not find it"
        if words:
            check([ticket.summary], [words], where)

    async def _wait(self, span: str) -> None:
        self._told = await self.store.read(last_notice)
        if moment := re.fullmatch(r"到(.+)", span.strip()):
            self.now = read_day(moment[1], city=self.city, now=self.now)
            await self._work()
            return
        found = re.fullmatch(r"(\d+) ?(分钟|小时|天)", span.strip())
        assert found, f"how long is {span}?"
        self.now += timedelta(**{_SPANS[found[2]]: int(found[1])})
        await self._work()

    async def _work(self) -> None:
        """Let the worker do what is due now."""
        await self.app.duties.time_out()
        await self.app.duties.erase()
        await self.app.duties.supervise()
        await self.app.duties.look_after_seats()
        await self.app.duties.look_at_drafts()
        await self.app.duties.put_bursts_together()
        while await self.app.duties.send():
            await self.app.duties.drain()
        await self.app.duties.fetch()
        if self.peer is not None and await self.app.duties.deliver():
            await self._work()

    def _arrivals(self) -> list[str]:
        fresh = self.phone.arrived[self._seen :]
        self._seen = len(self.phone.arrived)
        return [part for _, text in fresh for part in text.split("\n")]

    def _refuse_unread(self, where: str) -> None:
        unread = self._arrivals()
        assert not unread, f"{where}: nobody expected {unread}"


_KINDS = {"语音": "voice", "图片": "image", "视频": "video", "位置": "location"}


def reads_as(said: list[str], expected: list[str]) -> bool:
    """Tell whether lines read as expected; … stands for any words of a line, …… for any lines."""
    pattern = re.escape("\n".join(expected)).replace("……", "(?s:.*)").replace("…", "[^\n]*")
    return re.fullmatch(pattern, "\n".join(said)) is not None


def check(said: list[str], expected: list[str], where: str) -> None:
    """Compare what was said with what is expected, as `reads_as` does."""
    assert reads_as(said, expected), (
        f"{where}\n  expected: " + "\n            ".join(expected) + "\n  said:     " + "\n            ".join(said)
    )
