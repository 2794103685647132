"""A resident comes in to their own pages by WeChat, against the simulated platform: who they are is asked, once, and nothing else."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec
import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.channels.wechat_mp import WechatMp, WechatMpSettings
from bot.simulator.faults import Fault
from bot.simulator.logins import ACCESS_TOKEN
from bot.simulator.simulator import Simulator
from bot.trial import find_free_port
from console.pages.catalogue import PAGES
from console.pages.door import ENTERED_COOKIE, WAITS_COOKIE, mount
from console.pages.headers import HEADERS
from console.pages.wechat_entering import WechatPages, is_ours, make_state
from residents.entering import ResidentSession
from residents.tables import Identity
from store.clock import utcnow
from tests.api_door import PeopledCity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store

ACCOUNT = WechatMpSettings(
    app_id="wx0123456789abcdef",
    token="t" * 20,
    encoding_aes_key="a" * 43,
    app_secret="very-secret",
    page_sign_in=True,
)
OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"


@dataclass(kw_only=True)
class Answer:
    status: int
    text: str
    location: str


@dataclass(kw_only=True)
class Phone:
    """A telephone with WeChat: keeps cookies, follows no redirect by itself."""

    town: Town
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, address: str, *, host: str = "") -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie} | ({"Host": host} if host else {})
        full = address if "://" in address else f"{self.town.address}{address}"
        async with self.town.client.get(full, headers=headers, allow_redirects=False) as response:
            for name, one in response.cookies.items():
                self.cookies.pop(name, None)
                if one.value:
                    self.cookies[name] = one.value
            if full.startswith(self.town.address):
                assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
            return Answer(status=response.status, text=await response.text(), location=response.headers.get("Location", ""))

    async def come_in(self) -> Answer:
        """Tap the button, be sent to WeChat and back: gives what our page says then."""
        there = await self.get("/my/wechat")
        back = await self.get(there.location)
        return await self.get(back.location) if back.location else back


@dataclass(kw_only=True)
class Town:
    store: Store
    client: ClientSession
    simulator: Simulator
    address: str
    now: datetime = field(default_factory=utcnow)

    def clock(self) -> datetime:
        return self.now

    async def people(self) -> list[str]:
        """List the kinds of whom we know by which id, with whom browsers are known as."""
        return await self.store.read(
            lambda s: [
                one.kind
                for row in s.scalars(select(ResidentSession))
                for one in s.scalars(select(Identity).where(Identity.resident_id == row.resident_id))
            ]
        )


@asynccontextmanager
async def open_town(store: Store, city: City) -> AsyncIterator[Town]:
    simulator = Simulator(
        "http://127.0.0.1:1/wechat", ACCOUNT.app_id, ACCOUNT.token, ACCOUNT.encoding_aes_key, "gh_1", app_secret=ACCOUNT.app_secret
    )
    async with TestServer(simulator.api_app()) as platform, ClientSession(cookie_jar=DummyCookieJar()) as client:
        base = str(platform.make_url("")).rstrip("/")
        account = WechatMp(msgspec.structs.replace(ACCOUNT, api_base=base, open_base=base), store=store)
        port = find_free_port()
        town = Town(store=store, client=client, simulator=simulator, address=f"http://127.0.0.1:{port}")
        application = web.Application()
        door = mount(application, store, PeopledCity(city), PAGES, clock=town.clock)
        login = account.login()
        assert login is not None
        WechatPages(door, login, public_url=town.address).serve()
        async with TestServer(application, port=port):
            yield town
        await account.close()
    await simulator.close()


@pytest.fixture
async def town(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Town]:
    async with open_town(demo_store, demo_city[1]) as opened:
        opened.simulator.api.logins.holder = OPENID
        yield opened


async def test_one_tap_in_wechat_lets_a_resident_in_as_themselves(town: Town) -> None:
    phone = Phone(town=town)
    there = await phone.get("/my/wechat")
    asked = parse_qsl(urlsplit(there.location).query)
    back = await phone.get(there.location)
    entered = await phone.get(back.location)

    assert [name for name, _ in asked] == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert dict(asked)["scope"] == "snsapi_base"
    assert re.fullmatch(r"[a-zA-Z0-9]{1,128}", dict(asked)["state"])
    assert there.location.endswith("#wechat_redirect")
    assert (entered.status, entered.location) == (303, "/my")
    assert ENTERED_COOKIE in phone.cookies
    assert WAITS_COOKIE not in phone.cookies
    assert await town.people() == ["wechat_mp"]
    assert "您是从公众号进来的" in (await phone.get("/my")).text


async def test_who_comes_twice_is_the_same_resident(town: Town) -> None:
    await Phone(town=town).come_in()
    await Phone(town=town).come_in()

    people = await town.store.read(lambda s: {row.resident_id for row in s.scalars(select(ResidentSession))})
    assert len(people) == 1
    assert await town.people() == ["wechat_mp", "wechat_mp"]


async def test_what_came_back_lets_in_once(town: Town) -> None:
    """Whoever finds the address in a history, or opens it twice, gets no further with it; the one who was let in stays in."""
    phone = Phone(town=town)
    back = await phone.get((await phone.get("/my/wechat")).location)
    waits = phone.cookies[WAITS_COOKIE]
    assert (await phone.get(back.location)).status == 303

    again = await phone.get(back.location)
    copied = Phone(town=town, cookies={WAITS_COOKIE: waits})
    replayed = await copied.get(back.location)
    fresh = parse_qs(urlsplit((await copied.get((await copied.get("/my/wechat")).location)).location).query)["code"][0]
    old_state = parse_qs(urlsplit(back.location).query)["state"][0]
    copied.cookies[WAITS_COOKIE] = waits
    mixed = await copied.get("/my/wechat/back?" + urlencode({"code": fresh, "state": old_state}))

    assert [again.status, replayed.status, mixed.status] == [410, 410, 410]
    assert "再用微信进一次" in again.text
    assert ENTERED_COOKIE not in copied.cookies
    assert "您是从公众号进来的" in (await phone.get("/my")).text


async def test_an_address_that_was_passed_on_lets_nobody_in_as_somebody_else(town: Town) -> None:
    """Login forgery: a victim who opens the attacker's way back is not signed in as the attacker."""
    attacker, victim = Phone(town=town), Phone(town=town)
    back = await attacker.get((await attacker.get("/my/wechat")).location)
    seen = await victim.get(back.location)
    await victim.get("/my/wechat")
    mixed = await victim.get(back.location)

    assert [seen.status, mixed.status] == [410, 410]
    assert ENTERED_COOKIE not in victim.cookies


@pytest.mark.parametrize("state", ["", "x", "0" * 90, "f" * 90, "'; DROP TABLE resident"])
async def test_a_state_that_is_not_ours_is_not_taken(town: Town, state: str) -> None:
    phone = Phone(town=town)
    await phone.get("/my/wechat")
    seen = await phone.get("/my/wechat/back?" + urlencode({"code": "c" * 32, "state": state}))

    assert seen.status == 410
    assert [call for call in town.simulator.ledger.calls if call.path == ACCESS_TOKEN] == []


async def test_a_state_is_over_after_ten_minutes_and_never_from_tomorrow(town: Town) -> None:
    now = town.now
    state = await town.store.read(lambda s: make_state(s, "secret", now=now))

    async def ours(seconds: int, secret: str = "secret") -> bool:
        return await town.store.read(lambda s: is_ours(s, state, secret, now=now + timedelta(seconds=seconds)))

    assert [await ours(seconds) for seconds in (0, 599, 601, -60)] == [True, True, False, False]
    assert not await ours(0, "other")
    assert not await ours(0, "")


async def test_who_presses_no_reads_how_else_it_goes(town: Town) -> None:
    town.simulator.api.logins.refuses = True
    phone = Phone(town=town)
    seen = await phone.come_in()

    assert seen.status == 403
    assert "用验证码一样能看" in seen.text
    assert ENTERED_COOKIE not in phone.cookies


async def test_a_preview_of_the_page_is_nobody(town: Town) -> None:
    town.simulator.api.logins.previews = True
    seen = await Phone(town=town).come_in()

    assert (seen.status, "访问完整网页" in seen.text) == (403, True)
    assert await town.people() == []


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (Fault(code=40163), 410, "再进一次就行"),
        (Fault(code=40029), 410, "再进一次就行"),
        (Fault(code=40125), 503, "公众号的设置有问题"),
        (Fault(code=40164), 503, "公众号的设置有问题"),
        (Fault(code=-1), 503, "微信没有回应"),
        (Fault(code=50000), 503, "微信没有回应"),
        (Fault(status=502), 503, "微信没有回应"),
        (Fault(drop=True), 410, "再进一次就行"),  # the client asks once more over a new connection, and the code is used by then
    ],
)
async def test_what_the_platform_refuses_is_said_with_what_to_do_and_the_next_time_it_goes(
    town: Town, fault: Fault, status: int, said: str
) -> None:
    phone = Phone(town=town)
    town.simulator.api.faults.inject(ACCESS_TOKEN, fault)
    refused = await phone.come_in()
    entered = await phone.come_in()

    assert (refused.status, said in refused.text) == (status, True)
    assert (entered.status, entered.location) == (303, "/my")


async def test_another_host_is_sent_to_ours_first_and_never_taken_back(town: Town) -> None:
    phone = Phone(town=town)
    sent = await phone.get("/my/wechat", host="192.0.2.9")
    back = await phone.get((await phone.get("/my/wechat")).location)
    query = urlsplit(back.location).query
    seen = await phone.get(f"/my/wechat/back?{query}", host="evil.example")

    assert (sent.status, sent.location) == (303, f"{town.address}/my/wechat")
    assert (seen.status, "网址不对" in seen.text) == (421, True)
    assert ENTERED_COOKIE not in phone.cookies


async def test_a_domain_that_the_console_does_not_know_is_the_platform_s_own_error(town: Town) -> None:
    town.simulator.api.logins.page_host = "jieying.example.gov.cn"
    seen = await Phone(town=town).come_in()

    assert seen.text.startswith("10003")


async def test_nothing_of_it_stands_in_the_log(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    phone = Phone(town=town)
    town.simulator.api.faults.inject(ACCESS_TOKEN, Fault(code=40163))
    back = await phone.get((await phone.get("/my/wechat")).location)
    await phone.get(back.location)
    await phone.come_in()
    code = town.simulator.api.logins.last_code
    state = parse_qs(urlsplit(back.location).query)["state"][0]
    written = "".join(capfd.readouterr())

    assert "enter_refused" in written
    assert [
        secret for secret in (code, state, OPENID, ACCOUNT.app_secret, phone.cookies[ENTERED_COOKIE]) if secret in written
    ] == []


@pytest.mark.parametrize(
    "settings", [WechatMpSettings(), WechatMpSettings(app_id=ACCOUNT.app_id), msgspec.structs.replace(ACCOUNT, page_sign_in=False)]
)
async def test_without_the_account_or_its_switch_there_is_no_such_way(demo_store: Store, settings: WechatMpSettings) -> None:
    account = WechatMp(settings, store=demo_store)

    assert account.login() is None
    await account.close()
