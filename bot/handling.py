"""T2: one message becomes one outcome, in one transaction.

understand() is pure and runs before the transaction: words, entries, places, danger. handle() opens the conversation, lets the dialogue take its
step, has each action performed, and writes the outcome, the state and the reply together. Nothing leaves here: what is to be sent is an outbox row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.channels import Group, Inbound
from bot.effects import Effects, place_ref
from bot.ways import Ending, Ways, choose_way
from intents import dialogue
from intents.actions import Outcome
from intents.gate import GroupFacts, Ignore, judge
from intents.spec import Turn
from intents.state import ConversationState
from intents.tiers import Reading, read_tier
from knowledge_base.match import Match, decide
from residents import attachments, conversations, ledger
from residents.unsealing import open_raw
from store import inbox, outbox
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.city import City
    from knowledge_base.places import PlaceMention
    from knowledge_base.text import Utterance
    from residents.conversations import Speaker
    from store.inbox import Answer, InboxMessage

_RANK = ("emergency", "ticket", "joined", "to_desk", "asked", "choice", "answered", "told", "ignored")
"""Which of several outcomes is the message's: the one that obliges us most."""


TOLD = Outcome(name="told")
IGNORED = Outcome(name="ignored")


class Understanding(msgspec.Struct, frozen=True):
    """What a text says, before anybody's circumstances are looked at."""

    utterance: Utterance
    matches: tuple[Match, ...]
    places: tuple[PlaceMention, ...]
    reading: Reading


class Handler:
    """Handles messages on behalf of the receiver and the worker."""

    def __init__(self, *, city: City, channels: Mapping[str, Channel]) -> None:
        self.city = city
        self.ways = Ways(channels)
        self._channels = channels

    def ignores(self, inbound: Inbound) -> bool:
        """Judge a group's message in memory, before anything is kept."""
        group = inbound.group or Group(id="")
        row = self.city.groups.get(group.id)
        facts = GroupFacts(
            text=inbound.text,
            notice_posted=row is not None and row.notice_posted,
            consent=group.consent,
            mentions_bot=group.mentions_bot,
            quotes_bot=group.quotes_bot,
            forwarded_by_worker=group.forwarded_by_worker,
        )
        return isinstance(judge(facts), Ignore)

    def understand(self, inbound: Inbound) -> Understanding:
        """Read a text: pure, in memory."""
        utterance = self.city.segmenter.read(inbound.text)
        longest = self.city.settings.knowledge.longest
        asked = utterance if len(utterance.text) <= longest else self.city.segmenter.read(utterance.text[:longest])
        return Understanding(
            utterance=utterance,
            matches=tuple(self.city.matcher.match(asked)) if asked.text else (),
            places=self.city.gazetteer.find(utterance.text),
            reading=read_tier(utterance.text),
        )

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
        speaker = conversations.open_for(session, channel=inbound.channel, sender=inbound.sender, place=place_of(inbound), now=now)
        self._open_windows(session, speaker, inbound, now=now)
        if inbound.media and row.key_id is not None:
            media = [(one.kind, one.ref, one.format) for one in inbound.media]
            attachments.expect(session, inbox_id=row.id, key_id=row.key_id, channel=inbound.channel, media=media, now=now)
        effects = Effects(
            session, city=self.city, speaker=speaker, message=row, inbound=inbound, utterance=understanding.utterance, now=now
        )
        state = read_state(speaker)
        turn = self._turn(inbound, understanding, effects, state, now=now)
        step = dialogue.step(state, turn)
        outcomes = [effects.perform(action) for action in step.actions]
        state_after, says = dialogue.settle(step.state, outcomes)
        answers = (
            speaker.conversation.asked_by not in {None, row.id}
            and state.draft is not None
            and not is_same_question(state, state_after)
        )
        outcome, ticket = self._end(session, speaker, outcomes, answers=answers, now=now)
        self._keep(speaker, state_after, row, outcome, now=now)
        ending = Ending(outcome=outcome, ticket=ticket, text=self.city.words.say(says))
        self.ways.settle(session, row, inbound, speaker, ending, edge_waits=edge_waits, now=now)
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
        effects = Effects(session, city=self.city, speaker=speaker, message=message, inbound=None, utterance=utterance, now=now)
        outcomes = [effects.perform(action) for action in step.actions]
        state_after, says = dialogue.settle(step.state, outcomes)
        if asked_by is not None:
            first = outcomes[0] if outcomes else None
            inbox.resettle(
                session, asked_by, outcome=first.name if first else "told", ticket=first.ticket if first else "", now=now
            )
        conversations.keep_state(speaker, encode(state_after), due_at=state_after.open_until, asked_by=None, now=now)
        text = self.city.words.say(says)
        if text is not None and asked_by is not None and speaker.conversation.place == "person":
            self.ways.say(session, speaker, f"timeout:{asked_by}", text, now=now)

    def give_up(self, session: Session, message_id: int, reason: str, *, edge_waits: bool, now: datetime) -> Answer:
        """Quarantine a message that handling failed on: a person takes it over, the resident is told so, an operator is alarmed."""
        row = inbox.take(session, message_id)
        if row is not None:
            words = self.city.words.fixed("quarantined")
            inbox.settle(session, row, outcome="quarantined", text=words, reply_via=choose_way(row, edge_waits=edge_waits), now=now)
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
            channel=self.city.staff_channel,
            notice="quarantined",
            facts={"message": message_id, "reason": reason},
            urgent=True,
            shown=not self.city.staff_channel,
            now=now,
        )

    def recall(self, session: Session, *, channel: str, key: str, now: datetime) -> bool:
        """Forget a message: its words are gone, its pictures unreadable, an open question of its draft closed."""
        row = inbox.forget(session, channel=channel, key=key)
        if row is None:
            return False
        record(session, actor="resident", action="recall", subject=f"message:{row.id}")
        if row.conversation_id is not None:
            speaker = conversations.reopen(session, row.conversation_id)
            if speaker.conversation.asked_by == row.id:
                conversations.keep_state(speaker, b"", due_at=None, asked_by=None, now=now)
        return True

    def _turn(
        self, inbound: Inbound, understanding: Understanding, effects: Effects, state: ConversationState, *, now: datetime
    ) -> Turn:
        settings = self.city.settings
        point = inbound.point
        facts = effects.facts()
        decision = decide(
            understanding.matches,
            entries=self.city.matcher.entries,
            today=now.astimezone(self.city.zone).date(),
            areas=effects.areas(understanding.places),
            settings=settings.knowledge,
            city=self.city.root,
        )
        return Turn(
            utterance=understanding.utterance,
            now=now,
            decision=decision,
            places=understanding.places,
            scope=inbound.scope,
            addressed=inbound.scope == "person" or bool(inbound.group and (inbound.group.mentions_bot or inbound.group.quotes_bot)),
            role=inbound.role,
            kind=inbound.kind,
            media=len(inbound.media),
            point=place_ref(self.city, point) if point else None,
            event=inbound.event,
            event_key=inbound.event_key,
            facts=facts,
            state=state,
            reading=understanding.reading,
            settings=settings.conversation,
        )

    def _open_windows(self, session: Session, speaker: Speaker, inbound: Inbound, *, now: datetime) -> None:
        """Note that the platform lets us send again, and let go what was held for this contact."""
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
        if inbound.scope == "person":
            outbox.release_held(session, target=str(speaker.resident.id), channel=inbound.channel, now=now)

    def _end(
        self, session: Session, speaker: Speaker, outcomes: Sequence[Outcome], *, answers: bool, now: datetime
    ) -> tuple[str, str]:
        """Choose this message's outcome and ticket. If it answers what was asked, the first outcome is that of the message that asked."""
        own = list(outcomes)
        asked_by = speaker.conversation.asked_by
        if answers and asked_by is not None:
            first = own.pop(0) if own else TOLD
            inbox.resettle(session, asked_by, outcome=first.name, ticket=first.ticket, now=now)
            speaker.conversation.asked_by = None
            own = own or [msgspec.structs.replace(TOLD, ticket=first.ticket)]
        best = min(own, key=lambda outcome: _RANK.index(outcome.name), default=IGNORED)
        return best.name, best.ticket

    def _keep(self, speaker: Speaker, state: ConversationState, row: InboxMessage, outcome: str, *, now: datetime) -> None:
        asked_by = row.id if outcome == "asked" else speaker.conversation.asked_by
        due_at = state.open_until
        conversations.keep_state(
            speaker, encode(state), due_at=due_at, asked_by=asked_by if state.draft is not None else None, now=now
        )


def place_of(inbound: Inbound) -> str:
    """Name where a conversation is held: alone, or in which group."""
    return inbound.group.id if inbound.scope == "group" and inbound.group else "person"


def is_same_question(before: ConversationState, after: ConversationState) -> bool:
    """Tell whether the question that was open still is."""
    return after.draft is not None and after.open_until == before.open_until


def read_state(speaker: Speaker) -> ConversationState:
    """Decode a conversation's state; a new one is empty."""
    raw = conversations.read_state(speaker)
    return msgspec.json.decode(raw, type=ConversationState) if raw else ConversationState()


def encode(state: ConversationState) -> bytes:
    """Encode a conversation's state."""
    return msgspec.json.encode(state)
