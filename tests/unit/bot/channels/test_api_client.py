"""What an answer of the platform means: error codes, time-outs, resets, hosts that cannot be reached."""

from __future__ import annotations

import socket
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.channels.api_client import AccountProblem, ApiClient, FetchedToken, TokenRefused, fetch_stable_token, raise_for_code
from bot.texts import has_text
from tests.wechat import FakePlatform

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


TOKEN = "67_openSesame"


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    async with FakePlatform().run() as running:
        yield running


def find_closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


async def ask(*hosts: str, once: bool) -> object:
    """Post once and give the answer, or the error it ended in; the token, if the error tells it."""
    api = ApiClient(hosts=hosts, connect_seconds=0.3, request_seconds=0.2)
    try:
        return await api.post("/x", {"文": "字"}, token=TOKEN, once=once)
    except SendError as error:
        return TOKEN if TOKEN in "".join(traceback.format_exception(error)) else type(error)
    finally:
        await api.close()


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((40001, 40014, 41001, 42001), TokenRefused),
        ((-1, 43108, 45009, 45011), SendLater),
        ((45015, 45047), WindowClosed),
        ((40013, 40125, 40164, 40243, 43107, 48001, 48004), AccountProblem),
        ((40003, 40033, 40037, 40200, 43004, 43019, 43101, 45002, 45008, 45109, 47003, 48002, 50002, 50005, 99999), SendNever),
    ],
)
def test_each_error_code_has_its_class(codes: tuple[int, ...], kind: type[SendError]) -> None:
    for code in codes:
        with pytest.raises(kind) as caught:
            raise_for_code(code)
        assert (type(caught.value), caught.value.code) == (kind, code)


def test_no_error_raises_nothing() -> None:
    raise_for_code(0)


def test_a_used_up_quota_waits_longer_than_a_busy_moment() -> None:
    waits = {}
    for code in (-1, 45009, 45011):
        with pytest.raises(SendLater) as caught:
            raise_for_code(code)
        waits[code] = caught.value.after

    assert waits == {-1: 5.0, 45009: 60.0, 45011: 10.0}


def test_each_account_problem_has_its_words() -> None:
    problems = set()
    for code in (40013, 40125, 40164, 40243, 43107, 48001, 48004):
        with pytest.raises(AccountProblem) as caught:
            raise_for_code(code)
        problems.add(caught.value.problem)

    assert sorted(problem for problem in problems if not has_text("doctor", f"wechat_mp_{problem}")) == []


async def test_words_go_out_as_they_are(platform: FakePlatform) -> None:
    answer = await ask(platform.address, once=True)

    assert answer == {"errcode": 0, "errmsg": "ok"}
    assert platform.raw == ['{"文":"字"}'.encode()]
    assert platform.asked == [("/x", TOKEN, {"文": "字"})]


@pytest.mark.parametrize(
    ("answer", "once", "kind"),
    [
        ("slow", True, SendUnknown),
        ("slow", False, SendLater),
        ("reset", True, SendUnknown),
        ("reset", False, SendLater),
        (502, True, SendUnknown),
        (502, False, SendLater),
        (404, True, SendLater),
        (b"<html>", True, SendUnknown),
        (b"{broken", True, SendUnknown),
        (b"[]", False, SendLater),
        (b"\xff", True, SendUnknown),
        ({"errcode": 45015, "errmsg": "out of window"}, True, WindowClosed),
        ({"errcode": "odd"}, True, SendNever),
        (b"x" * (1024 * 1024 + 1), True, SendNever),
    ],
)
async def test_a_broken_answer_is_unknown_only_where_a_repeat_would_hurt(
    platform: FakePlatform, answer: Any, once: bool, kind: type[SendError]
) -> None:
    platform.answers["/x"] = [answer]

    assert await ask(platform.address, once=once) is kind
    assert platform.paths() == ["/x"]


async def test_another_host_is_asked_only_when_the_first_cannot_be_reached(platform: FakePlatform) -> None:
    assert await ask(find_closed_port(), platform.address, once=True) == {"errcode": 0, "errmsg": "ok"}

    platform.answers["/x"] = ["reset"]
    assert await ask(platform.address, platform.address, once=True) is SendUnknown
    assert platform.paths() == ["/x", "/x"]


@pytest.mark.parametrize("make_host", [find_closed_port, lambda: "no address", lambda: "http://[::1"])
async def test_a_connection_that_never_came_about_is_tried_later(make_host: Callable[[], str]) -> None:
    assert await ask(make_host(), once=True) is SendLater


async def test_the_stable_token_is_never_forced(platform: FakePlatform) -> None:
    platform.token_answers = []
    api = ApiClient(hosts=(platform.address,), connect_seconds=0.3, request_seconds=0.2)

    token = await fetch_stable_token(api, app_id="wx1", app_secret="s")
    await api.close()

    assert token == FetchedToken(value="T1", seconds=7200)


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        ({"errcode": 40001}, AccountProblem, "wrong_secret"),
        ({"errcode": 40125}, AccountProblem, "wrong_secret"),
        ({"errcode": 40164}, AccountProblem, "address_not_allowed"),
        ({"errcode": 40243}, AccountProblem, "secret_frozen"),
        ({"errcode": -1}, SendLater, ""),
        ({"access_token": "T"}, SendLater, ""),
        ({"access_token": "", "expires_in": 7200}, SendLater, ""),
        ({"access_token": "T", "expires_in": 0}, SendLater, ""),
    ],
)
async def test_a_token_that_cannot_be_had(platform: FakePlatform, answer: Any, kind: type[SendError], problem: str) -> None:
    platform.token_answers = [answer]
    api = ApiClient(hosts=(platform.address,), connect_seconds=0.3, request_seconds=0.2)

    with pytest.raises(SendError) as caught:
        await fetch_stable_token(api, app_id="wx1", app_secret="s")
    await api.close()

    assert (type(caught.value), getattr(caught.value, "problem", "")) == (kind, problem)
