"""What the residents' pages need of a platform that knows whose telephone it is: handed in by the house's bot, which speaks with it."""

from __future__ import annotations

from typing import Literal, Protocol

Why = Literal["code", "visitor", "account", "down"]
"""code: used, too old or made up; visitor: a preview of the page, behind which there is nobody; account: set up wrongly, an operator has to
look; down: no answer, later perhaps."""


class LoginRefused(Exception):
    """The platform does not say who it is; `why` says what can be done."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


class LoginPlatform(Protocol):
    """A platform that sends somebody back to us with a code, and says whose it is."""

    @property
    def channel(self) -> str:
        """The channel on which they are known by that id."""

    def make_address(self, *, back: str, state: str) -> str:
        """Give the address to send a browser to; it comes back to `back` with `state` and a code."""

    async def find_person(self, code: str) -> str:
        """Give the id of whoever came back with this code; LoginRefused."""
