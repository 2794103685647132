"""What may go wrong with a call of the API, by order: an errcode, a slow answer, a connection that breaks after the call was done."""

from __future__ import annotations

from collections import defaultdict, deque

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One way for a call to go wrong; the parts combine.

    code: an errcode, and nothing is done. status: an HTTP status with a page instead of JSON, and nothing is done. slow_seconds:
    the call is done, the answer comes that much later. drop: the call is done, the connection breaks off without an answer.
    """

    code: int = 0
    status: int = 200
    slow_seconds: float = 0.0
    drop: bool = False

    @property
    def is_refusal(self) -> bool:
        """Tell whether the call is not carried out."""
        return bool(self.code) or self.status != 200  # noqa: PLR2004 - the platform's only status of its own


NO_FAULT = Fault()


class Faults:
    """The faults in store, by path, each for a number of calls; one without a number stays after those with one."""

    def __init__(self) -> None:
        self._counted: dict[str, deque[Fault]] = defaultdict(deque)
        self._lasting: dict[str, Fault] = {}

    def inject(self, path: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let the next `times` calls of a path go wrong, None: all, until `clear`."""
        if times is None:
            self._lasting[path] = fault
        else:
            self._counted[path].extend([fault] * times)

    def inject_codes(self, path: str, codes: dict[int, int]) -> None:
        """Let calls of a path be answered with errcodes: code -> times, in this order."""
        for code, times in codes.items():
            self.inject(path, Fault(code=code), times=times)

    def clear(self) -> None:
        """Let everything go well again."""
        self._counted.clear()
        self._lasting.clear()

    def take(self, path: str) -> Fault:
        """Give the fault of the next call of a path."""
        counted = self._counted[path]
        return counted.popleft() if counted else self._lasting.get(path, NO_FAULT)
