"""T2: one message becomes one outcome, in one transaction.

understand() is pure and runs before the transaction: words, entries, places, danger. handle() opens the conversation, lets the dialogue take its
step, has each action performed, and writes the outcome, the state and the reply together. Nothing leaves here: what is to be sent is an outbox row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from bot.channels import Group, Inbound
from bot.effects import Scene, perform
from bot.effects.floods import find_copied, is_flooding, note_copied
from bot.effects.scene import place_ref, read_state
from bot.informing import add_lines
from bot.lines import find_lines, note_lines, read_joined, share_fate
from bot.listening import Listener
from bot.overhearing import mark_of
from bot.scanning import find_facts
from bot.telling import Telling
from bot.transcripts import read_beside
from bot.understanding import rank_topics, read_text
from bot.ways import Ending, Ways, is_silent
from intents import dialogue
from intents.actions import Outcome, PlaceRef, Tell
from intents.amending import mean, name_place
from intents.pieces import find_goes_on, join_loose
from intents.retelling import read_correction
from intents.reviewing import WaitingDraft, review
from intents.slots import find_place
from intents.spec import Turn
from intents.state import ConversationState
from knowledge_base import uses
from knowledge_base.match import decide
from residents import attachments, bindings, conversations, group_drafts, ledger
from residents.unsealing import open_raw
from routing.redaction import Message, redact
from store import inbox, outbox
from store.audit import record
from store.keys import new_key, open_key
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.city import City
    from bot.understanding import Understanding
    from intents.spec import Decision
    from knowledge_base.match import Match
    from residents.conversations import Speaker
    from store.inbox import Answer

_RANK = ("emergency", "ticket", "joined", "to_desk", "asked", "choice", "answered", "told", "ignored")
"""Which of several outcomes is the message's: the one that obliges us most."""


_LINES = frozenset({"told", "answered", "choice"})
"""What a message came to whose words may have gone into the matter of the next one."""
TOLD = Outcome(name="told")
IGNORED = Outcome(name="ignored")


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the message whose question was open (None: nothing yet), and of this one."""

    asked: Outcome | None
    own: Outcome


class Handler:
    """Handles messages on behalf of the receiver and the worker."""

    def __init__(self, *, city: City, channels: Mapping[str, Channel]) -> None:
        self.city = city
        self.ways = Ways(channels)
        self.listener = Listener(city)
        self._channels = channels

    def understand(self, inbound: Inbound) -> Understanding:
        """Read a message: pure, in memory."""
        return read_text(self.city, inbound.text)

    def reread(self, session: Session, message_id: int) -> Inbound:
        """Open a message again that has no outcome yet."""
        return msgspec.json.decode(open_raw(session, session.get_one(inbox.InboxMessage, message_id)), type=Inbound)

    def handle(
        self, session: Session, message_id: int, inbound: Inbound, understanding: Understanding, *, edge_waits: bool, now: datetime
    ) -> Answer:
        """Bring a message to its one outcome; a finished one is left as it is."""
        row = inbox.take(session, message_id)
        if row is None:
            return inbox.answer_of(session, message_id)
        speaker = self._meet(session, inbound, now=now)
        if inbound.media and row.key_id is not None:
            media = [(one.kind, one.ref, one.format) for one in inbound.media]
            attachments.expect(session, inbox_id=row.id, key_id=row.key_id, channel=inbound.channel, media=media, now=now)
        scene = Scene(
            session, city=self.city, speaker=speaker, message=row, inbound=inbound, utterance=understanding.utterance, now=now
        )
        self._open_windows(session, speaker, inbound, staff=scene.staff, now=now)
        state = read_state(speaker)
        turn = self._listen(inbound, understanding, scene, state, now=now)
        reviewed = self._review(scene, turn)
        step = reviewed or dialogue.step(state, turn)
        outcomes = [perform(scene, action) for action in step.actions]
        state_after, says = dialogue.settle(step.state, outcomes)
        asked_by = speaker.conversation.asked_by
        is_new = not is_same_question(state, state_after)
        settles = asked_by is not None and state.draft is not None and is_new and inbox.is_asked(session, asked_by)
        ends = end_turn(outcomes, settles=settles)
        goes_on = settles and ends.asked is None
        lines = find_lines(state, joined=turn.utterance is not understanding.utterance)
        share_fate(session, lines, ticket=ends.own.ticket, now=now)
        if asked_by is not None and ends.asked is not None:
            share_fate(session, state.lines, ticket=ends.asked.ticket, now=now)
            inbox.resettle(session, asked_by, outcome=ends.asked.name, ticket=ends.asked.ticket, now=now)
            asked_by = None
        if state_after.draft is not None and is_new and not goes_on:
            asked_by = row.id
        note_copied(scene, turn.reading, ticket=ends.own.ticket)
        state_after = note_lines(state, state_after, lines=lines, message_id=row.id, is_new=is_new, now=now)
        self._keep(speaker, state_after, asked_by=asked_by, now=now)
        told = self.city.words.say(says)
        if reviewed is None:
            told = add_lines(scene, ends.own, told, written=gather_words(state, inbound))
        ending = Ending(outcome=ends.own.name, ticket=ends.own.ticket, text=told)
        self.ways.settle(
            session,
            row,
            ending,
            conversation=speaker.conversation,
            in_silence=is_silent(inbound),
            edge_waits=edge_waits,
            now=now,
        )
        return inbox.answer_of(session, message_id)

    def time_out(self, session: Session, conversation_id: int, *, now: datetime) -> None:
        """Settle a conversation whose question nobody answered: what is known becomes a ticket at the desk."""
        speaker = conversations.reopen(session, conversation_id)
        if speaker.conversation.due_at is None or speaker.conversation.due_at > now:
            return
        state = read_state(speaker)
        asked_by = speaker.conversation.asked_by
        message = session.get(inbox.InboxMessage, asked_by) if asked_by is not None else None
        step = dialogue.timeout(state, now)
        utterance = self.city.segmenter.read(state.draft.text if state.draft else "")
        scene = Scene(session, city=self.city, speaker=speaker, message=message, inbound=None, utterance=utterance, now=now)
        outcomes = [perform(scene, action) for action in step.actions]
        state_after, says = dialogue.settle(step.state, outcomes)
        if outcomes:
            says.insert(0, Tell(f"timed_out_{state.slot}"))
        if asked_by is not None:
            first = outcomes[0] if outcomes else None
            share_fate(session, state.lines, ticket=first.ticket if first else "", now=now)
            inbox.resettle(
                session, asked_by, outcome=first.name if first else "told", ticket=first.ticket if first else "", now=now
            )
        conversations.keep_state(speaker, encode(state_after), due_at=state_after.open_until, asked_by=None, now=now)
        text = self.city.words.say(says)
        if text is not None and message is not None and speaker.conversation.place == "person":
            key = open_key(session, message.key_id) if message.key_id is not None else new_key(session)
            self.ways.say(session, speaker.conversation, f"timeout:{message.id}", text, key=key, now=now)

    def give_up(
        self, session: Session, message_id: int, inbound: Inbound | None, *, reason: str, edge_waits: bool, now: datetime
    ) -> Answer:
        """Quarantine a message that handling failed on: a person takes it over, the resident is told so, an operator is alarmed.

        Without the Inbound its sender is not known, and can only be told passively.
        """
        row = inbox.take(session, message_id)
        if row is not None:
            conversation = None
            if inbound is not None:
                speaker = self._meet(session, inbound, now=now)
                staff = bindings.staff_of(session, speaker.resident.id)
                self._open_windows(session, speaker, inbound, staff=staff, now=now)
                conversation = speaker.conversation
            words = "group_receipt" if inbound is not None and inbound.scope == "group" else "quarantined"
            self.ways.settle(
                session,
                row,
                Ending(outcome="quarantined", text=self.city.words.fixed(words)),
                conversation=conversation,
                in_silence=inbound is not None and is_silent(inbound),
                edge_waits=edge_waits,
                now=now,
            )
            inbox.quarantine(session, message_id, reason=reason, now=now)
            self.alarm(session, message_id, reason, now=now)
        return inbox.answer_of(session, message_id)

    def alarm(self, session: Session, message_id: int, reason: str, *, now: datetime) -> None:
        """Tell an operator of a message that was set aside."""
        record(session, actor="system", action="quarantine", subject=f"message:{message_id}", facts={"reason": reason})
        outbox.put(
            session,
            cause=f"quarantine:{message_id}",
            audience="operator",
            target="operator",
            channel=self.city.find_channel("operator", "operator"),
            notice="quarantined",
            facts={"message": message_id, "reason": reason},
            urgent=True,
            shown=not self.city.find_channel("operator", "operator"),
            now=now,
        )

    def recall(self, session: Session, *, channel: str, key: str, now: datetime) -> bool:
        """Forget a message: its words are gone, also from its ticket, its pictures unreadable, an open question of its draft closed."""
        mark = mark_of(vault_of(session), channel=channel, key=key)
        drafted = group_drafts.recall(session, key=mark, now=now)
        row = inbox.forget(session, channel=channel, key=key, now=now)
        if row is None:
            return drafted
        record(session, actor="resident", action="recall", subject=f"message:{row.id}")
        context = self.city.routing_context(tell=Telling(self.city, now=now))
        if row.conversation_id is not None:
            speaker = conversations.reopen(session, row.conversation_id)
            taken_back = Message(
                inbox_id=row.id,
                resident_id=speaker.resident.id,
                at=row.outcome_at or now,
                ticket=row.ticket or "",
                left=read_beside(session, row),
                is_line=row.outcome in _LINES,
            )
            uses.forget_resident(session, resident_id=speaker.resident.id, since=row.received_at)
            redact(session, taken_back, words=self.city.words.fixed("words_taken_back"), now=now, context=context)
            asked_by = speaker.conversation.asked_by
            if asked_by == row.id:
                inbox.resettle(session, row.id, outcome="ignored", ticket="", now=now)
                asked_by = None
            state = forget_words(read_state(speaker), keeps_question=asked_by is not None)
            self._keep(speaker, state, asked_by=asked_by, now=now)
        return True

    def _review(self, scene: Scene, turn: Turn) -> dialogue.Step | None:
        """Take what a grid worker says in private of drafts from their group, or pastes of it; None for everything else."""
        staff = scene.staff if turn.kind == "text" else ""
        if not staff:
            return None
        drafts = group_drafts.waiting_for(scene.session, staff)
        waiting = [WaitingDraft(id=one.id, shown_at=one.shown_at) for one in drafts if one.shown_at is not None]
        asked = [turn.state.asked_at, *(ticket.rating_asked_at for ticket in turn.facts.tickets)]
        action = review(turn.utterance.raw, turn.text, waiting=waiting, asked_at=max(filter(None, asked), default=None))
        return None if action is None else dialogue.Step(state=turn.state, actions=(action,))

    def _meet(self, session: Session, inbound: Inbound, *, now: datetime) -> Speaker:
        """Open the conversation with whoever wrote."""
        return conversations.open_for(session, channel=inbound.channel, sender=inbound.sender, place=place_of(inbound), now=now)

    def _listen(
        self, inbound: Inbound, understanding: Understanding, scene: Scene, state: ConversationState, *, now: datetime
    ) -> Turn:
        """Give the turn with what can only be read once it is known what came before: pieces of one story, a correction of a place."""
        turn = self._turn(inbound, understanding, scene, state, now=now)
        if joined := join_loose(state, turn):
            turn = self._turn(inbound, read_joined(self.city, joined, last=understanding), scene, state, now=now)
        asked = turn.list_asked()
        if ticket := asked[0] if asked else find_goes_on(state, turn):
            triage = self.city.triage
            turn = replace(turn, topics=rank_topics(triage, turn.text), last_topics=rank_topics(triage, ticket.title))
        meant = mean(state, turn)
        if (correction := read_correction(meant.text)) and (place := name_place(state, meant, correction)):
            found = find_place(self.city.gazetteer.find(place), home_areas=turn.facts.home_areas)
            turn = replace(turn, corrected=found or PlaceRef(text=place))
        return turn

    def _turn(
        self, inbound: Inbound, understanding: Understanding, scene: Scene, state: ConversationState, *, now: datetime
    ) -> Turn:
        settings = self.city.settings
        point = inbound.point
        facts, scanned = find_facts(scene, inbound, state)

        def look_up(matches: Sequence[Match]) -> Decision:
            return decide(
                matches,
                entries=self.city.matcher.entries,
                today=now.astimezone(self.city.zone).date(),
                areas=scene.areas(understanding.places),
                settings=settings.knowledge,
                city=self.city.root,
            )

        return Turn(
            utterance=understanding.utterance,
            now=now,
            decision=look_up(understanding.matches),
            look_up=lambda text: look_up(self.city.matcher.match(self.city.segmenter.read(text))),
            places=understanding.places,
            scope=inbound.scope,
            addressed=inbound.scope == "person" or is_addressed(inbound.group),
            role=inbound.role,
            kind=inbound.kind,
            media=len(inbound.media),
            point=place_ref(self.city, point) if point else None,
            scanned=scanned,
            event=inbound.event,
            event_key=inbound.event_key,
            facts=facts,
            state=state,
            reading=understanding.reading,
            clauses=understanding.clauses,
            danger=self.city.danger,
            flooding=is_flooding(scene),
            copied=find_copied(scene, understanding.reading),
            settings=settings.conversation,
        )

    def _open_windows(self, session: Session, speaker: Speaker, inbound: Inbound, *, staff: str, now: datetime) -> None:
        """Note that the platform lets us send again, and let go what was held for this contact, also for whom its chat speaks (`staff`)."""
        channel = self._channels.get(inbound.channel)
        windows = channel.windows if channel else {}
        opened_by = ledger.contact_kind(inbound.kind, inbound.event, inbound.event_key)
        if windows and opened_by and inbound.scope == "person":
            ledger.open_window(
                session,
                resident_id=speaker.resident.id,
                channel=inbound.channel,
                opened_by=opened_by,
                window=windows[opened_by],
                now=now,
            )
        if inbound.scope == "person" and (opened_by or not windows):
            speaker.conversation.last_at = now  # they are awake, also for what this message leads to
            reader, alone = str(speaker.resident.id), not windows  # where nothing can be sent, the answer takes what was held along
            outbox.release_held(session, target=reader, channel=inbound.channel, now=now, planned_only=alone)
            if staff:
                outbox.release_held(session, audience="staff", target=staff, channel=inbound.channel, now=now)

    def _keep(self, speaker: Speaker, state: ConversationState, *, asked_by: int | None, now: datetime) -> None:
        is_asking = state.draft is not None
        conversations.keep_state(speaker, encode(state), due_at=state.open_until, asked_by=asked_by if is_asking else None, now=now)


def is_addressed(group: Group | None) -> bool:
    """Tell whether a group's message speaks to us: an @, a quote of ours, or a worker's forward."""
    return group is not None and (group.mentions_bot or group.quotes_bot or group.forwarded_by_worker)


def end_turn(outcomes: Sequence[Outcome], *, settles: bool) -> Ends:
    """Choose what a turn's message became. If it settles the open question, the first outcome is that of the message that asked.

    A question that led to another one goes on: it is still the first message's, and this one is told.
    """
    own = list(outcomes)
    asked = None
    if settles:
        asked = own.pop(0) if own else TOLD
        own = [one if one.ticket else msgspec.structs.replace(one, ticket=asked.ticket) for one in own or [TOLD]]
    best = min(own, key=lambda outcome: _RANK.index(outcome.name), default=IGNORED)
    return Ends(asked=None if asked is not None and asked.name == "asked" else asked, own=best)


def gather_words(state: ConversationState, inbound: Inbound) -> str:
    """Put together what a matter was told in: the draft that waited, and this message."""
    waiting = (state.draft, *state.more) if state.draft is not None else ()
    return "\n".join([*(draft.text for draft in waiting if draft is not None), inbound.text])


def forget_words(state: ConversationState, *, keeps_question: bool) -> ConversationState:
    """Forget what a recalled message may have left in a conversation; the open question of another message stays."""
    if not keeps_question:
        return ConversationState(scope=state.scope)
    return msgspec.structs.replace(
        state, choices=(), last_answer="", last_question="", place=None, place_until=None, last=None, listed=()
    )


def place_of(inbound: Inbound) -> str:
    """Name where a conversation is held: alone, or in which group."""
    return inbound.group.id if inbound.scope == "group" and inbound.group else "person"


def is_same_question(before: ConversationState, after: ConversationState) -> bool:
    """Tell whether the question that was open still is: a new one has a time of its own, whatever became of the draft's words."""
    return after.draft is not None and after.open_until == before.open_until


def encode(state: ConversationState) -> bytes:
    """Encode a conversation's state."""
    return msgspec.json.encode(state)
