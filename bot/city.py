"""The city in memory: its words, places, entries, organisation and duty list, loaded from the database and kept in step with it.

Everything that understands a message reads from here, so handling one costs the database only what changes. Any process may change the city:
each counts its changes under one number, and the others reload when that number has moved.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from bot.replies import Words
from bot.texts import load_texts
from intents.danger import DangerReader
from intents.hazards import load_hazards
from knowledge_base import entries, own_words, word_rows
from knowledge_base.encoder import load_encoder
from knowledge_base.linear import load_model
from knowledge_base.matcher import Matcher
from knowledge_base.own_words import Renaming
from knowledge_base.places import Gazetteer
from knowledge_base.text import Segmenter
from routing import org_rows
from routing.context import RoutingContext
from routing.gist import GistReader
from routing.tables import EmergencyContact, GroupRow
from routing.trail_basis import make_basis
from routing.triage import Triage
from store import models
from store.counters import current_number, next_number

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.settings import Settings
    from knowledge_base.entry import Entry
    from knowledge_base.own_words import OwnWord
    from knowledge_base.places import PlaceRow
    from routing.calendar import Calendar
    from routing.duty_list import DutyList
    from routing.notices import Teller
    from routing.org import OrgChart
    from routing.trail_basis import Basis

CHANGES = "city"
"""The counter of changes to the organisation, places, duty list, calendar, groups and contacts."""

ROUTING = "routing"
"""The name of the city's own model of what is whose (store.models)."""


class CityRows(msgspec.Struct, frozen=True, kw_only=True):
    """What the database says of the city, at the change of this number or a later one."""

    number: int
    org: OrgChart
    places: tuple[PlaceRow, ...]
    words: list[OwnWord]
    words_edition: int
    duty_list: DutyList
    model: bytes | None
    calendar: Calendar
    groups: dict[str, GroupRow]
    contacts: dict[str, EmergencyContact]


class City:
    """What the running service knows. Its parts are replaced, never changed in place, except the index of entries and the reader of gists."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.zone = ZoneInfo(settings.city.zone)
        self.segmenter = Segmenter(settings.folder / "jieba")
        self.matcher = self.make_matcher()
        self.danger = DangerReader(load_hazards(settings.folder / "hazards.toml"), settings.conversation.danger)
        self.gists = GistReader()
        self.loaded = -1
        self.knowledge_seen = 0
        self.own_words: list[OwnWord] = []
        self.words_edition = 0
        self._taking = Lock()

    def make_matcher(self) -> Matcher:
        """Make what finds entries as the settings say, with the encoder or without; it has none yet."""
        return Matcher(self.settings.knowledge, load_encoder() if self.settings.knowledge.semantic else None)

    def find_channel(self, audience: str, target: str) -> str:
        """Name the road to a unit, a desk, who is on duty there, or the operator; "" where there is none.

        Units and desks are told by e-mail where they have an address; what has to be seen at once goes to the staff's group if there is one.
        """
        email = self.settings.channels.get("email")
        by_mail = "email" if email is not None and email.host and email.address_of(target) else ""
        return by_mail or self.staff_channel if audience in {"unit", "desk"} else self.staff_channel or by_mail

    @property
    def staff_channel(self) -> str:
        """Name the road to staff: the group webhook if it is on, else none."""
        webhook = self.settings.channels.get("webhook")
        return "webhook" if webhook is not None and webhook.url else ""

    def describe_keeping(self) -> dict[str, Any]:
        """Give what texts about privacy may use: who handles what residents write, and for how many days it is kept."""
        privacy = self.settings.privacy
        return {
            "handler": privacy.handler or self.settings.city.service,
            "contact": privacy.contact or self.words.number("hotline"),
            "message_days": privacy.message_days,
            "ticket_days": privacy.ticket_days,
        }

    def name_page(self, token: str) -> str:
        """Give the address of a ticket's page, for whom its link is given to; "" where residents have no pages, or there is no link."""
        server = self.settings.server.public_url.rstrip("/")
        return f"{server}/t/{token}" if server and token else ""

    def routing_context(self, *, tell: Teller) -> RoutingContext:
        """Give routing what it acts with, and the way for its notices."""
        return RoutingContext(
            org=self.org,
            duty_list=self.duty_list,
            triage=self.triage,
            calendar=self.calendar,
            tell=tell,
            routing=self.settings.routing,
            desk=self.settings.desk,
            duplicates=self.settings.duplicates,
            rehearsal=self.settings.server.rehearsal,
        )

    def make_basis(self) -> Basis:
        """Give what signs and deeds are read by."""
        return make_basis(self.settings.report.signs, org=self.org, duty_list=self.duty_list, zone=self.zone)

    def load(self, session: Session, *, now: datetime) -> None:
        """Load everything but the entries, unless somebody else has taken over what is newer meanwhile."""
        rows = read_rows(session, zone=self.zone)
        with self._taking:  # no database inside: who waits for it might be who holds this
            if rows.number >= self.loaded:
                self._take(rows, now=now)

    def _take(self, rows: CityRows, *, now: datetime) -> None:
        self.org, self.places = rows.org, rows.places
        self.root = next((area.code for area in self.org.areas.values() if not area.parent), "")
        self._take_words(rows.words)
        self.words_edition = rows.words_edition
        self.duty_list = rows.duty_list
        self.day = now.astimezone(self.zone).date()
        self.triage = Triage(
            self.duty_list,
            today=self.day,
            settings=self.settings.triage,
            own=load_model(rows.model) if rows.model else None,
            segmenter=self.segmenter,
        )
        self.gists.follow(self.triage)
        self.calendar, self.groups, self.contacts = rows.calendar, rows.groups, rows.contacts
        numbers = load_texts()["numbers"] | {code: row.number for code, row in self.contacts.items()}
        shared = {f"{code}_number": number for code, number in numbers.items()}
        self.words = Words(zone=self.zone, shared=shared | {"service": self.settings.city.service})
        self.loaded = rows.number

    def _take_words(self, words: list[OwnWord]) -> None:
        """Take over the city's own words, and the names of its places; what is read otherwise by them is read anew."""
        self.gazetteer = self.make_gazetteer(words)
        if words == self.own_words:
            self.segmenter.add_words(self.name_all(words))
            return
        segmenter, affected = self.vary(words)
        self.segmenter, self.own_words = segmenter, words
        self.matcher.take_over(affected, segmenter, cache=self.settings.folder / "knowledge.cache")

    def vary(self, words: list[OwnWord]) -> tuple[Segmenter, list[Entry]]:
        """Make what cuts texts if the city had these words, and find the entries that may be read otherwise by it."""
        segmenter = self.segmenter.renew(
            [*self.name_all(words), *own_words.list_words(words, off=False)],
            without=own_words.list_words(words, off=True),
            variants=own_words.make_variants(words),
        )
        changed = self.segmenter.differ(segmenter)
        return segmenter, own_words.find_affected(
            self.matcher.entries.values(), self.segmenter.variants, segmenter.variants, changed
        )

    def try_words(self, words: list[OwnWord]) -> tuple[Segmenter, Matcher]:
        """Make what cuts texts and the entries as they are read if the city had these words; its own stay as they are."""
        cache = self.settings.folder / "knowledge.cache"
        segmenter, affected = self.vary(words)
        matcher = self.make_matcher()
        matcher.take_over(list(self.matcher.entries.values()), self.segmenter, cache=cache)
        for entry in affected:
            matcher.put(entry, segmenter)
        return segmenter, matcher

    def make_gazetteer(self, words: list[OwnWord]) -> Gazetteer:
        """Make the gazetteer as it is if the city had these words."""
        of_areas = Renaming([msgspec.structs.replace(one, target=self.org.standing_area(one.target)) for one in words], "area")
        areas = [msgspec.structs.replace(area, aliases=of_areas.names(area.code, area.aliases)) for area in self.org.areas.values()]
        return Gazetteer(self._name_places(words), areas)

    def name_all(self, words: list[OwnWord]) -> list[str]:
        """List all names of the city's places."""
        return [name for row in self._name_places(words) for name in (row.name, *row.aliases)]

    def _name_places(self, words: list[OwnWord]) -> list[PlaceRow]:
        of_places = Renaming(words, "place")
        return [msgspec.structs.replace(row, aliases=of_places.names(row.name, row.aliases)) for row in self.places]

    def refresh(self, session: Session, *, now: datetime) -> bool:
        """Take over what changed since; True if anything did. Several may do so at once: nobody puts back what is older.

        Places and words come first, as entries are read by them: what is kept of these (knowledge.cache) holds for the next start.
        """
        is_other = current_number(session, CHANGES) > self.loaded or now.astimezone(self.zone).date() != self.day
        if is_other:
            self.load(session, now=now)
        changed, seen = entries.changed_since(session, self.knowledge_seen)
        with self._taking:
            if seen > self.knowledge_seen:
                self.matcher.take_over(changed, self.segmenter, cache=self.settings.folder / "knowledge.cache")
                self.knowledge_seen = seen
        return is_other or bool(changed)


def read_rows(session: Session, *, zone: ZoneInfo) -> CityRows:
    """Read everything but the entries; the number first, so that what changes meanwhile is read again."""
    number = current_number(session, CHANGES)
    running = models.find_serving(session, ROUTING)
    rows = CityRows(
        number=number,
        org=org_rows.load_org(session),
        places=org_rows.load_places(session),
        words=word_rows.load(session),
        words_edition=word_rows.current_edition(session),
        duty_list=org_rows.load_duty_list(session),
        model=running.content if running else None,
        calendar=org_rows.load_calendar(session, zone=zone),
        groups={row.code: row for row in session.execute(select(GroupRow)).scalars()},
        contacts={row.code: row for row in session.execute(select(EmergencyContact)).scalars()},
    )
    session.expunge_all()
    return rows


def load_city(session: Session, settings: Settings, *, now: datetime) -> City:
    """Load a city from the database."""
    city = City(settings)
    city.load(session, now=now)
    city.refresh(session, now=now)
    return city


def note_change(session: Session) -> None:
    """Say that the city changed, for this process and every other."""
    next_number(session, CHANGES)
