"""地图: the outlines of areas, which the maps of pages are drawn from. What a map shows stands beside it in words; it works without."""

from __future__ import annotations

import msgspec

from console.pages.routes import File, PageCall, PageRoute
from console.problems import wrong
from console.routes import unseen
from routing.shapes import read_outlines

PATH = "/outlines"
_MINUTES = 10
"""How long a browser keeps outlines: they change when the city is divided anew."""


def show_outlines(call: PageCall) -> File:
    """Give the areas below one (`in`), or those around somebody's home (`near`), with their outlines; `deep` 2 gives those below them too."""
    org = call.context.org
    home, deep = call.query.get("near", ""), call.query.get("deep", "1")
    if deep not in {"1", "2"}:
        raise wrong("query.deep", "Expected 1 or 2")
    top = org.areas[home].parent if home in org.areas else call.query.get("in", "")
    if top and top not in org.areas:
        raise unseen()
    shown = org.below(top)
    if deep == "2":
        shown = (*shown, *(one for area in shown for one in org.below(area.code)))
    outlines = read_outlines(call.session, (one.code for one in shown))
    found = [
        {"code": one.code, "name": one.name, "parent": one.parent, "outline": outlines[one.code]}
        for one in shown
        if one.code in outlines
    ]
    return File(
        name="outlines.json",
        media_type="application/json",
        body=msgspec.json.encode(found),
        inline=True,
        headers={"Cache-Control": f"max-age={_MINUTES * 60}"},
    )


PAGES = (PageRoute(path=PATH, name="outlines", action="pages.read", run=show_outlines),)
