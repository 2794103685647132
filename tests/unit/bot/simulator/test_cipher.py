"""Our second envelope, held against the platform's vectors, wechatpy, and the service's own."""

from __future__ import annotations

import base64

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from bot.channels.envelope import Envelope
from bot.simulator.cipher import Cipher, CipherError, sign

TOKEN, KEY, APP_ID = "jieyingtoken01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0000000000000001"
CIPHER = Cipher(token=TOKEN, encoding_aes_key=KEY, app_id=APP_ID)
VECTOR_C = (
    "Q3stYC6hdFzMh9T8HCvyDEyyIo7SrfCU7qIY00FhmKzxLhwDU4yRHtC29SoooV3twxzoh/aqhGBh7d9+uZpir3puIcyyw/EbKs+OEnRteqFQgJPmWOf0h6r1cx29O309"
    "bsVjY93KEGm21eTWWeWR8EYF5EcbjSJCOoKWrbOB17jaf4S6LSDRzJnYcm/c7EHRTjp3guuEW2fCZvFCUyAhI/XoxJdR45SmQVIy+DQEWsiRN6ywq+SXd1e9SPgxRl9K"
    "X8zdqjLtzQToeirayNRB6O4DKc7Ql5+YGfLbD6W1h2C3N9Q54EkmuKrDB+hdTINqjKwqUVsXwADDyjq5UUZUymp+WZqZruYqIAEn0TA8srDsLjHRGr8f9bQDlSdh43QX"
    "vmJ/9M0ZXUJzScMl4Wk0xpCziai0bml0vJLNkdB7+cs="
)
MESSAGE_C = (
    "<xml><ToUserName><![CDATA[gh_jieying]]></ToUserName><FromUserName><![CDATA[oResident0001]]></FromUserName>"
    "<CreateTime>1760000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[3幢2单元路灯不亮]]></Content>"
    "<MsgId>7500000000000000001</MsgId></xml>"
)


def test_the_vector_both_ways() -> None:
    assert CIPHER.seal(MESSAGE_C, random=b"0123456789abcdef") == VECTOR_C
    signature = CIPHER.sign(timestamp="1760000000", nonce="20251009", encrypt=VECTOR_C)
    assert signature == "faca80ecfebfcc572095b46b384cf81b0e3f6531"
    assert CIPHER.open(VECTOR_C, signature=signature, timestamp="1760000000", nonce="20251009") == MESSAGE_C
    assert CIPHER.sign_query(timestamp="1760000000", nonce="20251009") == "d220dacd0c2e5c3a8bb119ed56c1c3396e9714a6"


def test_the_official_signatures() -> None:
    assert sign("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


@given(message=st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
def test_wechatpy_and_the_service_read_what_we_write(message: str) -> None:
    encrypt = CIPHER.seal(message)
    signature = CIPHER.sign(timestamp="1", nonce="2", encrypt=encrypt)
    assert WeChatCrypto(TOKEN, KEY, APP_ID).decrypt_message({"Encrypt": encrypt}, signature, "1", "2") == message
    envelope = Envelope(token=TOKEN, encoding_aes_key=KEY, receiver=APP_ID)
    assert envelope.open(encrypt) == message.encode()


@pytest.mark.parametrize("length", range(33))
def test_we_read_what_wechatpy_and_the_service_write(length: int) -> None:
    message = "a" * length
    sealed = xmltodict.parse(WeChatCrypto(TOKEN, KEY, APP_ID).encrypt_message(message, "2", "1"))["xml"]
    assert CIPHER.open(sealed["Encrypt"], signature=sealed["MsgSignature"], timestamp="1", nonce="2") == message
    letter = Envelope(token=TOKEN, encoding_aes_key=KEY, receiver=APP_ID).seal(message, timestamp="1", nonce="2")
    assert CIPHER.open(letter.encrypt, signature=letter.signature, timestamp="1", nonce="2") == message


def open_signed(encrypt: str) -> str:
    return CIPHER.open(encrypt, signature=CIPHER.sign(timestamp="1", nonce="2", encrypt=encrypt), timestamp="1", nonce="2")


@pytest.mark.parametrize(
    ("encrypt", "wrong"),
    [
        ("", "wrong padding"),
        ("路灯", "not base64 of whole blocks"),
        ("AAAA", "not base64 of whole blocks"),
        (base64.b64encode(bytes(32)).decode(), "wrong padding"),
        (Cipher(token=TOKEN, encoding_aes_key=KEY, app_id="wx0000000000000002").seal("a", random=bytes(16)), "another AppID"),
    ],
)
def test_what_is_not_sealed_for_us_is_refused(encrypt: str, wrong: str) -> None:
    with pytest.raises(CipherError, match=wrong):
        open_signed(encrypt)


def test_a_wrong_signature_is_refused() -> None:
    with pytest.raises(CipherError, match="MsgSignature"):
        CIPHER.open(VECTOR_C, signature="0" * 40, timestamp="1760000000", nonce="20251009")
