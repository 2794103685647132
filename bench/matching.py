"""What finding an answer costs: one question against many entries, one entry changed, many loaded; and a report against open tickets.

Questions, letters and entries are made up (rig/made_up.py).
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from measure import collect_as_served, peak_megabytes, print_table, rank, say_machine, show_ratio, time_each
from rapidfuzz import fuzz, process
from rig.made_up import make_entries, make_letters, make_questions

from knowledge_base.index import IndexSettings
from knowledge_base.match import MatchSettings
from knowledge_base.matcher import Matcher
from knowledge_base.postings import Postings
from knowledge_base.text import Segmenter
from routing.duplicates import DuplicateSettings, Matter, choose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BEST = 20
_ROUNDS = 9
_LINES = 200
_BRUTE = 2000
_CITY = 100_000
_OPEN = 50  # as many tickets of a grid as a report is compared with


def load_matcher(count: int, segmenter: Segmenter, cache: Path) -> tuple[Matcher, list[tuple[str, float]]]:
    """Load entries, first reading their texts, then from the file of that reading; CPU seconds of each."""
    entries = make_entries(count)
    taken = []
    for name in ("texts read", "from the file"):
        matcher = Matcher()
        begun = time.process_time()
        matcher.take_over(entries, segmenter, cache=cache)
        taken.append((f"{count:,} entries loaded, {name}", time.process_time() - begun))
    return matcher, taken


def index_words(count: int, segmenter: Segmenter) -> Postings:
    """Index the words of the same entries, and nothing else."""
    settings = IndexSettings()
    postings = Postings(saturation=settings.saturation, length=settings.length)
    texts = [" ".join((entry.question, *entry.phrasings, entry.answer)) for entry in make_entries(count)]
    postings.extend([postings.make_row(Counter(segmenter.read(text).tokens)) for text in texts])
    postings.merge(range(count))
    return postings


def find_by_words(postings: Postings, segmenter: Segmenter, text: str) -> list[int]:
    """Find the best by words: what the whole match is compared with."""
    scores = postings.score(segmenter.read(text).tokens, postings.size)
    found = np.flatnonzero(scores)
    if len(found) > _BEST:
        found = found[np.argpartition(scores[found], -_BEST)[-_BEST:]]
    return sorted(found.tolist(), key=lambda slot: -scores[slot])


def time_changes(matcher: Matcher, segmenter: Segmenter, count: int) -> list[float]:
    """Change entries one by one; microseconds until each change can be found."""
    changed = {entry.code: msgspec.structs.replace(entry, answer=f"{entry.answer}。") for entry in make_entries(count)}
    return time_each(lambda code: matcher.put(changed[code], segmenter), list(changed))


def time_in_turn(works: Sequence[Callable[[str], object]], texts: Sequence[str]) -> list[list[float]]:
    """Do each text by each of several ways at once, in rounds; the median microseconds of CPU of each way in each round."""
    medians: list[list[float]] = [[] for _ in works]
    for _ in range(_ROUNDS):
        taken = [[time_each(work, [text])[0] for work in works] for text in texts]
        for own, times in zip(medians, zip(*taken, strict=True), strict=True):
            own.append(rank(times, 0.5))
    return medians


def compare_grown(fresh: Matcher, segmenter: Segmenter, cache: Path, count: int, lines: Sequence[str]) -> str:
    """Ask an index with a tenth of its entries changed one by one, and a fresh one, in turn; the ratio (G7)."""
    grown, entries = Matcher(), make_entries(count)
    grown.take_over(entries, segmenter, cache=cache)
    for entry in entries[: count // 10]:
        grown.put(msgspec.structs.replace(entry, answer=f"{entry.answer}。"), segmenter)
    alone, changed = time_in_turn([lambda text, on=on: on.match(segmenter.read(text)) for on in (fresh, grown)], lines)
    return show_ratio(changed, alone)


def make_matter(text: str, resident: int) -> Matter:
    """Make a report in one grid that others may join."""
    return Matter(resident_id=resident, item="", area="G1", place="", text=text, public=True)


def time_duplicates(letters: Sequence[str]) -> list[float]:
    """Compare reports with the open tickets of their grid; microseconds each."""
    old = [(number, make_matter(text, number)) for number, text in enumerate(make_letters(_OPEN, seed=5))]
    settings = DuplicateSettings()
    return time_each(lambda text: choose(make_matter(text, 1000), old, settings=settings), letters)


def say_duplicates(letters: Sequence[str]) -> None:
    """Print how many copies with one character in twenty lost are found, and what comparing with all of a city would cost (G10)."""
    dice = random.Random(0)  # noqa: S311 - the same copies each time, no secret
    texts = make_letters(_OPEN, seed=5)
    old = [(number, make_matter(text, number)) for number, text in enumerate(texts)]
    settings = DuplicateSettings()
    found = 0
    for number, text in enumerate(texts):
        near = choose(make_matter("".join(one for one in text if dice.random() > 0.05), 1000), old, settings=settings)
        found += near is not None and near.ticket_id == number
    many = make_letters(_BRUTE, seed=6)
    ours, brute = time_in_turn(
        (
            lambda text: choose(make_matter(text, 1000), old, settings=settings),
            lambda text: process.extractOne(text, many, scorer=fuzz.ratio),
        ),
        letters[:10],
    )
    share = _CITY / _BRUTE
    print(f"of {_OPEN} reports written again with one character in twenty lost, {found} are found")
    print(
        f"rapidfuzz over {_CITY:,} open tickets (measured on {_BRUTE:,}, it grows in proportion) takes "
        f"{show_ratio([share * each for each in brute], ours)} times the check against the {_OPEN} newest of the grid\n"
    )


def main() -> None:
    """Read the options, load, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1000)
    options = parser.parse_args()
    say_machine()
    lines, letters = make_questions(options.questions), make_letters(options.questions // 10)
    longest = MatchSettings().longest
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        folder = Path(name)
        segmenter = Segmenter(folder / "jieba")
        matcher, loads = load_matcher(options.entries, segmenter, folder / "knowledge.cache")
        collect_as_served()
        grown = compare_grown(matcher, segmenter, folder / "knowledge.cache", options.entries, lines[:_LINES])
    for line in lines[:50]:
        matcher.match(segmenter.read(line))
    by_words = index_words(options.entries, segmenter)
    collect_as_served()
    for line in lines[:50]:
        find_by_words(by_words, segmenter, line)
    alone, whole = time_in_turn(
        (lambda text: find_by_words(by_words, segmenter, text), lambda text: matcher.match(segmenter.read(text))), lines[:_LINES]
    )
    figures = {
        "a line cut into words": time_each(segmenter.read, lines),
        "a line from raw text to its 20 best by words alone": time_each(
            lambda text: find_by_words(by_words, segmenter, text), lines
        ),
        "a line from raw text to its matches": time_each(lambda text: matcher.match(segmenter.read(text)), lines),
        f"a letter's first {longest} characters to its matches": time_each(
            lambda text: matcher.match(segmenter.read(text[:longest])), letters
        ),
        "one entry changed": time_changes(matcher, segmenter, 200),
        "a line to its matches, 200 changes not yet merged": time_each(lambda text: matcher.match(segmenter.read(text)), lines),
        f"a letter against {_OPEN} open tickets": time_duplicates(letters),
    }
    print_table(("CPU µs", "p50", "p99"), ((name, rank(taken, 0.5), rank(taken, 0.99)) for name, taken in figures.items()))
    print(f"a match with characters, sounds and wordings takes {show_ratio(whole, alone)} times one by words alone")
    print(f"with a tenth of the entries changed and not yet merged it takes {grown} times one of a fresh index")
    say_duplicates(letters)
    print_table(("load", "CPU s"), loads)
    print(f"memory at its peak: {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
