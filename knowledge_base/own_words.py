"""本市的词: what a city adds to, changes in or takes from the words that come with the software and with its tables. Pure.

    word      is cut as one word; `off`: is not taken for one, though the dictionary has it
    synonym   `word` and `others` mean the same, and are compared as `word`; a shipped group of that first word is replaced, `off`: left out
    area      `word` is another name of the area whose code is `target`; `off`: it is none, though the table of areas says so
    place     `word` is another name of every place called `target`; `off`: it is none, though the table of places says so

What a city says of a (kind, word) stands once. Words are kept in normal form and lower case, as texts are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import msgspec

from knowledge_base.text import normalize
from knowledge_base.variants import Variants, shipped
from knowledge_base.wording import asks_alike

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from knowledge_base.entry import Entry

Kind = Literal["word", "synonym", "area", "place"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = 20
"""Characters of a word; what is longer is a sentence, and an entry's phrasing."""
LONGEST_NOTE = 200
_SHORTEST = 2
"""A single character means something else in nearly every text it stands in."""
MOST_OTHERS = 30


class OwnWord(msgspec.Struct, frozen=True, kw_only=True):
    """What a city says of one word; `note` is for the editors."""

    kind: Kind
    word: str
    others: tuple[str, ...] = ()
    target: str = ""
    off: bool = False
    note: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a word is to stand: as given, or, `gone`, no longer as the city's own."""

    own: OwnWord
    gone: bool = False


class Fault(NamedTuple):
    """What is wrong with a word: `word` names it; why is one of short, long, signs, alone, many, note, taken, target."""

    word: str
    why: str
    other: str = ""
    """The word of the group that has it already."""


def fold(text: str) -> str:
    """Give a word as it is kept and compared."""
    return normalize(text).lower()


def tidy(own: OwnWord) -> OwnWord:
    """Give a word with its texts as they are kept; what its kind has no use for is dropped."""
    word = fold(own.word)
    others = tuple(dict.fromkeys(one for one in map(fold, own.others) if one and one != word))
    return OwnWord(
        kind=own.kind,
        word=word,
        others=others if own.kind == "synonym" and not own.off else (),
        target=own.target.strip() if own.kind in {"area", "place"} else "",
        off=own.off,
        note=normalize(own.note),
    )


def apply(standing: Iterable[OwnWord], wanted: Iterable[Wanted]) -> list[OwnWord]:
    """Give the city's words with the wanted ones in place, by kind and word."""
    known = {(one.kind, one.word): one for one in standing}
    for one in wanted:
        key = one.own.kind, one.own.word
        if one.gone:
            known.pop(key, None)
        else:
            known[key] = one.own
    return [known[key] for key in sorted(known)]


def find_faults(
    changed: Iterable[OwnWord], words: Iterable[OwnWord], *, areas: Collection[str], places: Collection[str]
) -> list[Fault]:
    """Find what is wrong with changed words, and with all words of the city as they would stand together.

    `areas` are the codes that there are, `places` the names; one that is taken off a name (`off`) may be of a place that is gone.
    """
    faults = [fault for one in changed for fault in _find_own(one, {"area": areas, "place": places}.get(one.kind))]
    return [*faults, *_find_taken(words)]


def _find_own(one: OwnWord, known: Collection[str] | None) -> Iterator[Fault]:
    for text in (one.word, *one.others):
        if len(text) < _SHORTEST and not (one.kind == "synonym" and text in shipped().forms):
            yield Fault(text or one.word, "short")
        elif len(text) > LONGEST:
            yield Fault(text, "long")
        elif not text.isalnum():
            yield Fault(text, "signs")
    if len(one.others) > MOST_OTHERS:
        yield Fault(one.word, "many")
    if len(one.note) > LONGEST_NOTE:
        yield Fault(one.word, "note")
    if one.kind == "synonym" and not (one.off or one.others):
        yield Fault(one.word, "alone")
    if known is not None and (not one.target or (not one.off and one.target not in known)):
        yield Fault(one.word, "target", one.target)


def _find_taken(words: Iterable[OwnWord]) -> Iterator[Fault]:
    """Find words that stand in two groups: nobody could say which form they are brought to."""
    first: dict[str, str] = {}
    for group in list_groups(words):
        for word in group:
            if word in first:
                yield Fault(word, "taken", first[word])
            first[word] = group[0]


def list_groups(words: Iterable[OwnWord]) -> list[tuple[str, ...]]:
    """List the groups of words that mean the same, shipped ones that the city neither changed nor left out among them."""
    own = {one.word: one for one in words if one.kind == "synonym"}
    kept = [group for group in shipped().groups if group[0] not in own]
    return kept + [(one.word, *one.others) for one in own.values() if not one.off]


def make_variants(words: Sequence[OwnWord]) -> Variants | None:
    """Make the variants of a city; None where it has the shipped ones."""
    return Variants(list_groups(words)) if any(one.kind == "synonym" for one in words) else None


def list_words(words: Iterable[OwnWord], *, off: bool) -> list[str]:
    """List the words of the dictionary that a city adds, or takes away."""
    return [one.word for one in words if one.kind == "word" and one.off == off]


class Renaming:
    """The other names that a city gives to its areas or its places, and those it takes away."""

    def __init__(self, words: Iterable[OwnWord], kind: Literal["area", "place"]) -> None:
        self._change: dict[str, tuple[set[str], set[str]]] = {}
        for one in words:
            if one.kind == kind:
                self._change.setdefault(one.target, (set(), set()))[one.off].add(one.word)

    def names(self, bearer: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """Give the other names of an area (by code) or place (by name), of which its table knows these."""
        if bearer not in self._change:
            return known
        added, gone = self._change[bearer]
        kept = tuple(name for name in known if fold(name) not in gone)
        return (*kept, *sorted(added - set(map(fold, kept))))


def find_affected(entries: Iterable[Entry], old: Variants | None, new: Variants | None, words: Collection[str]) -> list[Entry]:
    """Find the entries that may be read otherwise by new variants, or where these words of the dictionary are cut otherwise."""
    if not asks_alike(old, new):
        return list(entries)
    before, after = old or shipped(), new or shipped()
    forms = before.forms.keys() | after.forms.keys()
    said = [word for word in forms if before.forms.get(word) != after.forms.get(word)]
    found = []
    for entry in entries:
        asked = "\n".join(map(fold, (entry.question, *entry.phrasings)))
        if _holds(asked + fold(entry.answer), said) or _holds(before.settle(asked) + "\n" + after.settle(asked), words):
            found.append(entry)
    return found


def _holds(text: str, words: Collection[str]) -> bool:
    return any(word in text for word in words)
