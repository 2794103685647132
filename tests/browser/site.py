"""The running service that the stories share: the made-up city, the simulated official account beside it, and its store to prepare things."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.settings import load
from bot.trial import run_trial
from console.accounts import sessions
from console.policy import staff_actor
from store.clock import utcnow
from tests.installation import make_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.trial import Trial
    from store.engine import Store


class Site:
    """The service at its address; `simulator` pushes what residents of the official account write."""

    def __init__(self, trial: Trial) -> None:
        self.app = trial.service.app
        self.simulator = trial.simulator
        self.address = trial.service.address
        self.host = urlsplit(self.address).netloc

    @property
    def store(self) -> Store:
        """The service's own store."""
        return self.app.store

    async def sign_in(self, post: str) -> str:
        """Sign a post of the made-up city in, past the page and the second factor; gives the token for its cookie."""
        now, settings = utcnow(), self.app.settings.sign_in
        actor = staff_actor(post, org=self.app.city.org)
        assert actor is not None, f"the made-up city has no post {post}"
        return await self.store.write(
            lambda s: sessions.begin(s, actor, settings=settings, now=now, agent="", by_link=False, owes_code=False)
        )


@asynccontextmanager
async def run_site(parent: Path) -> AsyncIterator[Site]:
    """Run the service on a free port, on SQLite, with the made-up city in it."""
    settings = load(environ={"JIEYING_LOG_LEVEL": "error"})
    async with run_trial(settings, folder=make_folder(parent), tell_staff=False) as trial:
        yield Site(trial)
