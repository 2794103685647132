"""The commands of the seats: what a person does in a conversation stands in bot.seat_work, for the pages too."""

from __future__ import annotations

from bot.commands import Command
from bot.seat_work import answer, claim, close, count, hand_back, list_talks, open_ticket, say, show

COMMANDS = (
    Command(name="seat.list", run=list_talks, writes=False),
    Command(name="seat.claim", run=claim),
    Command(name="seat.show", run=show),
    Command(name="seat.say", run=say),
    Command(name="seat.answer", run=answer),
    Command(name="seat.ticket", run=open_ticket),
    Command(name="seat.hand-back", run=hand_back),
    Command(name="seat.close", run=close),
    Command(name="seat.figures", run=count, writes=False),
)
