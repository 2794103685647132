"""What the API needs of the city around it, handed in by whoever runs it: the house's bot above, a made-up town in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from console.grid_port import GridRoom
    from console.knowledge_port import KnowledgeRoom
    from console.map_settings import MapSettings
    from console.pages.own_asked import Found, OwnAct, OwnDone
    from console.peers import ExchangeSettings
    from console.report_port import ReportRoom
    from console.seat_port import SeatRoom
    from console.sign_in_settings import SignInSettings
    from console.system_port import SystemRoom
    from console.words_port import WordsRoom
    from knowledge_base.entry import Entry
    from knowledge_base.text import Utterance
    from residents.page_settings import PageSettings
    from routing.context import RoutingContext
    from routing.terms import Report


class CityView(Protocol):
    """The city as it is at this moment."""

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone, for days."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The published knowledge entries by code."""

    @property
    def exchange(self) -> ExchangeSettings:
        """The systems beside ours."""

    @property
    def service(self) -> str:
        """What the city calls this service."""

    @property
    def public_url(self) -> str:
        """The address under which these pages are reached from outside, without a slash at its end; "" where it is not set."""

    @property
    def sign_in(self) -> SignInSettings:
        """How the staff sign in."""

    @property
    def seats(self) -> SeatRoom:
        """Where residents find a person."""

    @property
    def grid(self) -> GridRoom:
        """The grid workers' own: drafts from their groups, what they find."""

    @property
    def knowledge(self) -> KnowledgeRoom:
        """The knowledge base, for its editors."""

    @property
    def words(self) -> WordsRoom:
        """The words of the city, for its editors."""

    @property
    def reports(self) -> ReportRoom:
        """The reports, for whoever answers for the work."""

    @property
    def system(self) -> SystemRoom:
        """The installation, for its operator."""

    @property
    def rehearsal(self) -> bool:
        """Whether units are told nothing yet."""

    def say_word(self, key: str) -> str:
        """Give the word for a code: status_<status>, act_<act>, kind_<kind>, …"""

    def knows_page(self, key: str) -> bool:
        """Tell whether there is such a sentence of the pages."""

    def say_page(self, key: str, **facts: object) -> str:
        """Give a sentence of the pages, filled with facts."""

    def name_code(self, kind: str, code: str) -> str:
        """Name a code as people read it, by its kind (channel, audience, notice, audit, …); the code itself where it has no name."""

    def list_names(self, kind: str) -> Sequence[str]:
        """List the codes of a kind that have a name."""

    def context(self, *, now: datetime) -> RoutingContext:
        """Give routing what it acts with, and the way for its notices."""

    def find_entries(self, text: str) -> Sequence[str]:
        """Find the entries that answer a question, best first, by code."""

    def read_report(self, text: str, *, place: str, area: str) -> tuple[Report, Utterance]:
        """Read what somebody files like any report: its place, its danger. Where no place is known it is in `area`, if one is given."""

    @property
    def chats_here(self) -> bool:
        """Whether residents can write on our own chat page."""

    @property
    def pages(self) -> PageSettings:
        """How long browsers stay known, and how often one visitor is counted."""

    @property
    def maps(self) -> MapSettings:
        """What lies under the maps of pages, and how a place opens elsewhere."""

    @property
    def entrances(self) -> tuple[str, ...]:
        """How a browser can be let in as somebody who wrote elsewhere: `wechat`, and `code_<channel>` by a talk there."""

    @property
    def publishes_from(self) -> int:
        """Of how many residents' matter at least something may be published; 0 where the city publishes nothing."""

    def describe_keeping(self) -> Mapping[str, Any]:
        """Say who handles what residents write (`handler`, `contact`), and for how many days it is kept (`message_days`, `ticket_days`)."""

    def find_answer(self, question: str, *, area: str, now: datetime) -> Found:
        """Find which entries answer a question, as surely as the dialogue does; `area` is where the resident lives, "" if nobody knows."""

    def carry_out(self, session: Session, asked: OwnAct, *, resident_id: int, now: datetime) -> OwnDone:
        """Carry out what a resident asks for on a page, as the dialogue does; NoTicket for somebody who never wrote to us."""

    def say_status(self, status: str) -> str:
        """Say how far a matter is, as residents read it."""

    def say_event(self, act: str, unit: str) -> str:
        """Say what happened to a matter, without its moment; "" for what a resident need not know."""

    def explain(self, line: str) -> str:
        """Say a kept reason (routing.why) in words."""

    def refusal(self, error: BaseException) -> str | None:
        """Say in one sentence what was refused and what to do; None for a fault of the program."""

    def say(self, key: str, **facts: object) -> str:
        """Give a text of the API, filled with facts."""

    def say_figure(self, key: str) -> str:
        """Give a word of the reports: name_<code>, formula_<code>, excluded_<why>."""
