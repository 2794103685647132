"""The city as the API sees it (console.surroundings.CityView): what the running service knows, and the texts of texts.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot import own_pages
from bot.channels.wechat_mp import NAME as WECHAT
from bot.effects.opening import make_report
from bot.grid_room import GridRoom
from bot.knowledge_room import KnowledgeRoom
from bot.refusals import explain_refusal
from bot.report_room import ReportRoom
from bot.seat_room import SeatRoom
from bot.system_room import SystemRoom
from bot.telling import Telling
from bot.texts import fill, load_texts
from bot.understanding import read_text
from bot.words_room import WordsRoom
from intents.actions import PlaceRef
from intents.slots import find_place, read_draft
from knowledge_base.places import hide
from knowledge_base.text import skim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.map_settings import MapSettings
    from console.pages.own_asked import Found, OwnAct, OwnDone
    from console.peers import ExchangeSettings
    from console.sign_in_settings import SignInSettings
    from knowledge_base.entry import Entry
    from knowledge_base.text import Utterance
    from residents.page_settings import PageSettings
    from routing.context import RoutingContext
    from routing.terms import Report


class CityView:
    """The city of the running service, as it is at each moment."""

    def __init__(self, city: City) -> None:
        self._city = city

    @property
    def zone(self) -> ZoneInfo:
        """The city's zone, for days."""
        return self._city.zone

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The published knowledge entries by code."""
        return self._city.matcher.entries

    @property
    def exchange(self) -> ExchangeSettings:
        """The systems beside ours."""
        return self._city.settings.exchange

    @property
    def service(self) -> str:
        """What the city calls this service."""
        return self._city.settings.city.service

    @property
    def public_url(self) -> str:
        """The address under which our pages are reached from outside."""
        return self._city.settings.server.public_url.rstrip("/")

    @property
    def sign_in(self) -> SignInSettings:
        """How the staff sign in."""
        return self._city.settings.sign_in

    @property
    def seats(self) -> SeatRoom:
        """Where residents find a person."""
        return SeatRoom(self._city)

    @property
    def grid(self) -> GridRoom:
        """The grid workers' own."""
        return GridRoom(self._city)

    @property
    def knowledge(self) -> KnowledgeRoom:
        """The knowledge base, for its editors."""
        return KnowledgeRoom(self._city)

    @property
    def words(self) -> WordsRoom:
        """The words of the city, for its editors."""
        return WordsRoom(self._city)

    @property
    def reports(self) -> ReportRoom:
        """The reports, for whoever answers for the work."""
        return ReportRoom(self._city)

    @property
    def system(self) -> SystemRoom:
        """The installation, for its operator."""
        return SystemRoom(self._city)

    @property
    def rehearsal(self) -> bool:
        """Whether units are told nothing yet."""
        return self._city.settings.server.rehearsal

    def say_word(self, key: str) -> str:
        """Give the word for a code."""
        return fill("cli", key)

    def knows_page(self, key: str) -> bool:
        """Tell whether there is such a sentence of the pages."""
        return key in load_texts()["pages"]

    def say_page(self, key: str, **facts: object) -> str:
        """Give a sentence of the pages, filled with facts."""
        return fill("pages", key, facts)

    def name_code(self, kind: str, code: str) -> str:
        """Name a code as people read it; the code itself where it has no name."""
        return load_texts()["names"].get(f"{kind}_{code}", code)

    def list_names(self, kind: str) -> Sequence[str]:
        """List the codes of a kind that have a name."""
        return [key.removeprefix(f"{kind}_") for key in load_texts()["names"] if key.startswith(f"{kind}_")]

    def context(self, *, now: datetime) -> RoutingContext:
        """Give routing what it acts with, and the way for its notices."""
        return self._city.routing_context(tell=Telling(self._city, now=now))

    def find_entries(self, text: str) -> Sequence[str]:
        """Find the entries that answer a question, best first, by code."""
        utterance = self._city.segmenter.read(text)
        return [match.code for match in self._city.matcher.match(utterance)] if utterance.text else []

    def read_report(self, text: str, *, place: str, area: str) -> tuple[Report, Utterance]:
        """Read what somebody files like any report. A place that is given goes before what the words say; else it is in `area`."""
        understood = read_text(self._city, text)
        home = (area,) if area else ()
        named = find_place(self._city.gazetteer.find(place), home_areas=home) if place else None
        found = named or (PlaceRef(text=place, public=place, areas=home) if place else None)
        known = self._city.org.areas.get(area)
        grid = PlaceRef(text=known.name, public=known.name, name=known.name, areas=(area,), kind="area") if known else None
        where = found or find_place(understood.places, home_areas=home) or grid
        if where is not None and not where.areas:
            where = msgspec.structs.replace(where, areas=home)
        draft = read_draft(understood.utterance, place=where, reading=understood.reading)
        report = make_report(draft, text=draft.text or text, said=text)
        return report, skim(hide(understood.utterance.text, understood.places))

    @property
    def chats_here(self) -> bool:
        """Whether residents can write on our own chat page."""
        web = self._city.settings.channels.get("web")
        return web is not None and web.enabled

    @property
    def pages(self) -> PageSettings:
        """How long browsers stay known, and how often one visitor is counted."""
        return self._city.settings.pages

    @property
    def maps(self) -> MapSettings:
        """What lies under the maps of pages, and how a place opens elsewhere."""
        return self._city.settings.maps

    @property
    def entrances(self) -> tuple[str, ...]:
        """How a browser can be let in as somebody who wrote elsewhere: `wechat`, and `code_<channel>`."""
        account = self._city.settings.channels.get(WECHAT)
        found = {
            "wechat": account is not None and bool(account.app_id and account.page_sign_in and self.public_url),
            f"code_{WECHAT}": account is not None and bool(account.app_id),
            "code_web": self.chats_here,
        }
        return tuple(name for name, is_there in found.items() if is_there)

    @property
    def publishes_from(self) -> int:
        """Of how many residents' matter at least something may be published; 0 where the city publishes nothing."""
        settings = self._city.settings.open311
        return settings.min_requesters if settings.enabled else 0

    def describe_keeping(self) -> Mapping[str, Any]:
        """Say who handles what residents write, and for how many days it is kept."""
        return self._city.describe_keeping()

    def find_answer(self, question: str, *, area: str, now: datetime) -> Found:
        """Find which entries answer a question, as surely as the dialogue does."""
        return own_pages.find_answer(self._city, question, area=area, now=now)

    def carry_out(self, session: Session, asked: OwnAct, *, resident_id: int, now: datetime) -> OwnDone:
        """Carry out what a resident asks for on a page, as the dialogue does."""
        return own_pages.carry_out(session, self._city, asked, resident_id=resident_id, now=now)

    def say_status(self, status: str) -> str:
        """Say how far a matter is, as residents read it."""
        return own_pages.say_status(status)

    def say_event(self, act: str, unit: str) -> str:
        """Say what happened to a matter; "" for what a resident need not know."""
        return own_pages.say_event(act, unit)

    def explain(self, line: str) -> str:
        """Say a kept reason in words."""
        return self._city.words.explain(line)

    def refusal(self, error: BaseException) -> str | None:
        """Say in one sentence what was refused and what to do; None for a fault of the program."""
        return explain_refusal(error)

    def say(self, key: str, **facts: object) -> str:
        """Give a text of the API, filled with facts."""
        return fill("api", key, facts)

    def say_figure(self, key: str) -> str:
        """Give a word of the reports."""
        return fill("report", key)
