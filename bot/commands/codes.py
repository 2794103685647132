"""Codes on doors, buildings and contact cards as commands: made, listed, revoked, put on a sheet to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from console.codes import sheet
from routing import codes
from routing.codes import Target, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.code_tables import PlaceCode
    from routing.codes import CodeKind


def make(
    session: Session,
    city: City,
    *,
    now: datetime,
    area: str,
    kind: CodeKind,
    actor: str,
    name: str = "",
    building: str = "",
    doors: Sequence[str] = (),
    worker: str = "",
    note: str = "",
) -> Json:
    """Make the codes of an area, of one place or its doors, or of one worker; {"made": [...], "standing"}."""
    if worker:
        targets = [Target(kind="worker", area="", worker=worker)]
    elif name:
        targets = codes.name_targets(area, name=name, building=building, doors=doors)
    else:
        targets = codes.list_targets(session, area, kind=kind, org=city.org)
    made = codes.make(session, targets, note=note, by=actor, now=now, org=city.org)
    return {"made": _describe(session, made.codes, city, now=now), "standing": made.standing}


def list_codes(
    session: Session,
    city: City,
    *,
    now: datetime,
    area: str = "",
    kind: str = "",
    words: str = "",
    revoked: bool = False,
    limit: int = 100,
) -> Json:
    """List codes with how often they were scanned."""
    wanted = Wanted(area=area, kind=kind, words=words, revoked=revoked)
    return _describe(session, codes.list_codes(session, wanted, org=city.org, limit=limit), city, now=now)


def revoke(session: Session, city: City, *, now: datetime, code: int, actor: str) -> Json:
    """Revoke a code."""
    return _describe(session, [codes.revoke(session, code, by=actor, now=now)], city, now=now)[0]


def print_codes(
    session: Session,
    city: City,
    *,
    now: datetime,
    actor: str,
    area: str = "",
    kind: str = "",
    words: str = "",
    unprinted: bool = False,
) -> Json:
    """Put codes on a sheet; {"count", "html"}. They are printed from now on."""
    wanted = Wanted(area=area, kind=kind, words=words, unprinted=unprinted)
    rows = codes.list_codes(session, wanted, org=city.org, limit=sheet.MOST, by_place=True)
    cards = sheet.read_cards(session, rows, org=city.org, public_url=city.settings.server.public_url)
    codes.note_printed(session, rows, by=actor, now=now)
    return {"count": len(cards), "html": sheet.render_file(cards, service=city.settings.city.service)}


def _describe(session: Session, rows: Sequence[PlaceCode], city: City, *, now: datetime) -> list[dict[str, Json]]:
    scans = codes.read_scans(session, [row.id for row in rows], today=now.astimezone(city.zone).date())
    return [_describe_one(row, city, scans=scans.get(row.id, (0, 0))) for row in rows]


def _describe_one(row: PlaceCode, city: City, *, scans: tuple[int, int]) -> dict[str, Json]:
    person = city.org.staff.get(row.worker)
    total, lately = scans
    return {
        "id": row.id,
        "kind": row.kind,
        "place": row.label,
        "worker": row.worker,
        "worker_name": person.name if person else "",
        "area": city.org.standing_area(row.area),
        "note": row.note,
        "state": "revoked" if row.revoked_at else "printed" if row.printed_at else "made",
        "scans": total,
        "lately": lately,
    }


COMMANDS = (
    Command(name="codes.make", run=make),
    Command(name="codes.list", run=list_codes, writes=False),
    Command(name="codes.revoke", run=revoke),
    Command(name="codes.print", run=print_codes),
)
