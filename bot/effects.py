"""Carries out what an intent asked for: the one place where what the resident wants meets whose matter it is.

Each action becomes an Outcome value: its name, the ticket it touched, and what is to be said, as keys and facts. In a group nothing is said of
tickets: whatever is opened there, the group hears only that private chat is the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from bot.telling import Telling
from bot.texts import fill, has_text
from intents.actions import (
    Action,
    AddToTicket,
    Answer,
    AskSlot,
    CallBack,
    Draft,
    EntryFeedback,
    OfferChoice,
    OpenTicket,
    Outcome,
    OutcomeName,
    PlaceRef,
    RaiseEmergency,
    RateTicket,
    RecordMiss,
    ShowProgress,
    Stay,
    Tell,
    Urge,
    WithdrawTicket,
)
from intents.slots import find_place
from intents.spec import ResidentFacts, TicketFacts
from knowledge_base import entries
from knowledge_base.text import normalize, skim
from residents import attachments, conversations
from residents.masking import mask
from routing import desk, following, rating, register
from routing.errors import TicketError
from routing.facts import Origin
from routing.terms import Report, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Inbound, Point
    from bot.city import City
    from knowledge_base.places import PlaceMention
    from knowledge_base.text import Utterance
    from residents.conversations import Speaker
    from routing.facts import Opened
    from routing.facts import TicketFacts as RoutedTicket
    from routing.register import Shown
    from store.inbox import InboxMessage


_REFUSED: dict[type, str] = {WithdrawTicket: "withdraw_refused", RateTicket: "rating_closed"}
"""What to say where a ticket no longer allows what the resident wants."""
_SAID = {"voice_only": "voice_received", "no_answer": "no_answer_to_desk"}
"""What to say of a matter that went to the desk for a reason the resident should hear."""


class Effects:
    """Performs the actions of one message in its transaction."""

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
        self._session = session
        self._city = city
        self._speaker = speaker
        self._message = message
        self._inbound = inbound
        self._utterance = utterance
        self._now = now
        self._context = city.routing_context(tell=Telling(city, now=now))

    @property
    def _resident(self) -> int:
        return self._speaker.resident.id

    def facts(self) -> ResidentFacts:
        """Gather what is known of the resident, for the turn."""
        found = register.facts_for_resident(
            self._session, self._resident, org=self._city.org, now=self._now, recent_days=self._city.settings.desk.recent_days
        )
        tickets = tuple(ticket_facts(ticket) for ticket in found)
        area = self._speaker.resident.area
        return ResidentFacts(
            tickets=tickets,
            awaiting_rating=tuple(ticket.ticket for ticket in tickets if ticket.awaiting_rating),
            home_areas=(area,) if area else (),
        )

    def areas(self, places: Sequence[PlaceMention]) -> tuple[str, ...]:
        """Give the chain of areas that an answer has to fit: of the one place named, of the group's grid, or of the resident's own grid."""
        named = self._city.org.common_area({area for place in places for area in place.areas})
        if named:
            return self._city.gazetteer.chain(named)
        group = self._city.groups.get(self._speaker.conversation.place)
        area = group.grid if group else self._speaker.resident.area
        return self._city.gazetteer.chain(area) if area else ()

    def perform(self, action: Action) -> Outcome:
        """Carry out one action; what a ticket does not allow is said, not raised."""
        try:
            return self._perform(action)
        except TicketError:
            return Outcome(
                name="told", says=(Tell(_REFUSED.get(type(action), "act_refused"), {"ticket": getattr(action, "ticket", "")}),)
            )

    def _perform(self, action: Action) -> Outcome:  # noqa: C901, PLR0911, PLR0912 - one branch for each action there is
        match action:
            case Answer(entry=code):
                return self._answer(code)
            case OfferChoice(entries=codes):
                return self._offer(codes)
            case AskSlot(slot=slot):
                return Outcome(name="asked", says=(self._ask(slot),))
            case OpenTicket(draft=draft):
                return self._open(draft)
            case CallBack(draft=draft):
                return self._call_back(draft)
            case RaiseEmergency(draft=draft):
                return self._raise_emergency(draft)
            case ShowProgress(ticket=number):
                return self._show_progress(number)
            case Urge(ticket=number, text=text):
                acted = following.urge(
                    self._session, number, resident_id=self._resident, text=text, now=self._now, context=self._context
                )
                return self._told("urged" if acted.done else "urged_already", acted.ticket)
            case AddToTicket(ticket=number):
                return self._add(number, action)
            case RateTicket(ticket=number, rating=given, text=text):
                acted = rating.rate(
                    self._session, number, resident_id=self._resident, rating=given, text=text, now=self._now, context=self._context
                )
                return self._told("rated_satisfied" if given == "satisfied" else "redo", acted.ticket)
            case WithdrawTicket(ticket=number):
                acted = following.withdraw(self._session, number, resident_id=self._resident, now=self._now, context=self._context)
                return self._told("withdrawn" if not acted.ticket.is_open else "withdrawn_goes_on", acted.ticket)
            case EntryFeedback(entry=code, useful=useful):
                entries.record_feedback(self._session, code, useful=useful, now=self._now)
                return Outcome(name="told", says=(Tell("feedback_useful" if useful else "feedback_useless"),))
            case RecordMiss(question=question):
                entries.record_miss(self._session, question=mask(question), now=self._now)
                return Outcome(name="told")
            case Tell(text="scan_welcome"):  # codes come with the pages; until then a scan is a welcome
                return Outcome(name="told", says=(Tell("welcome"),))
            case Tell():
                return Outcome(name="told", says=(action,))
            case Stay():
                return Outcome(name="ignored")
            case _:
                assert_never(action)

    def _answer(self, code: str) -> Outcome:
        entry = self._city.matcher.entry(code)
        if entry is None:  # withdrawn since it was found or offered
            return Outcome(name="told", says=(Tell("answer_gone"),))
        facts = {"question": entry.question, "answer": entry.answer, "source": entry.source, "unit": entry.unit}
        key = "answer" if self._speaker.conversation.place == "person" else "answer_group"
        if entry.source_date is None:
            return Outcome(name="answered", entry=code, says=(Tell(f"{key}_undated", facts),))
        return Outcome(name="answered", entry=code, says=(Tell(key, facts | {"source_date": entry.source_date.isoformat()}),))

    def _offer(self, codes: Sequence[str]) -> Outcome:
        questions = [entry.question for code in codes if (entry := self._city.matcher.entry(code))]
        if len(questions) == 1:
            return Outcome(name="choice", says=(Tell("choice_of_one", {"question": questions[0]}),))
        lines = "\n".join(f"{number}. {question}" for number, question in enumerate(questions, start=1))
        return Outcome(name="choice", says=(Tell("choice", {"questions": lines}),))

    def _ask(self, slot: str) -> Tell:
        if slot != "ticket":
            return Tell(f"ask_{slot}")
        tickets = [ticket for ticket in self.facts().tickets if ticket.is_open]
        lines = [
            self._line("ticket_item", {"number": at, "title": one.title, "ticket": one.ticket})
            for at, one in enumerate(tickets, start=1)
        ]
        return Tell("ask_ticket", {"tickets": "\n".join(lines)})

    def _open(self, draft: Draft) -> Outcome:
        opened = desk.open_ticket(self._session, **self._opening(draft))
        return self._opened(opened, draft)

    def _call_back(self, draft: Draft) -> Outcome:
        opened = desk.call_back(self._session, **self._opening(draft))
        self._attach(opened)
        name: OutcomeName = "joined" if opened.joined_to else "to_desk"
        return self._outcome(name, opened.ticket, "callback_opened", trial=True)

    def _raise_emergency(self, draft: Draft) -> Outcome:
        opened = desk.open_ticket(self._session, **self._opening(draft))
        self._attach(opened)
        words = self._ticket_words(opened.ticket)
        recorded = "emergency_recorded_at" if opened.ticket.public_place else "emergency_recorded"
        says = (Tell(f"emergency_{draft.hazard}", words), Tell(recorded, words))
        return Outcome(name="emergency", ticket=opened.ticket.number, says=says)

    def _opened(self, opened: Opened, draft: Draft) -> Outcome:
        self._attach(opened)
        ticket = opened.ticket
        if opened.own:
            return self._outcome("joined", ticket, "added")
        if opened.joined_to:
            return self._outcome("joined", ticket, "ticket_joined", trial=True)
        if ticket.automatic:
            return self._outcome("ticket", ticket, "ticket_opened", trial=True)
        return self._outcome("to_desk", ticket, _SAID.get(draft.reason, "ticket_at_desk"), trial=True)

    def _add(self, number: str, action: AddToTicket) -> Outcome:
        place = action.place or PlaceRef(text="")
        acted = following.add(
            self._session,
            number,
            resident_id=self._resident,
            text="\n".join(filter(None, (action.text, place.text))),
            media=action.media,
            public_place=place.public or place.name,
            area=place.areas[0] if len(place.areas) == 1 else "",
            now=self._now,
            context=self._context,
        )
        if self._message is not None:
            attachments.attach(self._session, inbox_id=self._message.id, ticket=number)
        return self._told("added", acted.ticket)

    def _show_progress(self, number: str) -> Outcome:
        shown = register.progress(self._session, self._resident, org=self._city.org, now=self._now, number=number)
        if not shown:
            return Outcome(name="told", says=(Tell("progress_none"),))
        if len(shown) == 1:
            return Outcome(name="told", ticket=shown[0].ticket.number, says=self._tell_progress(shown[0]))
        lines = [
            self._line("progress_item", self._ticket_words(one.ticket) | {"number": at}) for at, one in enumerate(shown, start=1)
        ]
        return Outcome(name="told", says=(Tell("progress_list", {"items": "\n".join(lines)}),))

    def _tell_progress(self, shown: Shown) -> tuple[Tell, ...]:
        """Say who has it, by when, and what happened; no time is promised while it waits at a desk."""
        ticket = shown.ticket
        words = self._ticket_words(ticket)
        events = [
            fill("act", event.act, {"moment": self._city.words.moment(event.at), "unit": event.unit_name})
            for event in shown.events
            if has_text("act", event.act)
        ]
        says = [Tell("progress_one", words)]
        if ticket.status in {Status.DISPATCHED, Status.SIGNED}:
            says.append(Tell("progress_due", words))
        says.append(Tell("progress_events", {"events": "\n".join(events)}))
        if ticket.reply:
            says.append(Tell("progress_reply", {"reply": ticket.reply}))
        if ticket.awaits_rating:
            says.append(Tell("progress_rate"))
        elif ticket.is_open:
            says.append(Tell("progress_urge"))
        return tuple(says)

    def _line(self, key: str, facts: dict[str, Any]) -> str:
        return self._city.words.say([Tell(key, facts)]) or ""

    def _opening(self, draft: Draft) -> dict[str, Any]:
        """Put together what opening a ticket needs, and keep the phone under the resident's seal."""
        if draft.phone:
            conversations.keep_identity(self._session, self._speaker, kind="phone", value=draft.phone, now=self._now)
        inbound = self._inbound
        origin = Origin(
            inbox_id=self._message.id if self._message is not None else None,
            channel=self._speaker.conversation.channel,
            origin_line=inbound.origin_line if inbound else "",
        )
        return {
            "report": make_report(draft, text=draft.text or self._name_wordless(draft)),
            "resident_id": self._resident,
            "origin": origin,
            "context": self._context,
            "now": self._now,
            "utterance": skim(hide_place(draft)),
        }

    def _name_wordless(self, draft: Draft) -> str:
        """Name a matter that came without words, so that the desk sees what to do with it."""
        return self._city.words.fixed("only_voice" if draft.reason == "voice_only" else "only_pictures")

    def _attach(self, opened: Opened) -> None:
        """Bind the pictures of this message to its ticket, and those that came since the question it answers."""
        conversation, number = self._speaker.conversation, opened.ticket.number
        if self._message is not None:
            attachments.attach(self._session, inbox_id=self._message.id, ticket=number)
        if conversation.asked_by is not None:
            attachments.attach_since(self._session, conversation_id=conversation.id, since=conversation.asked_by, ticket=number)

    def _told(self, text: str, ticket: RoutedTicket) -> Outcome:
        return Outcome(name="told", ticket=ticket.number, says=(Tell(text, self._ticket_words(ticket)),))

    def _outcome(self, name: OutcomeName, ticket: RoutedTicket, text: str, *, trial: bool = False) -> Outcome:
        says = [Tell(text, self._ticket_words(ticket))]
        if trial and self._city.settings.server.rehearsal:
            says.append(Tell("trial"))
        return Outcome(name=name, ticket=ticket.number, says=tuple(says))

    def _ticket_words(self, ticket: RoutedTicket) -> dict[str, Any]:
        return {
            "ticket": ticket.number,
            "title": ticket.title,
            "place": ticket.public_place,
            "unit": ticket.unit_name,
            "desk": ticket.desk_name,
            "status": fill("status", ticket.status),
            "due_at": ticket.due_at.isoformat(),
            "people": len(ticket.people),
            "count": ticket.redo_count,
        }


def hide_place(draft: Draft) -> str:
    """Give a matter's words without the name of the estate, road or landmark: it says where, not what. A community may be what it is about."""
    place = draft.place
    name = place.name if place is not None and place.kind not in {"community", "street", "area"} else ""
    return normalize(draft.text).replace(name, " ") if name else draft.text


def make_report(draft: Draft, *, text: str) -> Report:
    """Turn what an intent understood into what routing decides on; `text` is what was written, or what stands for it."""
    place = draft.place or PlaceRef(text="")
    return Report(
        text=text,
        kind=draft.kind,
        place=place.text,
        public_place=place.public or place.name,
        areas=place.areas,
        property_unit=place.property_unit,
        tier=draft.tier,
        hazard=draft.hazard,
        confidential=draft.confidential,
        about=draft.about,
        reason=draft.reason,
    )


def ticket_facts(ticket: RoutedTicket) -> TicketFacts:
    """Give the conversation what it needs of a ticket."""
    return TicketFacts(
        ticket=ticket.number,
        title=ticket.title,
        status=ticket.status,
        unit_name=ticket.unit_name,
        due_at=ticket.due_at,
        opened_at=ticket.opened_at,
        public_place=ticket.public_place,
        awaiting_rating=ticket.awaits_rating,
        last_event=ticket.last_act,
        rating_asked_at=ticket.rating_asked_at,
    )


def place_ref(city: City, point: Point) -> PlaceRef:
    """Read a location message: its label says where; coordinates alone resolve nothing until the city has drawn its grids."""
    mentions = city.gazetteer.find(city.segmenter.read(point.label).text)
    found = find_place(mentions)
    words = point.label or f"{point.latitude:.5f},{point.longitude:.5f}"
    if found is None:
        return PlaceRef(text=words, latitude=point.latitude, longitude=point.longitude)
    return msgspec.structs.replace(found, text=words, latitude=point.latitude, longitude=point.longitude)
