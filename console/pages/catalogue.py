"""Every page there is. A page that is not listed here is not served."""

from __future__ import annotations

from console.pages import (
    account,
    codes,
    desk,
    faq,
    front,
    knowledge,
    knowledge_entry,
    knowledge_use,
    mine,
    nearby,
    own,
    privacy,
    seat,
    tickets,
    users,
)

PAGES = (
    *account.PAGES,
    *codes.PAGES,
    *desk.PAGES,
    *faq.PAGES,
    *front.PAGES,
    *knowledge.PAGES,
    *knowledge_entry.PAGES,
    *knowledge_use.PAGES,
    *mine.PAGES,
    *nearby.PAGES,
    *own.PAGES,
    *privacy.PAGES,
    *seat.PAGES,
    *tickets.PAGES,
    *users.PAGES,
)
