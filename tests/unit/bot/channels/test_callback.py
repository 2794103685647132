"""The way in over HTTP, in all three modes: what is taken, what is refused, and what the platform is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import xmltodict
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat_mp import WechatMp, WechatMpSettings
from tests.wechat import (
    AES_KEY,
    APP_ID,
    COMPATIBLE,
    NONCE,
    PLAIN,
    SAFE,
    TIMESTAMP,
    TOKEN,
    NoStore,
    RememberingReceiver,
    plain_query,
    seal,
    serve,
    sign,
    write_message,
    write_text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ALL_MODES = pytest.mark.parametrize("settings", [PLAIN, COMPATIBLE, SAFE], ids=["plain", "compatible", "safe"])


def open_reply(body: str) -> dict[str, str]:
    """Open a sealed reply with wechatpy, which also checks its signature."""
    sealed = xmltodict.parse(body)["xml"]
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    plain = crypto.decrypt_message(sealed, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
    fields: dict[str, str] = xmltodict.parse(plain)["xml"]
    return fields


@ALL_MODES
async def test_address_verification_echoes_after_the_signature(settings: WechatMpSettings) -> None:
    query = plain_query() | {"echostr": "4375120948345356249"}
    async with serve(settings, RememberingReceiver()) as client:
        right = await client.get("/wechat", params=query)
        forged = await client.get("/wechat", params=query | {"signature": sign("other", TIMESTAMP, NONCE)})
        odd = await client.get("/wechat", params=query | {"echostr": "<script>"})
        empty = await client.get("/wechat", params={"echostr": "1"})
        head = await client.head("/wechat", params=query)

        assert (right.status, right.content_type, await right.text()) == (200, "text/plain", "4375120948345356249")
        assert [answer.status for answer in (forged, odd, empty, head)] == [403, 403, 403, 405]


async def test_a_plain_push_is_answered_in_plain() -> None:
    receiver = RememberingReceiver("您问的是：]]> 路灯")
    async with serve(PLAIN, receiver) as client:
        answer = await client.post("/wechat", params=plain_query(), data=write_text("路灯不亮").encode())
        reply = xmltodict.parse(await answer.text())["xml"]

    assert [(one.key, one.text) for one in receiver.received] == [("m:7500000000000000001", "路灯不亮")]
    assert reply.pop("CreateTime").isdigit()
    assert reply == {
        "ToUserName": "oResident0001",
        "FromUserName": "gh_jieying",
        "MsgType": "text",
        "Content": "您问的是：]]> 路灯",
    }


@ALL_MODES
async def test_a_sealed_push_is_answered_sealed(settings: WechatMpSettings) -> None:
    receiver = RememberingReceiver("收到")
    query, body = seal(write_text("路灯不亮"))
    async with serve(settings, receiver) as client:
        answer = await client.post("/wechat", params=query, data=body)
        reply = open_reply(await answer.text())

    assert [one.text for one in receiver.received] == ["路灯不亮"]
    assert (answer.content_type, reply["ToUserName"], reply["Content"]) == ("application/xml", "oResident0001", "收到")


async def test_each_reply_has_its_own_nonce() -> None:
    query, body = seal(write_text("a"))
    async with serve(SAFE, RememberingReceiver("收到")) as client:
        replies = [await (await client.post("/wechat", params=query, data=body)).text() for _ in range(3)]

    assert len({xmltodict.parse(reply)["xml"]["Nonce"] for reply in replies}) == 3
    assert len({xmltodict.parse(reply)["xml"]["Encrypt"] for reply in replies}) == 3


async def test_in_compatible_mode_the_unsigned_fields_are_ignored() -> None:
    receiver = RememberingReceiver()
    query, body = seal(write_text("signed"))
    async with serve(COMPATIBLE, receiver) as client:
        await client.post("/wechat", params=query, data=write_text("unsigned").replace("</xml>", body.removeprefix("<xml>")))

    assert [one.text for one in receiver.received] == ["signed"]


async def test_nothing_to_say_is_success() -> None:
    query, body = seal(write_text("a"))
    async with serve(SAFE, RememberingReceiver(None)) as client:
        answer = await client.post("/wechat", params=query, data=body)

        assert (answer.status, answer.content_type, await answer.text()) == (200, "text/plain", "success")


@ALL_MODES
async def test_forged_pushes_are_refused_and_leave_nothing(settings: WechatMpSettings) -> None:
    receiver = RememberingReceiver()
    query, body = seal(write_text("a"))
    _, other = seal(write_text("b"))
    tries = [
        (query | {"msg_signature": sign("other", TIMESTAMP, NONCE)}, body),
        (query | {"msg_signature": query["signature"]}, body),  # right for the query, but it does not cover the body
        (query | {"msg_signature": ""}, body),
        (query | {"timestamp": "1760000001"}, body),
        ({name: value for name, value in query.items() if name != "nonce"}, body),
        (query, other),
        (query, "<xml/>"),
        (query, "not xml"),
        (query, f'<!DOCTYPE xml [<!ENTITY a "b">]>{body}'),
        (plain_query() | {"signature": sign("other", TIMESTAMP, NONCE)}, write_text("a")),
        ({"encrypt_type": "aes"}, body),
        ({}, write_text("a")),
    ]
    async with serve(settings, receiver) as client:
        answers = [await client.post("/wechat", params=one, data=data.encode()) for one, data in tries]

    assert [answer.status for answer in answers] == [403] * len(tries)
    assert (receiver.received, receiver.quarantined) == ([], [])


@pytest.mark.parametrize("settings", [COMPATIBLE, SAFE], ids=["compatible", "safe"])
async def test_where_pushes_are_sealed_a_plain_one_is_forged(settings: WechatMpSettings) -> None:
    receiver = RememberingReceiver()
    async with serve(settings, receiver) as client:
        answer = await client.post("/wechat", params=plain_query(), data=write_text("a"))

    assert (answer.status, receiver.received, receiver.quarantined) == (403, [], [])


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (b"\xff\xfe", "xml"),
        (b"not xml", "xml"),
        (b"<xml>\x0b</xml>", "xml"),
        (b"<xml/>", "message"),
        (write_message("<Content>no type</Content>").encode(), "message"),
    ],
)
async def test_signed_but_unreadable_is_set_aside(inner: bytes, reason: str) -> None:
    receiver = RememberingReceiver()
    query, body = seal(inner)
    async with serve(SAFE, receiver) as client:
        answer = await client.post("/wechat", params=query, data=body)

        assert (answer.status, await answer.text()) == (200, "success")
    assert (receiver.received, receiver.quarantined) == ([], [("wechat_mp", body.encode(), reason)])


async def test_sealed_for_another_app_or_written_to_another_account_is_set_aside() -> None:
    receiver = RememberingReceiver()
    pushes = [seal(write_text("a"), app_id="wx0000000000000002"), seal(write_text("a").replace("gh_jieying", "gh_other"))]
    settings = WechatMpSettings(app_id=APP_ID, token=TOKEN, encoding_aes_key=AES_KEY, original_id="gh_jieying")
    async with serve(settings, receiver) as client:
        answers = [await client.post("/wechat", params=query, data=body) for query, body in pushes]

    assert [answer.status for answer in answers] == [200, 200]
    assert [reason for _, _, reason in receiver.quarantined] == ["envelope", "addressee"]
    assert receiver.received == []


async def test_a_sealed_push_without_a_key_to_open_it_is_set_aside() -> None:
    receiver = RememberingReceiver()
    query, body = seal(write_text("a"))
    async with serve(WechatMpSettings(app_id=APP_ID, token=TOKEN, mode="plain"), receiver) as client:
        answer = await client.post("/wechat", params=query, data=body)

    assert (answer.status, receiver.quarantined) == (200, [("wechat_mp", body.encode(), "envelope")])


async def test_what_could_not_be_stored_is_asked_for_again() -> None:
    async with serve(SAFE, RememberingReceiver(broken=OSError("disk full"))) as client:
        answers = [
            await client.post("/wechat", params=query, data=body) for query, body in (seal(write_text("a")), seal("no message"))
        ]

        assert [(answer.status, await answer.text()) for answer in answers] == [(503, ""), (503, "")]


@pytest.mark.parametrize(("length", "status"), [(2048, 200), (2049, 503)])
async def test_a_reply_is_never_cut_in_secret(length: int, status: int) -> None:
    query, body = seal(write_text("a"))
    async with serve(SAFE, RememberingReceiver("a" * length)) as client:
        answer = await client.post("/wechat", params=query, data=body)

    assert answer.status == status


async def test_a_body_over_64_kib_is_refused_before_anything_else() -> None:
    receiver = RememberingReceiver()
    async with serve(PLAIN, receiver) as client:
        over = await client.post("/wechat", params=plain_query(), data=b"x" * (64 * 1024 + 1))
        unsized = await client.post("/wechat", params=plain_query(), data=send_chunks(70))
        bomb = await client.post("/wechat", params=plain_query(), data=b"\0" * 10**6, compress="gzip")
        full = await client.post("/wechat", params=plain_query(), data=write_text("a").ljust(64 * 1024).encode())

    assert [answer.status for answer in (over, unsized, bomb, full)] == [413, 413, 413, 200]
    assert len(receiver.received) == 1


async def send_chunks(count: int, *, pause: float = 0.0) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1024
        await asyncio.sleep(pause)


async def test_a_body_that_is_no_gzip_is_a_bad_request() -> None:
    async with serve(PLAIN, RememberingReceiver()) as client:
        answer = await client.post("/wechat", params=plain_query(), data=b"no gzip", headers={"Content-Encoding": "gzip"})

    assert answer.status == 400


async def test_a_body_that_never_ends_is_given_up() -> None:
    settings = WechatMpSettings(app_id=APP_ID, token=TOKEN, mode="plain", body_seconds=0.05)

    async with serve(settings, RememberingReceiver()) as client:
        answer = await client.post("/wechat", params=plain_query(), data=send_chunks(2, pause=5))

    assert answer.status == 408


def test_a_channel_that_is_off_has_no_way_in_and_a_wrong_one_does_not_open() -> None:
    off = WechatMp(WechatMpSettings(), store=NoStore())
    wrong = WechatMp(WechatMpSettings(app_id=APP_ID, token=TOKEN), store=NoStore())

    assert off.routes(RememberingReceiver()) == []
    with pytest.raises(ValueError, match="EncodingAESKey"):
        wrong.routes(RememberingReceiver())
