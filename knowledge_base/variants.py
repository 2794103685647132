"""Words that are said in several ways and mean the same: 『驾照』 and 『机动车驾驶证』, 『丢了』 and 『遗失』.

Residents and documents seldom use the same one. Before a question is compared with an entry both are brought to one form, so that
neither has to know the other's words. The groups stand in lexicons/variants.txt.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from knowledge_base.lexicon import read_lexicon

if TYPE_CHECKING:
    from collections.abc import Mapping


def settle(folded: str) -> str:
    """Give a folded text with each word of a group replaced by the group's first, the longest word first."""
    pattern, forms = _read()
    return pattern.sub(lambda found: forms[found[0]], folded)


@cache
def read_variants() -> Mapping[str, str]:
    """Read the groups: each word, the first of its group too, with that first."""
    groups = [line.split() for line in read_lexicon("variants")]
    return {word: group[0] for group in groups for word in group}


@cache
def _read() -> tuple[re.Pattern[str], Mapping[str, str]]:
    forms = read_variants()
    return re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True)))), forms
