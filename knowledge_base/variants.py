"""Words that are said in several ways and mean the same: 『驾照』 and 『机动车驾驶证』, 『丢了』 and 『遗失』.

Residents and documents seldom use the same one. Before a question is compared with an entry both are brought to one form, so that
neither has to know the other's words. The shipped groups stand in lexicons/variants.txt; a city may change them and add its own
(knowledge_base.own_words).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from knowledge_base.lexicon import read_lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NOTHING = r"(?!)"


class Variants:
    """Groups of words that mean the same, lower case; the first of a group is the form of all. Equal to itself alone, so that what was read with it can be remembered."""

    def __init__(self, groups: Iterable[Sequence[str]]) -> None:
        self.groups = tuple(tuple(group) for group in groups)
        self.forms: Mapping[str, str] = {word: group[0] for group in self.groups for word in group}
        longest = sorted(self.forms, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(re.escape, longest)) or _NOTHING)

    def settle(self, folded: str) -> str:
        """Give a folded text with each word of a group replaced by the group's first, the longest word first."""
        return self._pattern.sub(lambda found: self.forms[found[0]], folded)


@cache
def shipped() -> Variants:
    """Read the groups that come with the software."""
    return Variants(sorted(line.split() for line in read_lexicon("variants")))


def settle(folded: str) -> str:
    """Give a folded text with the words of the shipped groups settled."""
    return shipped().settle(folded)


def read_variants() -> Mapping[str, str]:
    """Read the shipped groups: each word, the first of its group too, with that first."""
    return shipped().forms
