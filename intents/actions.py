"""The closed union of what an intent may ask for, and what became of it. bot/effects carries each one out.

An intent never touches a ticket or a database: it asks, effects perform, and dialogue.settle turns the outcomes into words.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

RequestKind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
"""咨询 求助 投诉 举报 建议 表扬 (glossary)."""

RequesterKind = Literal["resident", "merchant", "company", "property", "unit"]
"""居民 商户 企业 物业 单位: who speaks."""


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
    scanned: Literal["", "door", "building", "worker"] = ""
    """The kind of the code it was scanned from; a worker's card says no more than the grid."""


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
    home: str = ""
    """Where the writer lives, as far as they say so (我住3号楼501): never the place of the matter unless there is no other."""
    about: tuple[str, ...] = ()
    """Words that name whom the matter is about (a unit, a worker, a company), for the conflict-of-interest rule."""
    reason: str = ""
    """Why it goes to the desk, when the intent already knows (asked_person, no_place, voice_only, unhelpful_answer …)."""
    follows: str = ""
    """The ticket of the resident's own that this comes back to (又坏了)."""
    topic: str = ""
    """What it is about where the words alone do not say it: the title of the ticket it follows. Read by triage only."""
    behalf: str = ""
    """For whom it is reported, in the writer's words (我妈, 隔壁张奶奶); "" for the writer's own matter."""
    behalf_phone: str = ""
    """The number of the person it is reported for, where the writer gave it."""
    reporter_staff: str = ""
    """The grid worker (staff code) who files it, where it is not the resident's own report."""
    requester: RequesterKind | Literal[""] = ""
    """Whether a shop, a company, a property company or a unit speaks, where the words say so."""
    by_code: bool = False
    """The writer came by scanning a code, wherever the matter lies."""


class Answer(msgspec.Struct, frozen=True, tag=True):
    """Give a knowledge entry's answer: the part that answers, or all of it (`full`) where the resident asked for more."""

    entry: str
    full: bool = False
    picked_for: str = ""
    """The question for which the resident picked it out of a choice."""
    asked: str = ""
    """The words that asked, where the message tells of other matters too; "" if all of it asked."""


class OfferChoice(msgspec.Struct, frozen=True, tag=True):
    """Ask which of up to three entries is meant."""

    entries: tuple[str, ...]


class AskSlot(msgspec.Struct, frozen=True, tag=True):
    """Ask once for something that is missing; the draft waits in the conversation's state."""

    slot: Literal["place", "time", "phone", "matter", "ticket"]
    draft: Draft
    more: tuple[Draft, ...] = ()
    """Further matters of the same message that lack the same."""
    numbers: tuple[int, ...] = ()
    """Which of the matters of the message are asked about, counted from 1; () if it told of one."""
    finished: bool = False
    """Whether tickets that are over are listed too, when `slot` is "ticket": one of them may be what came back."""
    among: tuple[str, ...] = ()
    """The only tickets that may be meant, when `slot` is "ticket"; () for all."""


class OpenTicket(msgspec.Struct, frozen=True, tag=True):
    """Open a ticket (or join a neighbour's)."""

    draft: Draft


class OpenMatters(msgspec.Struct, frozen=True, tag=True):
    """Open one ticket for each of several matters that one message told of, and say so in one list."""

    drafts: tuple[Draft, ...]
    numbers: tuple[int, ...]
    """Their numbers in the message: what is still asked about keeps its own."""


class CallBack(msgspec.Struct, frozen=True, tag=True):
    """Open a call-back ticket at the desk: the resident wants a person."""

    draft: Draft


class SeekPerson(msgspec.Struct, frozen=True, tag=True):
    """转人工: join the queue of the desk on duty; a call-back where nobody is."""

    draft: Draft


class PassToSeat(msgspec.Struct, frozen=True, tag=True):
    """Leave a message to the person who has the conversation, or is waited for; the bot has no part in it."""

    asks: bool = False
    """Whether the resident asks how long it takes."""
    quiet: bool = False
    """Whether something else is said already."""


class LeaveSeat(msgspec.Struct, frozen=True, tag=True):
    """The resident no longer wants to wait for a person or to talk to one; `call_back`: somebody is to call instead."""

    call_back: bool = False


class GatherMessage(msgspec.Struct, frozen=True, tag=True):
    """Keep a message of somebody who writes faster than anyone reads: they are put together and added to their matter in one piece."""


class JoinCopied(msgspec.Struct, frozen=True, tag=True):
    """Count somebody who wrote the same words in the same group as one more person of that ticket."""

    ticket: str


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


class CorrectTicket(msgspec.Struct, frozen=True, tag=True):
    """改口: replace the place of a ticket (`place`), or add what it is really about; whoever has it is told."""

    ticket: str
    text: str
    meant: str = ""
    """What is right, of these words."""
    place: PlaceRef | None = None


class AllowProxy(msgspec.Struct, frozen=True, tag=True):
    """同意与否: the person a matter was reported for says what the reporter may see of it."""

    ticket: str
    allowed: Literal["all", "status", "none"]


class RateTicket(msgspec.Struct, frozen=True, tag=True):
    """评价: what somebody says of a result: 是否联系、是否解决、是否满意, each "" if it was not said; `part` is what is still open."""

    ticket: str
    contacted: Literal["", "yes", "no"] = ""
    solved: Literal["", "yes", "partly", "no"] = ""
    satisfied: Literal["", "yes", "basic", "no"] = ""
    text: str = ""
    part: str = ""
    more: bool = False
    """Whether the same message rates another result too."""


class AnswerAfter(msgspec.Struct, frozen=True, tag=True):
    """回访: what was mended some time ago is still well, or has come back."""

    ticket: str
    well: bool


class AcknowledgeAlarm(msgspec.Struct, frozen=True, tag=True):
    """收到: a member of the staff who was rung takes up a red alarm."""

    ticket: str


class WithdrawTicket(msgspec.Struct, frozen=True, tag=True):
    """撤回: the resident takes the matter back."""

    ticket: str


class EntryFeedback(msgspec.Struct, frozen=True, tag=True):
    """有用 / 没用 on the last answer, and the question that was answered, where it is still known."""

    entry: str
    useful: bool
    question: str = ""


class RecordMiss(msgspec.Struct, frozen=True, tag=True):
    """Keep a question that no entry answers, for the editors (masked)."""

    question: str


class ShowMyData(msgspec.Struct, frozen=True, tag=True):
    """我的信息: say what is kept of this resident."""


class EraseMe(msgspec.Struct, frozen=True, tag=True):
    """删除我的信息: ask once whether that is meant (`confirmed` False), then erase."""

    confirmed: bool


class StopNotices(msgspec.Struct, frozen=True, tag=True):
    """停止通知 / 恢复通知: whether broadcasts come; what becomes of own matters is always told."""

    on: bool
    """True: stop them."""


class EnterPages(msgspec.Struct, frozen=True, tag=True):
    """网页验证码: give the code for the browser that shows this number; 0 where none was written."""

    number: int


class LeavePages(msgspec.Struct, frozen=True, tag=True):
    """退出网页: no browser is known as this resident any more."""


class ShowPreview(msgspec.Struct, frozen=True, tag=True):
    """别人会看到什么: show what those who handle a matter see of it; "" is the latest one."""

    ticket: str = ""


class ConfirmDraft(msgspec.Struct, frozen=True, tag=True):
    """建单: a grid worker says that a draft from the group is a matter; `receipt`: they also want the sentence to post there."""

    draft: int
    receipt: bool = False


class DropDraft(msgspec.Struct, frozen=True, tag=True):
    """不是: a grid worker says that a draft is none; its words are gone."""

    draft: int


class ShowDrafts(msgspec.Struct, frozen=True, tag=True):
    """Show a grid worker the drafts that wait for them; `unclear`: a bare number could have meant any of them."""

    unclear: bool = False


class TakePaste(msgspec.Struct, frozen=True, tag=True):
    """Read an excerpt of a group that a grid worker has pasted into the chat."""

    text: str


class CheckSummary(msgspec.Struct, frozen=True, tag=True):
    """改: the resident wants to talk about what others will read of a confidential matter before it leaves the desk."""

    ticket: str


class Tell(msgspec.Struct, frozen=True, tag=True):
    """Say one of the texts of texts.toml; nothing else happens."""

    text: str
    facts: dict[str, Any] = {}


class Stay(msgspec.Struct, frozen=True, tag=True):
    """Say nothing."""


Action = (
    Answer | OfferChoice | AskSlot | OpenTicket | CallBack | RaiseEmergency | ShowProgress | Urge | AddToTicket
    | RateTicket | WithdrawTicket | EntryFeedback | RecordMiss | Tell | Stay
    | OpenMatters | CorrectTicket | AllowProxy
    | AnswerAfter | AcknowledgeAlarm
    | CheckSummary | ShowMyData | EraseMe | StopNotices | ShowPreview
    | EnterPages | LeavePages
    | ConfirmDraft | DropDraft | ShowDrafts | TakePaste
    | SeekPerson | PassToSeat | LeaveSeat | GatherMessage | JoinCopied
)  # fmt: skip

OutcomeName = Literal[
    "answered", "choice", "asked", "ticket", "joined", "to_desk", "emergency", "told", "ignored", "quarantined"
]  # fmt: skip


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one action: its name, the ticket it touched, and the texts to say with their facts."""

    name: OutcomeName
    says: tuple[Tell, ...] = ()
    ticket: str = ""
    tickets: tuple[str, ...] = ()
    """All of them in the order of their numbers, where there are several."""
    entry: str = ""
