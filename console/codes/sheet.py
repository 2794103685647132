"""The print sheet of codes: what stands on each card, and its QR code as a drawing. A4, eight to a page.

NoPublicUrl    no address is set under which residents reach us, so nothing can be printed
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from routing import codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from routing.code_tables import PlaceCode
    from routing.codes import Contact
    from routing.org import OrgChart

PER_PAGE = 8
MOST = 800
"""Cards of one sheet: a hundred pages, what a printer takes at once."""
_PAGES = Path(__file__).parents[1] / "pages"
_TEMPLATE = "system/codes_sheet.html"


class NoPublicUrl(Exception):
    """No address is set under which residents reach us ([server] public_url)."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card: what it stands for in words, who looks after it, the address behind the code and its drawing."""

    id: int
    kind: str
    place: str
    area: str
    contact: Contact | None
    url: str
    drawing: str


def address_of(code: str, *, public_url: str) -> str:
    """Give the address that a code leads to; NoPublicUrl without one of ours."""
    if not public_url:
        raise NoPublicUrl
    return f"{public_url.rstrip('/')}/c/{code}"


def read_cards(session: Session, rows: Sequence[PlaceCode], *, org: OrgChart, public_url: str) -> list[Card]:
    """Put together the cards of codes; NoPublicUrl where no address is set."""
    cards = []
    for row in rows:
        area = org.areas.get(org.standing_area(row.area))
        url = address_of(codes.sign_code(session, row), public_url=public_url)
        contact = codes.find_contact(row, org)
        name = area.name if area else ""
        cards.append(
            Card(id=row.id, kind=row.kind, place=row.label or name, area=name, contact=contact, url=url, drawing=draw(url))
        )
    return cards


def split_pages(cards: Sequence[Card]) -> list[Sequence[Card]]:
    """Lay cards out on pages."""
    return [cards[start : start + PER_PAGE] for start in range(0, len(cards), PER_PAGE)]


def draw(address: str) -> Markup:
    """Draw an address as a QR code in SVG, readable with a quarter of it scratched away."""
    drawn = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, svgclass="qr", lineclass=None
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn here from an address that only we make


def render_file(cards: Sequence[Card], *, service: str) -> str:
    """Render a sheet as a file of its own that any browser prints: its style stands in it."""
    env = Environment(loader=FileSystemLoader(_PAGES / "templates"), undefined=StrictUndefined, autoescape=True)
    style = (_PAGES / "static" / "sheet.css").read_text(encoding="utf-8")
    values = {"pages": split_pages(cards), "service": service, "style": style, "asset": lambda _name: "", "csrf": "", "query": {}}
    return env.get_template(_TEMPLATE).render(values)
