from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Group, Inbound, Media, Point
from bot.channels.group_post import MAX_TEXT, PostError, read_post, to_inbound

SMALLEST: dict[str, Any] = {"message_id": "m1", "sender": {"id": "wmA"}, "sent_at": "2026-11-21T10:00:00+08:00", "type": "other"}
SENT_AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


def read(fields: dict[str, Any]) -> Inbound:
    return to_inbound(read_post(msgspec.json.encode(fields)), channel="gateway")


def test_the_example_of_the_protocol() -> None:
    example = (
        '{"message_id":"wrGRID01:7001","channel":"wecom-archive","group":{"id":"wrGRID01","name":"海曙3号网格"},'
        '"sender":{"id":"wmAAA","role":"resident","display":"3-2-501"},"sent_at":"2026-11-21T10:00:00+08:00",'
        '"type":"text","text":"3幢2单元路灯不亮","mentions_bot":false,"reply_to":null,"media":[],"can_reply":false,"consent":"agree"}'
    )
    inbound = to_inbound(read_post(example.encode()), channel="gateway")
    assert inbound == Inbound(
        comes_again=True,
        channel="gateway",
        key="wrGRID01:7001",
        sender="wmAAA",
        kind="text",
        sent_at=SENT_AT,
        text="3幢2单元路灯不亮",
        scope="group",
        group=Group(id="wrGRID01", name="海曙3号网格", consent=True),
        origin_line="wecom-archive",
    )
    assert "501" not in msgspec.json.encode(inbound).decode()


def test_the_least_a_post_may_say() -> None:
    assert read(SMALLEST) == Inbound(channel="gateway", key="m1", sender="wmA", kind="other", sent_at=SENT_AT, comes_again=True)


def test_everything_a_post_may_say() -> None:
    inbound = read(
        SMALLEST
        | {
            "type": "image",
            "sender": {"id": "gw01", "role": "grid_worker"},
            "group": {"id": "g"},
            "mentions_bot": True,
            "reply_to": {"message_id": "ours", "from_bot": True},
            "forwarded_by": "gw01",
            "media": [{"kind": "image", "ref": "file-1", "format": "jpg"}],
            "point": {"latitude": 29.87, "longitude": 121.54, "label": "安泰路12号"},
            "can_reply": True,
        }
    )
    assert inbound.role == "grid_worker"
    assert inbound.group == Group(id="g", mentions_bot=True, quotes_bot=True, forwarded_by_worker=True, can_reply=True, office=True)
    assert inbound.media == (Media(kind="image", ref="file-1", format="jpg"),)
    assert inbound.point == Point(latitude=29.87, longitude=121.54, label="安泰路12号")


@pytest.mark.parametrize(("consent", "given_"), [("agree", True), ("disagree", False), ("unknown", False)])
def test_only_agreement_is_consent(consent: str, given_: bool) -> None:
    group = read(SMALLEST | {"group": {"id": "g"}, "consent": consent}).group
    assert group == Group(id="g", consent=given_)


def test_a_quote_of_another_person_is_no_quote_of_us() -> None:
    group = read(SMALLEST | {"group": {"id": "g"}, "reply_to": {"message_id": "x"}}).group
    assert group == Group(id="g")


def test_control_characters_are_dropped() -> None:
    assert read(SMALLEST | {"type": "text", "text": "路\x00灯\x0b坏\n了"}).text == "路灯坏\n了"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"message_id": None}, "Expected `str`, got `null` - at `$.message_id`"),
        ({"message_id": "a b"}, "at `$.message_id`"),
        ({"message_id": "a\n"}, "at `$.message_id`"),
        ({"message_id": "m" * 257}, "at `$.message_id`"),
        ({"sender": {"id": ""}}, "at `$.sender.id`"),
        ({"sender": {"id": "wmA\n"}}, "at `$.sender.id`"),
        ({"sender": {"id": "wmA", "role": "boss"}}, "Invalid enum value 'boss' - at `$.sender.role`"),
        ({"sent_at": "2026-11-21T10:00:00"}, "Expected `datetime` with a timezone component - at `$.sent_at`"),
        ({"sent_at": 1760000000}, "at `$.sent_at`"),
        ({"type": "event"}, "Invalid enum value 'event' - at `$.type`"),
        ({"type": "text"}, "a message of type `text` needs words - at `$.text`"),
        ({"type": "text", "text": " \n"}, "a message of type `text` needs words - at `$.text`"),
        ({"type": "text", "text": "长" * (MAX_TEXT + 1)}, "Expected `str` of length <= 4000 - at `$.text`"),
        ({"type": "location"}, "a message of type `location` needs coordinates - at `$.point`"),
        ({"point": {"latitude": 91, "longitude": 0}}, "at `$.point.latitude`"),
        ({"group": {"id": "g", "nmae": "x"}}, "Object contains unknown field `nmae` - at `$.group`"),
        ({"mention_bot": True}, "Object contains unknown field `mention_bot`"),
        ({"mentions_bot": 1}, "Expected `bool`, got `int` - at `$.mentions_bot`"),
        ({"media": [{"kind": "file", "ref": "x"}]}, "at `$.media[0].kind`"),
        ({"media": [{"kind": "image", "ref": "x"}] * 10}, "at `$.media`"),
        ({"consent": "yes"}, "at `$.consent`"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], wrong: str) -> None:
    with pytest.raises(PostError) as caught:
        read_post(msgspec.json.encode(SMALLEST | change))
    assert str(caught.value).endswith(wrong)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"message_id":"\xff"}', b'{"message_id":"\\ud800"}', b"[" * 50000]
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(PostError):
        read_post(body)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(PostError):
        read_post(body)


@given(text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=200).filter(str.strip))
def test_the_same_post_gives_the_same_message(text: str) -> None:
    post = SMALLEST | {"type": "text", "text": text}
    assert read(post) == read(post)


def test_of_a_name_only_whether_it_is_the_property_companys_is_told() -> None:
    body = b'{"message_id":"m","sender":{"id":"s","display":"%s"},"sent_at":"2026-11-21T10:00:00+08:00","type":"text","text":"x","group":{"id":"g"}}'
    made = [to_inbound(read_post(body % name.encode()), channel="gateway") for name in ("听涛管家小周", "3-502王姐")]

    assert [inbound.group.office if inbound.group else None for inbound in made] == [True, False]
    assert [name in repr(inbound) for inbound in made for name in ("小周", "王姐")] == [False] * 4
