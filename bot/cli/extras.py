"""What a command needs that a plain installation lacks: it is refused at once, not after minutes."""

from __future__ import annotations

from importlib.util import find_spec

from bot.refusals import refuse


def need_learning() -> None:
    """Refuse if scikit-learn, the extra `[learn]`, is not installed."""
    if find_spec("sklearn") is None:
        raise refuse("learn_not_installed")
