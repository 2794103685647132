"""Every page there is. A page that is not listed here is not served."""

from __future__ import annotations

from console.pages import account, codes, desk, front, tickets, users

PAGES = (*account.PAGES, *codes.PAGES, *desk.PAGES, *front.PAGES, *tickets.PAGES, *users.PAGES)
