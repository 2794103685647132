"""答复发出之前看一眼: what a resident is about to read, held against what they wrote. Pure.

It finds details of people, words that are the house's own, replies that say nothing, questions that were asked and not answered, and parts of
the matter that the reply says nothing of. It errs towards saying nothing: whoever writes may send it all the same, but for a phone number or
a document's, which no reply carries.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

import msgspec

from residents.masking import find_details
from routing.evidence import cut_pairs, fold
from routing.warning_signs import is_boilerplate

if TYPE_CHECKING:
    from collections.abc import Iterator

DoubtKind = Literal["phone", "identity", "card", "plate", "email", "name", "door", "internal", "empty", "question", "part"]
REFUSED: frozenset[DoubtKind] = frozenset({"phone", "identity", "card"})
"""What is never sent: everything else a person may decide on."""

_END = re.compile(r"[。！？!?；;\n]+")
_SHORTEST = 6
"""Characters of a part that says something."""
_MOST = 5


class Doubt(msgspec.Struct, frozen=True):
    """One thing about a reply; `what` is the word, the question or the part of the matter it is about, "" for a detail of somebody."""

    kind: DoubtKind
    what: str = ""


class _Question(msgspec.Struct, frozen=True):
    name: str
    asked: tuple[str, ...]
    answered: str


class _Lexicon(msgspec.Struct, frozen=True):
    internal: tuple[str, ...]
    joins: tuple[str, ...]
    numbered: str
    asks: tuple[_Question, ...]


def check_reply(text: str, *, matter: str, least: int = 4) -> tuple[Doubt, ...]:
    """Check an answer to a matter (its masked summary); `least` characters it says beside what every reply says."""
    return (*check_words(text), *_check_content(text, matter, least=least))


def check_words(text: str) -> tuple[Doubt, ...]:
    """Check any words that a resident will read: no details of people, no words of the house's own."""
    details: list[DoubtKind] = sorted(find_details(text))
    internal = [word for word in _read().internal if word in text]
    return (*(Doubt(kind) for kind in details), *(Doubt("internal", word) for word in internal))


def _check_content(text: str, matter: str, *, least: int) -> Iterator[Doubt]:
    if is_boilerplate(text, least=least):
        yield Doubt("empty")
        return
    parts = list_parts(matter)
    missed = [part for part in parts if not _is_spoken_of(part, text)] if len(parts) > 1 else []
    yield from (Doubt("part", part) for part in missed[:_MOST])
    for question in _read().asks:
        asked = next((word for word in question.asked if word in matter), "")
        if asked and re.search(question.answered, text) is None:
            yield Doubt("question", asked)


def list_parts(matter: str) -> tuple[str, ...]:
    """List the parts of a matter: its sentences, its numbered points, and what is joined to it (另外…)."""
    marked = re.sub(_read().numbered, "\n", matter)
    for word in _read().joins:
        marked = marked.replace(word, f"\n{word}")
    parts = (part.strip(" ,，、:：") for part in _END.split(marked))
    return tuple(part for part in parts if len(part) >= _SHORTEST)


def _is_spoken_of(part: str, text: str) -> bool:
    pairs = set(cut_pairs(fold(part)))
    return not pairs or not pairs.isdisjoint(cut_pairs(fold(text)))


@cache
def _read() -> _Lexicon:
    text = resources.files("routing").joinpath("lexicons/replies.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Lexicon)
