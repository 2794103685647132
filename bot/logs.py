"""What the service says about itself: structured lines on one stream, and nothing in them that leads to a person or opens a door.

Every line, also those of the libraries (aiohttp, SQLAlchemy, asyncio), passes through the same masks as its last step before it is
written: known secret values, the ids by which platforms know people, tokens in addresses, then residents.masking. Events carry numbers
and class names; the masks are for what slips in by an exception's text.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

from residents.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping
    from typing import TextIO

    from bot.settings import Log

_HIDDEN = "***"
_PERSON = "〔编号〕"
_SHORTEST_SECRET = 6  # a shorter value occurs in ordinary words; hiding it would garble every line

_SMALL = 10**9
"""A whole number below this is a row or an error code, never a phone with its prefix."""

_ID_OF_PERSON = re.compile(r"(?<![0-9A-Za-z_-])(?:o[0-9A-Za-z_-]{27}|w[mobr][0-9A-Za-z_-]{30})(?![0-9A-Za-z_-])")
"""openid (28 characters, `o` first) and WeCom external_userid and chat_id (32, `wm`, `wo`, `wb`, `wr` first)."""

_IN_ADDRESS = re.compile(r"(?i)\b(access_token|secret|key|signature|msg_signature|echostr|openid)=[^&\s\"'<>]+")
_LOGIN_IN_ADDRESS = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")

_PLAIN_KEYS = frozenset({"timestamp", "level", "logger"})
"""Ours, and never about a person; a timestamp looks like a row of digits."""

_NOISY = ("aiohttp.access", "alembic", "asyncio", "jieba", "sqlalchemy.engine")
"""Libraries that tell every request or statement: their warnings only."""


class Masks:
    """Replaces what no line may show; a structlog processor."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        pieces = {piece for secret in secrets for piece in [secret, *re.split(r"[\s:]+", secret)] if len(piece) >= _SHORTEST_SECRET}
        longest_first = sorted(pieces, key=lambda piece: (-len(piece), piece))
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if pieces else None

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """Mask every value of an event, however deep."""
        return {key: value if key in _PLAIN_KEYS else self.clean(value) for key, value in event.items()}

    def clean(self, value: Any) -> Any:
        """Mask a value: containers part by part, bytes by their length, anything else as it would print."""
        if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < _SMALL):
            return value
        if isinstance(value, dict):
            return {self.clean_text(str(key)): self.clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(one) for one in value]
        return f"{len(value)} bytes" if isinstance(value, bytes | bytearray) else self.clean_text(str(value))

    def clean_text(self, text: str) -> str:
        """Mask a text."""
        if self._secrets is not None:
            text = self._secrets.sub(_HIDDEN, text)
        text = _LOGIN_IN_ADDRESS.sub(rf"\1:{_HIDDEN}", text)
        text = _IN_ADDRESS.sub(rf"\1={_HIDDEN}", text)
        return mask(_ID_OF_PERSON.sub(_PERSON, text))


def set_up_logs(settings: Log, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's lines to one stream (standard error), masked, as JSON or for people to read."""
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    render = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, Masks(secrets), render],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *first, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
