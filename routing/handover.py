"""转办摘要: what a unit reads of a confidential matter instead of the original. Pure.

The program drafts it from the duty item, the public place and what is wanted, a person edits and approves it (routing.secrecy). What it may
not say is looked for here: who tells it, numbers, hours, doors, relationships, names, and words of the original. The word lists stand in
routing/lexicons/handover.toml.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from residents.masking import mask, mask_contacts
from routing.headline import name_plainly
from routing.why import hide_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from routing.facts import TicketFacts

Fault = Literal["person", "number", "time", "home", "relation", "name", "quote", "blank"]

_QUOTED = 6
"""Characters in a row of the original that make a quotation: fewer are the words any such matter is told in."""
_LABEL = re.compile(r"〔[^〕]*〕")


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """The word lists of lexicons/handover.toml."""

    words: dict[str, str]
    wanted: dict[str, tuple[str, ...]]
    faults: dict[str, tuple[str, ...]]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What those who handle a matter see of it; `by_day`: of the time only the day."""

    ticket: str
    title: str
    place: str
    summary: str
    by_day: bool


@cache
def _lists() -> Handover:
    text = resources.files("routing").joinpath("lexicons/handover.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Handover)


def neutral_title() -> str:
    """Give what a confidential matter is called wherever it has a name at all."""
    return _lists().words["title"]


def nobody_above() -> str:
    """Give who has a matter about the highest desk there is: somebody whom the head of the house names."""
    return _lists().words["nobody_above"]


def hide_words(why: Iterable[str]) -> tuple[str, ...]:
    """Take out of reasons what stands in them of the original: the words found, whom they name, the place as it was written."""
    return tuple(hide_facts(line, names=("words", "found", "place"), by=_lists().words["hidden"]) for line in why)


def draft(*, place: str, item: str, text: str, is_conduct: bool = False) -> str:
    """Draft the summary of a matter from its public place, the name of its duty item ("" leaves a blank to fill in) and what is wanted.

    `is_conduct`: it is about a unit or its people, so that the duty item whose words it uses is not what it is about.
    """
    lists = _lists()
    wanted = [phrase for phrase, words in lists.wanted.items() if any(word in text for word in words)]
    return lists.words["draft"].format(
        place=f"{mask(place)}，" if place else "",
        what=lists.words["conduct"] if is_conduct else name_plainly(item) or lists.words["blank"],
        wanted="、".join(wanted[:2]) or lists.words["wanted"],
    )


def find_faults(
    summary: str, *, original: str, place: str = "", item: str = "", names: Iterable[str] = ()
) -> tuple[tuple[Fault, str], ...]:
    """Find what a summary may not say, in kinds with the words. The public place and the duty item may stand in it as they are."""
    bare = summary
    for known in (place, item, name_plainly(item)):
        bare = bare.replace(known, "\0") if known else bare
    return tuple(dict.fromkeys(_list_faults(bare, original=original, names=names)))


def _list_faults(bare: str, *, original: str, names: Iterable[str]) -> Iterator[tuple[Fault, str]]:
    lists = _lists().faults
    yield from (("blank", label) for label in _LABEL.findall(bare))
    masked = mask_contacts(bare)
    yield from (("number", label) for label in _LABEL.findall(masked) if label not in bare)
    yield from (("person", word) for word in lists["person"] if word in bare)
    yield from (("relation", word) for word in lists["relation"] if word in bare)
    yield from (("name", name) for name in names if name and name in bare)
    for pattern in lists["time"]:
        yield from (("time", match[0]) for match in re.finditer(pattern, bare))
    for pattern in lists["home"]:
        yield from (("home", match[0]) for match in re.finditer(pattern, bare))
    yield from (("quote", words) for words in _find_quotes(bare, original))


def _find_quotes(bare: str, original: str) -> Iterator[str]:
    """Find the longest runs that stand in the original in the same words."""
    at = 0
    while at + _QUOTED <= len(bare):
        length = _QUOTED
        if bare[at : at + length] not in original:
            at += 1
            continue
        while at + length < len(bare) and bare[at : at + length + 1] in original:
            length += 1
        yield bare[at : at + length]
        at += length


def preview(ticket: TicketFacts) -> Preview:
    """Say what those who handle a matter see of it: of a confidential one the summary as it stands now, of any other the matter itself."""
    if ticket.confidential:
        return Preview(ticket=ticket.number, title=ticket.title, place="", summary=ticket.handover, by_day=True)
    return Preview(ticket=ticket.number, title=ticket.title, place=ticket.public_place, summary=ticket.summary, by_day=False)
