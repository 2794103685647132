"""E-mail: encrypted or not at all, nobody's words in a subject, no header that is not ours, and what each refusal means."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Outbound, SendLater, SendNever
from bot.channels.email import Email, EmailSettings, check, write_mail
from bot.texts import fill
from tests.mail_server import MailServer

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
SETTINGS = EmailSettings(
    host="localhost",
    sender="接应 <jieying@example.gov.cn>",
    addresses=("LT-SZYH=works@example.gov.cn", "LT-ZHS = desk@example.gov.cn"),
)
TOLD = Outbound(
    address="LT-SZYH",
    text="请办理",
    reference="event:7",
    template={"ticket": "20261123-0001", "notice": "unit_dispatched", "title": "金丝雀"},
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for `localhost` that only its own authority vouches for; its file, and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)  # noqa: TID251 - the TLS library compares with the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    return folder / "cert.pem", folder / "key.pem"


def lead_to(server: MailServer, **changes: object) -> Email:
    settings = msgspec.structs.replace(SETTINGS, host="127.0.0.1", port=server.port, security="none", answer_seconds=2.0)
    return Email(msgspec.structs.replace(settings, **changes), clock=lambda: NOON)


async def test_a_mail_reaches_the_unit_over_an_encrypted_connection(certificate: tuple[Path, Path]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    async with MailServer(tls=context, password="secret").run() as server:
        own = {"security": "starttls", "host": "localhost", "user": "jieying", "password": "secret"}
        reference = await lead_to(server, **own, ca_file=str(certificate[0])).send(TOLD)
        with pytest.raises(SendLater):  # signed by nobody the system knows
            await lead_to(server, **own).send(TOLD)
        with pytest.raises(SendLater):
            await lead_to(server, **own | {"password": "wrong"}, ca_file=str(certificate[0])).send(TOLD)

    (mail,) = server.mails
    assert (mail.encrypted, mail.signed_in, mail.to, mail.sender) == (
        True,
        True,
        ("works@example.gov.cn",),
        "jieying@example.gov.cn",
    )
    assert mail.text == f"请办理\n\n{fill('email', 'footer')}"
    assert (mail.headers["Message-ID"], mail.headers["Auto-Submitted"]) == (reference, "auto-generated")
    assert mail.headers["Date"] == "Mon, 23 Nov 2026 04:00:00 +0000"


async def test_nothing_goes_in_clear_where_it_should_be_encrypted() -> None:
    async with MailServer().run() as server:
        for security in ("starttls", "ssl"):
            with pytest.raises(SendLater):
                await lead_to(server, security=security).send(TOLD)
    assert server.mails == []


async def test_a_reader_that_the_server_does_not_know_is_final_and_a_busy_one_is_not() -> None:
    for refusal, kind in {"550 works@example.gov.cn is unknown": SendNever, "450 busy": SendLater}.items():
        async with MailServer(refuse=refusal).run() as server:
            with pytest.raises(kind) as caught:
                await lead_to(server).send(TOLD)
        assert (caught.value.code, "works" in str(caught.value), server.mails) == (int(refusal[:3]), False, [])


async def test_a_unit_without_an_address_gets_no_mail() -> None:
    async with MailServer().run() as server:
        with pytest.raises(SendNever):
            await lead_to(server).send(msgspec.structs.replace(TOLD, address="LT-NONE"))
    assert server.mails == []


def test_the_subject_names_the_ticket_and_says_nothing_else() -> None:
    several = msgspec.structs.replace(TOLD, template={})
    subjects = [str(write_mail(one, SETTINGS, now=NOON)["Subject"]) for one in (TOLD, several)]
    assert subjects == [fill("email", "ticket", {"number": "20261123-0001"}), fill("email", "several")]


def test_the_same_cause_has_the_same_mark_and_another_has_another() -> None:
    marks = [
        write_mail(one, SETTINGS, now=now)["Message-ID"]
        for one, now in ((TOLD, NOON), (TOLD, NOON + timedelta(days=1)), (msgspec.structs.replace(TOLD, reference="event:8"), NOON))
    ]
    assert (marks[0] == marks[1], marks[0] == marks[2]) == (True, False)


@pytest.mark.parametrize(
    "settings",
    [
        {"addresses": ("LT-SZYH=works@example.gov.cn\r\nBcc: x@example.cn",)},
        {"addresses": ("LT-SZYH=a@example.cn,b@example.cn",)},
        {"sender": "接应\r\nBcc: x@example.cn <jieying@example.gov.cn>"},
        {"sender": "nobody"},
    ],
)
def test_a_header_that_would_hold_more_than_it_should_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(SendNever):
        write_mail(TOLD, msgspec.structs.replace(SETTINGS, **settings), now=NOON)


@given(st.text(), st.text(), st.text())
def test_no_words_of_a_notice_become_a_header(text: str, number: str, title: str) -> None:
    outbound = msgspec.structs.replace(TOLD, text=text, template={"ticket": number, "title": title})
    head = write_mail(outbound, SETTINGS, now=NOON).as_bytes().split(b"\r\n\r\n", 1)[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    expected = [
        "From",
        "To",
        "Date",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
    assert names == [name.encode() for name in expected]


async def test_what_is_not_set_up_is_named() -> None:
    assert await check(EmailSettings()) == []
    assert await check(SETTINGS) == []
    assert await check(msgspec.structs.replace(SETTINGS, addresses=("A=works",))) == [
        fill("doctor", "email_bad_address", {"codes": "A"})
    ]
