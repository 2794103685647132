"""Passwords: hashed by argon2id, away from the event loop and at most two at once, so that a storm of sign-ins costs the service no more.

A name that nobody has costs the same time as a wrong password: what is compared with then is a hash of something nobody knows.

PasswordUnfit    this password is not taken, with the reason
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.sign_in_settings import SignInSettings

T = TypeVar("T")

AT_ONCE = 2
"""Hashes that are worked on at once: each takes [sign_in] memory_mib and one core."""
_KIB = 1024
LONGEST = 200
"""Characters: a sentence is welcome, a book is not."""
_LEAST_DIFFERENT = 5

Unfit = Literal["short", "long", "plain", "name"]


class PasswordUnfit(Exception):
    """This password is not taken. short, long: its length. plain: too few different characters, or a row of keys. name: it holds the post's code."""

    def __init__(self, reason: Unfit, *, least: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.least = least


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a password was right, and its hash in today's parameters if the kept one is of older ones."""

    right: bool
    anew: str = ""


class Argon(Protocol):
    """What argon2.PasswordHasher does of what is needed here."""

    def hash(self, password: str) -> str:
        """Hash a password."""

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002 - argon2's own word
        """Compare; VerifyMismatchError if it is another one."""

    def check_needs_rehash(self, hash: str) -> bool:  # noqa: A002 - argon2's own word
        """Tell whether a hash was made with other parameters."""


class Hasher:
    """Hashes and compares passwords in two threads of its own."""

    def __init__(self, settings: SignInSettings, *, argon: Argon | None = None) -> None:
        self._argon = argon or PasswordHasher(time_cost=settings.rounds, memory_cost=settings.memory_mib * _KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jieying-hash")

    async def hash(self, password: str) -> str:
        """Hash a password."""
        return await self._work(lambda: self._argon.hash(fold(password)))

    async def verify(self, kept: str, password: str) -> Verdict:
        """Compare a password with a kept hash; "" is no hash and takes as long."""
        plain = fold(password)
        return await self._work(lambda: self._compare(kept if len(plain) <= LONGEST else "", plain[:LONGEST]))

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown()

    @cached_property
    def _nobodys(self) -> str:
        return self._argon.hash(secrets.token_urlsafe())

    def _compare(self, kept: str, password: str) -> Verdict:
        try:
            self._argon.verify(kept or self._nobodys, password)
        except VerifyMismatchError:
            return Verdict(right=False)
        except InvalidHashError:
            return self._compare("", password)
        if not kept:
            return Verdict(right=False)
        return Verdict(right=True, anew=self._argon.hash(password) if self._argon.check_needs_rehash(kept) else "")

    async def _work(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def check_password(password: str, *, code: str, settings: SignInSettings) -> None:
    """Refuse (PasswordUnfit) what is guessed first. Any characters are taken, also Chinese ones and spaces. Pure."""
    plain = fold(password)
    if len(plain) < settings.least_characters:
        raise PasswordUnfit("short", least=settings.least_characters)
    if len(plain) > LONGEST:
        raise PasswordUnfit("long")
    if code.casefold() in plain.casefold():
        raise PasswordUnfit("name")
    if len(set(plain.casefold())) < _LEAST_DIFFERENT or _is_row(plain.casefold()):
        raise PasswordUnfit("plain")


def fold(password: str) -> str:
    """Bring a password to one form: the same keys give the same characters on every phone (NFKC, as NIST 800-63B says)."""
    return unicodedata.normalize("NFKC", password)


def _is_row(plain: str) -> bool:
    """Tell whether it is nothing but a row of keys or letters, there or back, also begun anew: 1234567890, qwertyuiop."""
    rows = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
    return any(plain in row * 2 or plain in row[::-1] * 2 for row in rows)
