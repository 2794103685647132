"""What a page may never do while a story is played: break a script, be stopped by the content policy, ask a foreign host, miss a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_INSIDE = ("data", "blob", "about")
_SPOKEN = {"fetch", "xhr", "eventsource"}
"""Kinds of requests that a script makes and whose refusals (409, 422) it shows."""
_BROKEN, _REFUSED = 500, 400
_SAID_BY_RESPONSE = "Failed to load resource"


@dataclass
class Watch:
    """Writes down what should not have been, in everything that one visitor's pages do."""

    own: str
    """Host and port of the service."""
    findings: list[str] = field(default_factory=list)
    loaded: list[Request] = field(default_factory=list)
    """What arrived since the page was opened."""

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.on("console", self._hear)
        context.on("weberror", self._hear_error)
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        context.on("requestfinished", self._see_arrival)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_SAID_BY_RESPONSE):
            self.findings.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _hear_error(self, error: WebError) -> None:
        self.findings.append(f"script broke: {error.error}")

    def _see_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _INSIDE and parts.netloc != self.own:
            self.findings.append(f"foreign request: {request.url}")

    def _see_response(self, response: Response) -> None:
        kind, status = response.request.resource_type, response.status
        shown = kind == "document" or kind in _SPOKEN
        if status >= _BROKEN or (status >= _REFUSED and not shown):
            self.findings.append(f"{status} for {kind} {response.url}")

    def _see_arrival(self, request: Request) -> None:
        self.loaded.append(request)
