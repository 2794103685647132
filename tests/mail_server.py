"""A mail server on this machine (aiosmtpd, others' reading of RFC 5321) that remembers each mail as its reader sees it, and refuses as told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

PATH = "smtp"
"""Under this name FakePlatform keeps what came by mail, beside the paths of HTTP."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as it arrived: whom it was for, its headers, and its text as shown."""

    to: tuple[str, ...]
    sender: str
    subject: str
    text: str
    headers: dict[str, str]
    encrypted: bool
    signed_in: bool


@dataclass
class MailServer:
    """`answer` is asked at the end of each mail: an SMTP answer, "slow" or "reset". `refuse` answers to the reader's address instead."""

    answer: Callable[[Mail], str] = lambda _: "250 OK"
    refuse: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[MailServer]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._make, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.stop.set()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type] # bytes unless asked otherwise
        found = Mail(
            to=tuple(envelope.rcpt_tos),
            sender=envelope.mail_from or "",
            subject=str(mail["Subject"]),
            text=mail.get_content().replace("\r\n", "\n").removesuffix("\n"),
            headers={name: str(value) for name, value in mail.items()},
            encrypted=session.ssl is not None,
            signed_in=bool(session.authenticated),
        )
        self.mails.append(found)
        answer = self.answer(found)
        if answer == "reset":
            server.transport.abort()  # type: ignore[union-attr] # it is connected
        if answer == "slow":
            await self.stop.wait()
        return answer if answer[:3].isdigit() else "421 closing"

    def _make(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example",
            enable_SMTPUTF8=False,
            tls_context=self.tls,
            require_starttls=self.tls is not None,
            auth_require_tls=self.tls is not None,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and data.password.decode() == self.password
        return AuthResult(success=is_right, handled=is_right)
