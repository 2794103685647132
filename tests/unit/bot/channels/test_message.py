"""Every message type and event of protocol.md 2.2 and 2.3 becomes what the house expects, and no odd one is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels import Inbound, Media, Point
from bot.channels.envelope import Unreadable
from bot.channels.message import read_message
from tests.wechat import write_message, write_text

AT = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
LIST = "<List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString><PopupScene>2</PopupScene></List>"
PICTURES = "<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>ab</PicMd5Sum></item></PicList></SendPicsInfo>"


def read(document: str) -> Inbound:
    return read_message(document.encode(), channel="wechat_mp").inbound


def expect(**fields: Any) -> Inbound:
    return Inbound(**({"channel": "wechat_mp", "key": "m:7", "sender": "oResident0001", "sent_at": AT} | fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("<MsgType>text</MsgType><Content>路灯不亮</Content>", {"kind": "text", "text": "路灯不亮"}),
        (
            "<MsgType>text</MsgType><Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>",
            {"kind": "text", "text": "满意", "event_key": "101"},
        ),
        ("<MsgType>text</MsgType><Content>a</Content><MsgDataId>d</MsgDataId><Idx>1</Idx>", {"kind": "text", "text": "a"}),
        (
            "<MsgType>image</MsgType><PicUrl>http://x</PicUrl><MediaId>M</MediaId>",
            {"kind": "image", "media": (Media(kind="image", ref="M"),)},
        ),
        (
            "<MsgType>voice</MsgType><MediaId>M</MediaId><Format>AMR</Format><Recognition></Recognition>",
            {"kind": "voice", "media": (Media(kind="voice", ref="M", format="amr"),)},
        ),
        (
            "<MsgType>voice</MsgType><MediaId>M</MediaId><MediaId16K>N</MediaId16K><Format>amr</Format><Recognition>路灯坏了</Recognition>",
            {"kind": "voice", "media": (Media(kind="voice", ref="M", format="amr"),), "text": "路灯坏了"},
        ),
        (
            "<MsgType>video</MsgType><MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>",
            {"kind": "video", "media": (Media(kind="video", ref="M"),)},
        ),
        (
            "<MsgType>shortvideo</MsgType><MediaId>M</MediaId><ThumbMediaId>T</ThumbMediaId>",
            {"kind": "video", "media": (Media(kind="video", ref="M"),)},
        ),
        (
            "<MsgType>location</MsgType><Location_X>29.87</Location_X><Location_Y>121.54</Location_Y><Scale>16</Scale><Label>安泰路12号</Label>",
            {"kind": "location", "point": Point(latitude=29.87, longitude=121.54, label="安泰路12号")},
        ),
        (
            "<MsgType>location</MsgType><Location_X>nan</Location_X><Location_Y>999</Location_Y><Label>安泰路</Label>",
            {"kind": "location", "text": "安泰路"},
        ),
        (
            "<MsgType>link</MsgType><Title>通知</Title><Description></Description><Url>http://x</Url>",
            {"kind": "link", "text": "通知\nhttp://x"},
        ),
        (
            "<MsgType>file</MsgType><Title>清单.xlsx</Title><FileKey>k</FileKey>",
            {"kind": "other", "event": "file", "text": "清单.xlsx"},
        ),
        ("<MsgType>miniprogrampage</MsgType><Title>页</Title>", {"kind": "other", "event": "miniprogrampage", "text": "页"}),
        ("<MsgType>NewThing</MsgType><Strange><a>1</a></Strange>", {"kind": "other", "event": "newthing"}),
        ("<MsgType>device_event</MsgType><Event>bind</Event>", {"kind": "other", "event": "device_event", "event_key": "bind"}),
    ],
)
def test_messages(fields: str, expected: dict[str, Any]) -> None:
    assert read(write_message(f"{fields}<MsgId>7</MsgId>")) == expect(**expected)


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("subscribe", "<EventKey></EventKey>", {"event": "subscribe"}),
        (
            "subscribe",
            "<EventKey>qrscene_h.330203</EventKey><Ticket>T</Ticket>",
            {"event": "subscribe_scan", "event_key": "h.330203"},
        ),
        ("subscribe", "<EventKey>last_trade_no_1</EventKey>", {"event": "subscribe", "event_key": "last_trade_no_1"}),
        ("unsubscribe", "", {"event": "unsubscribe"}),
        ("SCAN", "<EventKey>h.330203</EventKey><Ticket>T</Ticket>", {"event": "scan", "event_key": "h.330203"}),
        (
            "LOCATION",
            "<Latitude>29.87</Latitude><Longitude>121.54</Longitude><Precision>40</Precision>",
            {"event": "location", "point": Point(latitude=29.87, longitude=121.54)},
        ),
        ("CLICK", "<EventKey>REPORT</EventKey>", {"event": "click", "event_key": "REPORT"}),
        ("VIEW", "<EventKey>http://x</EventKey><MenuId>1</MenuId>", {"event": "view", "event_key": "http://x"}),
        ("view_miniprogram", "<EventKey>p/i</EventKey><MenuId>1</MenuId>", {"event": "view_miniprogram", "event_key": "p/i"}),
        (
            "scancode_push",
            "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>door</ScanResult></ScanCodeInfo>",
            {"event": "scancode_push", "event_key": "k", "text": "door"},
        ),
        (
            "scancode_waitmsg",
            "<EventKey>k</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>door</ScanResult></ScanCodeInfo>",
            {"event": "scancode_waitmsg", "event_key": "k", "text": "door"},
        ),
        ("pic_sysphoto", f"<EventKey>k</EventKey>{PICTURES}", {"event": "pic_sysphoto", "event_key": "k"}),
        ("pic_photo_or_album", f"<EventKey>k</EventKey>{PICTURES}", {"event": "pic_photo_or_album", "event_key": "k"}),
        ("pic_weixin", f"<EventKey>k</EventKey>{PICTURES}", {"event": "pic_weixin", "event_key": "k"}),
        (
            "location_select",
            (
                "<EventKey>LOC</EventKey><SendLocationInfo><Location_X>29.87</Location_X><Location_Y>121.54</Location_Y><Scale>16</Scale>"
                "<Label></Label><Poiname>街口</Poiname></SendLocationInfo>"
            ),
            {"event": "location_select", "event_key": "LOC", "point": Point(latitude=29.87, longitude=121.54, label="街口")},
        ),
        (
            "TEMPLATESENDJOBFINISH",
            "<MsgID>200</MsgID><Status>failed:user block</Status>",
            {"event": "templatesendjobfinish", "event_key": "200", "text": "failed:user block"},
        ),
        (
            "subscribe_msg_popup_event",
            f"<SubscribeMsgPopupEvent>{LIST}</SubscribeMsgPopupEvent>",
            {"event": "subscribe_msg_popup_event", "text": "T1 accept 2"},
        ),
        (
            "subscribe_msg_popup_event",
            f"<SubscribeMsgPopupEvent>{LIST}{LIST.replace('T1', 'T2').replace('accept', 'reject')}</SubscribeMsgPopupEvent>",
            {"event": "subscribe_msg_popup_event", "text": "T1 accept 2\nT2 reject 2"},
        ),
        (
            "subscribe_msg_change_event",
            (
                "<SubscribeMsgChangeEvent><List><TemplateId>T1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>"
                "</SubscribeMsgChangeEvent>"
            ),
            {"event": "subscribe_msg_change_event", "text": "T1 reject"},
        ),
        (
            "subscribe_msg_sent_event",
            (
                "<SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId><MsgID>9</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success"
                "</ErrorStatus></List></SubscribeMsgSentEvent>"
            ),
            {"event": "subscribe_msg_sent_event", "text": "T1 9 0 success"},
        ),
        ("kf_create_session", "<KfAccount>a@gh</KfAccount>", {"event": "kf_create_session", "event_key": "a@gh"}),
        ("kf_close_session", "<KfAccount>a@gh</KfAccount>", {"event": "kf_close_session", "event_key": "a@gh"}),
        (
            "kf_switch_session",
            "<FromKfAccount>a@gh</FromKfAccount><ToKfAccount>b@gh</ToKfAccount>",
            {"event": "kf_switch_session", "event_key": "b@gh"},
        ),
        ("invented_in_2027", "<EventKey>k</EventKey>", {"event": "invented_in_2027", "event_key": "k"}),
    ],
)
def test_events(name: str, fields: str, expected: dict[str, Any]) -> None:
    inbound = read(write_message(f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{fields}"))

    key = f"e:oResident0001:1760000000:{expected['event']}:{expected.get('event_key', '')}"
    assert inbound == expect(kind="event", key=key, **expected)


@pytest.mark.parametrize("name", ["user_info_modified", "user_authorization_revoke"])
def test_withdrawn_personal_data_names_whose_it_is(name: str) -> None:
    fields = f"<MsgType>event</MsgType><Event>{name}</Event><OpenID>oOther</OpenID><AppID>wx1</AppID><RevokeInfo>1</RevokeInfo>"

    inbound = read(write_message(fields, sender="oPlatform"))

    assert inbound == expect(kind="event", key=f"e:oOther:1760000000:{name}:1", sender="oOther", event=name, event_key="1")


def test_an_openid_in_another_event_does_not_change_the_sender() -> None:
    assert read(write_message("<MsgType>event</MsgType><Event>CLICK</Event><OpenID>oOther</OpenID>")).sender == "oResident0001"


def test_two_events_of_one_second_have_two_keys() -> None:
    taps = [
        read(write_message(f"<MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey>")).key for key in ("A", "B")
    ]
    sends = [
        read(write_message(f"<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>{n}</MsgID>")).key for n in (1, 2)
    ]

    assert len({*taps, *sends}) == 4


def test_a_message_without_an_id_is_known_by_its_bytes() -> None:
    one, two = (write_message(f"<MsgType>text</MsgType><Content>{text}</Content>") for text in ("a", "b"))

    assert read(one).key == read(one).key
    assert read(one).key != read(two).key
    assert read(one).key.startswith("h:")


def test_a_key_longer_than_an_index_bears_is_replaced_by_its_digest() -> None:
    inbound = read(write_message(f"<MsgType>event</MsgType><Event>VIEW</Event><EventKey>http://x/{'a' * 2000}</EventKey>"))

    assert (len(inbound.key), inbound.key[:2]) == (66, "h:")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<Content>  a \n</Content>", "a"),
        ("<Content></Content>", ""),
        ("", ""),
        ("<Content><b>x</b><c>y</c></Content>", "x y"),
        ('<Content kind="z">x</Content>', "x"),
        ("<Content>x</Content><Content>y</Content>", "x"),
        ("<Content><![CDATA[<b>x</b>]]></Content>", "<b>x</b>"),
        ("<Content>第一行\n第二行</Content>", "第一行\n第二行"),
    ],
)
def test_content_is_always_a_text(content: str, text: str) -> None:
    assert read(write_message(f"<MsgType>text</MsgType>{content}<MsgId>7</MsgId>")).text == text


def test_the_reply_goes_from_the_account_to_the_writer() -> None:
    pushed = read_message(write_text("a").encode(), channel="wechat_mp")

    assert (pushed.writer, pushed.account) == ("oResident0001", "gh_jieying")


@pytest.mark.parametrize(
    ("document", "at"),
    [
        ("", "xml"),
        ("<xml>", "xml"),
        ('<!DOCTYPE xml [<!ENTITY a "b">]><xml><MsgType>text</MsgType></xml>', "xml"),
        ("<xml/>", "message"),
        ("<xml>text</xml>", "message"),
        (write_message("<Content>no type</Content>"), "message"),
        (write_message("<MsgType></MsgType>"), "message"),
        (write_message("<MsgType>text</MsgType><MsgType>event</MsgType>"), "message"),
        (write_message("<MsgType><a>text</a></MsgType>"), "message"),
        (write_message("<MsgType>event</MsgType><Event><a/></Event>"), "message"),
        (write_message("<MsgType>event</MsgType><Event>subscribe</Event><EventKey><a>1</a></EventKey>"), "message"),
        (write_message("<MsgType>text</MsgType>", sender=""), "message"),
        (write_message("<MsgType>text</MsgType>", at=""), "message"),
        (write_message("<MsgType>text</MsgType>", at="soon"), "message"),
        (write_message("<MsgType>text</MsgType>", at="-1"), "message"),
        (write_message("<MsgType>text</MsgType>", at="4294967296"), "message"),
        (write_message("<MsgType>text</MsgType>", at="9" * 5000), "message"),
    ],
)
def test_what_is_no_message_is_unreadable(document: str, at: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_message(document.encode(), channel="wechat_mp")

    assert caught.value.at == at
