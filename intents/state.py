"""What a conversation remembers between two messages: kept as JSON beside the resident, never longer than it is needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from intents.actions import Draft, PlaceRef  # noqa: TC001 - msgspec reads the annotations
from intents.danger import DangerSettings
from intents.matters import MatterSettings


class DialogueSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long things stay open, in minutes. Each is a habit of people, so each city may set its own."""

    question_minutes: int = 30
    """A draft whose question stays unanswered this long becomes a ticket without it (the issue's 30 minutes)."""
    choice_minutes: int = 30
    """A number picks one of the offered entries this long; later it is a new message."""
    feedback_minutes: int = 1440
    """有用/没用 is about the last answer for a day: people come back from the counter and say so."""
    recent_minutes: int = 10
    """Pictures and places without words belong to a ticket opened within these minutes."""
    place_minutes: int = 30
    """A location that was sent without words, or a code that was scanned, is the place of what is reported within these minutes."""
    piece_seconds: int = 60
    """Who writes again this soon goes on with the sentence, unless it tells of something else: people send a story in pieces."""
    supplement_days: int = 7
    """What a unit asked for is still waited for so long in the conversation; the matter itself goes on earlier."""
    returns_days: int = 90
    """又坏了 comes back to a matter that was finished within these days: the warranty of a small repair."""
    answer_characters: int = 320
    """A longer answer of the knowledge base is given in its first sentences, the rest on 更多: what a telephone shows without scrolling."""
    flood_per_minute: int = 20
    """Beyond this a resident's messages of one minute are put together: who tells a story in pieces sends five to eight a minute."""
    flood_seconds: int = 20
    """A flood is over when nothing has come for this long; then what was put together is added to the matter."""
    copy_minutes: int = 60
    """The same words in the same group within this time are one matter of several people."""

    matters: MatterSettings = MatterSettings()
    """When one message tells of several matters."""
    danger: DangerSettings = DangerSettings()
    """How sure the learned models must be to overrule the word lists of danger."""


class Choice(msgspec.Struct, frozen=True):
    """One entry that was offered, with its question, so that it can be picked by words as well as by number."""

    entry: str
    question: str


class LastTurn(msgspec.Struct, frozen=True, kw_only=True):
    """What the last message was: a piece that follows within seconds belongs to it."""

    at: datetime
    text: str = ""
    """Its words, kept only where nothing came of them yet."""
    tickets: tuple[str, ...] = ()
    """The tickets it opened or joined."""
    place: PlaceRef | None = None
    messages: tuple[int, ...] = ()
    """The rows of the messages its words came in; noted by whoever keeps messages."""


class ConversationState(msgspec.Struct, frozen=True, kw_only=True):
    """The open question, the draft that waits for it, and what was said last. The default value is a new conversation."""

    scope: Literal["person", "group"] = "person"
    draft: Draft | None = None
    """What waits for an answer; None if nothing does."""
    more: tuple[Draft, ...] = ()
    """Further matters of the same message that wait for the same answer."""
    numbers: tuple[int, ...] = ()
    """The numbers these matters have in their message, the draft's first; () if it told of one."""
    slot: str = ""
    """What the open question asks for."""
    intent: str = ""
    """The intent that asked."""
    asked: tuple[str, ...] = ()
    """What was asked about this draft already; nothing is asked twice."""
    tickets: tuple[str, ...] = ()
    """The tickets that were listed when `slot` is "ticket", in that order."""
    choices: tuple[Choice, ...] = ()
    last_answer: str = ""
    """Code of the entry that was answered last."""
    last_question: str = ""
    """The question it answered, or that the choices are about."""
    asked_at: datetime | None = None
    """When we last asked something: for a slot, for a choice, or whether an answer was useful."""
    open_until: datetime | None = None
    """When the open question's time is over; None if nothing is open."""
    listed: tuple[str, ...] = ()
    """The tickets of the last numbered list that was shown: 第2件 is one of them."""
    last: LastTurn | None = None
    place: PlaceRef | None = None
    """A location that came without words, or where a code was scanned."""
    place_until: datetime | None = None
    confirming: Literal["", "erase_me"] = ""
    """What a yes would confirm."""
    lines: tuple[int, ...] = ()
    """The rows of further messages whose words stand in what waits, besides the one that was asked about."""

    def remembered_place(self, now: datetime) -> PlaceRef | None:
        """Give the place that was sent or scanned, for as long as it counts."""
        return self.place if self.place_until is not None and now < self.place_until else None

    def is_over(self, now: datetime) -> bool:
        """Tell whether the open question's time has passed."""
        return self.open_until is not None and now >= self.open_until

    def settled(self) -> ConversationState:
        """Give the state without any open question; what was answered and where stays known."""
        return msgspec.structs.replace(
            self,
            draft=None,
            more=(),
            numbers=(),
            slot="",
            intent="",
            asked=(),
            tickets=(),
            choices=(),
            open_until=None,
            confirming="",
            lines=(),
        )

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Everything that waits for the answer to the open question."""
        return () if self.draft is None else (self.draft, *self.more)

    def waiting_for(self, drafts: tuple[Draft, ...]) -> ConversationState:
        """Give the state with these drafts waiting instead; with none the question is settled."""
        if not drafts:
            return self.settled()
        return msgspec.structs.replace(self, draft=drafts[0], more=drafts[1:])

    def reopening(self, asking: ConversationState) -> ConversationState:
        """Give this state with another one's question still open."""
        return msgspec.structs.replace(
            self,
            draft=asking.draft,
            more=asking.more,
            numbers=asking.numbers,
            slot=asking.slot,
            intent=asking.intent,
            asked=asking.asked,
            tickets=asking.tickets,
            open_until=asking.open_until,
        )

    def offering(self, choices: tuple[Choice, ...], question: str, *, now: datetime, minutes: int) -> ConversationState:
        """Give the state in which one of these may be picked."""
        return msgspec.structs.replace(
            self.settled(), choices=choices, last_question=question, asked_at=now, open_until=now + timedelta(minutes=minutes)
        )
