"""Questions as people type them by pinyin and by voice: characters replaced by others that sound the same, or nearly."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from knowledge_base.pinyin import read_syllables

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

_CONFUSED = 1 / 3
"""One in three is of a syllable that is easily taken for the right one."""
_FIRST = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_LAST = (("ing", "in"), ("eng", "en"))


class Homophones:
    """Replaces characters by homophones, the frequent ones more often; `frequencies` says how often each is used."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        self._syllables = read_syllables()
        self._groups: dict[str, list[str]] = defaultdict(list)
        for character, syllable in self._syllables.items():
            if frequencies.get(character, 0):
                self._groups[syllable].append(character)
        self._frequencies = frequencies

    def replace(self, text: str, count: int, dice: random.Random) -> str:
        """Replace so many characters, fewer where the text has not as many that have a homophone."""
        characters = list(text)
        places = [at for at, character in enumerate(characters) if self._list_others(self._syllables.get(character, ""), character)]
        for at in dice.sample(places, min(count, len(places))):
            syllable = self._syllables[characters[at]]
            near = [other for other in list_confusable(syllable) if self._list_others(other, characters[at])]
            if near and dice.random() < _CONFUSED:
                syllable = dice.choice(near)
            others = self._list_others(syllable, characters[at])
            characters[at] = dice.choices(others, [self._frequencies[other] for other in others])[0]
        return "".join(characters)

    def _list_others(self, syllable: str, character: str) -> list[str]:
        return [other for other in self._groups.get(syllable, ()) if other != character]


def list_confusable(syllable: str) -> list[str]:
    """List the syllables that are easily taken for one: zh/z, ch/c, sh/s, n/l, ing/in, eng/en, in both directions."""
    found = []
    for one, other in _FIRST:
        for said, heard in ((one, other), (other, one)):
            if syllable.startswith(said) and not (len(said) < len(one) and syllable.startswith(one)):
                found.append(heard + syllable[len(said) :])
    for one, other in _LAST:
        for said, heard in ((one, other), (other, one)):
            if syllable.endswith(said):
                found.append(syllable.removesuffix(said) + heard)
    return found
