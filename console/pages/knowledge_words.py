"""本市的词: the words, synonyms and names of places that the service understands beside its dictionary; their editions, and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console.pages.knowledge import PATH
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.policy import Allowed, authorize
from console.problems import Problem, wrong
from knowledge_base import word_rows
from knowledge_base.own_words import KINDS, Wanted, fold
from knowledge_base.word_table import write_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.words_port import Known, Origin
    from knowledge_base.own_words import OwnWord

WORDS = f"{PATH}/words"
HISTORY = f"{WORDS}/history"
LIST_SIZE = 50
_EDITIONS = 20
_LONGEST = 60
_ORIGINS: tuple[Origin, ...] = ("own", "shipped", "table")
_BIG = 10
"""Digits from which a number fits no edition."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Which words are wanted: by what is in them, their kind and where they come from ("": any)."""

    words: str = ""
    kind: str = ""
    origin: str = ""


def show_words(call: PageCall) -> Page:
    """Show the words that were asked for."""
    room = call.city.words
    room.take_over(call.session, now=call.now)
    wanted, after = read_shown(call), call.query.get("after", "")
    found = [one for one in sorted(room.list_known(), key=name_place) if _is_wanted(one, wanted)]
    rest = [one for one in found if name_place(one) > after] if after else found
    listed = rest[:LIST_SIZE]
    last = word_rows.find_last(call.session, [one.key for one in listed if one.origin == "own"])
    return Page(
        template="knowledge/words.html",
        values={
            "listed": listed,
            "last": last,
            "staff": name_staff(call, {by for by, _ in last.values()}),
            "wanted": wanted,
            "filter": urlencode(msgspec.structs.asdict(wanted)),
            "count": len(found),
            "in_dictionary": room.is_in_dictionary(wanted.words) if wanted.words else False,
            "after": after,
            "next": name_place(listed[-1]) if len(rest) > LIST_SIZE else "",
            "may_edit": may_edit(call),
            "edition": room.edition,
        },
    )


def read_shown(call: PageCall) -> Shown:
    """Read which words are wanted from the address of the list; Problem (422) for a kind or origin that there is not."""
    shown = Shown(**{name: call.query.get(name, "").strip()[:_LONGEST] for name in Shown.__struct_fields__})
    if shown.kind not in {"", *KINDS} or shown.origin not in {"", *_ORIGINS}:
        raise wrong("query", "Expected a kind and an origin of words")
    return shown


def _is_wanted(one: Known, wanted: Shown) -> bool:
    own = one.own
    if wanted.kind not in {"", own.kind} or wanted.origin not in {"", one.origin}:
        return False
    said = fold(wanted.words)
    return not said or any(
        said in fold(text) for text in (own.word, *own.others, *one.replaced, own.target, one.target_name, own.note)
    )


def name_place(one: Known) -> str:
    """Name the place of a word in the list: one's own first, then by kind, word and what it is a name of."""
    return f"{_ORIGINS.index(one.origin)}{KINDS.index(one.own.kind)}:{one.own.word}:{one.own.target}"


def may_edit(call: PageCall) -> bool:
    """Tell whether whoever looks may put words into service."""
    return isinstance(authorize(call.actor, "words.edit"), Allowed)


def name_staff(call: PageCall, codes: Iterable[str]) -> dict[str, str]:
    """Name people by the codes of their posts."""
    return {code: call.context.org.staff[code].name for code in codes if code in call.context.org.staff}


def save_words(call: PageCall) -> File:
    """Save the city's own words as a table that can be imported again."""
    if call.path["form"] != "csv":
        raise Problem(404, "not_found")
    now = call.now.astimezone(call.city.zone)
    mark = call.city.say_page("saved_by", code=call.actor.code, at=now.strftime("%Y-%m-%d %H:%M"))
    wanted = [Wanted(own=one) for one in word_rows.load(call.session)]
    return File(name=f"words-{now:%Y%m%d}.csv", media_type="text/csv", body=write_table(wanted, mark=mark).encode("utf-8-sig"))


def show_history(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the editions, the newest first; `problem` is why one was not taken back."""
    before = _read_number(call.query.get("before", ""))
    editions = word_rows.list_editions(call.session, limit=_EDITIONS + 1, before=before)
    return Page(
        template="knowledge/words_history.html",
        status=problem.status if problem is not None else 200,
        values={
            "editions": editions[:_EDITIONS],
            "next": editions[_EDITIONS - 1].number if len(editions) > _EDITIONS else 0,
            "before": before,
            "staff": name_staff(call, {one.by for one in editions}),
            "areas": {code: area.name for code, area in call.context.org.areas.items()},
            "edition": word_rows.current_edition(call.session),
            "may_edit": may_edit(call),
            "undoable": find_undoable(editions, word_rows.load(call.session)),
            "problem": problem,
        },
    )


def find_undoable(editions: Iterable[word_rows.Edition], standing: Iterable[OwnWord]) -> set[int]:
    """Find the editions whose words stand as they left them, so that they can be taken back."""
    known = {(one.kind, one.word): one for one in standing}
    return {
        edition.number
        for edition in editions
        if all(known.get((change.word.kind, change.word.word)) == change.after for change in edition.changes)
    }


def undo(call: PageCall) -> Redirect:
    """Take an edition back: its words stand as they did before it. Problem (409) if they were changed again since."""
    number, edition = _read_number(call.form.get("number", "")), _read_number(call.form.get("edition", ""))
    try:
        call.city.words.undo(call.session, number, edition=edition, by=call.actor.code, now=call.now)
    except word_rows.NoSuchEdition as error:
        raise Problem(404, "not_found") from error
    except word_rows.WordsChanged as error:
        raise Problem(409, "words_changed") from error
    except (word_rows.ChangedSince, word_rows.WordsWrong) as error:
        raise Problem(409, "changed_since") from error
    return Redirect(to=HISTORY, flash="words_undone")


def _read_number(text: str) -> int:
    """Read a number of an edition; 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _BIG else 0


def _show_history_again(call: PageCall, problem: Problem) -> Page:
    return show_history(call, problem=problem)


PAGES = (
    PageRoute(path=WORDS, name="words", action="words.read", run=show_words),
    PageRoute(path=f"{WORDS}/save/{{form}}", name="words_save", action="words.read", run=save_words),
    PageRoute(path=HISTORY, name="words_history", action="words.read", run=show_history),
    PageRoute(path=f"{WORDS}/undo", name="words_undo", action="words.edit", run=undo, method="POST", again=_show_history_again),
)
