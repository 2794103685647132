"""The worker's duties, each one round: find what is due, do it, say how much was done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import structlog

from bot import draft_watch, erasing, seat_watch
from bot.bursts import put_together
from bot.channels import Media, SendError, SendNever
from bot.gathering import Gathering
from bot.picture_making import PictureMaking
from bot.proposal_round import Proposing
from bot.reconciling import find_gaps
from bot.rounds import Rounds
from bot.telling import Telling
from residents import attachments, bursts, conversations, group_drafts, retention, seats
from residents import erasing as erasures
from routing import patrols, season_tasks, supervision, tally_rows, track_watch, trail_folds, workloads
from store import failures, inbox, outbox
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from bot.channels import Channel
    from bot.city import City
    from bot.handling import Handler
    from bot.inbound import MessageReceiver
    from bot.sending import Sender
    from bot.settings import Settings
    from console.exchange.delivering import Deliverer
    from console.exchange.dropping import FileDrop
    from store.engine import Store

log = structlog.get_logger(__name__)


class Duties:
    """What the worker does, round by round."""

    def __init__(
        self,
        *,
        store: Store,
        handler: Handler,
        receiver: MessageReceiver,
        sender: Sender,
        channels: Mapping[str, Channel],
        city: City,
        owner: str,
        deliverer: Deliverer | None = None,
        files: FileDrop | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self.settings: Settings = city.settings
        self._store = store
        self._handler = handler
        self._receiver = receiver
        self._sender = sender
        self._channels = channels
        self._city = city
        self._owner = owner
        self._clock = clock
        self._deliverer = deliverer
        self._files = files
        self.rounds = Rounds(store=store, city=city, clock=clock)
        self._laid_out: tuple[int, date] | None = None
        """The state of the city and the day for which rounds and tasks were made."""
        self._looked_on: date | None = None
        """The day on which the work of the month was looked over last."""
        self._gathering = Gathering(store=store, city=city, rounds=self.rounds, clock=clock)
        self._proposing = Proposing(store=store, city=city, clock=clock)
        self._pictures = PictureMaking(store=store, ways=handler.ways, clock=clock)

    async def take_over(self) -> None:
        """Take up what a dead process left: on SQLite there is no other process, so nothing has to be waited for.

        What was put aside gets one more try: a new version may be able to do it.
        """
        await self._store.write(failures.try_again)
        if self._store.dialect == "sqlite":
            unknown = await self._store.write(lambda s: outbox.disown(s, owner=self._owner))
            unknown -= await self._keep_again()
            if unknown > 0:
                log.error("sends of a dead process are unknown", action="sends_unknown", count=unknown)
            await self._resume(self._clock())

    async def send(self) -> int:
        """Claim and send what is due."""
        return await self._sender.run_once()

    async def deliver(self) -> int:
        """Tell other systems what happened; apart from what goes to people, so that one that hangs holds back nobody."""
        return await self._deliverer.run_once() if self._deliverer is not None else 0

    async def exchange_files(self) -> int:
        """Read the hotline's files and write ours."""
        return await self._files.run_once() if self._files is not None else 0

    async def resume(self) -> int:
        """Handle messages that have no outcome, and send answers that no delivery fetched."""
        now = self._clock()
        worker = self.settings.worker
        resumed = await self._resume(now - timedelta(seconds=worker.resume_after_seconds))
        before = now - timedelta(seconds=worker.unsent_after_seconds)
        unsent = await self._store.read(lambda s: inbox.unsent(s, before=before))
        return resumed + await self.rounds.each(
            {one: partial(self._handler.ways.send_unfetched, message_id=one, now=now) for one in unsent}, what="message"
        )

    async def time_out(self) -> int:
        """Settle conversations whose question nobody answered."""
        now = self._clock()
        due = await self._store.read(lambda s: conversations.timed_out(s, now=now))
        return await self.rounds.each(
            {one: partial(self._handler.time_out, conversation_id=one, now=now) for one in due}, what="conversation"
        )

    async def look_after_seats(self) -> int:
        """Keep the promises made to whoever waits for a person, or has one."""
        now = self._clock()
        due = await self._store.read(lambda s: seats.due(s, now=now))
        return await self.rounds.each(
            {one: partial(seat_watch.look_after, talk_id=one, city=self._city, now=now) for one in due}, what="talk"
        )

    async def put_bursts_together(self) -> int:
        """Put together what somebody sent too fast."""
        now = self._clock()
        due = await self._store.read(lambda s: bursts.due(s, now=now))
        return await self.rounds.each(
            {one: partial(put_together, conversation_id=one, city=self._city, now=now) for one in due}, what="burst"
        )

    async def look_at_drafts(self) -> int:
        """Show grid workers what their groups speak of, and let go of what nobody confirmed within a day."""
        now = self._clock()
        due = await self._store.read(lambda s: group_drafts.due(s, now=now))
        works = {one: partial(draft_watch.look, draft_id=one, city=self._city, now=now) for one in due}
        done = await self.rounds.each(works, what="draft")
        if await self._store.read(group_drafts.is_log_full):
            await self._store.truncate_log()
            await self._store.write(group_drafts.note_log_emptied)
        return done

    async def fetch(self) -> int:
        """Fetch pictures, voices and videos while the platform still has them."""
        now = self._clock()
        taken = await self._store.write(lambda s: attachments.claim_expected(s, now=now))
        await asyncio.gather(*(self._fetch_one(one) for one in taken))
        return len(taken)

    async def make_pictures(self) -> int:
        """Make what residents sent safe to look at."""
        return await self._pictures.run()

    async def supervise(self) -> int:
        """Warn of deadlines, repeat red alarms, close what was never rated, call late sub-tasks and supervisions to mind."""
        now = self._clock()
        due = await self._store.read(lambda s: supervision.due(s, now=now))
        context = self._city.routing_context(tell=Telling(self._city, now=now))
        looks = {one: partial(supervision.warn, ticket_id=one, now=now, context=context) for one in due}
        tasks = await self._store.read(lambda s: track_watch.late_tasks(s, now=now))
        reminders = {one: partial(track_watch.remind_of_task, task_id=one, now=now, context=context) for one in tasks}
        rows = await self._store.read(lambda s: track_watch.late_supervisions(s, now=now))
        answers = {one: partial(track_watch.remind_of_supervision, supervision_id=one, now=now, context=context) for one in rows}
        done = await self.rounds.each(looks, what="ticket")
        return done + await self.rounds.each(reminders, what="task") + await self.rounds.each(answers, what="supervision")

    async def look_after_grids(self) -> int:
        """Make the patrol rounds of the day, give the tasks of seasonal plans, and tell desks which of these were not done in time."""
        now, org, calendar = self._clock(), self._city.org, self._city.calendar
        context = self._city.routing_context(tell=Telling(self._city, now=now))
        today = (self._city.loaded, now.astimezone(self._city.zone).date())
        if today != self._laid_out:
            await self._store.write(lambda s: patrols.make_rounds(s, now=now, org=org, calendar=calendar))
            await self._store.write(lambda s: season_tasks.give_tasks(s, now=now, org=org, calendar=calendar))
            self._laid_out = today
        await self._store.write(lambda s: season_tasks.tell_undone(s, now=now, context=context))
        return 0

    async def warn_early(self) -> int:
        """Once a day, tell supervisors' desks whose work of the month up to yesterday should be looked at."""
        today = self._clock().astimezone(self._city.zone).date()
        if today != self._looked_on:
            city, org, basis = self._city, self._city.org, self._city.make_basis()
            month, period = workloads.find_period(today - timedelta(days=1), city.zone)
            warnings = self.settings.warnings
            desks = await self._store.read(lambda s: workloads.count_warned(s, period, settings=warnings, basis=basis, org=org))
            context = city.routing_context(tell=Telling(city, now=self._clock()))
            await self._store.write(lambda s: workloads.tell_warned(s, month, desks, context=context))
            self._looked_on = today
        return 0

    async def gather_incidents(self) -> int:
        """Put what came in together with what tells of the same, and tell supervisors what swells."""
        return await self._gathering.run()

    async def sum_up_figures(self) -> int:
        """Take into the figures, signs and deeds what has happened since; a stretch of events at a time, so that others write meanwhile."""
        now, basis = self._clock(), self._city.make_basis()
        done = await self._store.write(lambda s: tally_rows.refresh(s, now=now, zone=self._city.zone))
        return done + await self._store.write(lambda s: trail_folds.refresh(s, basis=basis))

    async def propose(self) -> int:
        """Every some minutes, make anew what residents' use proposes to the editors."""
        return await self._proposing.run()

    async def reconcile(self) -> int:
        """Compare what should have happened with what did, and say what does not fit."""
        now = self._clock()
        unknown = await self._store.write(lambda s: outbox.expire_leases(s, now=now))
        unknown -= await self._keep_again()
        if unknown > 0:
            log.error("sends became unknown", action="sends_unknown", count=unknown)
        for gap in await self._store.read(lambda s: find_gaps(s, now=now)):
            log.error("something should be and is not", action="gap", kind=gap.kind, count=gap.count)
        return 0

    async def erase(self) -> int:
        """Carry out what residents asked to have erased, then empty the database's log of it."""
        now = self._clock()
        due = await self._store.read(lambda s: erasures.find_due(s, now=now))
        await self.rounds.each(
            {one: partial(erasing.carry_out, city=self._city, erasure_id=one, now=now) for one in due}, what="erasure"
        )
        if await self._store.read(erasures.is_log_full):
            await self._store.truncate_log()
            await self._store.write(erasures.note_log_emptied)
        return 0

    async def clean_up(self) -> int:
        """Once a night, take away what is over its time."""
        now = self._clock()
        local = now.astimezone(self._city.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if local.hour < self.settings.privacy.night_hour or await self._store.read(lambda s: retention.has_run(s, since=midnight)):
            return 0
        counts = erasures.Counts()
        while (chunk := await self._store.write(partial(erasing.run_due, city=self._city, now=now))) != erasures.Counts():
            counts.add(chunk)
        signed = await self._store.write(partial(erasing.sign_night, city=self._city, counts=counts, since=midnight, now=now))
        log.info("what was over its time is gone", action="cleaned_up", signed=signed, **msgspec.to_builtins(counts))
        return 0

    async def refresh(self) -> int:
        """Take over what other processes changed in the city."""
        now = self._clock()
        before = self._city.calendar
        await self._store.read(lambda s: self._city.refresh(s, now=now))
        if self._city.calendar != before:
            counted = await self._store.write(partial(supervision.look_at_all, now=now))
            log.info("the calendar has changed: due times are counted anew", action="calendar_changed", count=counted)
        return 0

    def leave_off(self) -> None:
        """Have what takes long end early: it is done again."""
        self._proposing.leave_off()

    async def drain(self) -> None:
        """Wait for what is under way."""
        await self._sender.drain()
        await self._receiver.drain()
        if self._deliverer is not None:
            await self._deliverer.close()

    async def _keep_again(self) -> int:
        """Let what may have been kept by a channel of ours go again: it is there once whatever happens."""
        keeping = [name for name, channel in self._channels.items() if channel.keeps]
        attempts, now = self.settings.outbox.attempts, self._clock()
        return (
            await self._store.write(lambda s: outbox.keep_again(s, channels=keeping, attempts=attempts, now=now)) if keeping else 0
        )

    async def _resume(self, before: datetime) -> int:
        ids = await self._store.read(lambda s: inbox.unfinished(s, before=before))
        resumed = await self._receiver.resume(ids)
        if resumed:
            log.warning("messages taken up again", action="messages_resumed", count=resumed)
        return resumed

    async def _fetch_one(self, one: tuple[int, str, str, str, str]) -> None:
        attachment_id, channel, kind, ref, form = one
        try:
            if channel not in self._channels:
                raise SendNever(f"channel {channel} is off")
            media = Media(kind=kind, ref=ref, format=form)  # type: ignore[arg-type]  # the row was written from a Media
            body = await self._channels[channel].fetch(media)
        except SendError as error:
            final = isinstance(error, SendNever)
            name = f"{type(error).__name__} {error.code}"
            log.warning("media not fetched", action="media_missed", attachment=attachment_id, error=name, final=final)
            await self._store.write(lambda s: attachments.miss(s, attachment_id, error=name, final=final))
        else:
            await self._store.write(lambda s: attachments.keep(s, attachment_id, body, now=self._clock()))
