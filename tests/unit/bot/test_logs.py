from __future__ import annotations

import io
import json
import logging
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import Masks, set_up_logs
from bot.settings import Log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CANARY = "canary-5f2c9e1b7d"
PHONE = "13912345678"
OPENID = "oABCDefgh1234567890_-abcXYZ0"
EXTERNAL = "wmABCDefgh1234567890_-abcXYZ0123"


@pytest.fixture
def lines() -> Iterator[Callable[..., io.StringIO]]:
    """Set the logs up on a stream of our own, and put everything back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())

    def set_up(**settings: Any) -> io.StringIO:
        stream = io.StringIO()
        set_up_logs(Log(**settings), secrets=[f"1:{CANARY}"], stream=stream)
        return stream

    yield set_up
    logging.captureWarnings(capture=False)
    root.handlers[:], config = before[0], before[2]
    root.setLevel(before[1])
    structlog.configure(**config)


def say_everything() -> None:
    """Let each of these slip into the log in each way there is."""
    log = structlog.get_logger("jieying.test")
    for word in (CANARY, PHONE, OPENID, EXTERNAL):
        event = f"came from {word}"
        log.warning(event, sender=word, deep={"list": [word, (word,)], word: 1}, raw=word.encode(), error=ValueError(word))
        log.warning("positional %s", word)
        logging.getLogger("aiohttp.server").error("while handling %s", word)
        logging.getLogger("sqlalchemy.pool").warning("parameters %r", {"id": word})
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"about {word}", UserWarning, stacklevel=1)
        with structlog.contextvars.bound_contextvars(resident=word):
            log.warning("bound")
        try:
            raise RuntimeError(f"broke at {word}")  # noqa: TRY301 - the traceback is what is tested
        except RuntimeError:
            log.exception("failed")
            logging.getLogger("asyncio").exception("Task exception was never retrieved")
    log.warning("number", phone=int(PHONE))


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_and_no_person_reaches_the_stream(lines: Callable[..., io.StringIO], *, as_json: bool) -> None:
    stream = lines(json=as_json)
    say_everything()
    written = stream.getvalue()

    assert written.count("came from") == 4
    assert written.count("while handling") == 4
    assert written.count("Task exception was never retrieved") == 4
    assert written.count("UserWarning: about") == 4
    assert written.count("RuntimeError: broke at") == 8
    assert [word for word in (CANARY, PHONE, OPENID, EXTERNAL) if word in written] == []


def test_a_json_line_is_one_object_with_what_happened(lines: Callable[..., io.StringIO]) -> None:
    stream = lines(json=True)
    structlog.get_logger("jieying.test").info("send ended", action="send_held", outbox=17, code=45015)

    entry = json.loads(stream.getvalue())
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "send ended",
        "action": "send_held",
        "outbox": 17,
        "code": 45015,
        "level": "info",
        "logger": "jieying.test",
    }


def test_the_level_holds_for_ours_and_for_libraries(lines: Callable[..., io.StringIO]) -> None:
    stream = lines(level="warning")
    structlog.get_logger("jieying.test").info("quiet")
    logging.getLogger("aiohttp.server").info("quiet")
    structlog.get_logger("jieying.test").error("loud")

    assert ("quiet" in stream.getvalue(), "loud" in stream.getvalue()) == (False, True)


def test_requests_and_statements_of_libraries_are_not_told(lines: Callable[..., io.StringIO]) -> None:
    stream = lines(level="debug")
    for name in ("aiohttp.access", "sqlalchemy.engine.Engine", "asyncio"):
        logging.getLogger(name).info("noise")

    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET /cgi-bin/send?access_token=79_abc-DEF&type=x", "GET /cgi-bin/send?access_token=***&type=x"),
        ("POST /webhook/send?key=0f1e-2d3c", "POST /webhook/send?key=***"),
        ("postgresql://city:geheim@db.example/city", "postgresql://city:***@db.example/city"),
        ("工单 20261121-0007 已派单", "工单 20261121-0007 已派单"),
        ("message 482 of conversation 17", "message 482 of conversation 17"),
        ("routing.desk.open_ticket took 0.0031 s", "routing.desk.open_ticket took 0.0031 s"),
    ],
)
def test_what_is_masked_and_what_stays(text: str, clean: str) -> None:
    assert Masks().clean_text(text) == clean


def test_a_short_secret_does_not_garble_the_log() -> None:
    assert Masks(["on", ""]).clean_text("connection done") == "connection done"


@given(st.text(max_size=30), st.text(max_size=30), st.text(min_size=6, max_size=40))
def test_a_secret_is_hidden_wherever_it_stands(before: str, after: str, secret: str) -> None:
    assert secret not in Masks([secret]).clean_text(before + secret + after).replace("***", "")
