"""What a resident says of results, read from words and numbers: contacted, solved, satisfied, each by itself, and of which of their matters.

A number answers what was asked last of that matter; words say which answer they are. What is not said stays unsaid.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from intents.actions import RateTicket
from intents.lexicon import lexicon
from intents.open_question import goes_on, is_nod, is_other_matter
from knowledge_base.match import Answered
from knowledge_base.text import normalize

if TYPE_CHECKING:
    from intents.spec import TicketFacts, Turn

SHORT = 80
"""A longer text tells a story; it is no answer to a question of one line."""
_NUMBER = re.compile(r"^(?:我?选|回复?)?([123])(?=$|[。.、,，!！;；~ ])")
_CLAUSE = re.compile(r"[^，,。！!？?；;\n]+")
_BY_NUMBER: dict[str, tuple[str, tuple[str, ...]]] = {
    "result": ("solved", ("yes", "partly", "no")),
    "solved": ("solved", ("yes", "partly", "no")),
    "part": ("solved", ("yes", "partly", "no")),
    "satisfied": ("satisfied", ("yes", "basic", "no")),
    "contacted": ("contacted", ("yes", "no")),
}
"""By what was asked: which answer a bare number gives."""
_WORDS: dict[str, tuple[str, ...]] = {
    "contacted": ("no", "yes"),
    "solved": ("no", "partly", "yes"),
    "satisfied": ("no", "basic", "yes"),
}
"""In the order in which they are looked for: 没解决 contains 解决, 不满意 contains 满意."""


def read_number(text: str) -> int:
    """Read the number a rating begins with (1, 选2, 3，还是不亮), 0 if it begins with none."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else 0


def read_rating(text: str, ticket: TicketFacts) -> RateTicket:
    """Read what a text says of a ticket's result; empty answers where it says nothing."""
    said: dict[str, str] = {}
    number = read_number(text)
    if number and ticket.asks in _BY_NUMBER:
        question, answers = _BY_NUMBER[ticket.asks]
        said |= {question: answers[number - 1]} if number <= len(answers) else {}
    for question, answers in _WORDS.items():
        found = next((answer for answer in answers if lexicon(f"ratings.{question}_{answer}").first(text)), "")
        said |= {question: found} if found else {}
    return msgspec.convert({"ticket": ticket.ticket} | said, RateTicket)


def says_something(rating: RateTicket) -> bool:
    """Tell whether a rating answers anything."""
    return bool(rating.contacted or rating.solved or rating.satisfied)


def list_ratings(turn: Turn) -> tuple[RateTicket, ...]:
    """Read what a turn says of the results that were asked about; of several matters each by its name, else of the one asked last.

    Words that say more than the answers are kept: as what is still open where it is partly solved.
    """
    awaiting = _list_awaiting(turn)
    if not awaiting or len(turn.text) > SHORT:
        return ()
    if len(awaiting) > 1 and lexicon("ratings.all").first(turn.text):
        parts = [(ticket, turn.text) for ticket in awaiting]
    else:
        parts = _part_by_matter(turn.text, awaiting)
    raw = turn.utterance.raw.strip()
    read = [_keep_words(read_rating(text, ticket), raw if text == turn.text else text) for ticket, text in parts]
    asking = bool(lexicon("ratings.asking").first(turn.text))
    ratings = [rating for rating in read if rating.satisfied or (says_something(rating) and not asking)]
    return tuple(msgspec.structs.replace(rating, more=at < len(ratings)) for at, rating in enumerate(ratings, start=1))


def read_part(turn: Turn) -> RateTicket | None:
    """Read a turn as what is still open of the result asked about last, if that was asked; None if it rather is something else."""
    awaiting = _list_awaiting(turn)
    if turn.scope == "group" or turn.expects() != "rating" or not awaiting or awaiting[0].asks != "part" or len(turn.text) > SHORT:
        return None
    if is_other_matter(turn.text, awaiting[0].title) or (turn.asks and isinstance(turn.decision, Answered)):
        return None
    rating = read_rating(turn.text, awaiting[0])
    if rating.solved in {"yes", "no"} or rating.satisfied == "no":
        return _keep_words(rating, turn.utterance.raw.strip())
    silent = goes_on(turn.text) or is_nod(turn.text) or _is_bare(turn.text)
    return msgspec.structs.replace(rating, solved="partly", part="" if silent else turn.utterance.raw.strip())


def read_after(turn: Turn, ticket: TicketFacts) -> bool | None:
    """Read whether what was mended is still well (True) or has come back (False); None if a turn says neither."""
    number = read_number(turn.text)
    if lexicon("ratings.again").first(turn.text):
        return False
    if lexicon("ratings.well").first(turn.text):
        return True
    return None if number not in {1, 2} or ticket.asks != "after" else number == 1


def find_asked_last(turn: Turn) -> TicketFacts | None:
    """Give the ticket whose result was asked about last; None if none was."""
    return next(iter(_list_awaiting(turn)), None)


def is_bare_number(text: str) -> bool:
    """Tell whether a text is a number and nothing else."""
    return bool(read_number(text)) and not re.search(r"\w", _NUMBER.sub("", text))


def _list_awaiting(turn: Turn) -> list[TicketFacts]:
    """List the tickets whose result was asked about, the one asked last first."""
    by_number = {ticket.ticket: ticket for ticket in turn.facts.tickets}
    found = [by_number[number] for number in turn.facts.awaiting_rating if number in by_number]
    return [ticket if ticket.asks else replace(ticket, asks="result") for ticket in found]


def _part_by_matter(text: str, awaiting: list[TicketFacts]) -> list[tuple[TicketFacts, str]]:
    """Give each matter that is named the clauses about it: from its name up to the next one's."""
    parts: dict[str, list[str]] = {}
    current = ""
    for clause in _CLAUSE.findall(text):
        current = _find_named(clause, awaiting) or current
        parts.setdefault(current, []).append(clause)
    if set(parts) <= {""} or len(awaiting) == 1:
        return [(awaiting[0], text)]
    first = next(name for name in parts if name)
    parts[first] = parts.pop("", []) + parts[first]
    if len(parts) == 1:
        return [(ticket, text) for ticket in awaiting if ticket.ticket == first]
    return [(ticket, "，".join(parts[ticket.ticket])) for ticket in awaiting if ticket.ticket in parts]


def _find_named(clause: str, awaiting: list[TicketFacts]) -> str:
    """Give the one ticket a clause names by its number or by a word of its title, "" if none or several."""
    by_number = [ticket.ticket for ticket in awaiting if ticket.ticket in clause]
    words = lexicon("matter").find(clause)
    named = by_number or [ticket.ticket for ticket in awaiting if any(word in ticket.title for word in words)]
    return named[0] if len(named) == 1 else ""


def _keep_words(rating: RateTicket, text: str) -> RateTicket:
    """Keep the words with a rating that has more than its answers to say."""
    if _is_bare(normalize(text)):
        return rating
    part = text if rating.solved == "partly" and rating.satisfied != "no" else ""
    return msgspec.structs.replace(rating, text=text, part=part)


def _is_bare(text: str) -> bool:
    """Tell whether a text says the answers and nothing else: no thing, no place, nothing that is wrong."""
    for name in (f"{question}_{answer}" for question, answers in _WORDS.items() for answer in answers):
        text = lexicon(f"ratings.{name}").blank(text)
    rest = lexicon("ratings.filling").blank(_NUMBER.sub("", text)).replace("·", "")
    return not re.search(r"\w", rest)
