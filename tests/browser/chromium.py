"""Chromium of this machine, started once per test process: it reaches nothing but this machine, and brings the fonts of the machine.

BrowserMissing    no Chromium was found
"""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""The one without windows first: the same engine, and a third of the processor's time less."""
FLAGS = (
    "--no-sandbox",  # tests may run as root, where Chromium's own sandbox does not start
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's shared memory may be 64 MB
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
)

DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
        " MicroMessenger/8.0.50 Language/zh_CN"
    ),
}
DEVICES = {"desktop": DESKTOP, "phone": PHONE}


class BrowserMissing(Exception):
    """No Chromium was found: run `make browser`, which installs it, or set JIEYING_TEST_CHROMIUM to the program."""


def find_chromium() -> str:
    """Find the program; BrowserMissing if there is none."""
    given = os.environ.get("JIEYING_TEST_CHROMIUM")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise BrowserMissing(BrowserMissing.__doc__)
    return found


@asynccontextmanager
async def run_chromium() -> AsyncIterator[Browser]:
    """Run the browser while inside."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield browser
        await browser.close()
