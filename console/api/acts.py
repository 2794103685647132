"""What desks and units do with a ticket: one row an act, each the function of routing that does it. A new act is a new row.

Every act names the edition it was decided on (If-Match); on another one nothing is done and the caller is told what happened since.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - msgspec reads the annotation
from functools import partial
from typing import Any

import msgspec

from console import answers, asked
from console.editions import check_edition, check_seen, read_edition
from console.routes import Call, Reply, Route
from routing import (
    applying,
    arbitrating,
    checking,
    completing,
    cooperating,
    declining,
    desk,
    merging,
    overseeing,
    raising,
    rating,
    review,
    secrecy,
    sight,
    splitting,
    supervision,
    transferring,
)
from routing.facts import Acted, Opened
from routing.history import find, read_facts
from routing.rating import Rated, Verdict
from routing.splitting import Parted


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An act: the last part of its path, what it needs, and what does it: `run(session, number, actor=, now=, context=, **body)`."""

    name: str
    body: type[asked.Asked]
    run: Callable[..., Acted | Rated | Parted | Opened]


def _evaluate(*args: Any, text: str, actor: str, now: Any, context: Any, **said: Any) -> Acted:
    return rating.evaluate(*args, verdict=Verdict(**said), text=text, actor=actor, now=now, context=context)


def _follow_up(*args: Any, text: str, actor: str, now: Any, context: Any, **said: Any) -> Rated:
    return checking.follow_up(*args, verdict=Verdict(**said), text=text, actor=actor, now=now, context=context)


ACTS = (
    Act(name="dispatch", body=asked.Dispatch, run=desk.dispatch),
    Act(name="sign", body=asked.Nothing, run=desk.sign),
    Act(name="return", body=asked.Return, run=desk.return_ticket),
    Act(name="reply", body=asked.Say, run=desk.reply),
    Act(name="conclude", body=asked.SayMore, run=desk.conclude),
    Act(name="close", body=asked.SayMore, run=desk.close),
    Act(name="kind", body=asked.ChangeKind, run=desk.change_kind),
    Act(name="note", body=asked.Say, run=desk.note),
    Act(name="acknowledge", body=asked.Nothing, run=supervision.acknowledge),
    Act(name="seal", body=asked.Nothing, run=secrecy.keep_secret),
    Act(name="keep_from", body=asked.KeepFrom, run=secrecy.keep_from),
    Act(name="draft", body=asked.Say, run=secrecy.edit_summary),
    Act(name="approve", body=asked.Approve, run=secrecy.approve_summary),
    Act(name="reassign", body=asked.Reassign, run=review.reassign),
    Act(name="carry", body=asked.Say, run=review.carry),
    Act(name="explain", body=asked.Say, run=review.explain),
    Act(name="progress", body=asked.Say, run=review.report_progress),
    Act(name="evaluate", body=asked.Evaluate, run=_evaluate),
    Act(name="transfer", body=asked.Reassign, run=transferring.transfer),
    Act(name="arbitrate", body=asked.Reassign, run=arbitrating.arbitrate),
    Act(name="decline", body=asked.Decline, run=declining.decline),
    Act(name="split", body=asked.Split, run=splitting.split),
    Act(name="separate", body=asked.Separate, run=splitting.separate),
    Act(name="merge", body=asked.Merge, run=merging.merge),
    Act(name="unmerge", body=asked.Nothing, run=merging.unmerge),
    Act(name="raise", body=asked.Say, run=raising.raise_ticket),
    Act(name="task", body=asked.Task, run=cooperating.give_task),
    Act(name="task_sign", body=asked.Nothing, run=cooperating.sign_task),
    Act(name="task_reply", body=asked.Say, run=cooperating.answer_task),
    Act(name="task_return", body=asked.GiveBack, run=cooperating.return_task),
    Act(name="task_cancel", body=asked.Cancel, run=cooperating.cancel_task),
    Act(name="ask_more", body=asked.Say, run=completing.ask_more),
    Act(name="resume", body=asked.Nothing, run=completing.resume),
    Act(name="ask_extension", body=asked.Apply, run=partial(applying.apply_for, kind="extension")),
    Act(name="ask_pause", body=asked.Apply, run=partial(applying.apply_for, kind="pause")),
    Act(name="grant", body=asked.SayMore, run=partial(applying.decide, granted=True)),
    Act(name="refuse", body=asked.Say, run=partial(applying.decide, granted=False)),
    Act(name="verify", body=asked.Verify, run=checking.verify),
    Act(name="follow_up", body=asked.Evaluate, run=_follow_up),
    Act(name="supervise", body=asked.Oversee, run=partial(overseeing.oversee, kind="supervise")),
    Act(name="instruct", body=asked.Oversee, run=partial(overseeing.oversee, kind="instruct")),
    Act(name="answer_supervision", body=asked.Say, run=overseeing.answer),
)


def _make(act: Act) -> Callable[[Call], Reply]:
    """Make the handler of an act."""

    def run(call: Call) -> Reply:
        number = call.path["number"]
        check_edition(call, number)
        arguments = msgspec.structs.asdict(call.body)
        if isinstance(call.body, asked.Merge):
            check_seen(call, call.body.into)
        result = act.run(call.session, number, actor=call.actor.code, now=call.now, context=call.context, **arguments)
        etag = read_edition(call.session, number)
        now_stands = read_facts(call.session, find(call.session, number), org=call.context.org)
        seen = sight.see(now_stands, call.actor.viewer, org=call.context.org, zone=call.city.zone)
        opened = list_opened(result)
        done = not isinstance(result, Acted) or result.done
        if seen is None:
            return Reply(body=answers.Done(number=number, act=act.name, done=done, seen=False, opened=opened))
        body = answers.Done(
            number=number,
            act=act.name,
            status=seen.status.value,
            unit=seen.unit,
            etag=etag,
            done=done,
            opened=opened,
        )
        return Reply(body=body, etag=etag)

    return run


def list_opened(result: Acted | Rated | Parted | Opened) -> list[str]:
    """List the tickets that an act opened."""
    if isinstance(result, Parted):
        return [opened.ticket.number for opened in result.opened]
    return [result.ticket.number] if isinstance(result, Opened) else []


def open_original(call: Call) -> Reply:
    """Open what the resident wrote, for a reason that is kept. Each time anew: it is never given again for an Idempotency-Key."""
    number = call.path["number"]
    check_edition(call, number)
    original = secrecy.open_original(
        call.session, number, reason=call.body.reason, actor=call.actor.code, now=call.now, context=call.context
    )
    added = [answers.Words(at=at, text=text) for at, text in original.added]
    body = answers.Original(number=number, at=original.at, text=original.text, place=original.place, added=added)
    return Reply(body=body, etag=read_edition(call.session, number))


ROUTES = (
    *(
        Route(
            method="POST",
            path=f"/tickets/{{number}}/{act.name}",
            name=f"act_{act.name}",
            action=f"act.{act.name}",
            run=_make(act),
            body=act.body,
            answer=answers.Done,
            tag="acts",
            writes=True,
            keyed=True,
            guarded=True,
            etag=True,
        )
        for act in ACTS
    ),
    Route(
        method="POST",
        path="/tickets/{number}/original",
        name="act_original",
        action="act.original",
        run=open_original,
        body=asked.Open,
        answer=answers.Original,
        tag="acts",
        writes=True,
        guarded=True,
        etag=True,
    ),
)
