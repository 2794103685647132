"""What somebody sent too fast is put together: added to their last matter in one piece, or opened as one; they hear once what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bot import seating
from bot.channels import Inbound
from bot.effects import Scene, perform
from bot.effects.scene import read_state
from bot.scanning import find_code
from bot.transcripts import join_lines
from intents.actions import AddToTicket, OpenTicket
from intents.slots import find_place, read_draft
from intents.tiers import CALM, Reading
from knowledge_base.text import normalize
from residents import attachments, bursts, conversations
from residents.unsealing import open_raw
from store import inbox
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from intents.actions import Action, PlaceRef
    from knowledge_base.text import Utterance

_LAST = timedelta(days=1)
"""A matter opened within this is what a burst goes on about."""


def put_together(session: Session, conversation_id: int, *, city: City, now: datetime) -> None:
    """Put the messages of a burst together, once; nothing if it is not due (any more). Recalled ones are left out."""
    speaker = conversations.reopen(session, conversation_id)
    parts = bursts.take(session, conversation_id, now=now)
    messages = list(_read(session, parts))
    if not messages:
        return
    text = join_lines(inbound.text for _, inbound in messages)
    utterance = city.segmenter.read(text)
    last = session.get_one(inbox.InboxMessage, messages[-1][0])
    scene = Scene(session, city=city, speaker=speaker, message=last, inbound=None, utterance=utterance, now=now)
    media = sum(len(inbound.media) for _, inbound in messages)
    code = _find_code(scene, [inbound for _, inbound in messages])
    outcome = perform(scene, _choose(scene, utterance, text, media=media, code=code))
    if not outcome.ticket:  # what it was to be added to takes nothing any more
        outcome = perform(scene, _open(scene, utterance, text, media=media, code=code))
    ids = [message_id for message_id, _ in messages]
    for message_id in ids:
        attachments.attach(session, inbox_id=message_id, ticket=outcome.ticket)
    inbox.put_to(session, ids, outcome="joined" if outcome.name == "told" else outcome.name, ticket=outcome.ticket, now=now)
    if scene.is_private:
        facts = {"count": len(messages), "ticket": outcome.ticket}
        cause = f"burst:{messages[0][0]}"
        seating.tell_resident(session, city, speaker.conversation, cause=cause, notice="burst_kept", facts=facts, now=now)


def _read(session: Session, message_ids: Iterable[int]) -> Iterable[tuple[int, Inbound]]:
    for message_id in message_ids:
        try:
            raw = open_raw(session, session.get_one(inbox.InboxMessage, message_id))
        except KeyGone:
            continue
        yield message_id, msgspec.json.decode(raw, type=Inbound)


def _choose(scene: Scene, utterance: Utterance, text: str, *, media: int, code: PlaceRef | None) -> Action:
    """Choose the resident's last matter, if it is of today; else it is a matter of its own, for a person to read."""
    tickets = [ticket for ticket in scene.facts().tickets if ticket.is_open]
    latest = max(tickets, key=lambda one: one.opened_at or scene.now - _LAST, default=None)
    if latest is not None and latest.opened_at is not None and latest.opened_at > scene.now - _LAST:
        return AddToTicket(latest.ticket, text, None, media)
    return _open(scene, utterance, text, media=media, code=code)


def _open(scene: Scene, utterance: Utterance, text: str, *, media: int, code: PlaceRef | None) -> OpenTicket:
    named = find_place(scene.city.gazetteer.find(utterance.text))
    place = named or (code if code is not None and code.scanned != "worker" else None)
    draft = read_draft(utterance, place=place, media=media, reading=_read_hazard(scene.city, text), reason="flood")
    return OpenTicket(msgspec.structs.replace(draft, by_code=code is not None))


def _find_code(scene: Scene, messages: Iterable[Inbound]) -> PlaceRef | None:
    """Give where the code hangs through which somebody came: with one of the messages, or shortly before them."""
    found = (find_code(scene, inbound) for inbound in messages if inbound.code)
    remembered = read_state(scene.speaker).remembered_place(scene.now)
    before = remembered if remembered is not None and remembered.scanned else None
    return next((place for place in found if place is not None), before)


def _read_hazard(city: City, text: str) -> Reading:
    """Read each line's hazard by itself: red ones were answered when they came, and lines put together may say what none of them did."""
    readings = (city.danger.read(normalize(line)) for line in text.split("\n"))
    return next((reading for reading in readings if reading.tier == "orange"), CALM)
