"""The program `jieying`, also as `python -m bot`."""

from __future__ import annotations

import gc
import sys

from bot.cli.main import run

_COLLECT_AFTER = 50_000
"""New containers between two rounds of the garbage collector: Python's own 700 cost a start a fifth of its time (docs/performance.md)."""


def main() -> None:
    """Run the command line and end the process with its code."""
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
