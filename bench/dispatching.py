"""What routing a matter costs: ranking the duty items for a chat line and for a letter, reading place and danger, and deciding whose it is.

Texts are made up (rig/made_up.py); organisation, places and duty list are those of the demo city.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import print_table, rank, say_machine, time_each
from rig.made_up import make_letters, make_questions
from rig.service import prepare_city

from bot.control import open_city
from intents.slots import find_place
from intents.tiers import read_tier
from knowledge_base.text import normalize, skim
from routing.dispatch import decide
from routing.terms import Report
from store.clock import utcnow

if TYPE_CHECKING:
    from bot.city import City
    from bot.settings import Settings


async def load(settings: Settings) -> City:
    """Load the demo city."""
    async with open_city(settings) as (_, city):
        return city


def decide_one(city: City, text: str) -> bool:
    """Take a text from its words to the decision whose it is; True if it goes out without a clerk."""
    utterance = skim(text)
    candidates = city.triage.rank(utterance)
    place = find_place(city.gazetteer.find(utterance.text))
    reading = read_tier(utterance.text)
    report = Report(
        text=text,
        place=place.text if place else "",
        areas=place.areas if place else (),
        property_unit=place.property_unit if place else "",
        tier=reading.tier,
        hazard=reading.hazard,
    )
    return decide(report, candidates, city.org, now=utcnow(), settings=city.settings.routing, statistics={}).automatic


def main() -> None:
    """Read the options, load the city, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    options = parser.parse_args()
    say_machine()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        city = asyncio.run(load(prepare_city(Path(name), 0)))
    print(f"{len(city.triage.items)} duty items\n")
    kinds = {"line": make_questions(options.texts), "letter": make_letters(options.texts // 10)}
    steps = {
        "duty items ranked": lambda text: city.triage.rank(skim(text)),
        "places found": lambda text: city.gazetteer.find(normalize(text)),
        "danger read": lambda text: read_tier(normalize(text)),
        "all of it, and decided": lambda text: decide_one(city, text),
    }
    rows = []
    for kind, texts in kinds.items():
        for name, step in steps.items():
            time_each(step, texts[:20])
            taken = time_each(step, texts)
            rows.append((kind, name, rank(taken, 0.5), rank(taken, 0.99)))
    print_table(("text", "CPU µs", "p50", "p99"), rows)


if __name__ == "__main__":
    main()
