"""A house of ours with another system beside it: our API on a real port, a real server on the other side, and what delivers between them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from console import tokens
from console.exchange import hooks, transfers
from console.exchange.delivering import Deliverer
from console.exchange.tables import ExchangeTransfer
from console.peers import ExchangeSettings, HotlineSettings, PoliceSettings
from routing import desk
from routing.tables import Ticket
from store.clock import utcnow
from store.outbox import OutboxMessage
from tests.api_door import UNIT, Api, open_api
from tests.integration.test_api import give
from tests.other_side import SECRET, OtherSide, open_other_side

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

FIELDS = ("status", "title")


@dataclass
class Clock:
    """The wall clock, and what has been put on top of it."""

    more: timedelta = field(default_factory=lambda: timedelta(seconds=10))

    def __call__(self) -> datetime:
        return utcnow() + self.more


@dataclass
class House:
    """Our API, the other side, and what delivers between them."""

    api: Api
    side: OtherSide
    clock: Clock
    secret: str
    deliverer: Deliverer

    @property
    def context(self) -> Any:
        return self.api.city.context(now=self.clock())

    async def deliver(self) -> list[dict[str, Any]]:
        """Let all that is due leave; gives what the other side got of it."""
        before = len(self.side.got)
        while await self.deliverer.run_once():
            pass
        return [got.content for got in self.side.got[before:]]

    async def partner(self, name: str = "Partner", **given: Any) -> tuple[int, str]:
        """Make a token of a partner and let the next calls use it; gives its number and itself."""
        known = {"unit": UNIT, "scopes": tokens.SCOPES, "fields": FIELDS, **given}
        org, now = self.api.city.org, self.clock()
        issued = await self.api.store.write(
            lambda s: tokens.issue_for_partner(
                s, name, known_fields=set(known["fields"]), days=30, by="operator", now=now, org=org, **known
            )
        )
        self.api.tokens["partner"] = issued.token
        return issued.id, issued.token

    async def hook(self, token_id: int, *events: str, fields: tuple[str, ...] = FIELDS) -> int:
        org, now = self.api.city.org, self.clock()
        return await self.api.store.write(
            lambda s: hooks.make(
                s, "Partner", token_id=token_id, url=f"{self.side.url}/hook", secret_file=self.secret, events=events, fields=fields,
                private_hosts=("127.0.0.1",), by="operator", now=now, org=org,
            ).id
        )  # fmt: skip

    async def ticket(self, **facts: Any) -> str:
        """Open a ticket that the partner's unit has."""
        number = (await self.api.open(**facts)).ticket.number
        await self.api.store.write(lambda s: give(s, number, UNIT))
        return number

    async def conclude(self, number: str) -> None:
        context, now = self.context, self.clock()
        await self.api.store.write(
            lambda s: desk.conclude(s, number, text="已修好，回电 13800138000", actor="operator", now=now, context=context)
        )

    async def hand_over(self, number: str, *, peer: str = "police", text: str = "请出警查看") -> None:
        context, now, settings = self.context, self.clock(), settings_for(self.side, self.secret)
        await self.api.store.write(
            lambda s: transfers.hand_over(
                s, number, peer=peer, text=text, actor="operator", now=now, context=context, settings=settings
            )
        )

    async def sends(self) -> list[tuple[str, str]]:
        """List what goes to others, with how far it is."""
        statement = select(OutboxMessage.notice, OutboxMessage.state).where(OutboxMessage.audience == "partner")
        return await self.api.store.read(lambda s: [(row[0], row[1]) for row in s.execute(statement.order_by(OutboxMessage.id))])

    async def transfer(self) -> tuple[str, str]:
        row = await self.api.store.read(lambda s: s.scalars(select(ExchangeTransfer)).one())
        return row.state, row.their_id

    async def status(self, number: str) -> str:
        return await self.api.store.read(lambda s: s.execute(select(Ticket.status).where(Ticket.number == number)).scalar_one())


def settings_for(side: OtherSide, secret: str) -> ExchangeSettings:
    return ExchangeSettings(
        private_hosts=("127.0.0.1",),
        request_seconds=2.0,
        first_pause_seconds=60.0,
        attempts=3,
        hotline=HotlineSettings(url=f"{side.url}/12345", secret_file=secret),
        police=PoliceSettings(url=f"{side.url}/110", secret_file=secret, fields={"number": "ajbh", "text": "nr", "danger": "jj"}),
    )


@asynccontextmanager
async def open_house(store: Store, city: City, folder: Path) -> AsyncIterator[House]:
    """Open all of it."""
    clock, secret = Clock(), folder / "secret"
    secret.write_text(SECRET)
    async with open_api(store, city, clock=clock) as api, open_other_side() as side:
        deliverer = Deliverer(store, api.city, settings_for(side, str(secret)), owner="test", clock=clock)
        yield House(api, side, clock, str(secret), deliverer)
        await deliverer.close()
