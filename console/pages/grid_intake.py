"""What a grid worker brings in: an excerpt of the group, and a matter of a neighbour who cannot or will not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.asked import Text  # noqa: TC001 - msgspec reads the annotation
from console.media.making import find_form
from console.pages.grid import PATH, choose_grid, find_done, list_grids
from console.pages.routes import FORM_BYTES, Page, PageCall, PageRoute, Redirect, Upload
from console.problems import Problem
from residents import filed_pictures

if TYPE_CHECKING:
    from collections.abc import Mapping

PASTE, FILE = f"{PATH}/paste", f"{PATH}/file"
LONGEST = 20_000
"""Characters of an excerpt: a hundred people's evening."""
_DIGITS = 6
PICTURES = 3
_TAKEN = frozenset({"jpeg", "png", "webp"})
_PICTURE_BYTES = 10 * 1024 * 1024
"""As much as a resident may send on the chat page."""
PICTURES_BYTES = PICTURES * _PICTURE_BYTES


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What is filed for a neighbour: `told` that it is filed in their name and who hears of it."""

    text: Text
    place: str = ""
    phone: str = ""
    told: bool = False


def show_paste(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show where an excerpt goes, and the drafts that wait; `problem` is what was wrong with an excerpt."""
    actor = call.actor.code
    values = {
        "groups": call.city.grid.list_groups(actor),
        "drafts": call.city.grid.list_drafts(call.session, actor=actor, note=problem is None),
        "read": _count(call, "read"),
        "found": _count(call, "drafts"),
        "red": _count(call, "red"),
        "done": find_done(call),
        "longest": LONGEST,
        "problem": problem,
        "typed": call.form if problem is not None else {},
        "tried": "",
    }
    return Page(template="grid/paste.html", values=values, status=problem.status if problem is not None else 200)


def paste(call: PageCall) -> Redirect:
    """Listen to an excerpt of the worker's own group: drafts of what matters are left, nothing of the rest."""
    text, groups = call.form.get("text", ""), [code for code, _ in call.city.grid.list_groups(call.actor.code)]
    group = call.form.get("group", "") or (groups[0] if len(groups) == 1 else "")
    if group not in groups:
        raise refuse(call, "grid_no_group")
    if not text.strip() or len(text) > LONGEST:
        raise refuse(call, "grid_paste_long" if text.strip() else "grid_paste_empty")
    taken = call.city.grid.paste(call.session, text, actor=call.actor.code, group=group, now=call.now)
    if taken is None:
        raise refuse(call, "grid_paste_unknown")
    opened = f"&opened={taken.tickets[0]}" if taken.tickets else ""
    return Redirect(to=f"{PASTE}?read={taken.messages}&drafts={taken.drafts}&red={len(taken.tickets)}{opened}")


def read_pictures(_form: Mapping[str, str], files: Mapping[str, Upload]) -> tuple[tuple[str, bytes], ...]:
    """Read the files that came with a form: what each is by how it begins, and its bytes."""
    return tuple((find_form(upload.body), upload.body) for upload in files.values() if upload.body)


def show_file(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the form for filing for a neighbour."""
    values = {"grids": list_grids(call), "problem": problem, "typed": call.form if problem is not None else {}}
    return Page(template="grid/file.html", values=values, status=problem.status if problem is not None else 200)


def file_for(call: PageCall) -> Redirect:
    """代办: file a matter for a neighbour who was told."""
    filed, grid = call.read_form(Filed), choose_grid(call)
    if not filed.told:
        raise refuse(call, "grid_not_told")
    check_phone(call, filed.phone)
    pictures = check_pictures(call)
    opened, told = call.city.grid.file_for(
        call.session,
        text=filed.text,
        grid=grid,
        actor=call.actor.code,
        place=filed.place[:200],
        phone=filed.phone,
        now=call.now,
        context=call.context,
    )
    number = opened.joined_to or opened.ticket.number
    filed_pictures.keep(call.session, pictures, ticket=number, now=call.now)
    return Redirect(to=f"{PATH}?opened={number}", flash="grid_filed_told" if told else "grid_filed")


def check_phone(call: PageCall, phone: str) -> None:
    """Refuse (422) what is too short for a telephone number; none is fine."""
    if phone and sum(letter.isdecimal() for letter in phone) < _DIGITS:
        raise refuse(call, "grid_phone")


def check_pictures(call: PageCall) -> tuple[tuple[str, bytes], ...]:
    """Give the pictures that came with a form; Problem (422) for too many, too large, or what is none."""
    pictures: tuple[tuple[str, bytes], ...] = call.prepared
    if len(pictures) > PICTURES:
        raise refuse(call, "grid_pictures_many")
    if any(len(body) > _PICTURE_BYTES for _, body in pictures):
        raise refuse(call, "grid_picture_large")
    if any(form not in _TAKEN for form, _ in pictures):
        raise refuse(call, "grid_picture_type")
    return pictures


def refuse(call: PageCall, key: str) -> Problem:
    """Refuse a form in a sentence of [pages]."""
    return Problem(422, key, detail=call.city.say_page(key))


def _count(call: PageCall, name: str) -> int:
    """Read a count from the address; -1 where there is none."""
    given = call.query.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < _DIGITS else -1


PAGES = (
    PageRoute(path=PASTE, name="grid_paste", action="grid.work", run=show_paste, writes=True),
    PageRoute(
        path=PASTE,
        name="grid_paste",
        action="grid.work",
        run=paste,
        method="POST",
        again=lambda call, problem: show_paste(call, problem=problem),
    ),
    PageRoute(path=FILE, name="grid_file", action="grid.work", run=show_file),
    PageRoute(
        path=FILE,
        name="grid_file",
        action="grid.work",
        run=file_for,
        method="POST",
        prepare=read_pictures,
        most_bytes=PICTURES_BYTES + FORM_BYTES,
        again=lambda call, problem: show_file(call, problem=problem),
    ),
)
