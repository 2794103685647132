"""What of a matter may be shown to everybody, and what a published summary may say. Pure.

Published is what a desk has written and approved for it, of a matter in public space that several residents have told of. A matter that has
become unfit since (sealed, about somebody, withdrawn) is no longer there at the next look: the same question is asked each time.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from residents.masking import mask
from residents.personal_names import find_names
from routing.accused import find_in_text
from routing.handover import find_faults
from routing.terms import NOBODY, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.terms import DutyItem

Bar = Literal["kind", "confidential", "about", "private", "danger", "rehearsed", "few", "over"]
"""举报 · 保密 · 反映的是单位或个人 · 不在公共场所 · 险情 · 试运行 · 反映的人少 · 撤回、不予受理或并单."""

_OVER = frozenset({Status.WITHDRAWN, Status.DECLINED, Status.MERGED})


_NAME = 4
"""Characters of a long name."""


@cache
def _words() -> dict[str, tuple[str, ...]]:
    text = resources.files("routing").joinpath("lexicons/publishing.toml").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in tomllib.loads(text).items()}


def is_open_item(item: DutyItem | None) -> bool:
    """Tell whether matters of a duty item may be published: it lies in public space and is nobody's household, health or livelihood."""
    return item is not None and item.public_space and not any(word in item.name for word in _words()["closed"])


def count_requesters(ticket: TicketFacts) -> int:
    """Count the residents who told of a ticket; one who was erased, or whom nobody asked, is none."""
    return len({person for person in ticket.people if person != NOBODY})


def find_bars(ticket: TicketFacts, item: DutyItem | None, *, public_space: bool, least: int) -> tuple[Bar, ...]:
    """List what keeps a ticket from the public, in the order of the table; `least` requesters are needed. Empty: it may be published."""
    return tuple(_list_bars(ticket, item, public_space=public_space, least=least))


def _list_bars(ticket: TicketFacts, item: DutyItem | None, *, public_space: bool, least: int) -> Iterator[Bar]:
    if ticket.kind == "report":
        yield "kind"
    if ticket.confidential:
        yield "confidential"
    if ticket.refused or ticket.refused_staff or ticket.disputed:
        yield "about"
    if not public_space or not is_open_item(item):
        yield "private"
    if ticket.tier == "red":
        yield "danger"
    if ticket.rehearsed:
        yield "rehearsed"
    if count_requesters(ticket) < least:
        yield "few"
    if ticket.status in _OVER:
        yield "over"


def tidy(text: str) -> str:
    """Leave out of a text what cannot be read: control characters, and more than one space in a row."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def find_text_faults(text: str, *, original: str, org: OrgChart, item: str = "") -> tuple[tuple[str, str], ...]:
    """Find what a text that everybody reads may not say, as (kind, words): what a 转办摘要 may not, and whom it speaks badly of."""
    names = [person.name for person in org.staff.values()]
    faults: list[tuple[str, str]] = list(find_faults(text, original=original, item=item, names=names))
    faults += [("name", accused.word) for accused in find_in_text(text, org)]
    faults += [("name", name) for name in _list_names(original) if name in text]
    if not faults and mask(text, of=original) != text:
        faults.append(("number", mask(text, of=original)))
    return tuple(dict.fromkeys(faults))


def _list_names(original: str) -> Iterator[str]:
    """List whom the residents named, themselves too: their names stand nowhere else either, however rare."""
    yield from (original[start:end] for start, end in find_names(original) if end - start > 1)
    for sign in _words()["naming"]:
        for match in re.finditer(re.escape(sign), original):
            behind = original[match.end() : match.end() + _NAME]
            yield from (behind[:length] for length in range(_NAME, 1, -1) if behind[:length].isalpha())


def name_place(ticket: TicketFacts, org: OrgChart) -> str:
    """Name where a matter lies, no finer than its grid, from the wider to the narrower; "" where that is not known."""
    return " ".join(org.areas[code].name for code in reversed(org.chain(ticket.area)) if code in org.areas)
