"""Poison: mutated inner messages, signed and sealed again, sent through the whole way in. Nothing breaks, nothing is lost in silence.

JIEYING_MUTATIONS says how many (1,500 by default, 10,000 in `make deep`). The seed is fixed and printed, so a failure can be repeated.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.wechat import SAFE, RememberingReceiver, plain_query, seal, serve, sign, write_message, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

COUNT = int(os.environ.get("JIEYING_MUTATIONS", "1500"))
SEED = 20261121
SEEDS = [
    write_text("安泰路12号门口路灯坏了三天 😀"),
    write_message("<MsgType>image</MsgType><PicUrl>http://x</PicUrl><MediaId>M</MediaId><MsgId>2</MsgId>"),
    write_message(
        "<MsgType>voice</MsgType><MediaId>M</MediaId><Format>amr</Format><Recognition>漏水</Recognition><MsgId>3</MsgId>"
    ),
    write_message(
        "<MsgType>location</MsgType><Location_X>29.8</Location_X><Location_Y>121.5</Location_Y><Label>路口</Label><MsgId>4</MsgId>"
    ),
    write_message("<MsgType>link</MsgType><Title>t</Title><Description>d</Description><Url>http://x</Url><MsgId>5</MsgId>"),
    write_message("<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_h.1</EventKey><Ticket>T</Ticket>"),
    write_message("<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>9</MsgID><Status>success</Status>"),
    write_message(
        "<MsgType>event</MsgType><Event>location_select</Event><EventKey>L</EventKey>"
        "<SendLocationInfo><Location_X>29</Location_X><Location_Y>121</Location_Y><Poiname>p</Poiname></SendLocationInfo>"
    ),
    write_message(
        "<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><TemplateId>T</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>"
    ),
]
ELEMENT = re.compile(r"<(\w+)>(?:(?!<\1>).)*?</\1>", re.DOTALL)
VALUE = re.compile(r"(?<=>)[^<>]+(?=</)")
ODD_VALUES = [
    "", " ", "0", "-1", "9" * 400, "1e999", "nan", "null", "qrscene_", "subscribe", "event", "text", "\U0010ffff", "路" * 600,
    "<a>1</a>", "<a/><a/>", "<![CDATA[]]>", "<![CDATA[</xml>]]>", "&lt;xml&gt;", "&#10;", "<!-- -->", '<a b="c">d</a>', "\t\n",
]  # fmt: skip
ODD_BYTES = [
    b"\x00",
    b"\x0b",
    b"\xff",
    b"\xc3",
    b"&",
    b"&nope;",
    b"]]>",
    b"<",
    b"<!DOCTYPE xml>",
    b"<a>" * 40,
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
]


def drop(document: str, dice: random.Random) -> str:
    found = dice.choice(list(ELEMENT.finditer(document, 5)))
    return document[: found.start()] + document[found.end() :]


def repeat(document: str, dice: random.Random) -> str:
    found = dice.choice(list(ELEMENT.finditer(document, 5)))
    return document[: found.end()] + found.group() * dice.randint(1, 3) + document[found.end() :]


def nest(document: str, dice: random.Random) -> str:
    found = dice.choice(list(ELEMENT.finditer(document, 5)))
    tag = dice.choice([found.group(1), "List", "x"])
    return f"{document[: found.start()]}<{tag}>{found.group()}</{tag}>{document[found.end() :]}"


def change_value(document: str, dice: random.Random) -> str:
    found = dice.choice(list(VALUE.finditer(document)))
    return document[: found.start()] + dice.choice(ODD_VALUES) + document[found.end() :]


def swap_values(document: str, dice: random.Random) -> str:
    one, two = sorted(dice.sample(list(VALUE.finditer(document)), 2), key=lambda found: found.start())
    return document[: one.start()] + two.group() + document[one.end() : two.start()] + one.group() + document[two.end() :]


def rename(document: str, dice: random.Random) -> str:
    name = dice.choice(["MsgType", "Event", "EventKey", "MsgId", "CreateTime", "FromUserName", "Content"])
    return document.replace(f"<{name}>", "<Other>").replace(f"</{name}>", "</Other>")


MUTATIONS: list[Callable[[str, random.Random], str]] = [drop, repeat, nest, change_value, change_value, swap_values, rename]


def mutate(dice: random.Random) -> bytes:
    """Mutate the structure one to three times; every tenth message also has its bytes damaged."""
    document = dice.choice(SEEDS)
    for _ in range(dice.randint(1, 3)):
        if len(list(VALUE.finditer(document))) > 1 and len(list(ELEMENT.finditer(document, 5))) > 1:
            document = dice.choice(MUTATIONS)(document, dice)
    body = document.encode()
    if dice.random() < 0.1:
        at = dice.randrange(len(body))
        body = (
            body[:at] + dice.choice([b"", dice.choice(ODD_BYTES), dice.randbytes(3)]) + body[dice.choice([at, at + 1, len(body)]) :]
        )
    return body


async def test_mutated_messages_break_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(SEED)
    receiver = RememberingReceiver("收到")
    answers: Counter[int] = Counter()
    async with serve(SAFE, receiver) as client:
        for _ in range(COUNT):
            query, body = seal(mutate(dice))
            answer = await client.post("/wechat", params=query, data=body)
            answers[answer.status] += 1
        query, body = seal(write_text("下一条"))
        after = await (await client.post("/wechat", params=query, data=body)).text()

    aside = Counter(reason for _, _, reason in receiver.quarantined)
    parsed = COUNT - aside["xml"] - aside["envelope"]
    kinds = Counter(inbound.kind for inbound in receiver.received[:-1])
    with capsys.disabled():
        print(f"\nseed {SEED}: {COUNT} mutated, {parsed} reached the parser, {dict(kinds)}, set aside {dict(aside)}")
    assert answers == {200: COUNT}
    assert len(receiver.received) - 1 + len(receiver.quarantined) == COUNT
    assert parsed >= 0.7 * COUNT
    assert len(kinds) >= 6
    assert receiver.received[-1].text == "下一条"
    assert "<Encrypt>" in after


async def test_mutated_messages_signed_by_another_leave_nothing() -> None:
    dice = random.Random(SEED)
    receiver = RememberingReceiver("收到")
    answers: Counter[int] = Counter()
    async with serve(SAFE, receiver) as client:
        for _ in range(100):
            query, body = seal(mutate(dice))
            forged = query | {"msg_signature": sign("another token", query["timestamp"], query["nonce"], body)}
            for one in (forged, plain_query()):
                answers[(await client.post("/wechat", params=one, data=body)).status] += 1

    assert answers == {403: 200}
    assert (receiver.received, receiver.quarantined) == ([], [])
