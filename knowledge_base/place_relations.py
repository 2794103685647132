"""What the words between two places say of them: that they cross, that one lies beside the other, that one is not meant at all."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

JOINT = re.compile(r"\s?(?:[与和跟同、/&×x转拐接到+]|靠近|挨着|交叉)?\s?")
"""Between two roads that cross."""
CROSSING = re.compile(
    r"\s?(?:那个|那里|那边)?的?(?:交叉|交汇|十字|丁字|三岔|岔)?(?:路口|口|交[叉汇界接]处?|相交处?|红绿灯|[拐转]角|[拐转]?弯)"
)
"""Behind two roads that cross."""
_OPPOSITE = re.compile(
    r"\s?(?:的?(?:正|斜)?对[面过门]|的?旁边?|边上|[这那]边|的?隔壁|的?[后背]面|附近|(?:再过|过|出)[来去了]?[^,，。!?]{0,4}|往[^,，。!?]{1,5}"
    r"|[^,，。!?]{0,2}(?:上班|上学|住院|看病|打工|下车)[^。!?]{0,6})的?(?:那个|这个)?\s?"
    r"|[^。!?]{0,4}[,，。 ]?[^,，。!?]{0,3}(?:不对|说错|搞错|记错|写错|打错|更正|哦不|应该是)[^。!?]{0,8}"
)
"""Between two names: it is the second that is meant."""
_NEXT_TO = re.compile(r"[\s,]?(?:就|也|在)*(?:靠近?|挨着|紧挨着?|邻着|正对着?|斜对着?|在)(?:着)?\s?")
"""Between two names: it is the first that is meant."""
_DENIED = re.compile("(?<!是)不(?:是|在|住)(?:在)?(?:我们)?$")
_NEAR, _BESIDE = 12, 6
"""Characters between two names that may tell of each other, and of a road."""
_CLAUSE_END = re.compile(r"[,。!?;\s]")
_SENTENCE_END = re.compile(r"[。!?;\n]")
_ADJOINING = re.compile(r"\s?(?:路?边上?|上)?的?(?:[与和跟同、/&×x靠近]|靠近|挨着|紧挨着|快到|旁边的?)?那?个?\s?")
_BEFORE = 8
"""Characters before a name in which it may be denied."""


def find_beside(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Tell of each place in a text, in the order written, whether it is named only beside another.

    It is if the next one lies opposite to it or next to it (『安泰小学对面的杏花里』), if it follows one that does so itself
    (『杏花里挨着安泰小学』), or if it is denied while another is not (『不是安泰花园』).
    """
    beside = [_DENIED.search(text[max(0, start - _BEFORE) : start]) is not None for start, _ in spans]
    for at, ((_, end), (start, _)) in enumerate(pairwise(spans)):
        beside[at] = beside[at] or _OPPOSITE.fullmatch(text, end, start) is not None
        beside[at + 1] = beside[at + 1] or _NEXT_TO.fullmatch(text, end, start) is not None
    return beside if not all(beside) else [False] * len(beside)


def stand_near(between: str, *, road: bool) -> bool:
    """Tell whether two names with these words between them may tell of each other: in one sentence, not far apart.

    A road's must stand in one clause: else they may be of two matters.
    """
    if road:
        return len(between) <= _BESIDE and not _CLAUSE_END.search(between)
    return len(between) <= _NEAR and not _SENTENCE_END.search(between)


def adjoin(between: str) -> bool:
    """Tell whether two names with these words between them stand side by side: 『双桥路靠近澜安大道』."""
    return _ADJOINING.fullmatch(between) is not None
