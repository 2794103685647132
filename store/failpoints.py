"""Named points at which a test may kill the process: JIEYING_FAILPOINT=name[:n] exits 137 at the n-th passing.

Costs one comparison when the variable is not set. The names in use are listed in docs/testing.md.
"""

from __future__ import annotations

import os

_TARGET, _, _COUNT = os.environ.get("JIEYING_FAILPOINT", "").partition(":")
_left = int(_COUNT or 1)


def failpoint(name: str) -> None:
    """Die here, without any clean-up, if a test has named this point."""
    if name != _TARGET:
        return
    global _left  # noqa: PLW0603 - the countdown is the process's, like its death
    _left -= 1
    if _left <= 0:
        os._exit(137)
