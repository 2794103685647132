"""The words of intents: a turn (one message with all that is known when it comes), cues that speak for an intent, an intent itself.

An intent is a value: its cues are weighed against those of all others by classify, its respond() asks for actions. It sees no database
and no channel, only the turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from intents import slots
from intents.danger import DangerReader, shipped_reader
from intents.home import find_home, leave_out
from intents.lexicon import compile_list, lexicon
from intents.state import ConversationState, DialogueSettings
from intents.tiers import CALM, Reading
from intents.times import find_time
from knowledge_base.match import Answered, NeedsChoice, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from intents.actions import Action, Draft, PlaceRef
    from intents.matters import Clause, Topic
    from knowledge_base.places import PlaceMention
    from knowledge_base.text import Utterance

Decision = Answered | NeedsChoice | NoAnswer
"""What the knowledge base says to the text."""

Kind = Literal["text", "image", "voice", "video", "location", "link", "event", "other"]

_OVER = frozenset({"closed", "withdrawn"})
_DONE = frozenset({"concluded", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """One of the resident's tickets as far as a conversation needs it. `ticket` is the number people read."""

    ticket: str
    title: str = ""
    status: str = ""
    unit_name: str = ""
    due_at: datetime | None = None
    opened_at: datetime | None = None
    public_place: str = ""
    awaiting_rating: bool = False
    area: str = ""
    last_event: str = ""
    closed_at: datetime | None = None
    confidential: bool = False
    rating_asked_at: datetime | None = None
    """When the resident was asked to rate; tells whether a bare number means the rating or a later question."""
    asks: str = ""
    """What was asked of its result last, and a bare number answers: result, solved, satisfied, contacted, part, after; "" for nothing.

    more: a unit asked for what it cannot go on without (待补充).
    """
    more_asked_at: datetime | None = None
    """When it did."""

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be urged, added to or withdrawn."""
        return self.status not in _OVER

    @property
    def is_done(self) -> bool:
        """Tell whether whoever had it said that it is done."""
        return self.status in _DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyQuestion:
    """A ticket that somebody else reported in this resident's name, and when the resident was asked what that person may see."""

    ticket: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentFacts:
    """What is known of the resident when the message comes; tickets newest first, open ones and those recently concluded."""

    tickets: tuple[TicketFacts, ...] = ()
    awaiting_rating: tuple[str, ...] = ()
    """Ticket numbers whose result the resident was asked about, the one asked last first."""
    alarms: tuple[str, ...] = ()
    """Red tickets whose alarm rang this member of the staff and that nobody has taken up, the last one first."""
    proxies: tuple[ProxyQuestion, ...] = ()
    """What others reported for this resident and may be seen or not, newest first; answered ones are left out."""
    last_answer: str = ""
    home_areas: tuple[str, ...] = ()
    """Grids the resident belongs to: decides between places of the same name, is never itself the place of a matter."""
    known_place: PlaceRef | None = None
    """Where the matter lies by what was said before; scanned codes come as `Turn.scanned`."""
    last_turn_at: datetime | None = None
    seat: Literal["", "waiting", "claimed"] = ""
    """Whether this conversation waits for a person, or a person has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """回合: one message and all that is known when it comes; `now` is aware UTC. Everything is decided on this value."""

    utterance: Utterance
    now: datetime
    decision: Decision | None = None
    places: tuple[PlaceMention, ...] = ()
    scope: Literal["person", "group"] = "person"
    addressed: bool = True
    role: Literal["resident", "grid_worker"] = "resident"
    kind: Kind = "text"
    media: int = 0
    point: PlaceRef | None = None
    """The place of a location message."""
    scanned: PlaceRef | None = None
    """Where the code hangs that this message came through, or whose scan it is."""
    event: str = ""
    event_key: str = ""
    facts: ResidentFacts = field(default_factory=ResidentFacts)
    state: ConversationState = field(default_factory=ConversationState)
    reading: Reading = CALM
    chosen: str = ""
    """The ticket the resident picked when asked which one is meant."""
    clauses: tuple[Clause, ...] = ()
    """The message cut into clauses with what each may be about; () where there is only one."""
    topics: tuple[Topic, ...] = ()
    """What the message as a whole may be about; read only of what may be a piece of the last one."""
    last_topics: tuple[Topic, ...] = ()
    """The same of the last message's matter."""
    corrected: PlaceRef | None = None
    """The place that a correction leads to, read in the city's gazetteer."""
    look_up: Callable[[str], Decision] | None = None
    """Asks the knowledge base about a part of the message; None where it cannot be asked."""
    danger: DangerReader = field(default_factory=shipped_reader)
    """Reads danger as the city wants it: parts of a message are read again."""
    flooding: bool = False
    """Whether the speaker has written more within a minute than anyone can read."""
    copied: str = ""
    """The ticket that the same words in the same group became minutes ago; "" if there is none."""
    settings: DialogueSettings = field(default_factory=DialogueSettings)

    @property
    def text(self) -> str:
        """The normal form of what was written."""
        return self.utterance.text

    @property
    def open_tickets(self) -> tuple[TicketFacts, ...]:
        """The resident's tickets that are still open, newest first."""
        return tuple(ticket for ticket in self.facts.tickets if ticket.is_open)

    def list_tickets(self, *, finished: bool = False) -> tuple[TicketFacts, ...]:
        """List the tickets that may be meant, as they are shown when we ask which one: the open ones, with `finished` those that are over too."""
        return tuple(ticket for ticket in self.facts.tickets if ticket.is_open or (finished and ticket.is_done))

    @property
    def asks(self) -> bool:
        """Whether it is put as a question."""
        return bool(lexicon("question").first(self.text))

    def recent_ticket(self) -> TicketFacts | None:
        """Give the open ticket that a message without words of its own belongs to, if one was opened minutes ago."""
        since = self.now - timedelta(minutes=self.settings.recent_minutes)
        return next((t for t in self.open_tickets if t.opened_at is not None and t.opened_at >= since), None)

    def list_asked(self) -> tuple[TicketFacts, ...]:
        """List the tickets of which a unit asked for more and that still wait for it, the one asked last first."""
        since = self.now - timedelta(days=self.settings.supplement_days)
        asked = [(ticket.more_asked_at, ticket) for ticket in self.open_tickets if ticket.asks == "more"]
        fresh = [(at, ticket) for at, ticket in asked if at is not None and at >= since]
        return tuple(ticket for _, ticket in sorted(fresh, key=lambda pair: pair[0], reverse=True))

    def commands(self, intent: str) -> bool:
        """Tell whether a text is a command and the number of one's own ticket, nothing else (撤回20261123-0002): that is never guessed at."""
        number = next((ticket.ticket for ticket in self.facts.tickets if ticket.ticket in self.text), "")
        rest = self.text.replace(number, "") if number else ""
        return bool(rest) and bool(lexicon(f"commands.{intent}").first(rest))

    def named_ticket(self) -> str:
        """Give the ticket that is meant beyond doubt: picked, named by its number, or the only open one; "" otherwise."""
        if self.chosen:
            return self.chosen
        numbers = [ticket.ticket for ticket in self.facts.tickets if ticket.ticket in self.text]
        if numbers:
            return numbers[0]
        if listed := slots.find_listed(self.text, self.state.listed):
            return listed
        tickets = self.open_tickets
        if len(tickets) == 1:
            return tickets[0].ticket
        last = self.state.last
        if last is not None and len(last.tickets) == 1 and lexicon("referring.just_now").first(self.text):
            return last.tickets[0]
        return ""

    def written_place(self) -> PlaceRef | None:
        """Give the place that came with this message, as a location or in words."""
        places = leave_out(find_home(self.text, self.places), self.places)
        return self.point or slots.find_place(places, home_areas=self.facts.home_areas)

    def place(self) -> PlaceRef | None:
        """Give the place of the matter: the one that came with it, else one that was sent or scanned shortly before."""
        code, remembered = self.code(), self.state.remembered_place(self.now)
        sent = remembered if remembered is not None and not remembered.scanned else None
        return self.written_place() or sent or self.facts.known_place or (code if code and code.scanned != "worker" else None)

    def code(self) -> PlaceRef | None:
        """Give where the code hangs through which the writer came: with this message, or shortly before it."""
        remembered = self.state.remembered_place(self.now)
        return self.scanned or (remembered if remembered is not None and remembered.scanned else None)

    def is_missing(self, slot: str) -> bool:
        """Tell whether the message leaves open where (`place`), when (`time`), whom to call (`phone`) or what (`matter`)."""
        match slot:
            case "place":
                return self.place() is None
            case "time":
                return not find_time(self.text)
            case "phone":
                return not slots.find_phone(self.text)
            case "ticket":
                return not self.named_ticket()
            case _:
                return not slots.has_matter(self.text, self.places)

    def has_asked(self, slot: str) -> bool:
        """Tell whether we asked for this already; nothing is asked twice."""
        return slot in self.state.asked

    def expects(self) -> Literal["", "rating", "feedback"]:
        """Say what a bare number would answer: the last thing that was asked, if anything."""
        asked_at = self.state.asked_at
        is_fresh = asked_at is not None and self.now < asked_at + timedelta(minutes=self.settings.feedback_minutes)
        feedback = bool(self.last_answer) and is_fresh
        if not self.facts.awaiting_rating:
            return "feedback" if feedback else ""
        return "feedback" if feedback and not self.rating_came_last() else "rating"

    def expects_allowance(self) -> bool:
        """Tell whether the last thing asked was what somebody may see who reported in this resident's name."""
        if not self.facts.proxies:
            return False
        asked_at = self.facts.proxies[0].asked_at
        rated = [ticket.rating_asked_at for ticket in self.facts.tickets if ticket.ticket in self.facts.awaiting_rating]
        others = [*(moment for moment in rated if moment is not None), *([self.state.asked_at] if self.state.asked_at else [])]
        return all(asked_at >= moment for moment in others)

    def rating_came_last(self) -> bool:
        """Tell whether the resident was asked to rate after anything else was asked in this conversation."""
        asked = [ticket.rating_asked_at for ticket in self.facts.tickets if ticket.ticket in self.facts.awaiting_rating]
        latest = max((moment for moment in asked if moment is not None), default=None)
        return latest is not None and (self.state.asked_at is None or latest > self.state.asked_at)

    @property
    def last_answer(self) -> str:
        """The entry that was answered last, in this conversation or else in another one."""
        return self.state.last_answer or self.facts.last_answer

    def draft(self, *, reason: str = "", asks: bool = False) -> Draft:
        """Put together what is understood of the matter; `asks` makes it a question, `reason` sends it to the desk."""
        draft = slots.read_draft(
            self.utterance, place=self.place(), media=self.media, reading=self.reading, reason=reason, asks=asks
        )
        home = find_home(self.text, self.places)
        return msgspec.structs.replace(draft, home=home.text if home else "", by_code=self.code() is not None)


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that speaks for an intent: reads a turn, returns what it found ("" for nothing), weighs `weight`."""

    name: str
    weight: float
    read: Callable[[Turn], str]

    @classmethod
    def lexicon(cls, name: str, weight: float = 1.0, *, within: int = 0) -> Cue:
        """Speak when a word of the list occurs; `within`: only in texts up to so many characters (0 = any)."""
        words = lexicon(name)
        return cls(name, weight, lambda turn: words.first(turn.text) if not within or len(turn.text) <= within else "")

    @classmethod
    def pattern(cls, pattern: str, weight: float = 1.0, *, within: int = 0) -> Cue:
        """Speak when the regular expression is found; `within` as above."""
        words = compile_list({"patterns": [pattern]})
        return cls("pattern", weight, lambda turn: words.first(turn.text) if not within or len(turn.text) <= within else "")

    @classmethod
    def fact(cls, name: str, weight: float, holds: Callable[[Turn], bool]) -> Cue:
        """Speak when something is so, whatever the words are."""
        return cls(name, weight, lambda turn: "yes" if holds(turn) else "")


@dataclass(frozen=True, slots=True)
class Slot:
    """要素: something a matter is asked for once if it is missing."""

    name: Literal["place", "time", "phone", "matter", "ticket"]
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentSpec:
    """意图: what speaks for it, what it needs, how residents say it, and what it asks for."""

    code: str
    title: str
    cues: tuple[Cue, ...]
    examples: tuple[str, ...]
    respond: Callable[[Turn], list[Action]]
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """判定: the intent that won, by how much, why (cue=what it found), and the one that came next."""

    code: str
    score: float
    why: tuple[str, ...]
    runner_up: str = ""
    margin: float = 0.0
