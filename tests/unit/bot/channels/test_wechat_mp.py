"""The ways out of the official account against a platform that remembers, and what doctor says of its settings."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from bot.channels import Media, Outbound, SendError, SendLater, SendNever, SendUnknown, WindowClosed, discover
from bot.channels.api_client import AccountProblem, TokenRefused
from bot.channels.wechat_mp import WechatMpSettings, check, find_problems, fit_field
from tests.wechat import AES_KEY, APP_ID, SAFE, FakePlatform, NoStore, connect, run_together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from store.engine import Store

SEND = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
MEDIA = "/cgi-bin/media/get"
HELLO = Outbound(address="oResident0001", text="已派单：路灯不亮 😀")
NOTICE = msgspec.structs.replace(HELLO, reference="JY-1-3", template={"character_string1": "JY-1", "phrase3": "正在处理之中"})
PICTURE = Media(kind="image", ref="M1")


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One kind of database is enough here: test_token runs on both."""
    shutil.copy(sqlite_template, tmp_path / "jieying.db")
    return f"sqlite:///{tmp_path / 'jieying.db'}"


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform().run() as running:
        yield running


async def test_a_text_goes_out_as_a_customer_service_message(platform: FakePlatform, store: Store) -> None:
    channel = connect(platform, store)

    assert await channel.send(HELLO) == ""
    await channel.close()

    assert platform.asked == [(SEND, "T1", {"touser": "oResident0001", "msgtype": "text", "text": {"content": HELLO.text}})]
    assert HELLO.text.encode() in platform.raw[0]


async def test_fifty_sends_at_a_cold_start_fetch_one_token(platform: FakePlatform, store: Store) -> None:
    channel = connect(platform, store)

    results = await run_together(50, lambda: channel.send(HELLO))
    await channel.close()

    assert (set(results), platform.tokens, len(platform.asked)) == ({""}, 1, 50)


@pytest.mark.parametrize("code", [40001, 40014, 42001, 41001])
async def test_an_expired_token_is_renewed_once_and_the_send_repeated(platform: FakePlatform, store: Store, code: int) -> None:
    platform.answers[SEND] = [{"errcode": code}, {"errcode": 0}]
    channel = connect(platform, store)

    await channel.send(HELLO)
    await channel.close()

    assert [token for _, token, _ in platform.asked] == ["T1", "T2"]


async def test_a_token_that_stays_refused_ends_after_one_renewal(platform: FakePlatform, store: Store) -> None:
    platform.answers[SEND] = [{"errcode": 40001}]
    channel = connect(platform, store)

    with pytest.raises(TokenRefused) as caught:
        await channel.send(HELLO)
    await channel.close()

    assert (caught.value.after, platform.tokens, len(platform.asked)) == (60.0, 2, 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"errcode": 45015}, WindowClosed),
        ({"errcode": 45047}, WindowClosed),
        ({"errcode": 48002}, SendNever),
        ({"errcode": -1}, SendLater),
        ("slow", SendUnknown),
        ("reset", SendUnknown),
        (500, SendUnknown),
    ],
)
async def test_a_send_that_fails_is_tried_once(platform: FakePlatform, store: Store, answer: Any, kind: type[SendError]) -> None:
    platform.answers[SEND] = [answer]
    channel = connect(platform, store)

    with pytest.raises(kind) as caught:
        await channel.send(HELLO)
    await channel.close()

    assert (type(caught.value), platform.paths()) == (kind, [SEND])


async def test_without_a_token_nothing_is_sent(platform: FakePlatform, store: Store) -> None:
    platform.token_answers = [{"errcode": 40164, "errmsg": "invalid ip, not in whitelist"}]
    channel = connect(platform, store)

    with pytest.raises(AccountProblem) as caught:
        await channel.send(HELLO)
    await channel.close()

    assert (caught.value.problem, platform.asked) == ("address_not_allowed", [])


async def test_a_text_that_is_too_long_is_never_sent(platform: FakePlatform, store: Store) -> None:
    channel = connect(platform, store)

    with pytest.raises(SendNever) as caught:
        await channel.send(Outbound(address="o", text="灯" * 683))
    await channel.close()

    assert (caught.value.code, platform.asked, platform.tokens) == (45002, [], 0)


async def test_outside_the_window_the_template_goes_out(platform: FakePlatform, store: Store) -> None:
    platform.answers[TEMPLATE] = [{"errcode": 0, "msgid": 200228332}]
    channel = connect(platform, store, template_id="TPL")

    assert await channel.notify(NOTICE) == "200228332"
    await channel.close()

    data = {"character_string1": {"value": "JY-1"}, "phrase3": {"value": "正在处理…"}}
    sent = {"touser": "oResident0001", "template_id": "TPL", "data": data, "client_msg_id": "JY-1-3"}
    assert platform.asked == [(TEMPLATE, "T1", sent)]


async def test_without_a_template_the_window_stays_closed(platform: FakePlatform, store: Store) -> None:
    without, empty = connect(platform, store), connect(platform, store, template_id="TPL")

    for channel, outbound in ((without, NOTICE), (empty, HELLO)):
        with pytest.raises(WindowClosed):
            await channel.notify(outbound)
        await channel.close()

    assert platform.asked == []


@pytest.mark.parametrize(
    ("name", "value", "fitted"),
    [
        ("thing2", "一" * 20, "一" * 20),
        ("thing2", "一" * 21, "一" * 19 + "…"),
        ("thing12", "两\n行", "两 行"),
        ("phrase3", "正在处理中", "正在处理中"),
        ("time4", "2026-11-21 10:00", "2026-11-21 10:00"),
    ],
)
def test_template_fields_are_fitted(name: str, value: str, fitted: str) -> None:
    assert fit_field(name, value) == fitted


async def test_a_picture_is_fetched(platform: FakePlatform, store: Store) -> None:
    platform.answers[MEDIA] = [{"errcode": 42001}, b"\xff\xd8jpeg"]
    channel = connect(platform, store)

    assert await channel.fetch(PICTURE) == b"\xff\xd8jpeg"
    await channel.close()

    assert [(path, token, query["media_id"]) for path, token, query in platform.asked] == [(MEDIA, "T1", "M1"), (MEDIA, "T2", "M1")]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"errcode": 40007, "errmsg": "invalid media_id"}, SendNever),
        (b"x" * 1001, SendNever),
        (b"", SendLater),
        ("slow", SendLater),
        ("reset", SendLater),
        (500, SendLater),
        ({"video_url": "http://203.0.113.7/v.mp4"}, SendNever),
        ({"video_url": "http://qq.com.evil.example/v.mp4"}, SendNever),
        ({"video_url": "file:///etc/passwd"}, SendNever),
        ({"video_url": "http://[bad"}, SendNever),
        ({"video_url": None}, SendNever),
        ({}, SendNever),
    ],
)
async def test_a_picture_that_cannot_be_had(platform: FakePlatform, store: Store, answer: Any, kind: type[SendError]) -> None:
    platform.answers[MEDIA] = [answer]
    channel = connect(platform, store, media_limit_bytes=1000)

    with pytest.raises(kind) as caught:
        await channel.fetch(PICTURE)
    await channel.close()

    assert (type(caught.value), set(platform.paths())) == (kind, {MEDIA})


async def test_a_video_is_fetched_from_the_file_server_without_our_token(platform: FakePlatform, store: Store) -> None:
    platform.answers = {MEDIA: [{"video_url": f"{platform.address}/v.mp4?key=1"}], "/v.mp4": [b"mp4"]}
    channel = connect(platform, store)

    assert await channel.fetch(Media(kind="video", ref="V")) == b"mp4"
    await channel.close()

    assert platform.asked[1] == ("/v.mp4", "", {"key": "1"})


def test_the_platform_has_a_second_host_and_a_simulator_has_none() -> None:
    spec = discover()["wechat_mp"]
    real = spec.make(settings=SAFE, store=NoStore())
    fake = spec.make(settings=msgspec.structs.replace(SAFE, api_base="http://127.0.0.1:1/"), store=NoStore())

    assert real._api._hosts == ("https://api.weixin.qq.com", "https://api2.weixin.qq.com")
    assert fake._api._hosts == ("http://127.0.0.1:1",)


def test_the_channel_is_on_with_an_app_id_only() -> None:
    spec = discover()["wechat_mp"]

    assert (spec.is_on(WechatMpSettings()), spec.is_on(SAFE), spec.settings) == (False, True, WechatMpSettings)


def test_settings_show_no_secret() -> None:
    assert repr(SAFE) == f"WechatMpSettings(app_id={APP_ID!r}, mode='safe', path='/wechat')"
    assert WechatMpSettings.SECRETS == ("token", "encoding_aes_key", "app_secret")


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"app_id": "gh_1"}, ["bad_app_id"]),
        ({"token": ""}, ["bad_token"]),
        ({"token": "with blank"}, ["bad_token"]),
        ({"encoding_aes_key": ""}, ["bad_aes_key"]),
        ({"encoding_aes_key": AES_KEY + "x"}, ["bad_aes_key"]),
        ({"app_secret": ""}, ["no_secret"]),
        ({"original_id": "jieying"}, ["bad_original_id"]),
        ({"mode": "plain", "encoding_aes_key": ""}, ["plain_mode"]),
        ({"path": "wechat"}, ["bad_path"]),
        ({"api_base": "http://api.weixin.qq.com"}, ["bad_api_base"]),
        ({"api_base": "http://127.0.0.1:8081"}, []),
    ],
)
async def test_doctor_names_each_problem_in_words(changes: dict[str, Any], problems: list[str]) -> None:
    settings = msgspec.structs.replace(SAFE, **changes)

    assert find_problems(settings) == problems
    assert len(await check(settings)) == len(problems)


async def test_doctor_says_nothing_of_a_channel_that_is_off() -> None:
    assert await check(WechatMpSettings()) == []
