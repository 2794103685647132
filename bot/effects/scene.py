"""What an effect works on: one message of one resident, in its transaction, with the city around it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from bot.telling import Telling
from bot.texts import fill
from intents.actions import Outcome, OutcomeName, PlaceRef, Tell
from intents.slots import find_place
from intents.spec import ProxyQuestion, ResidentFacts, TicketFacts
from intents.state import ConversationState
from residents import attachments, bindings, conversations, seats
from routing import alarms, proxies, rating, register, sight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Inbound, Point
    from bot.city import City
    from knowledge_base.places import PlaceMention
    from knowledge_base.text import Utterance
    from residents.conversations import Speaker
    from routing.facts import TicketFacts as RoutedTicket
    from routing.tables import GroupRow
    from store.inbox import InboxMessage


_NAMED = 2
"""How many units a resident is told by name that they will not see the matter."""


class Scene:
    """The message, its speaker and the session. `message` and `inbound` are None where a time-out speaks instead of a message."""

    def __init__(
        self,
        session: Session,
        *,
        city: City,
        speaker: Speaker,
        message: InboxMessage | None,
        inbound: Inbound | None,
        utterance: Utterance,
        now: datetime,
    ) -> None:
        self.session = session
        self.city = city
        self.speaker = speaker
        self.message = message
        self.inbound = inbound
        self.utterance = utterance
        self.now = now
        self.context = city.routing_context(tell=Telling(city, now=now))

    @property
    def resident(self) -> int:
        """The resident's number."""
        return self.speaker.resident.id

    @cached_property
    def staff(self) -> str:
        """The member of staff whose own chat this is; "" for everybody else, and in a group."""
        return bindings.staff_of(self.session, self.resident) if self.is_private else ""

    def find_reporter(self, number: str) -> str:
        """Give the staff code of whoever writes, where a ticket is theirs only as the grid worker who reported it; "" otherwise."""
        staff = self.staff
        own = register.facts_for_resident(self.session, self.resident, org=self.city.org, now=self.now) if staff else ()
        return "" if number in {ticket.number for ticket in own} else staff

    @property
    def is_private(self) -> bool:
        """Whether nobody else reads along."""
        return self.speaker.conversation.place == conversations.PERSON

    def facts(self) -> ResidentFacts:
        """Gather what is known of the resident, for the turn."""
        found = register.facts_for_resident(
            self.session, self.resident, org=self.city.org, now=self.now, recent_days=self.city.settings.conversation.returns_days
        )
        staff = self.staff
        reported: tuple[RoutedTicket, ...] = ()
        if staff:
            reported = rating.list_for_reporter(self.session, staff=staff, org=self.city.org, known={one.number for one in found})
        tickets = (
            *(ticket_facts(ticket, is_asked=ticket.resident_id == self.resident) for ticket in found),
            *(ticket_facts(ticket, is_asked=True) for ticket in reported),
        )
        asked = [ticket for ticket in tickets if ticket.awaiting_rating]
        asked.sort(key=lambda ticket: ticket.rating_asked_at or self.now, reverse=True)
        area = self.speaker.resident.area
        return ResidentFacts(
            tickets=tickets,
            awaiting_rating=tuple(ticket.ticket for ticket in asked),
            alarms=alarms.list_alarms(self.session, staff=staff, org=self.city.org) if staff else (),
            home_areas=(area,) if area else (),
            proxies=tuple(
                ProxyQuestion(ticket=one.number, asked_at=one.asked_at)
                for one in proxies.list_questions(self.session, self.resident)
            ),
            seat=self._find_seat(),
        )

    def _find_seat(self) -> Literal["", "waiting", "claimed"]:
        """Tell whether this conversation waits for a person, or a person has it."""
        talk = seats.find_open(self.session, self.speaker.conversation.id)
        return "" if talk is None else "waiting" if talk.state == "waiting" else "claimed"

    def areas(self, places: Sequence[PlaceMention]) -> tuple[str, ...]:
        """Give the chain of areas that an answer has to fit: of the one place named, of the group's grid, or of the resident's own grid."""
        named = self.city.org.common_area({area for place in places for area in place.areas})
        if named:
            return self.city.gazetteer.chain(named)
        group = self._find_group()
        area = group.grid if group else self.speaker.resident.area
        return self.city.gazetteer.chain(area) if area else ()

    def _find_group(self) -> GroupRow | None:
        """Find the group that the conversation is held in: the message names it; without one it is known by its mark alone."""
        if self.is_private:
            return None
        if self.inbound is not None and self.inbound.group is not None:
            return self.city.groups.get(self.inbound.group.id)
        held = self.speaker.conversation
        marks = (
            (row, conversations.mark_place(self.session, channel=held.channel, place=code))
            for code, row in self.city.groups.items()
        )
        return next((row for row, mark in marks if mark == held.place), None)

    def attach(self, number: str) -> None:
        """Bind the pictures of this message to its ticket, and those that came since the question it answers."""
        held = self.speaker.conversation
        if self.message is not None:
            attachments.attach(self.session, inbox_id=self.message.id, ticket=number)
        if held.asked_by is not None:
            attachments.attach_since(self.session, conversation_id=held.id, since=held.asked_by, ticket=number)

    def line(self, key: str, facts: dict[str, Any]) -> str:
        """Give one line of a list, in words."""
        return self.city.words.say([Tell(key, facts)]) or ""

    def told(self, text: str, ticket: RoutedTicket) -> Outcome:
        """Say something about a ticket."""
        return Outcome(name="told", ticket=ticket.number, says=(Tell(_word_for(text, ticket), ticket_words(ticket)),))

    def outcome(self, name: OutcomeName, ticket: RoutedTicket, text: str, *, trial: bool = False) -> Outcome:
        """Say what became of a matter; `trial`: a rehearsal is told so."""
        says = [Tell(_word_for(text, ticket), ticket_words(ticket))]
        if trial and self.city.settings.server.rehearsal:
            says.append(Tell("trial"))
        return Outcome(name=name, ticket=ticket.number, says=tuple(says))

    def promise(self, outcome: Outcome, *tickets: RoutedTicket) -> Outcome:
        """Add who will not see a matter: said of who was really refused, and only by what opened it."""
        refused = {code for ticket in tickets for code in ticket.refused}
        if not refused or any(ticket.desk in ticket.refused for ticket in tickets):
            return outcome
        heads = [unit.name for code in sight.heads_of(refused, self.city.org) if (unit := self.city.org.unit(code))]
        if not heads:
            said = Tell("kept_from_unknown")
        else:
            key = "kept_from_some" if len(heads) <= _NAMED else "kept_from_many"
            said = Tell("kept_from_them", {"kept": self.line(key, {"units": "、".join(heads)})})
        return msgspec.structs.replace(outcome, says=(*outcome.says, said))


def _word_for(text: str, ticket: RoutedTicket) -> str:
    """Choose the words for who has the matter: a confidential one its desk alone, one about the last desk nobody there."""
    if text == "ticket_at_desk" and ticket.desk in ticket.refused:
        return "ticket_stranded"
    if text == "ticket_at_desk" and ticket.confidential and ticket.tier != "red":
        return "ticket_confidential"
    return "added_secret" if text == "added" and ticket.confidential else text


def ticket_words(ticket: RoutedTicket) -> dict[str, Any]:
    """Give what texts about a ticket may use."""
    return {
        "ticket": ticket.number,
        "title": ticket.title,
        "place": ticket.public_place,
        "unit": ticket.unit_name,
        "desk": ticket.desk_name,
        "summary": ticket.handover,
        "status": fill("status", ticket.status),
        "due_at": ticket.due_at.isoformat(),
        "people": len(ticket.people),
        "count": ticket.redo_count,
    }


def ticket_facts(ticket: RoutedTicket, *, is_asked: bool) -> TicketFacts:
    """Give the conversation what it needs of a ticket; what a unit asked for (`is_asked`) is asked of nobody but its own resident and its reporter."""
    return TicketFacts(
        ticket=ticket.number,
        title=ticket.title,
        status=ticket.status,
        unit_name=ticket.unit_name,
        due_at=ticket.due_at,
        opened_at=ticket.opened_at,
        public_place=ticket.public_place,
        area=ticket.area,
        closed_at=ticket.closed_at,
        confidential=ticket.confidential,
        awaiting_rating=ticket.awaits_rating,
        last_event=ticket.last_act,
        rating_asked_at=ticket.rating_asked_at,
        asks=ticket.asks if is_asked or ticket.asks != "more" else "",
        more_asked_at=ticket.asked_at if is_asked and ticket.asks == "more" else None,
    )


def place_ref(city: City, point: Point) -> PlaceRef:
    """Read a location message: its label says where; coordinates alone resolve nothing until the city has drawn its grids."""
    mentions = city.gazetteer.find(city.segmenter.read(point.label).text)
    found = find_place(mentions)
    words = point.label or f"{point.latitude:.5f},{point.longitude:.5f}"
    if found is None:
        return PlaceRef(text=words, latitude=point.latitude, longitude=point.longitude)
    return msgspec.structs.replace(found, text=words, latitude=point.latitude, longitude=point.longitude)


def read_state(speaker: Speaker) -> ConversationState:
    """Decode a conversation's state; a new one is empty."""
    raw = conversations.read_state(speaker)
    return msgspec.json.decode(raw, type=ConversationState) if raw else ConversationState()
