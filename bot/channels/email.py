"""E-mail to units and desks (SMTP, RFC 5321): outward only, plain text, for whoever has no group that they read.

Nobody's words stand in a subject: it says which ticket, and that there is something new. A mail goes over an encrypted connection or not at
all, and every one has the same Message-ID whenever it is sent for the same cause, so that a second one can be told for what it is.

    refused before the text was handed over, or with 4xx   SendLater
    refused for good (5xx), or no such reader              SendNever
    no answer after the text was handed over               SendUnknown
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from bot.channels import NO_WINDOWS, ChannelSpec, SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.texts import fill
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiohttp import web

    from bot.channels import Media, Outbound, Receiver

NAME = "email"
REPLY_LIMIT = 4096
"""UTF-8 bytes of a mail's text: some ten notices; nobody reads on after that."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REFUSED_FOR_GOOD = 500
_MOST_AT_ONCE = 4
"""Mails under way together: many servers take no more connections of one client."""
_SETTINGS_SECONDS = 60.0
"""How long to wait where the server does not want us at all (a wrong password): a person has to mend it."""


class EmailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which server takes our mail, who we are there, and where each unit and desk reads theirs."""

    SECRETS: ClassVar[tuple[str, ...]] = ("password",)

    host: str = ""
    """The mail server; empty: the channel is off."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "ssl", "none"] = "starttls"
    """How the connection is kept secret; `none` is for a server on this machine only."""
    ca_file: str = ""
    """PEM file of the authority that the server's certificate is of; empty: the system's."""
    user: str = ""
    """Who we sign in as; empty: without."""
    password: str = ""
    sender: str = ""
    """The From line: `name <address>`, or an address alone."""
    addresses: tuple[str, ...] = ()
    """`code=address` for each unit and desk that is told by e-mail."""
    answer_seconds: Annotated[float, Meta(gt=0)] = 5.0
    """How long to wait for any one answer of the server."""

    def __repr__(self) -> str:
        """Show no password, and nobody's address."""
        return f"EmailSettings(host={self.host!r}, port={self.port}, user={self.user!r}, addresses={len(self.addresses)})"

    def address_of(self, code: str) -> str:
        """Find where a unit or desk reads its mail; "" if it reads none."""
        return next((address.strip() for key, _, address in map(_split, self.addresses) if key.strip() == code), "")


class Email:
    """A mailbox server as a Channel; an Outbound's address is the code of a unit or desk."""

    name = NAME
    reply_limit = REPLY_LIMIT
    windows = NO_WINDOWS
    keeps = False

    def __init__(self, settings: EmailSettings, *, clock: Callable[[], datetime] = utcnow) -> None:
        self._settings = settings
        self._clock = clock
        self._few_at_a_time = asyncio.Semaphore(_MOST_AT_ONCE)

    def routes(self, receive: Receiver) -> list[web.RouteDef]:  # noqa: ARG002 - nobody reads answers
        """There is no way in."""
        return []

    async def send(self, outbound: Outbound) -> str:
        """Hand one mail over to the server; gives its Message-ID."""
        if len(outbound.text.encode(errors="replace")) > REPLY_LIMIT:
            raise SendNever(f"longer than {REPLY_LIMIT} bytes: cut it before")
        mail = write_mail(outbound, self._settings, now=self._clock())
        async with self._few_at_a_time:
            await asyncio.to_thread(_hand_over, mail, self._settings)
        return str(mail["Message-ID"])

    async def notify(self, outbound: Outbound) -> str:  # noqa: ARG002 - nothing can be sent so
        """Mail has no window, so there is no way outside it."""
        raise WindowClosed("mail has no template messages")

    async def fetch(self, media: Media) -> bytes:  # noqa: ARG002 - nothing can be fetched
        """Nobody writes to us by mail, so nothing came along."""
        raise SendNever("no mail is read")

    async def close(self) -> None:
        """Nothing stays open between two mails."""


def write_mail(outbound: Outbound, settings: EmailSettings, *, now: datetime) -> EmailMessage:
    """Write the mail for a send. SendNever where there is no usable address, or a header would hold a line break."""
    address, sender = settings.address_of(outbound.address), parseaddr(settings.sender)[1]
    if not _ADDRESS.fullmatch(address) or not _ADDRESS.fullmatch(sender) or not settings.sender.isprintable():
        raise SendNever("there is no usable address")
    number = outbound.template.get("ticket", "")
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Date"] = settings.sender, address, format_datetime(now)
    mail["Subject"] = fill("email", "ticket", {"number": number}) if _NUMBER.fullmatch(number) else fill("email", "several")
    mark = hashlib.sha256(f"{outbound.reference}\0{address}".encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers this
    text = outbound.text.encode(errors="replace").decode()
    mail.set_content(f"{text}\n\n{fill('email', 'footer')}\n", charset="utf-8", cte="base64")
    return mail


def _hand_over(mail: EmailMessage, settings: EmailSettings) -> None:
    """Speak to the server, and say what its refusals mean."""
    try:
        server = _sign_in(settings)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _read_failure(error, settings_are_wrong=True) from None
    try:
        server.ehlo_or_helo_if_needed()
        _expect(server.mail(parseaddr(settings.sender)[1]))
        _expect(server.rcpt(str(mail["To"])))
    except (smtplib.SMTPException, OSError) as error:
        server.close()
        raise _read_failure(error) from None
    try:
        _expect(server.data(mail.as_bytes()))
    except smtplib.SMTPResponseException as error:
        server.close()
        raise _read_failure(error) from None
    except (smtplib.SMTPException, OSError) as error:
        server.close()
        raise SendUnknown(f"no answer after the text was handed over: {type(error).__name__}") from None
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _sign_in(settings: EmailSettings) -> smtplib.SMTP:
    """Connect, encrypt and sign in; what stands open when that fails is closed."""
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    ours = parseaddr(settings.sender)[1].rpartition("@")[2]
    where: dict[str, Any] = {"local_hostname": ours, "timeout": settings.answer_seconds}
    server = (
        smtplib.SMTP_SSL(settings.host, settings.port, context=context, **where)
        if settings.security == "ssl"
        else smtplib.SMTP(settings.host, settings.port, **where)
    )
    try:
        if settings.security == "starttls":
            _expect(server.starttls(context=context))
        if settings.user:
            server.login(settings.user, settings.password)
    except Exception:
        server.close()
        raise
    return server


def _expect(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:  # noqa: PLR2004 - RFC 5321: 2xx is yes
        raise smtplib.SMTPResponseException(*answer)


def _read_failure(error: Exception, *, settings_are_wrong: bool = False) -> SendError:
    """Say what a refusal means; never in the server's words, which may repeat addresses."""
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
    if settings_are_wrong:
        return SendLater(f"the mail server does not take us: {type(error).__name__}", code=code, after=_SETTINGS_SECONDS)
    if code >= _REFUSED_FOR_GOOD:
        return SendNever("the mail server refuses this mail", code=code)
    return SendLater(f"the mail server does not take it now: {type(error).__name__}", code=code)


def _split(entry: str) -> tuple[str, str, str]:
    return entry.partition("=")


async def check(settings: EmailSettings) -> list[str]:
    """Find what is wrong in these settings, in words; no mail is sent."""
    if not settings.host:
        return []
    bad = [key for key, _, address in map(_split, settings.addresses) if not _ADDRESS.fullmatch(address.strip())]
    wrong = {
        "email_no_sender": not _ADDRESS.fullmatch(parseaddr(settings.sender)[1]),
        "email_in_clear": settings.security == "none" and settings.host not in _LOOPBACK,
        "email_no_password": bool(settings.user) and not settings.password,
        "email_no_addresses": not settings.addresses,
        "email_bad_address": bool(bad),
    }
    return [fill("doctor", problem, {"codes": "、".join(bad)}) for problem, is_wrong in wrong.items() if is_wrong]


def _is_on(settings: EmailSettings) -> bool:
    return bool(settings.host)


def _make(settings: EmailSettings, **_: object) -> Email:
    return Email(settings)


CHANNEL = ChannelSpec(name=NAME, title="e-mail to units and desks", settings=EmailSettings, is_on=_is_on, make=_make, check=check)
