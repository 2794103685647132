"""Grid work as the pages see it (console.grid_port.GridRoom): drafts from groups, excerpts, and what was found, on the city of the running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bot import drafting, pasting, patrolling
from bot.effects.drafts import confirm, raise_dangers
from bot.texts import fill
from console.grid_port import Confirmed, Draft, Pasted, Unseen
from residents import group_drafts
from residents.masking import mask
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from residents.group_drafts import Content, GroupDraft
    from routing.context import RoutingContext
    from routing.facts import Opened
    from routing.grid_work import Found

_HOW: dict[str, Literal["joined", "emergency"]] = {"joined": "joined", "emergency": "emergency"}


class GridRoom:
    """What a grid worker does with what is said in their group and found in their grid."""

    def __init__(self, city: City) -> None:
        self._city = city

    @property
    def replies(self) -> Sequence[str]:
        """The sentences that can be said in a group: the one of all groups first."""
        return [fill("say", "group_receipt"), *fill("pages", "grid_replies").strip().splitlines()]

    def list_groups(self, actor: str) -> Sequence[tuple[str, str]]:
        """List the groups that a worker looks after, by code and name."""
        return [(code, row.name) for code, row in sorted(self._city.groups.items()) if row.worker == actor]

    def list_drafts(self, session: Session, *, actor: str, note: bool = True) -> Sequence[Draft]:
        """List the drafts that wait for a worker, the oldest first; the look is kept where there was something to see, unless it was before."""
        waiting = group_drafts.waiting_for(session, actor)
        if waiting and note:
            record(session, actor=actor, action="draft.look", subject=f"drafts:{actor}", facts={"what": "page"})
        contents = group_drafts.read_all(session, waiting)
        return [self._describe(draft, contents[draft.id]) for draft in waiting if draft.id in contents]

    def list_unseen(self, session: Session, *, desks: Collection[str]) -> Sequence[Unseen]:
        """List the groups of some desks' grids in which something waits for the worker, what is gone first on top. One query."""
        org, found = self._city.org, []
        for one in group_drafts.count_waiting(session):
            group, worker = self._city.groups.get(one.group), org.staff.get(one.worker)
            if group is not None and org.desk_for(group.grid).code in desks:
                found.append(
                    Unseen(
                        group=group.name,
                        worker=one.worker,
                        worker_name=worker.name if worker is not None else "",
                        phone=worker.work_phone if worker is not None else "",
                        count=one.count,
                        since=one.since,
                        due_at=one.due_at,
                    )
                )
        return found

    def confirm(
        self, session: Session, draft: int, *, actor: str, text: str = "", place: str = "", now: datetime
    ) -> Confirmed | None:
        """Make a ticket of a draft, in other words if `text` says any; None if it does not wait for this worker any more."""
        held = group_drafts.find_for(session, draft, worker=actor)
        changed = "" if held is None or text.strip() == _words(group_drafts.read(session, held)) else text.strip()
        outcome = confirm(session, self._city, draft, staff=actor, text=changed, place=place.strip(), now=now)
        if outcome is None:
            return None
        return Confirmed(ticket=outcome.ticket, how=_HOW.get(outcome.name, "opened"))

    def drop(self, session: Session, draft: int, *, actor: str, now: datetime) -> bool:
        """Let a draft and its words go; False if it does not wait for this worker any more."""
        return drafting.drop(session, draft, staff=actor, now=now)

    def paste(self, session: Session, text: str, *, actor: str, group: str, now: datetime) -> Pasted | None:
        """Listen to an excerpt of a worker's own group; None where it is no excerpt, or the group another's: then nothing is kept."""
        row = self._city.groups.get(group)
        taken = (
            pasting.paste(session, self._city, text, staff=actor, group=group, now=now)
            if row is not None and row.worker == actor
            else None
        )
        if taken is None:
            return None
        tickets = raise_dangers(session, self._city, taken, staff=actor, now=now)
        return Pasted(messages=taken.messages, drafts=len(taken.drafts), tickets=tickets)

    def read_found(self, text: str, *, grid: str, actor: str, place: str = "", item: str = "") -> Found:
        """Read what was found in a grid, like any report; UnknownWork if there is no such grid."""
        return patrolling.read_found(self._city, text, grid=grid, staff=actor, place=place, item=item)

    def file_for(
        self, session: Session, *, text: str, grid: str, actor: str, place: str, phone: str, now: datetime, context: RoutingContext
    ) -> tuple[Opened, bool]:
        """代办: file a matter for a resident; gives what became of it, and whether they are told."""
        return patrolling.file_for(
            session, self._city, text=text, grid=grid, staff=actor, place=place, phone=phone, now=now, context=context
        )

    def _describe(self, draft: GroupDraft, content: Content) -> Draft:
        shown = drafting.describe_content(self._city, draft, content)
        return Draft(
            id=draft.id,
            group=shown["group"],
            lines=shown["lines"],
            words=_words(content),
            people=draft.people,
            media=shown["media"],
            pasted=draft.origin == "paste",
            can_reply=shown["can_reply"],
            at=draft.last_at,
            due_at=draft.due_at,
            lapses_to="nothing" if drafting.judge(self._city, content).tier == "none" else "ticket",
        )


def _words(content: Content) -> str:
    """Give what was said in a draft, masked, without who said it."""
    return "\n".join(mask(piece.text) for piece in content.pieces if piece.text)
