"""Whom a text speaks badly of: units by any of their names, people of the staff, posts, and somebody whom no list has. Pure.

Naming somebody in order to have them come is no accusation: the name stands close to an accusing word, or right after a denouncing one. A
name of a place accuses whoever governs there only where the accusing word follows at once. The words stand in routing/lexicons/conflict.toml.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from routing.terms import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from routing.org import OrgChart

_SENTENCE = re.compile(r"[。！？；!?;\n]+")
_CLOSE = 20
"""Within how many characters an accusing word is about somebody."""
_NEXT = 6
"""Within how many characters after a denouncing word its object stands."""
_AT_ONCE = 4
"""Within how many characters after the name of a place an accusing word is about whoever governs there."""
_COMPANY_NAME = 12
"""Characters in front of 公司 in which its name is looked for."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The word lists: accusing and denouncing words, patterns of the first, words for whoever is in charge, posts of any unit, posts by function, and the unknown."""

    accusing: tuple[str, ...]
    accusing_patterns: tuple[str, ...]
    denouncing: tuple[str, ...]
    handlers: tuple[str, ...]
    posts: tuple[str, ...]
    watchdogs: tuple[str, ...]
    nameless: tuple[str, ...]
    companies: tuple[str, ...]
    no_names: tuple[str, ...]
    titles: tuple[str, ...]
    surnames: str
    grid_workers: tuple[str, ...]
    roles: dict[str, tuple[str, ...]]


class Accused(msgspec.Struct, frozen=True):
    """Somebody named: the word, and the units it may name, the person, or the function whose posts it means; none of them for a post of no known unit."""

    word: str
    units: tuple[str, ...] = ()
    function: str = ""
    staff: tuple[str, ...] = ()
    unknown: bool = False
    """No list of the city has whoever is meant."""

    @property
    def is_somebody(self) -> bool:
        """Whether it is known, or known to be unknown, who is meant; a bare post (你们, 工作人员) is whoever would handle the matter."""
        return bool(self.units or self.function or self.staff or self.unknown)


@cache
def load_words() -> Words:
    """Load the word lists."""
    text = resources.files("routing").joinpath("lexicons/conflict.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Words)


def is_about_conduct(refused: Collection[str], text: str) -> bool:
    """Tell whether a matter is about how a unit or its people behave; what a company does that no list has is told as what it is (dumped rubbish)."""
    words = load_words()
    only_company = set(refused) == {UNKNOWN} and any(word in text for word in (*words.companies, *words.nameless))
    return bool(refused) and not only_company


def find_stated(words: str, org: OrgChart) -> list[Accused]:
    """Find whom the conversation, or a person, says the matter is about; a post of no known unit counts too."""
    rest, units = _find_units(words, org)
    named = [*units, *_find_bare(rest, org), *_find_people(words, org), *_find_roles(rest)]
    named += [] if named else list(_find_companies(words, org))
    return named or [Accused(post) for post in load_words().posts if post in words]


def find_in_text(text: str, org: OrgChart) -> list[Accused]:
    """Find whom a text says something bad about, sentence by sentence."""
    found = [Accused(word, unknown=True) for word in load_words().watchdogs if word in text]
    return found + [accused for sentence in _SENTENCE.split(text) for accused in _find_in_sentence(sentence, org)]


def _find_in_sentence(sentence: str, org: OrgChart) -> Iterator[Accused]:
    words = load_words()
    if not _says_bad(sentence) and not any(word in sentence for word in words.denouncing):
        return
    rest, units = _find_units(sentence, org)
    named = [
        *units,
        *_find_people(sentence, org),
        *_find_roles(rest),
        *_find_companies(rest, org),
        *(Accused(word, unknown=True) for word in words.nameless if word in sentence),
        *(Accused(word) for word in words.handlers if word in sentence),
    ]
    for accused in named:
        if any(_is_accused(sentence, match, before=_CLOSE, after=_CLOSE) for match in _spans(accused.word, sentence)):
            yield accused
    for accused in _find_bare(rest, org):
        if any(_is_accused(sentence, match, before=0, after=_AT_ONCE) for match in _spans(accused.word, sentence)):
            yield accused


def _is_accused(sentence: str, match: re.Match[str], *, before: int, after: int) -> bool:
    """Tell whether an accusing word stands within these distances of a name, or a denouncing word right before it."""
    words = load_words()
    around = sentence[max(0, match.start() - before) : match.end() + after]
    in_front = sentence[max(0, match.start() - _NEXT) : match.start()]
    return _says_bad(around) or any(word in in_front for word in words.denouncing)


def _says_bad(text: str) -> bool:
    """Tell whether accusing words stand in a text."""
    return any(word in text for word in load_words().accusing) or _accusing().search(text) is not None


@cache
def _accusing() -> re.Pattern[str]:
    return re.compile("|".join(load_words().accusing_patterns))


def _spans(word: str, text: str) -> Iterable[re.Match[str]]:
    return re.finditer(re.escape(word), text)


def _find_units(text: str, org: OrgChart) -> tuple[str, list[Accused]]:
    """Find the units named, the longest name first; give also the text without them, for no part of a name is another name."""
    found = []
    for name in sorted((name for name in org.names.units if name in text), key=len, reverse=True):
        if name in text:
            text = text.replace(name, "\0" * len(name))
            found.append(Accused(name, units=org.names.units[name]))
    return text, found


def _find_bare(text: str, org: OrgChart) -> Iterator[Accused]:
    """Find the places named that stand for who governs there."""
    return (Accused(name, units=codes) for name, codes in org.names.bare.items() if name in text)


def _find_people(text: str, org: OrgChart) -> Iterator[Accused]:
    """Find people of the staff by name, and by surname and post: those of that surname may be meant, or somebody no list has."""
    for person in org.staff.values():
        if person.name and person.name in text:
            text = text.replace(person.name, "\0" * len(person.name))
            yield Accused(person.name, staff=(person.code,))
    for match in _titled().finditer(text):
        surname = match["before"] or match["after"]
        same = tuple(person.code for person in org.staff.values() if person.name.startswith(surname))
        yield Accused(match[0], staff=same, unknown=True)


@cache
def _titled() -> re.Pattern[str]:
    words = load_words()
    titles, surname = "|".join(words.titles), f"[{words.surnames}]"
    return re.compile(f"(?P<before>{surname})(?:{titles})|(?:{titles})[老小](?P<after>{surname})")


def _find_roles(text: str) -> Iterator[Accused]:
    for function, words in load_words().roles.items():
        for word in words:
            if word in text:
                yield Accused(word, function=function)


def _find_companies(text: str, org: OrgChart) -> Iterator[Accused]:
    """Find companies with a name that no list has. What only says which one is meant (小区物业公司) is no name."""
    words = load_words()
    known = [*org.names.units, *(word for role in words.roles.values() for word in role)]
    for match in _company().finditer(text):
        name = match[1]
        for word in words.no_names:
            name = name.rpartition(word)[2]
        if len(name) > 1 and not any(word in match[0] and (name in word or word in org.names.units) for word in known):
            yield Accused(name + match[2], unknown=True)


@cache
def _company() -> re.Pattern[str]:
    return re.compile(rf"([一-龥A-Za-z0-9]{{2,{_COMPANY_NAME}}}?)({'|'.join(load_words().companies)})")
