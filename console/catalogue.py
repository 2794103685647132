"""Every route of the API, in the order of the document. Whoever is not named here does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.api import acts, figures, filing, org, own, partners, tickets

if TYPE_CHECKING:
    from console.routes import Route

ROUTES: tuple[Route, ...] = (
    *own.ROUTES,
    *tickets.ROUTES,
    *filing.ROUTES,
    *acts.ROUTES,
    *figures.ROUTES,
    *partners.ROUTES,
    *org.ROUTES,
)
