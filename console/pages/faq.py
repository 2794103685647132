"""查办事: questions answered as surely as the dialogue answers them, what there is by kind, one entry with all that it says, and whose area counts."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from console.cursors import read_cursor, write_cursor
from console.pages.answer_shown import read_answer
from console.pages.door import HOME_COOKIE
from console.pages.own import find_me
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import Problem, wrong
from console.routes import unseen
from knowledge_base import entries, uses
from knowledge_base.entry import Entry, Kind, refuse
from residents.masking import mask
from residents.page_limits import count_up
from routing.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from residents.tables import Resident
    from routing.org import OrgChart
    from routing.terms import Area


PATH = "/faq"
LIST_SIZE = 20
LONGEST = 200
"""Characters of a question."""
_KINDS = get_args(Kind)
_POINT = "service_point"
_WITHIN = {"": frozenset(_KINDS), "service": frozenset({"service_item", _POINT})} | {kind: frozenset({kind}) for kind in _KINDS}
"""What an address can ask for, and the kinds of entry that it means."""
_CLIP = 60
"""Characters of an answer in a list."""
_DAY = timedelta(days=1)
_NEAR = 3
"""Service points of one's own area on top of the page."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: a question, or the entries of a kind behind a code."""

    q: str = ""
    kind: str = ""
    after: str = ""


def show(call: PageCall) -> Page:
    """Answer a question, or list what there is."""
    asked = read_asked(call)
    if not asked.q:
        return _list(call, asked)
    found = call.city.find_answer(asked.q, area=read_home(call), now=call.now)
    shown = [_describe(call, entry) for code in found.codes if (entry := call.city.entries.get(code)) is not None]
    state = found.state if shown or not found.codes else "none"
    template = "resident/faq_found.html" if call.fragment else "resident/faq.html"
    return Page(template=template, values={"asked": asked, "state": state, "found": shown, "danger": found.danger, **_frame(call)})


def show_entry(call: PageCall) -> Page:
    """Show one entry; 404 for one that may not answer today or never was."""
    entry = _find(call)
    values = {
        "entry": _describe(call, entry),
        "asked": call.query.get("q", "")[:LONGEST],
        "thanked": call.query.get("thanks", ""),
        "home_code": read_home(call),
    }
    return Page(template="resident/entry.html", values=values)


def take_feedback(call: PageCall) -> Redirect:
    """Take whether an answer helped; what was asked is kept for the editors, masked, of somebody we know."""
    entry, useful = _find(call), call.form.get("useful", "")
    if useful not in {"yes", "no"}:
        raise wrong("form.useful", "Expected yes or no")
    resident = find_me(call)
    if not _counts(call, entry.code, resident):
        return Redirect(to=f"{PATH}/{entry.code}?thanks=again")
    entries.record_feedback(call.session, entry.code, useful=useful == "yes", now=call.now)
    asked = call.form.get("q", "")[:LONGEST]
    if resident is not None and asked and useful == "no":
        uses.record_use(call.session, kind="useless", entry=entry.code, question=mask(asked), resident_id=resident.id, now=call.now)
    return Redirect(to=f"{PATH}/{entry.code}?thanks={useful}")


def _counts(call: PageCall, entry: str, resident: Resident | None) -> bool:
    """Tell whether this vote still counts today: of a visitor, of their address on this entry, of their address on all.

    Somebody we know is a visitor by themselves; all others of whom nothing is known, not even an address, are one.
    """
    settings = call.city.pages
    counted = partial(count_up, call.session, span=_DAY, now=call.now)
    if resident is not None and not counted("vote of", entry, str(resident.id), most=settings.votes_each):
        return False
    if resident is not None and not call.address:
        return True
    within = counted("votes on", entry, call.address, most=settings.votes_per_entry)
    return within and counted("votes from", call.address, most=settings.votes_per_day)


def show_areas(call: PageCall) -> Page:
    """Let somebody choose where they live, from the city down to a community."""
    org = call.context.org
    code = call.query.get("in", "")
    here = org.areas.get(code)
    if code and here is None:
        raise unseen()
    below = _list_below(org, code)
    here = here or (org.areas.get(below[0].parent) if below else None)
    ends = {area.code for area in below if not _list_below(org, area.code)}
    values = {
        "here": here,
        "chosen": code,
        "below": below,
        "ends": ends,
        "home": _name_home(call),
        "back": _read_back(call.query.get("back", "")),
    }
    return Page(template="resident/areas.html", values=values)


def choose_area(call: PageCall) -> Redirect:
    """Remember in the browser where somebody lives; without an area, forget it."""
    code = call.form.get("area", "")
    if code and code not in call.context.org.areas:
        raise wrong("form.area", "Expected the code of an area")
    return Redirect(
        to=_read_back(call.form.get("back", "")), flash="area_kept" if code else "area_left", cookies={HOME_COOKIE: code}
    )


def read_asked(call: PageCall) -> Asked:
    """Read what is looked for; Problem (422) for a kind that there is not."""
    kind = call.query.get("kind", "")
    if kind not in _WITHIN:
        raise wrong("query.kind", "Expected " + ", ".join(filter(None, _WITHIN)))
    return Asked(q=call.query.get("q", "").strip()[:LONGEST], kind=kind, after=call.query.get("after", ""))


def read_home(call: PageCall) -> str:
    """Give the area that is chosen in this browser; "" for none, and for one that is no more."""
    return call.home if call.home in call.context.org.areas else ""


def list_near(call: PageCall) -> list[dict[str, Any]]:
    """List the service points of the area that is chosen, the nearest first: those entered for it, and those that bear its name."""
    home = read_home(call)
    chain = call.context.org.chain(home)[:-1] if home else ()
    names = [(area.name, *area.aliases) for code in chain if (area := call.context.org.areas.get(code)) is not None]
    points = ((_rank(entry, chain, names), entry) for entry in _list_valid(call, kind=_POINT))
    near = nsmallest(_NEAR, ((rank, entry.code, entry) for rank, entry in points if rank < len(chain)), key=lambda one: one[:2])
    return [_describe(call, entry) for _, _, entry in near]


def _rank(entry: Entry, chain: Sequence[str], names: Sequence[tuple[str, ...]]) -> int:
    """Say how far up a chain of areas an entry belongs, by its area or by its name; the chain's length if to none of them."""
    if entry.area in chain:
        return chain.index(entry.area)
    named = (place for place, known in enumerate(names) if any(name in entry.question for name in known if name))
    return next(named, len(chain))


def _list(call: PageCall, asked: Asked) -> Page:
    after = read_cursor(asked.after) if asked.after else ""
    page = nsmallest(LIST_SIZE + 1, _list_valid(call, kind=asked.kind, after=after), key=lambda entry: entry.code)
    values = {
        "asked": asked,
        "state": "list",
        "found": [_describe(call, entry) for entry in page[:LIST_SIZE]],
        "danger": False,
        "near": list_near(call) if not asked.after else [],
        "next": write_cursor(page[LIST_SIZE - 1].code) if len(page) > LIST_SIZE else "",
    }
    template = "resident/faq_found.html" if call.fragment else "resident/faq.html"
    return Page(template=template, values=_frame(call) | values)


def _frame(call: PageCall) -> dict[str, Any]:
    """Give what the page shows beside what was found."""
    home = _name_home(call)
    return {"kinds": _KINDS, "home": home, "home_code": read_home(call), "near": [], "next": ""}


def _list_valid(call: PageCall, *, kind: str = "", after: str = "") -> Iterator[Entry]:
    """List the entries, of a kind or behind a code, that may answer today for somebody who lives where they said."""
    home, org = read_home(call), call.context.org
    chain = org.chain(home) if home else ()
    root = chain[-1] if chain else ""
    today = call.now.astimezone(call.city.zone).date()
    kinds = _WITHIN[kind]
    wanted = (entry for entry in call.city.entries.values() if entry.code > after and entry.kind in kinds)
    return (entry for entry in wanted if refuse(entry, today=today, areas=chain, city=root) is None)


def _find(call: PageCall) -> Entry:
    """Find the entry of the path; Problem (404) where it may not answer today."""
    entry = call.city.entries.get(call.path["code"])
    if entry is None or refuse(entry, today=call.now.astimezone(call.city.zone).date(), areas=()) is not None:
        raise unseen()
    return entry


def _describe(call: PageCall, entry: Entry) -> dict[str, Any]:
    area = call.context.org.areas.get(entry.area)
    shown = read_answer(entry.answer)
    words = "".join(piece.text for piece in shown.paragraphs[0]) if shown.paragraphs else ""
    return {
        "code": entry.code,
        "kind": entry.kind,
        "question": entry.question,
        "answer": shown,
        "clip": words if len(words) <= _CLIP else f"{words[: _CLIP - 1]}…",
        "source": entry.source,
        "source_date": entry.source_date,
        "unit": entry.unit,
        "valid_to": entry.valid_to,
        "area": area.name if area is not None and area.parent else "",
        "coordinates": entry.coordinates,
        "way": call.city.maps.open_place(entry.coordinates, entry.question),
    }


def _name_home(call: PageCall) -> str:
    home = read_home(call)
    return call.context.org.areas[home].name if home else ""


def _list_below(org: OrgChart, code: str) -> list[Area]:
    return [area for area in org.below(code) if area.level != Level.GRID]


def _read_back(back: str) -> str:
    """Give the page that somebody came from to choose: one of these, whatever the address says."""
    return back if back in {"/", PATH, "/nearby"} else PATH


def _show_entry_again(call: PageCall, _problem: Problem) -> Page:
    return show_entry(call)


PAGES = (
    PageRoute(path=PATH, name="faq", action="pages.read", run=show),
    PageRoute(path=f"{PATH}/{{code}}", name="faq_entry", action="pages.read", run=show_entry),
    PageRoute(
        method="POST",
        path=f"{PATH}/{{code}}/feedback",
        name="faq_feedback",
        action="pages.write",
        run=take_feedback,
        again=_show_entry_again,
    ),
    PageRoute(path="/area", name="areas", action="pages.read", run=show_areas),
    PageRoute(method="POST", path="/area", name="choose_area", action="pages.write", run=choose_area),
)
