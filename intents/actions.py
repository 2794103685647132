"""The closed union of what an intent may ask for, and what became of it. bot/effects carries each one out.

An intent never touches a ticket or a database: it asks, effects perform, and dialogue.settle turns the outcomes into words.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

RequestKind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
"""咨询 求助 投诉 举报 建议 表扬 (glossary)."""

Rating = Literal["satisfied", "partly", "unsatisfied", "unsolved"]
"""满意 / 部分解决 / 不满意 / 未解决: the last three send the ticket back."""


class PlaceRef(msgspec.Struct, frozen=True, kw_only=True):
    """A place as the resident gave it: the words, and the area codes (grids) they may mean. One area = resolved."""

    text: str
    public: str = ""
    """The same without anything below the building: what others may see."""
    areas: tuple[str, ...] = ()
    name: str = ""
    kind: str = ""
    property_unit: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What an intent understood of a matter, before routing has seen it."""

    text: str
    kind: RequestKind = "help"
    place: PlaceRef | None = None
    time: str = ""
    phone: str = ""
    media: int = 0
    tier: Literal["red", "orange", "none"] = "none"
    hazard: str = ""
    """The emergency's kind (fire, gas, …) when the tier is red or orange."""
    confidential: bool = False
    about: tuple[str, ...] = ()
    """Words that name whom the matter is about (a unit, a worker, a company), for the conflict-of-interest rule."""
    reason: str = ""
    """Why it goes to the desk, when the intent already knows (asked_person, no_place, voice_only, unhelpful_answer …)."""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """Give a knowledge entry's answer."""

    entry: str


class OfferChoice(msgspec.Struct, frozen=True, tag=True):
    """Ask which of up to three entries is meant."""

    entries: tuple[str, ...]


class AskSlot(msgspec.Struct, frozen=True, tag=True):
    """Ask once for something that is missing; the draft waits in the conversation's state."""

    slot: Literal["place", "time", "phone", "matter", "ticket"]
    draft: Draft


class OpenTicket(msgspec.Struct, frozen=True, tag=True):
    """Open a ticket (or join a neighbour's)."""

    draft: Draft


class CallBack(msgspec.Struct, frozen=True, tag=True):
    """Open a call-back ticket at the desk: the resident wants a person."""

    draft: Draft


class RaiseEmergency(msgspec.Struct, frozen=True, tag=True):
    """Give the numbers at once, alert the roster until acknowledged, open an urgent ticket."""

    draft: Draft


class ShowProgress(msgspec.Struct, frozen=True, tag=True):
    """Tell who has it, by when, what happened: of one ticket, or of the resident's open ones."""

    ticket: str = ""


class Urge(msgspec.Struct, frozen=True, tag=True):
    """催办: remind the unit."""

    ticket: str
    text: str = ""


class AddToTicket(msgspec.Struct, frozen=True, tag=True):
    """Attach words, a place or pictures to an open ticket of this resident."""

    ticket: str
    text: str
    place: PlaceRef | None = None
    media: int = 0


class RateTicket(msgspec.Struct, frozen=True, tag=True):
    """评价: what the resident says of the result; anything but satisfied goes back by itself."""

    ticket: str
    rating: Rating
    text: str = ""


class WithdrawTicket(msgspec.Struct, frozen=True, tag=True):
    """撤回: the resident takes the matter back."""

    ticket: str


class EntryFeedback(msgspec.Struct, frozen=True, tag=True):
    """有用 / 没用 on the last answer."""

    entry: str
    useful: bool


class RecordMiss(msgspec.Struct, frozen=True, tag=True):
    """Keep a question that no entry answers, for the editors (masked)."""

    question: str


class Tell(msgspec.Struct, frozen=True, tag=True):
    """Say one of the texts of texts.toml; nothing else happens."""

    text: str
    facts: dict[str, Any] = {}


class Stay(msgspec.Struct, frozen=True, tag=True):
    """Say nothing."""


Action = (
    Answer | OfferChoice | AskSlot | OpenTicket | CallBack | RaiseEmergency | ShowProgress | Urge | AddToTicket
    | RateTicket | WithdrawTicket | EntryFeedback | RecordMiss | Tell | Stay
)  # fmt: skip

OutcomeName = Literal[
    "answered", "choice", "asked", "ticket", "joined", "to_desk", "emergency", "told", "ignored", "quarantined"
]  # fmt: skip


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one action: its name, the ticket it touched, and the texts to say with their facts."""

    name: OutcomeName
    says: tuple[Tell, ...] = ()
    ticket: str = ""
    entry: str = ""
