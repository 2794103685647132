"""The envelope against Tencent's and our own vectors (protocol.md part 7) and against wechatpy's defects (5.2 rows 3, 4, 11, 19)."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.client import WeChatClient
from wechatpy.crypto import WeChatCrypto

from bot.channels.envelope import Envelope, Forged, Unreadable, check_signature, sign
from bot.channels.xml import read_fields

KEY_A = "A" * 43
KEY_C = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OURS = Envelope(token="jieyingtoken01", encoding_aes_key=KEY_C, receiver="wx0000000000000001")
XML_C = (
    "<xml><ToUserName><![CDATA[gh_jieying]]></ToUserName><FromUserName><![CDATA[oResident0001]]></FromUserName><CreateTime>1760000000"
    "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[3幢2单元路灯不亮]]></Content><MsgId>7500000000000000001</MsgId></xml>"
)
JSON_D = (
    '{"msgid":"m1","aibotid":"BOT","chatid":"wrGRID01","chattype":"group","from":{"userid":"gw01"},"msgtype":"text",'
    '"text":{"content":"@接应 路灯不亮"}}'
)
PREFIX_C = "0123456789abcdef"
ENCRYPT_C = (
    "Q3stYC6hdFzMh9T8HCvyDEyyIo7SrfCU7qIY00FhmKzxLhwDU4yRHtC29SoooV3twxzoh/aqhGBh7d9+uZpir3puIcyyw/EbKs+OEnRteqFQgJPmWOf0h6r1cx29O309bsVj"
    "Y93KEGm21eTWWeWR8EYF5EcbjSJCOoKWrbOB17jaf4S6LSDRzJnYcm/c7EHRTjp3guuEW2fCZvFCUyAhI/XoxJdR45SmQVIy+DQEWsiRN6ywq+SXd1e9SPgxRl9KX8zdqjLt"
    "zQToeirayNRB6O4DKc7Ql5+YGfLbD6W1h2C3N9Q54EkmuKrDB+hdTINqjKwqUVsXwADDyjq5UUZUymp+WZqZruYqIAEn0TA8srDsLjHRGr8f9bQDlSdh43QXvmJ/9M0ZXUJz"
    "ScMl4Wk0xpCziai0bml0vJLNkdB7+cs="
)
ENCRYPT_D = (
    "Q3stYC6hdFzMh9T8HCvyDGKDIA55ZfrWw+QMDh2vh/0ItPP+gRj7BlhLjFLfV0TqjEyY2xl2V0L2afhh7YoLTvAHRPardzWt5uVBrEyy0koxPNgeBNjdlAZRR0arCa9pGNni"
    "h6/nPsuTDfsW/AClgUpZIxT/FTZeUqxT7rWMuwYKTurP0Cx1ugt+ojo/vOr36IScCSasiHhEGDyj4l1+TgOukR1qxZu6fGzfqGm/Hm/YgDIPD8rfVdk1PMtygY2e"
)


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        (("AAAAA", "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),  # 7.1
        (("AAAAA", "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),  # 7.1
        (("AAAAA", "1714112445", "415670741"), "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),  # 7.2 A
        (("jieyingtoken01", "1760000000", "20251009"), "d220dacd0c2e5c3a8bb119ed56c1c3396e9714a6"),  # 7.5 C
        (("jieyingtoken01", "1760000000", "20251009", ENCRYPT_C), "faca80ecfebfcc572095b46b384cf81b0e3f6531"),
        (("jieyingtoken01", "1760000000", "20251009", ENCRYPT_D), "4ea25426096709df8d7d6012a7eaa3d8a601d073"),
    ],
)
def test_signatures_of_the_vectors(parts: tuple[str, ...], signature: str) -> None:
    assert sign(*parts) == signature


def test_official_mini_program_vector() -> None:
    envelope = Envelope(token="AAAAA", encoding_aes_key=KEY_A, receiver="wxba5fad812f8e6fb9")
    encrypt = (
        "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7v"
        "JVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb"
        "6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
    )
    plain = (
        '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event",'
        '"Event":"debug_demo","debug_str":"hello world"}'
    )

    reply = envelope.seal('{"demo_resp":"good luck"}', timestamp="1713424427", nonce="415670741", prefix="707722b803182950")

    assert sign("AAAAA", "1714112445", "415670741", encrypt) == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    assert envelope.open(encrypt) == plain.encode()
    assert reply.encrypt == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert reply.signature == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_official_open_platform_vector() -> None:
    envelope = Envelope(token="AAAAA", encoding_aes_key=KEY_A, receiver="wx134c8103faa5a59e")
    encrypt = (
        "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31"
        "fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2lt"
        "soyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfU"
        "fe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg=="
    )

    reply = envelope.seal(
        "<xml><demo_resp>[CDATA[good luck]]</demo_resp></xml>", timestamp="1713424427", nonce="415670741", prefix="999951349e8ee746"
    )

    assert sign("AAAAA", "1715943329", "1590219412", encrypt) == "6c12a4205838198b8fa631b3220723bb07f1015c"
    assert envelope.open(encrypt).startswith(b"<xml>")
    assert reply.encrypt == (
        "hE8R6mGXHkJJjU72KxzKUd1GEkKJaEZq7vRL8XgK3o+00k8JGq6+pZJUIlTSyhsX+bxIBQ72g3GyvDdIZcr6+3HAZbSvPT9t/o11MI7d6WELwqrGd7jMnV0zv3Zc9Nq7"
    )
    assert reply.signature == "03e0812039325c2712ef5f0f980fd14c70d6e307"


def test_official_wecom_demo_vector() -> None:
    envelope = Envelope(
        token="QDG6eK", encoding_aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", receiver="wx5823bf96d3bd56c7"
    )
    echo = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    message = (
        "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qh"
        "xchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s"
        "4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/u"
        "h9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
    )

    assert sign("QDG6eK", "1409659589", "263014780", echo) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert envelope.open(echo) == b"1616140317555161061"
    assert sign("QDG6eK", "1409659813", "1372623149", message) == "477715d11cdb4164915debcba66cb864d751f3e6"
    fields = read_fields(envelope.open(message).decode())
    assert (fields["Content"], fields["AgentID"], fields["MsgId"]) == ("hello", "218", "4561255354251345929")


def test_official_page_signature_comes_out_of_the_pinned_library() -> None:
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    page = WeChatClient("wx0", "secret").jsapi

    signature = page.get_jsapi_signature("Wm3WZYTPz0wzccnW", ticket, 1414587457, "http://mp.weixin.qq.com?params=value")

    assert signature == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def test_own_vectors_byte_for_byte() -> None:
    robot = Envelope(token="jieyingtoken01", encoding_aes_key=KEY_C, receiver="")

    assert OURS.open(ENCRYPT_C) == XML_C.encode()
    assert OURS.seal(XML_C, timestamp="1760000000", nonce="20251009", prefix=PREFIX_C).encrypt == ENCRYPT_C
    assert robot.open(ENCRYPT_D) == JSON_D.encode()
    assert robot.seal(JSON_D, timestamp="1760000000", nonce="20251009", prefix=PREFIX_C).encrypt == ENCRYPT_D


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=120))
def test_wechatpy_reads_what_we_seal_and_we_what_it_seals(text: str) -> None:
    theirs = WeChatCrypto("jieyingtoken01", KEY_C, "wx0000000000000001")
    letter = OURS.seal(text, timestamp="1", nonce="n")
    sealed = read_fields(theirs.encrypt_message(text, "n", "1"))["Encrypt"]

    assert theirs.decrypt_message({"Encrypt": letter.encrypt}, letter.signature, "1", "n") == text
    assert OURS.open(sealed) == text.encode()


def test_every_padding_length_is_read() -> None:
    texts = ["x" * length for length in range(64)]

    assert [OURS.open(OURS.seal(text, timestamp="1", nonce="n").encrypt).decode() for text in texts] == texts


@pytest.mark.parametrize(("token", "timestamp", "nonce"), [("", "", ""), ("", "1", "n"), ("t", "", "n"), ("t", "1", "")])
def test_an_empty_part_is_never_a_right_signature(token: str, timestamp: str, nonce: str) -> None:
    with pytest.raises(Forged):
        check_signature(sign(token, timestamp, nonce), token=token, timestamp=timestamp, nonce=nonce)


@pytest.mark.parametrize("change", [str.upper, lambda right: right[:-1], lambda _: "", lambda _: "签", lambda _: "\ud800"])
def test_a_changed_signature_is_forged(change: object) -> None:
    assert callable(change)
    with pytest.raises(Forged):
        check_signature(change(sign("t", "1", "n")), token="t", timestamp="1", nonce="n")


def test_an_old_signature_passes_because_the_platform_sets_no_window() -> None:
    check_signature(sign("t", "1000000000", "n"), token="t", timestamp="1000000000", nonce="n")


def test_a_signature_without_the_ciphertext_does_not_cover_it() -> None:
    with pytest.raises(Forged):
        check_signature(sign("t", "1", "n"), token="t", timestamp="1", nonce="n", encrypt=ENCRYPT_C)


@pytest.mark.parametrize(("token", "key"), [("", KEY_C), ("t", ""), ("t", KEY_C[:-1]), ("t", KEY_C + "H"), ("t", "+" + KEY_C[1:])])
def test_an_account_without_token_or_key_is_refused(token: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"token|EncodingAESKey"):
        Envelope(token=token, encoding_aes_key=key, receiver="wx")


def encrypt_raw(plain: bytes) -> str:
    key = base64.b64decode(KEY_C + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def pad(content: bytes) -> bytes:
    size = 32 - len(content) % 32
    return content + bytes([size]) * size


RIGHT = b"0" * 16 + (3).to_bytes(4, "big") + b"abc" + b"wx0000000000000001"


def test_the_hand_made_ciphertext_is_read_when_nothing_is_wrong() -> None:
    assert OURS.open(encrypt_raw(pad(RIGHT))) == b"abc"


@pytest.mark.parametrize(
    "encrypt",
    [
        "",
        "====",
        "not base64!",
        "路灯",
        ENCRYPT_C[:-4],
        ENCRYPT_C[:-8] + "AAAA" + ENCRYPT_C[-4:],
        ENCRYPT_C.replace("/", "_"),
        ENCRYPT_D,  # another receiver
        base64.b64encode(b"x" * 16).decode(),
        base64.b64encode(b"x" * 33).decode(),
        encrypt_raw(RIGHT.ljust(63, b"0") + b"\x00"),  # no padding
        encrypt_raw(RIGHT.ljust(63, b"0") + b"\x21"),  # more than 32
        encrypt_raw(RIGHT.ljust(61, b"0") + b"\x01\x02\x03"),  # uneven padding
        encrypt_raw(pad(b"short")),
        encrypt_raw(pad(RIGHT[:16] + (99).to_bytes(4, "big") + RIGHT[20:])),
        encrypt_raw(pad(RIGHT[:16] + b"\xff\xff\xff\xff" + RIGHT[20:])),
        encrypt_raw(pad(RIGHT + b"x")),
    ],
)
def test_a_bad_ciphertext_is_unreadable_and_does_not_say_why(encrypt: str) -> None:
    with pytest.raises(Unreadable) as caught:
        OURS.open(encrypt)

    assert (str(caught.value), caught.value.at) == ("This was signed with our token, but nobody can read it.", "envelope")


def test_random_bytes_are_not_repeated_and_of_full_length() -> None:
    key = base64.b64decode(KEY_C + "=")
    prefixes = set()
    for _ in range(200):
        sealed = base64.b64decode(OURS.seal("x", timestamp="1", nonce="n").encrypt)
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        prefixes.add(decryptor.update(sealed)[:16])

    assert len(prefixes) == 200
    assert {len(prefix) for prefix in prefixes} == {16}


def test_signing_sorts_bytes() -> None:
    assert sign("b", "路", "a") == hashlib.sha1("ab路".encode()).hexdigest()  # noqa: S324 - the platform's protocol
