"""代办与上报: a grid worker, a desk or a partner files a matter; it is routed like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console import answers
from console.asked import File
from console.editions import read_edition
from console.problems import wrong
from console.routes import Call, Reply, Route
from routing import desk
from routing.facts import Origin
from routing.terms import NOBODY

if TYPE_CHECKING:
    from knowledge_base.text import Utterance
    from routing.facts import Opened
    from routing.terms import Report

CHANNEL = "api"
"""The channel of what is filed here."""


def file_ticket(call: Call) -> Reply:
    """File a matter: opens a ticket, or joins the one that tells of the same matter."""
    opened = _open(call, call.body)
    number = opened.joined_to or opened.ticket.number
    etag = read_edition(call.session, number)
    body = answers.Filed(
        number=number,
        status=opened.ticket.status.value,
        unit=opened.ticket.unit,
        joined=bool(opened.joined_to),
        etag=etag,
    )
    return Reply(body=body, etag=etag)


def read_filed(call: Call, filed: File) -> tuple[Report, Utterance]:
    """Read what is filed like any report; Problem (422) for an area that is not there."""
    if filed.area and filed.area not in call.context.org.areas:
        raise wrong("body.area", "Expected the code of an area")
    staff = call.actor.kind == "staff"
    area = filed.area or (call.actor.area if staff else "")
    report, utterance = call.city.read_report(filed.text, place=filed.place, area=area)
    report = msgspec.structs.replace(
        report,
        kind=filed.kind,
        requester=filed.requester,
        confidential=report.confidential or filed.confidential or filed.kind == "report",
        reporter_staff=call.actor.code if staff else "",
    )
    return report, utterance


def _open(call: Call, filed: File) -> Opened:
    staff = call.actor.kind == "staff"
    report, utterance = read_filed(call, filed)
    origin = Origin(inbox_id=None, channel=CHANNEL, origin_line="" if staff else call.actor.code)
    return desk.open_ticket(
        call.session,
        report=report,
        resident_id=NOBODY,
        origin=origin,
        context=call.context,
        now=call.now,
        utterance=utterance,
    )


ROUTES = (
    Route(
        method="POST",
        path="/tickets",
        name="file",
        action="tickets.file",
        run=file_ticket,
        body=File,
        answer=answers.Filed,
        tag="tickets",
        status=201,
        writes=True,
        keyed=True,
        etag=True,
    ),
)
