"""How well chat messages are understood, measured on our own corpus: 1,680 messages by other hands than those that wrote the word lists.

bench/own/messages.csv (two thirds) is open: what is wrong there may be mended by general means. sealed.csv (one third) is for this program alone:
nothing of it is printed but counts, and nothing is tuned on it. sealed_second.csv is a second sealed set by other hands. Both were labelled
again by two people who saw the texts and bench/own/LABELS.md alone; the vote of the three counts (`first labels`: the writer's own).
danger_terms, self_harm and care are open too.

Ties, by rule: a message whose label gives two kinds (help/complaint) is right with the intent of either; ask_policy and service_lookup are one
question to the knowledge base and do the same; in red danger the alarm is the right answer, whatever else the message is about. `strict` counts
none of these. What an intent presupposes is given: progress, urge, add_to_ticket, correct and withdraw come from somebody with an open
ticket, rate after a result was asked about, feedback after an answer; all others from somebody new.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import ROOT, print_table
from rig.service import prepare_city

from bot.control import open_city
from bot.understanding import read_text
from intents.actions import Answer, OfferChoice
from intents.catalog import specs
from intents.classify import classify
from intents.danger import shipped_reader
from intents.several import take_apart
from intents.spec import ResidentFacts, TicketFacts, Turn
from intents.state import ConversationState
from knowledge_base.match import decide
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.city import City
    from bot.settings import Settings
    from intents.actions import Draft

OWN = Path(__file__).parent / "own"
DATA = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_TICKET = TicketFacts(ticket="20261123-0001", title="道路破损", status="dispatched", opened_at=NOW - timedelta(hours=5))
_ABOUT_TICKETS = frozenset({"progress", "urge", "add_to_ticket", "correct", "withdraw"})
_KINDS = {
    "help": "report_problem",
    "complaint": "complaint",
    "report": "report_violation",
    "suggestion": "suggestion",
    "praise": "praise",
}
_CARE = frozenset({"legal_aid", "mental_health", "domestic_violence", "child_protection", "medical"})

Row = dict[str, str]


def read_rows(name: str, *, voted: bool = True) -> list[Row]:
    """Read a table of the corpus. Where three people labelled, by their vote; else (or not `voted`) as its writer labelled it."""
    with (OWN / name).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    votes = {column: f"voted_{column}" for column in ("intent", "tier", "number") if rows and f"voted_{column}" in rows[0]}
    return [{**row, **{column: row[vote] for column, vote in votes.items()}} if voted else row for row in rows]


def make_turn(city: City, row: Row) -> Turn:
    """Read a message as the service does, from somebody in the circumstances that its intent presupposes."""
    read = read_text(city, row["text"])
    decision = decide(
        read.matches,
        entries=city.matcher.entries,
        today=NOW.date(),
        areas=(),
        settings=city.settings.knowledge,
        city=city.root,
    )
    turn = Turn(
        utterance=read.utterance, now=NOW, decision=decision, places=read.places, reading=read.reading, clauses=read.clauses
    )
    return replace(turn, **_presuppose(row["intent"]))


def _presuppose(intent: str) -> dict[str, Any]:
    if intent in _ABOUT_TICKETS:
        return {"facts": ResidentFacts(tickets=(_TICKET,))}
    if intent == "rate":
        asked = replace(_TICKET, status="concluded", awaiting_rating=True, asks="result", rating_asked_at=NOW - timedelta(hours=1))
        return {"facts": ResidentFacts(tickets=(asked,), awaiting_rating=(asked.ticket,))}
    if intent == "feedback":
        return {"state": ConversationState(last_answer="K1", last_question="居住证怎么办", asked_at=NOW - timedelta(minutes=2))}
    return {}


def is_right(row: Row, code: str) -> bool:
    """Tell whether an intent is right, ties included."""
    if code == row["intent"] or (code == "emergency" and row["tier"] == "red"):
        return True
    if row["intent"] in _KINDS.values() and code in {_KINDS.get(kind) for kind in row["kind"].split("/")}:
        return True
    return {code, row["intent"]} == {"ask_policy", "service_lookup"}


def measure_corpus(city: City, name: str, *, voted: bool = True) -> dict[str, str]:
    """Count what is understood of one part of the corpus."""
    seen = Counter[str]()
    tiers = Counter[tuple[str, str]]()
    for row in read_rows(name, voted=voted):
        turn = make_turn(city, row)
        code = classify(turn).code
        parts = take_apart(turn, code) or (turn,)
        tiers[row["tier"], turn.reading.tier] += 1
        seen["all"] += 1
        seen["strict"] += code == row["intent"]
        seen["intent"] += is_right(row, code)
        _count_draft(seen, row, turn, code)
        _count_matters(seen, row, parts, city)
    show_tiers(name, tiers)
    reds = sum(count for (truth, _), count in tiers.items() if truth == "red")
    return {
        "messages": str(seen["all"]),
        "intent": _share(seen, "intent", "all"),
        "strict": _share(seen, "strict", "all"),
        "kind": _share(seen, "kind", "kinds"),
        "requester": _share(seen, "requester", "all"),
        "requester, if not a resident": _share(seen, "others", "other"),
        "tier": f"{sum(count for (truth, read), count in tiers.items() if truth == read) / seen['all']:.3f}",
        "red recall": f"{tiers['red', 'red']}/{reds}",
        "several split rightly": _share(seen, "split", "several"),
        "one left whole": _share(seen, "whole", "single"),
        "place found": _share(seen, "place", "places"),
        "duty item first": _share(seen, "first", "items"),
        "duty item among three": _share(seen, "three", "items"),
    }


def _share(seen: Counter[str], part: str, whole: str) -> str:
    return f"{seen[part] / max(1, seen[whole]):.3f} of {seen[whole]:,}"


def _count_draft(seen: Counter[str], row: Row, turn: Turn, code: str) -> None:
    """Count what the intent made of it: the kind of request, who speaks, where."""
    draft, kind = respond(turn, code)
    if row["kind"]:
        seen["kinds"] += 1
        seen["kind"] += kind in row["kind"].split("/")
    requester = (draft.requester if draft else turn.draft().requester) or "resident"
    seen["requester"] += requester == row["requester"]
    if row["requester"] != "resident":
        seen["other"] += 1
        seen["others"] += requester == row["requester"]
    wanted = [place for place in row["places"].split(";") if place.strip()]
    if wanted:
        place = turn.place()
        seen["places"] += 1
        seen["place"] += place is not None and any(place.text in one or one in place.text for one in map(normalize, wanted))


def respond(turn: Turn, code: str) -> tuple[Draft | None, str]:
    """Give the draft that an intent makes of a turn, and the kind of request it is taken for."""
    for action in specs()[code].respond(turn):
        if isinstance(action, Answer | OfferChoice):
            return None, "consult"
        if (draft := getattr(action, "draft", None)) is not None:
            return draft, draft.kind
    return None, "consult" if code in {"ask_policy", "service_lookup"} else ""


def _count_matters(seen: Counter[str], row: Row, parts: tuple[Turn, ...], city: City) -> None:
    """Count whether several matters are told apart, and whether the duty item of one is found."""
    matters = [matter.split("/") for matter in row["items"].split(";") if matter]
    number = int(row.get("number") or len(matters))
    if number > 1:
        seen["several"] += 1
        seen["split"] += len(parts) == number
    elif matters:
        seen["single"] += 1
        seen["whole"] += len(parts) == 1
        draft = parts[0].draft()
        told = skim(hide(normalize(draft.text), [draft.place] if draft.place else []))
        found = [each.item.code for each in city.triage.rank(told, limit=3)]
        seen["items"] += 1
        seen["first"] += bool(found) and found[0] in matters[0]
        seen["three"] += any(code in matters[0] for code in found)


def show_tiers(name: str, tiers: Counter[tuple[str, str]]) -> None:
    """Print what was read as what."""
    order = ("red", "orange", "none")
    print(f"{name}: tier by label (rows) and as read (columns)\n")
    print_table(("label", *order), [(truth, *(tiers[truth, read] for read in order)) for truth in order])


def measure_phrases(city: City) -> list[tuple[str, str]]:
    """Count the sentences around danger words, those of self-harm and those that need care."""
    danger = read_rows("danger_terms.csv")
    harm = read_rows("self_harm.csv")
    care = read_rows("care.csv")
    right = sum(shipped_reader().read(normalize(row["text"])).tier == row["tier"] for row in danger)
    hit = sum((shipped_reader().read(normalize(row["text"])).tier == "red") == (row["expected"] == "hit") for row in harm)
    cared = 0
    for row in care:
        turn = make_turn(city, row | {"intent": ""})
        needs = turn.reading.tier == "red" or classify(turn).code in _CARE
        cared += needs == (row["expected"] == "care")
    return [
        ("sentences around 21 danger words, tier right", f"{right}/{len(danger)}"),
        ("self-harm said or only sounding like it", f"{hit}/{len(harm)}"),
        ("care needed, or an ordinary matter in the same words", f"{cared}/{len(care)}"),
    ]


def measure_shared() -> list[tuple[str, str]]:
    """Read danger in the shared phrases and letters; every false red is printed, here only."""
    crisis: Mapping[str, Any] = json.loads((DATA / "lexicon" / "crisis_seed.json").read_text(encoding="utf-8"))
    rows = []
    for key, wanted in (("self_harm_must_hit", "red"), ("idiom_must_not_hit", "none")):
        phrases = crisis[key]["phrases"]
        right = sum(shipped_reader().read(normalize(phrase)).tier == wanted for phrase in phrases)
        rows.append((key, f"{right}/{len(phrases)} {wanted}"))
    count = 0
    reds: list[str] = []
    for text in read_letters():
        count += 1
        reading = shipped_reader().read(normalize(text))
        if reading.tier == "red":
            reds.append(f"{reading.hazard}: {' '.join(reading.why)} | {text}")
    print("Read as red in the shared letters and messages:\n")
    print("\n".join(reds))
    print(flush=True)
    return [*rows, ("red in all shared letters and messages", f"{len(reds)}/{count:,} = {len(reds) / count:.3%}")]


def read_letters() -> Iterator[str]:
    """Give every letter and message of the shared data."""
    for name in ("tickets_train", "incidents_known", "incidents_stream"):
        with (DATA / "routing" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as lines:
            yield from (f"{row.get('title', '')}。{row.get('text', '')}" for row in csv.DictReader(lines))
    with (DATA / "gate" / "group_messages.csv").open(encoding="utf-8-sig", newline="") as lines:
        yield from (row["text"] for row in csv.DictReader(lines))


async def load(settings: Settings) -> City:
    """Load the demo city."""
    async with open_city(settings) as (_, city):
        return city


def main() -> None:
    """Read the options, load the city, measure what is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", action="store_true", help="measure the open part only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jieying-bench-") as name:
        city = asyncio.run(load(prepare_city(Path(name), 0)))
        parts = ["messages.csv"] if options.open else ["messages.csv", "sealed.csv", "sealed_second.csv"]
        columns = {part.removesuffix(".csv"): measure_corpus(city, part) for part in parts}
        for part in parts[1:]:
            columns[f"{part.removesuffix('.csv')}, first labels"] = measure_corpus(city, part, voted=False)
        figures = [(figure, *(column[figure] for column in columns.values())) for figure in columns["messages"]]
        print_table(("figure", *columns), figures)
        print_table(("sentences", "right"), measure_phrases(city))
    if DATA.is_dir():
        print_table(("shared data", "figure"), measure_shared())
    else:
        print(f"{DATA} is not there: shared letters and phrases are not measured.")


if __name__ == "__main__":
    main()
