"""The city's own learned models, as commands: what may be learned from, new versions, which of them serves, and the way back."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import msgspec

from bot.city import ROUTING, note_change
from bot.commands import Command, Json
from bot.refusals import refuse
from knowledge_base.linear import load_model
from routing.learned import name_class
from routing.lessons import collect
from store import models
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def list_lessons(session: Session, city: City, *, now: datetime, actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Give what a model may be learned from: masked summaries with what clerks decided, the duty list, the settings and the running model."""
    lessons = collect(session)
    record(session, actor=actor, action="models.lessons", subject=ROUTING, facts={"count": len(lessons)})
    running = models.find_serving(session, ROUTING)
    return {
        "lessons": msgspec.to_builtins(lessons),
        "duty_list": msgspec.to_builtins(list(city.duty_list.items.values())),
        "settings": msgspec.to_builtins(city.settings.triage),
        "today": city.day.isoformat(),
        "running": base64.b64encode(running.content).decode() if running else None,
    }


def keep(
    session: Session,
    city: City,
    *,
    now: datetime,
    content: str,
    figures: Mapping[str, float],
    serve: bool,
    actor: str,
) -> Json:
    """Keep a version; put it into service if asked to. ModelWrong if it is no model, a Refusal if it knows no item of the duty list in force."""
    packed = base64.b64decode(content)
    known = load_model(packed)
    if not {name_class(item) for item in city.duty_list.items.values()}.intersection(known.classes):
        raise refuse("model_of_another_kind", classes="、".join(known.classes[:3]))
    model = models.keep(session, ROUTING, packed, figures={**known.figures, **figures}, by=actor, now=now)
    record(session, actor=actor, action="models.keep", subject=f"{ROUTING}:{model.version}", facts={"serve": serve})
    if serve:
        models.put_into_service(session, ROUTING, model.version, now=now)
        note_change(session)
    return {"version": model.version, "serving": serve}


def list_models(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is told the time
    """List the versions, the newest first."""
    return [
        {
            "name": model.name,
            "version": model.version,
            "serving": model.serving,
            "made_at": model.made_at.astimezone(city.zone).isoformat(timespec="minutes"),
            "made_by": model.made_by,
            "figures": model.figures,
        }
        for model in models.list_versions(session)
    ]


def use(session: Session, city: City, *, now: datetime, version: int, actor: str) -> Json:  # noqa: ARG001 - every command is told the city
    """Put a version into service."""
    models.put_into_service(session, ROUTING, version, now=now)
    record(session, actor=actor, action="models.use", subject=f"{ROUTING}:{version}")
    note_change(session)
    return {"version": version}


def back(session: Session, city: City, *, now: datetime, actor: str) -> Json:  # noqa: ARG001 - every command is told the city and the time
    """Go back to the version that served before; None is what comes with the software."""
    version = models.go_back(session, ROUTING)
    record(session, actor=actor, action="models.back", subject=f"{ROUTING}:{version or 0}")
    note_change(session)
    return {"version": version}


COMMANDS = (
    Command(name="models.lessons", run=list_lessons),
    Command(name="models.keep", run=keep),
    Command(name="models.list", run=list_models, writes=False),
    Command(name="models.use", run=use),
    Command(name="models.back", run=back),
)
