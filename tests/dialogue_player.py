"""Plays golden dialogues: Markdown that city staff can read, through the real receiver, database, worker and desk functions.

> 李阿姨（公众号）：安泰路12号门口路灯坏了        somebody writes; （公众号，语音）（公众号，图片）（公众号，位置）（群 wrLT01G1，@）（群 wrLT01G1）
< 已受理，编号〔…〕                              the answer; … stands for any words, …… for any lines; none: < （不说话）
<< 柳塘街道…已答复                               a message that comes later by itself, line by line
= 工单 路灯不亮 / 柳塘街道市政…                   what the message became, and for a ticket its item and who has it
! 单位 答复：已换灯泡                             staff act on the last ticket: 指挥室 派单 LT-SZYH、单位 签收、单位 退单：…、单位 办结：…、指挥室 结案
~ 9天                                            time passes (分钟 小时 天), the worker does what is due
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.app import App
from bot.channels import Group, Inbound, Media, Outbound, Point, WindowClosed
from bot.telling import Telling
from residents.ledger import WECHAT_WINDOWS
from routing import desk
from routing.register import show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aiohttp import web

    from bot.channels import Receiver, Reply
    from bot.city import City
    from bot.settings import Settings
    from residents.ledger import OpenedBy, Window
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


class PhoneChannel:
    """A resident's phone: remembers what arrived, and can be outside the window."""

    def __init__(self, name: str, *, reply_limit: int, windows: Mapping[OpenedBy, Window]) -> None:
        self.name = name
        self.reply_limit = reply_limit
        self.windows = windows
        self.arrived: list[tuple[str, str]] = []

    def routes(self, receive: Receiver) -> list[web.RouteDef]:  # noqa: ARG002 - the protocol's signature; messages are handed in
        return []

    async def send(self, outbound: Outbound) -> str:
        self.arrived.append((outbound.address, outbound.text))
        return f"sent-{len(self.arrived)}"

    async def notify(self, outbound: Outbound) -> str:  # noqa: ARG002 - the protocol's signature
        raise WindowClosed

    async def fetch(self, media: Media) -> bytes:
        return f"bytes of {media.ref}".encode()

    async def close(self) -> None:
        return


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
        elif current and line.strip() and line[0] in "><=!~":
            current.lines.append((number, line))
    if current:
        yield current


class Player:
    """Plays one dialogue in one city."""

    def __init__(self, settings: Settings, store: Store, city: City) -> None:
        self.now = START
        self.phone = PhoneChannel("wechat_mp", reply_limit=2048, windows=WECHAT_WINDOWS)
        group = PhoneChannel("gateway", reply_limit=0, windows={})
        self.app = App(settings, store, city, {"wechat_mp": self.phone, "gateway": group}, clock=lambda: self.now)
        self.store = store
        self.city = city
        self.ticket = ""
        self.reply: Reply | None = None
        self.said: list[str] = []
        self._seen = 0
        self._numbers = itertools.count(1)

    async def play(self, dialogue: Dialogue) -> None:
        """Play every line; AssertionError names the line that did not hold."""
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
            elif line.startswith("= "):
                await self._compare(line[2:], where)
            elif line.startswith("! "):
                await self._act(line[2:])
            elif line.startswith("~ "):
                await self._wait(line[2:])
        self._refuse_unread(dialogue.title)

    async def _hear(self, line: str) -> None:
        found = _LINE.match(line)
        assert found, f"not a message: {line}"
        self.now += timedelta(seconds=20)
        self.reply = await self.app.receiver.receive(self._inbound(found["who"], found["where"], found["text"]))
        if self.reply.ticket:
            self.ticket = self.reply.ticket
        text = self.reply.text or ""
        self.said = text.split("\n") if text else [_SILENT]
        await self._work()

    def _inbound(self, who: str, where: str, text: str) -> Inbound:
        number = next(self._numbers)
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
        kind = next((_KINDS[name] for name in kinds if name in _KINDS), "text")
        media = (Media(kind=kind, ref=f"media-{number}"),) if kind in {"image", "voice", "video"} else ()
        point = Point(latitude=30.1, longitude=120.1, label=text) if kind == "location" else None
        return Inbound(channel="wechat_mp", kind=kind, text="" if point else text, media=media, point=point, **common)

    async def _compare(self, wanted: str, where: str) -> None:
        assert self.reply is not None
        word, _, rest = wanted.partition(" ")
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

    async def _act(self, line: str) -> None:
        who, _, rest = line.partition(" ")
        act, _, words = rest.partition("：")
        act, _, target = act.partition(" ")
        self.now += timedelta(minutes=5)
        context = self.city.routing_context(tell=Telling(self.city, now=self.now))
        common = {"actor": "operator", "now": self.now, "context": context}
        assert who in {"单位", "指挥室"}, f"who acts? {line}"
        acts = {
            "派单": lambda s: desk.dispatch(s, self.ticket, unit=target.split()[0], item=" ".join(target.split()[1:]), **common),
            "签收": lambda s: desk.sign(s, self.ticket, **common),
            "退单": lambda s: desk.return_ticket(s, self.ticket, reason="remit", text=words, **common),
            "答复": lambda s: desk.reply(s, self.ticket, text=words, **common),
            "办结": lambda s: desk.conclude(s, self.ticket, text=words, **common),
            "结案": lambda s: desk.close(s, self.ticket, **common),
        }
        await self.store.write(acts[act])
        await self._work()

    async def _wait(self, span: str) -> None:
        found = re.fullmatch(r"(\d+) ?(分钟|小时|天)", span.strip())
        assert found, f"how long is {span}?"
        self.now += timedelta(**{_SPANS[found[2]]: int(found[1])})
        await self._work()

    async def _work(self) -> None:
        """Let the worker do what is due now."""
        await self.app.duties.time_out()
        await self.app.duties.supervise()
        while await self.app.duties.send():
            await self.app.duties.drain()
        await self.app.duties.fetch()

    def _arrivals(self) -> list[str]:
        fresh = self.phone.arrived[self._seen :]
        self._seen = len(self.phone.arrived)
        return [part for _, text in fresh for part in text.split("\n")]

    def _refuse_unread(self, where: str) -> None:
        unread = self._arrivals()
        assert not unread, f"{where}: nobody expected {unread}"


_KINDS = {"语音": "voice", "图片": "image", "视频": "video", "位置": "location"}


def check(said: list[str], expected: list[str], where: str) -> None:
    """Compare what was said; … in what is expected stands for any words of a line, …… for any lines."""
    pattern = re.escape("\n".join(expected)).replace("……", "(?s:.*)").replace("…", "[^\n]*")
    matches = re.fullmatch(pattern, "\n".join(said)) is not None
    assert matches, f"{where}\n  expected: " + "\n            ".join(expected) + "\n  said:     " + "\n            ".join(said)
