"""The channel contract, kept by the official account: forged refused, repeat harmless, unknown type survives, cut whole, errors mapped."""

from __future__ import annotations

import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import discover
from bot.channels.wechat_mp import WechatMpSettings
from bot.channels.xml import cut_text
from tests.wechat import COMPATIBLE, PLAIN, SAFE, RememberingReceiver, plain_query, seal, serve, write_message, write_text

SPEC = discover()["wechat_mp"]
UNKNOWN = write_message("<MsgType>hologram</MsgType><Title>三维</Title><MsgId>9</MsgId>")


def test_it_declares_itself_and_is_off_until_set_up() -> None:
    assert (SPEC.name, SPEC.settings, SPEC.is_on(SPEC.settings())) == ("wechat_mp", WechatMpSettings, False)
    assert set(WechatMpSettings.SECRETS) <= set(WechatMpSettings.__struct_fields__)


async def test_a_forged_push_is_refused_in_every_mode() -> None:
    receiver = RememberingReceiver()
    statuses = []
    for settings in (PLAIN, COMPATIBLE, SAFE):
        async with serve(settings, receiver) as client:
            query, body = seal(write_text("a"))
            for forged, data in (
                (query | {"msg_signature": "0" * 40}, body),
                (plain_query() | {"signature": "0" * 40}, write_text("a")),
            ):
                statuses.append((await client.post("/wechat", params=forged, data=data)).status)

    assert statuses == [403] * 6
    assert (receiver.received, receiver.quarantined) == ([], [])


async def test_a_repeat_is_the_same_message_also_in_a_new_envelope() -> None:
    receiver = RememberingReceiver("收到")
    async with serve(SAFE, receiver) as client:
        for query, body in [seal(write_text("路灯不亮"))] * 2 + [seal(write_text("路灯不亮"))]:
            await client.post("/wechat", params=query, data=body)

    assert len(receiver.received) == 3
    assert receiver.received == [receiver.received[0]] * 3


async def test_an_unknown_type_survives() -> None:
    receiver = RememberingReceiver("收到")
    query, body = seal(UNKNOWN)
    async with serve(SAFE, receiver) as client:
        answer = await client.post("/wechat", params=query, data=body)

    assert answer.status == 200
    assert [(one.kind, one.event, one.text, one.key) for one in receiver.received] == [("other", "hologram", "三维", "m:9")]


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=3000))
def test_a_text_cut_to_the_limit_loses_nothing(text: str) -> None:
    parts = cut_text(text, 2048)

    assert "".join(parts) == text
    assert max(len(part.encode()) for part in parts) <= 2048


async def test_what_a_resident_may_read_is_what_we_said() -> None:
    said = '<a href="https://h5.example/t/1">工单</a> ]]> & < > 😀'
    async with serve(PLAIN, RememberingReceiver(said)) as client:
        answer = await client.post("/wechat", params=plain_query(), data=write_text("a"))

        assert xmltodict.parse(await answer.text())["xml"]["Content"] == said
