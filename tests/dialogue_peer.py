"""12345's own system in a golden dialogue: a real HTTP server beside ours, and its calls to our real API. Beside the player, which reads the lines.

! 对接 12345                        from here on there is such a system, and ours calls it
! 12345 送来 GD-1：…                it sends a matter under its own id; the next lines are about the ticket that this is
! 12345 当场答 收下 JD-7            what it answers to the next message (also 不接 JD-7：…); else it answers 200 and no more
! 12345 回执 收下 JD-7              it tells later how far it is with what it was handed (also 不接, 办完)
! 12345 回答复 JG-1：…              it gives a result for that matter: 回答复 or 回办结
! 12345 断线      ! 12345 接通      it answers nobody, or again
! 指挥室 移交 12345：…              the desk hands the last ticket over, by the connector

= 12345 收到 移交：…                what reached it since its own last act or the hand-over, signed by us: 移交：words, or 结果 GD-1 办结：reply
= 12345 没收到                      nothing did
= 对接 收下了 JD-7                  how far the matter is that was handed over, and their id of it
= 对接 回了 GD-1 是新的             what our API answered to what it sent: 是新的, 已有 (known), 加入 (joined another)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.telling import Telling
from bot.texts import fill
from console import tokens
from console.exchange import transfers
from console.exchange.signing import ID, TIMESTAMP, is_signed
from console.exchange.tables import ExchangeTransfer
from console.peers import ExchangeSettings, HotlineSettings
from console.routes import PREFIX
from routing.history import OPERATOR
from tests.other_side import SECRET, open_other_side

if TYPE_CHECKING:
    from contextlib import AsyncExitStack
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.app import App
    from bot.settings import Settings
    from routing.org import OrgChart
    from store.engine import Store
    from tests.other_side import Got, OtherSide

NAME, CODE = "12345", "hotline"
_STATES = {"收下": "acknowledged", "不接": "refused", "办完": "closed"}
_ACTS = {"回答复": "reply", "回办结": "conclude"}
_DOWN = 503


class Peer:
    """The other system: what it was sent, what it answers, and its calls."""

    def __init__(self, side: OtherSide, secret: str) -> None:
        self._side = side
        self._secret = secret
        self._client: ClientSession | None = None
        self._address = ""
        self._seen = 0
        self._answer: Any = None
        self._token = ""

    @classmethod
    async def open(cls, stack: AsyncExitStack, folder: Path) -> Peer:
        """Open its server on a free port."""
        secret = folder / "secret"
        secret.write_text(SECRET, encoding="utf-8")
        return cls(await stack.enter_async_context(open_other_side()), str(secret))

    def settings(self, settings: Settings) -> Settings:
        """Give settings with which ours calls this one."""
        hotline = HotlineSettings(url=f"{self._side.url}/{NAME}", secret_file=self._secret)
        exchange = ExchangeSettings(private_hosts=("127.0.0.1",), request_seconds=2.0, hotline=hotline)
        return msgspec.structs.replace(settings, exchange=exchange)

    async def connect(self, stack: AsyncExitStack, app: App, *, now: datetime) -> None:
        """Let it call our API with a token of its own."""
        server = await stack.enter_async_context(TestServer(app.application()))
        self._address = str(server.make_url("")).rstrip("/")
        self._client = await stack.enter_async_context(ClientSession())
        stack.push_async_callback(app.duties.drain)
        self._token = (await app.store.write(lambda s: _issue(s, app.city.org, now=now))).token

    async def act(self, app: App, act: str, target: str, words: str, *, ticket: str, now: datetime) -> str:
        """Do one of the acts above; gives the number of the ticket that it was about."""
        self._seen = len(self._side.got)
        what, _, their_id = target.partition(" ")
        match act:
            case "断线":
                self._side.answers = [(_DOWN, {})] * 1000
            case "接通":
                self._side.answers = []
            case "当场答":
                self._side.answers = [(200, {"id": their_id, "state": _STATES[what], "reason": words})]
            case "移交":
                context = app.city.routing_context(tell=Telling(app.city, now=now))
                given: dict[str, Any] = {"text": words, "actor": OPERATOR, "now": now, "context": context}
                settings = app.settings.exchange
                await app.store.write(lambda s: transfers.hand_over(s, ticket, peer=CODE, settings=settings, **given))
            case "送来":
                self._answer = await self._call("/partner/tickets", {"id": target, "text": words})
                return str(self._answer["number"])
            case "回执":
                await self._call(f"/partner/transfers/{ticket}/state", {"state": _STATES[what], "id": their_id, "text": words})
            case _:
                await self._call(f"/partner/transfers/{ticket}/result", {"id": target, "act": _ACTS[act], "text": words})
        return ticket

    async def look(self, store: Store, word: str, rest: str, *, now: datetime) -> tuple[list[str], list[str]]:
        """Give what there is to see of what a `=` line names, and what that line wants of it."""
        if word == NAME:
            return self._list_got(now=now), [] if rest == "没收到" else [rest.removeprefix("收到 ")]
        if rest.startswith("回了 "):
            return [f"回了 {self._answer['id']} {_name_answer(self._answer)}"], [rest]
        return [await store.read(_read_transfer)], [rest]

    def _list_got(self, *, now: datetime) -> list[str]:
        """List what reached it since the last act, in words; every message is signed by us, under the id that it says."""
        fresh = self._side.got[self._seen :]
        for one in fresh:
            sent_at = datetime.fromtimestamp(int(one.headers[TIMESTAMP]), tz=UTC)
            assert sent_at <= now
            assert is_signed(one.body, one.headers, secret=SECRET, now=sent_at)
        assert all(one.headers[ID] == one.content["id"] for one in fresh)
        return [_describe(one) for one in fresh]

    async def _call(self, path: str, body: dict[str, str]) -> Any:
        assert self._client is not None, "is not connected"
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._client.post(f"{self._address}{PREFIX}{path}", json=body, headers=headers) as response:
            content = await response.json()
            assert response.status == 200, f"{path} was answered {response.status}: {content}"
            return content


def _name_answer(said: Any) -> str:
    if said["created"]:
        return "加入" if said["joined"] else "是新的"
    return "已有"


def _read_transfer(session: Session) -> str:
    """Read how far the last matter is that was handed over, in words, and their id of it."""
    row = session.scalars(select(ExchangeTransfer).order_by(ExchangeTransfer.id.desc()).limit(1)).one()
    return f"{fill('cli', f'transfer_{row.state}')} {row.their_id}".strip()


def _issue(session: Session, org: OrgChart, *, now: datetime) -> tokens.Issued:
    scopes = ("partner.write", "exchange.write")
    given: dict[str, Any] = {"unit": "", "scopes": scopes, "fields": (), "known_fields": set(), "days": 3650}
    return tokens.issue_for_partner(session, CODE, by="operator", now=now, org=org, **given)


def _describe(got: Got) -> str:
    said = got.content
    if got.path == f"/{NAME}/transfers":
        return f"移交：{said['text']}"
    reply = f"：{said['reply']}" if said["reply"] else ""
    act = fill("cli", f"act_{said['act']}")
    return f"结果 {said['their_id']} {act}{reply}"


PEER_ACTS = frozenset({"送来", "当场答", "回执", "断线", "接通", *_ACTS})
PEER_LOOKS = frozenset({NAME, "对接"})
HANDED = ("移交", NAME)
"""The act of the desk that goes through the connector, and to whom."""
