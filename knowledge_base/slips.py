"""Finding names that are mistyped: characters that sound or look alike in place of the right ones, one wrong character, one left out.

Names are compared by how they are spelt, so that looking one up costs little however many there are. What a slip may be is narrow: another
road, another estate is one character away, and to send somebody there is worse than to ask.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from knowledge_base.lexicon import read_lexicon
from knowledge_base.pinyin import blur, sound_table, spell
from knowledge_base.place_words import ENDINGS, TAILS, find_tail, may_begin, read_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RUN = re.compile(r"[\u4e00-\u9fff]{3,}")
_SHORTEST, _LONGEST = 3, 16
_WHOLE = 6
"""Names up to so many characters are looked up with each of their characters left open; longer ones by their halves."""
_OPEN = "*"
_SAME_SOUND, _NEAR, _OTHER = 0.2, 0.4, 1.0
"""What a wrong character costs: spelt the same; spelt or written much the same; anything else."""
_SURE = 0.4
_MARGIN = 0.2
"""A reading is taken alone if the next best costs so much more; else both are candidates."""
_LONG_HEAD = 3
_PLAIN = 4
"""A name without a known ending must be longer than this for one character to be any other."""
_TELLING = frozenset("零〇一二两三四五六七八九十百东西南北中新老旧上下前后左右大小")
"""Characters that tell places apart: 『市一中』 is no slip of 『市三中』."""

_OFFICIAL = frozenset("区市县")
"""First characters that are left out anywhere: 『去了政务中心』 for 区政务中心."""


class Span(NamedTuple):
    """Where a name stands, and which."""

    start: int
    end: int
    name: str


class Slips:
    """Names of places in lower case, ready to be found mistyped."""

    def __init__(self, names: Iterable[str]) -> None:
        self._open: dict[str, list[str]] = defaultdict(list)
        self._halves: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        self._left_out: dict[str, list[str]] = defaultdict(list)
        table = sound_table()
        for name in names:
            if not (_SHORTEST <= len(name) <= _LONGEST and _RUN.fullmatch(name)):
                continue
            sounds = name.translate(table)
            if len(name) <= _WHOLE:
                for at in range(len(name)):
                    self._open[sounds[:at] + _OPEN + sounds[at + 1 :]].append(name)
            else:
                self._halves[sounds[: len(name) // 2]].append((name, True))
                self._halves[sounds[len(name) // 2 :]].append((name, False))
            for left_out in _leave_out(name):
                self._left_out[left_out].append(name)
        self._lengths = sorted({len(key) for key in self._open})
        self._half_lengths = sorted({len(key) for key in self._halves})
        self._short_lengths = sorted({len(key) for key in self._left_out})

    def find(self, folded: str) -> Iterator[tuple[Span, ...]]:
        """Find mistyped names in lower-case text, from the likeliest on, without overlaps: of each all that may be meant."""
        found: dict[Span, float] = {}
        for run in _RUN.finditer(folded):
            for span in self._list_candidates(run[0], run.start()):
                if (
                    span not in found
                    and folded[span.start : span.end] != span.name
                    and _may_stand(folded, span)
                    and (cost := weigh(folded[span.start : span.end], span.name)) is not None
                ):
                    found[span] = cost
        spans = sorted(found, key=lambda span: (found[span], span.start - span.end, span.start))
        while spans:
            best = spans[0]
            beside = [span for span in spans if span.start < best.end and best.start < span.end]
            as_likely = [span for span in beside if found[span] < found[best] + _MARGIN]
            yield tuple(span for span in as_likely if span.end - span.start == best.end - best.start)
            spans = [span for span in spans if span not in beside]

    def _list_candidates(self, run: str, offset: int) -> Iterator[Span]:
        """List the names that may be meant by parts of a run of Chinese characters."""
        sounds = run.translate(sound_table())
        for start in range(len(run)):
            room = len(run) - start
            for length in (length for length in self._lengths if length <= room):
                window = sounds[start : start + length]
                for at in range(length):
                    for name in self._open.get(window[:at] + _OPEN + window[at + 1 :], ()):
                        yield Span(offset + start, offset + start + length, name)
            for length in (length for length in self._half_lengths if length <= room):
                for name, is_left in self._halves.get(sounds[start : start + length], ()):
                    begin = start if is_left else start + length - len(name)
                    if begin >= 0 and begin + len(name) <= len(run):
                        yield Span(offset + begin, offset + begin + len(name), name)
            for length in (length for length in self._short_lengths if length <= room):
                for name in self._left_out.get(run[start : start + length], ()):
                    yield Span(offset + start, offset + start + length, name)


def _may_stand(folded: str, span: Span) -> bool:
    """Tell whether a name may stand here: not every one does in the middle of words (『有人睡车里』, 『文创产业园』)."""
    if len(span.name) > span.end - span.start:
        return may_begin(folded, span.start) or (span.name[0] in _OFFICIAL and folded[span.start : span.end] == span.name[1:])
    return len(span.name) > _SHORTEST or TAILS.search(span.name) is None or may_begin(folded, span.start)


def _leave_out(name: str) -> Iterator[str]:
    """Give a long name without one of its characters: of its head, or so that it still says what kind of place it is (东升菜市场)."""
    tail = find_tail(name)
    for at in range(len(name) if len(name) > _PLAIN else 0):
        rest = name[:at] + name[at + 1 :]
        if tail >= _LONG_HEAD if at < tail else read_kinds().search(rest):
            yield rest


def weigh(written: str, name: str) -> float | None:
    """Weigh what is wrong in a written name, 0.2 for a character that sounds the same; None if it is no slip but another name."""
    if len(written) != len(name):
        return _OTHER
    tail = find_tail(name)
    wrong = [(at, _weigh_character(one, other)) for at, (one, other) in enumerate(zip(written, name, strict=True)) if one != other]
    if any(written[at] in _TELLING or name[at] in _TELLING for at, cost in wrong if cost > _SAME_SOUND):
        return None
    cost = sum(cost for _, cost in wrong)
    if any(at >= tail for at, _ in wrong):
        slipped = len(wrong) == 1 and cost < _OTHER and len(name) - tail > 1 and not ENDINGS.search(written)
        return cost if slipped else None
    if cost <= _SURE + 1e-9 and (len(wrong) == 1 or len(name) > _SHORTEST):
        return cost if tail < len(name) or len(name) >= _PLAIN else None
    long = tail >= _LONG_HEAD if tail < len(name) else len(name) > _PLAIN
    return cost if len(wrong) == 1 and long and wrong[0][0] > 0 else None


def _weigh_character(written: str, meant: str) -> float:
    one, other = spell(written + meant)
    if one == other:
        return _SAME_SOUND
    return _NEAR if blur(one) == blur(other) or meant in _read_look_alike().get(written, ()) else _OTHER


@cache
def _read_look_alike() -> dict[str, frozenset[str]]:
    """Read which characters look much like each."""
    found: dict[str, set[str]] = defaultdict(set)
    for group in read_lexicon("look_alike") | read_lexicon("look_alike_simple"):
        for character in group:
            found[character].update(group)
    return {character: frozenset(others) for character, others in found.items()}
