"""Every page there is. A page that is not listed here is not served."""

from __future__ import annotations

from console.pages import front, tickets

PAGES = (*front.PAGES, *tickets.PAGES)
