"""Makes pictures of strangers safe to look at: each is opened in a process of its own (console.media.decoder), a few at a time.

    Made      the view and the thumbnail, drawn anew from the pixels, as JPEG
    Unmade    it could not be made: wrong_type, heic, too_large, broken, too_heavy (took more than the time it is given), too_slow, crashed

The process may do what it likes: what it says is read up to a limit, and when its time is over it is killed. Ours holds the picture and what
comes back, no more, however many wait.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from asyncio.subprocess import Process

AT_ONCE = 2
"""Pictures that are opened at once: at their worst they take a gigabyte together."""
MOST_BYTES = 10 * 1024 * 1024
"""The longest picture that is opened: what telephones make has 3 to 8 MB."""

Reason = Literal["wrong_type", "heic", "too_large", "broken", "too_heavy", "too_slow", "crashed"]

_PROGRAM = Path(__file__).parent / "decoder.py"
_SECONDS = 10.0
_LEAVE_SECONDS = 2.0
"""How long a killed process is waited for; one that left something behind holding its pipe holds up no other picture."""
_MOST_OUT = 8 * 1024 * 1024
"""More than two JPEG of these sizes ever have."""
_MOST_SIDE = 1600
_PIECE = 64 * 1024
_HEAD = struct.Struct(">HHII")
_JPEG = b"\xff\xd8\xff"
_BEGINNINGS = (("jpeg", _JPEG), ("png", b"\x89PNG\r\n\x1a\n"))
_HEIF = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_SAID: dict[bytes, Reason] = {b"NObroken": "broken", b"NOtoo_large": "too_large"}


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that is safe to look at: two JPEG, and the size of the view in pixels."""

    view: bytes
    thumbnail: bytes
    width: int
    height: int


class Unmade(msgspec.Struct, frozen=True):
    """A picture that nobody gets to see, and why."""

    reason: Reason

    @property
    def passing(self) -> bool:
        """Whether it may be the machine's fault and not the picture's: worth another try."""
        return self.reason in {"too_slow", "crashed"}


def find_form(body: bytes) -> str:
    """Name what a picture is by how it begins, whatever it is called: jpeg, png, webp, heic (which is not shown); "" for anything else."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    if body[4:8] == b"ftyp" and body[8:12] in _HEIF:
        return "heic"
    return next((name for name, begins in _BEGINNINGS if body.startswith(begins)), "")


class Maker:
    """Makes pictures safe; `program` is what opens them, and `seconds` how long it may take by the clock."""

    def __init__(self, *, at_once: int = AT_ONCE, seconds: float = _SECONDS, program: Path = _PROGRAM) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._program = program

    async def make(self, body: bytes) -> Made | Unmade:
        """Make a picture safe. OSError where no process can be begun: that says nothing of the picture."""
        form = find_form(body)
        if form in {"", "heic"}:
            return Unmade("heic" if form else "wrong_type")
        if len(body) > MOST_BYTES:
            return Unmade("too_large")
        async with self._places:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", str(self._program), form),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
            return await self._talk(process, body)

    async def _talk(self, process: Process, body: bytes) -> Made | Unmade:
        """Give a process its picture and read what it makes of it; it is over when this is."""
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(self._seconds):
                said, _ = await asyncio.gather(_read(process.stdout), _write(process.stdin, body))
                if len(said) <= _MOST_OUT:
                    await process.wait()
        except TimeoutError:
            return Unmade("too_slow")
        finally:
            await _end(process)
        if process.returncode == -signal.SIGXCPU:
            return Unmade("too_heavy")
        return _understand(said) if process.returncode == 0 else Unmade("crashed")


async def _end(process: Process) -> None:
    """See to it that a process is over, with all that it began; what it still has to say is dropped."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None  # noqa: S101 - a pipe
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_SECONDS):
            while await process.stdout.read(_PIECE):
                pass  # it counts as over only when its pipes are
            await process.wait()


async def _write(stream: StreamWriter, body: bytes) -> None:
    try:
        stream.write(body)
        await stream.drain()
    except ConnectionError:
        return  # it has ended: what it said, or how it ended, says why
    finally:
        stream.close()


async def _read(stream: StreamReader) -> bytes:
    """Read what a process says, to its end or beyond what is allowed."""
    said = bytearray()
    while len(said) <= _MOST_OUT and (piece := await stream.read(_PIECE)):
        said += piece
    return bytes(said)


def _understand(said: bytes) -> Made | Unmade:
    """Read an answer; one that is not exactly as it should be is that of a process that was not itself any more."""
    if said in _SAID:
        return Unmade(_SAID[said])
    head = 2 + _HEAD.size
    if len(said) > _MOST_OUT or len(said) < head or not said.startswith(b"OK"):
        return Unmade("crashed")
    width, height, large, small = _HEAD.unpack_from(said, 2)
    view, thumbnail = said[head : head + large], said[head + large :]
    fits = len(view) == large and len(thumbnail) == small and 0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE
    if not (fits and view.startswith(_JPEG) and thumbnail.startswith(_JPEG)):
        return Unmade("crashed")
    return Made(view=view, thumbnail=thumbnail, width=width, height=height)
