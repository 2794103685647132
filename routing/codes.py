"""门牌码 · 楼栋码 · 联系卡: made, found again when they are scanned, revoked, counted. They follow changes of the organisation (routing.holdings).

CodeError
├── NoCode         there is no code with this number
├── NoCodePlace    there is nothing here that a code could stand for
├── NoCodeArea     there is no such area, or it is no grid and the place says no grid
└── NoCodeWorker   nobody who looks after a grid has this staff code
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import func, select

from routing.code_signing import Signed, new_nonce, read_signed, sign
from routing.code_tables import BuildingContent, CodeScan, PlaceCode
from routing.grid_rounds import list_grids
from routing.grid_work import LOOKS_AFTER
from routing.reorganising import WORKER
from routing.tables import PlaceTableRow
from store.audit import record
from store.base import insert_into
from store.locks import hold
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.org import OrgChart, StaffMember

CodeKind = Literal["door", "building", "worker"]
"""门牌码, 楼栋码, 联系卡."""


class CodeError(Exception):
    """This cannot be done with a code."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoCode(CodeError):
    """There is no code with this number."""


class NoCodePlace(CodeError):
    """There is nothing here that a code could stand for."""


class NoCodeArea(CodeError):
    """There is no such area."""


class NoCodeWorker(CodeError):
    """Nobody who looks after a grid has this staff code."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a code stands for: a place in a grid, or a worker's card."""

    kind: CodeKind
    area: str
    name: str = ""
    building: str = ""
    door: str = ""
    worker: str = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """服务联系卡: who looks after a place, and the work phone if one is known."""

    code: str
    name: str
    phone: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What making codes came to: the new ones, and how many stood already."""

    codes: tuple[PlaceCode, ...]
    standing: int


def list_targets(session: Session, area: str, *, kind: CodeKind, org: OrgChart) -> list[Target]:
    """List what the places list or the staff gives codes to in an area: its buildings, the estates without buildings, or its grid workers.

    Doors stand in no list and are named one by one (NoCodePlace). NoCodeArea for an unknown area.
    """
    if kind == "door":
        raise NoCodePlace(area)
    grids = [code for code in list_grids(org, area) if code in org.areas] if area in org.areas else []
    if not grids:
        raise NoCodeArea(area)
    if kind == "worker":
        return [Target(kind=kind, area=one.area, worker=one.code) for grid in grids for one in org.staff_of(area=grid, role=WORKER)]
    rows = session.execute(
        select(PlaceTableRow)
        .where(PlaceTableRow.area.in_(grids), PlaceTableRow.kind.in_(("building", "estate")))
        .order_by(PlaceTableRow.area, PlaceTableRow.parent, PlaceTableRow.name)
    ).scalars()
    found = list(rows)
    built = {row.parent for row in found if row.kind == "building"}
    return [
        Target(kind="building", area=row.area, name=row.parent or row.name, building=row.name if row.parent else "")
        for row in found
        if row.parent or row.name not in built
    ]


def name_targets(area: str, *, name: str, building: str = "", doors: Iterable[str] = ()) -> list[Target]:
    """Name a building, or the doors in it."""
    whole = Target(kind="building", area=area, name=name, building=building)
    behind = [Target(kind="door", area=area, name=name, building=building, door=door) for door in doors]
    return behind or [whole]


def make(session: Session, targets: Iterable[Target], *, note: str = "", by: str, now: datetime, org: OrgChart) -> Made:
    """Make a code for each of these that has none which is valid. NoCodePlace, NoCodeArea and NoCodeWorker name what does not fit."""
    wanted = [_check(target, org) for target in dict.fromkeys(targets)]
    if not wanted:
        raise NoCodePlace
    hold(session, "place_code")
    valid = session.execute(
        select(PlaceCode).where(PlaceCode.revoked_at.is_(None), PlaceCode.area.in_({target.area for target in wanted}))
    ).scalars()
    standing = {_target_of(row) for row in valid}
    rows = [
        PlaceCode(nonce=new_nonce(), note=note, made_by=by, made_at=now, **msgspec.to_builtins(target))
        for target in wanted
        if target not in standing
    ]
    session.add_all(rows)
    session.flush()
    if rows:
        record(
            session, actor=by, action="code.make", subject=f"code:{rows[0].id}", facts={"count": len(rows), "kind": rows[0].kind}
        )
    return Made(codes=tuple(rows), standing=len(wanted) - len(rows))


def _check(target: Target, org: OrgChart) -> Target:
    """Check that a code can stand for this, in the area that stands today."""
    if target.kind == "worker":
        person = org.staff.get(target.worker)
        if person is None or person.role not in LOOKS_AFTER or not person.area:
            raise NoCodeWorker(target.worker)
        return Target(kind="worker", area=person.area, worker=person.code)
    area = org.standing_area(target.area)
    if area not in org.areas:
        raise NoCodeArea(target.area)
    if not target.name or (target.kind == "door") != bool(target.door):
        raise NoCodePlace(f"{target.name}{target.building}{target.door}")
    return msgspec.structs.replace(target, area=area)


def _target_of(row: PlaceCode) -> Target:
    return msgspec.convert({name: getattr(row, name) for name in Target.__struct_fields__}, Target)


def get(session: Session, code_id: int) -> PlaceCode:
    """Give a code by its number; NoCode if there is none."""
    row = session.get(PlaceCode, code_id)
    if row is None:
        raise NoCode(str(code_id))
    return row


def revoke(session: Session, code_id: int, *, by: str, now: datetime) -> PlaceCode:
    """Revoke a code: whoever scans it from now on is shown the general entrance. NoCode if there is none."""
    row = get(session, code_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, by
        record(session, actor=by, action="code.revoke", subject=f"code:{row.id}", facts={"kind": row.kind, "area": row.area})
    return row


def sign_code(session: Session, row: PlaceCode) -> str:
    """Give what is printed of a code."""
    return sign(Signed(row.id, row.nonce), vault=vault_of(session))


def find(session: Session, code: str) -> PlaceCode | None:
    """Find a code by what was scanned, also one that is revoked; None for what we never made. What is not signed by us is not looked up."""
    signed = read_signed(code, vault=vault_of(session))
    row = session.get(PlaceCode, signed.id) if signed is not None else None
    return row if row is not None and signed is not None and row.nonce == signed.nonce else None


def find_valid(session: Session, code: str) -> PlaceCode | None:
    """Find a code that may still be used; None for one that is forged or revoked."""
    row = find(session, code)
    return row if row is not None and row.revoked_at is None else None


def count_scan(session: Session, row: PlaceCode, *, today: date) -> None:
    """Count one scan of a code; of whom is not kept. Of a door only the month is."""
    day = today.replace(day=1) if row.kind == "door" else today
    statement = insert_into(session, CodeScan).values(code_id=row.id, day=day, count=1)
    more = {"count": CodeScan.count + 1}
    session.execute(statement.on_conflict_do_update(index_elements=["code_id", "day"], set_=more))


def read_scans(session: Session, codes: Collection[int], *, today: date, days: int = 30) -> Mapping[int, tuple[int, int]]:
    """Give of each of these codes how often it was scanned: in all, and in the last days. Codes that never were are left out."""
    since = today - timedelta(days=days - 1)
    lately = func.sum(CodeScan.count).filter(CodeScan.day >= since)
    statement = select(CodeScan.code_id, func.sum(CodeScan.count), func.coalesce(lately, 0)).group_by(CodeScan.code_id)
    rows = session.execute(statement.where(CodeScan.code_id.in_(codes)))
    return {code: (int(total), int(recent)) for code, total, recent in rows}


def list_numbered(session: Session, numbers: Collection[int]) -> Sequence[PlaceCode]:
    """List the codes of these numbers that may still be used."""
    there = PlaceCode.id.in_(numbers), PlaceCode.revoked_at.is_(None)
    return session.execute(select(PlaceCode).where(*there).order_by(PlaceCode.id)).scalars().all()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which codes are listed: of an area with all below it, of a kind, with these words in their place; revoked ones only where asked for."""

    area: str = ""
    kind: str = ""
    words: str = ""
    revoked: bool = False
    unprinted: bool = False


def list_codes(
    session: Session, wanted: Wanted, *, org: OrgChart, limit: int, after: int = 0, by_place: bool = False
) -> Sequence[PlaceCode]:
    """List codes, by number or in the order of their places; `after` is the last number seen."""
    statement = _select(wanted, org).where(PlaceCode.id > after).limit(limit)
    place = (PlaceCode.area, PlaceCode.name, PlaceCode.building, PlaceCode.door)
    return session.scalars(statement.order_by(*place if by_place else (), PlaceCode.id)).all()


def _select(wanted: Wanted, org: OrgChart) -> Select[PlaceCode]:
    statement = select(PlaceCode).where(PlaceCode.revoked_at.is_not(None) if wanted.revoked else PlaceCode.revoked_at.is_(None))
    if wanted.area:
        statement = statement.where(PlaceCode.area.in_([code for code in org.areas if org.within(code, wanted.area)]))
    if wanted.kind:
        statement = statement.where(PlaceCode.kind == wanted.kind)
    if wanted.words:
        place = PlaceCode.name + PlaceCode.building + PlaceCode.door + PlaceCode.worker + PlaceCode.note
        statement = statement.where(place.contains(wanted.words, autoescape=True))
    return statement.where(PlaceCode.printed_at.is_(None)) if wanted.unprinted else statement


def note_printed(session: Session, rows: Iterable[PlaceCode], *, by: str, now: datetime) -> None:
    """Write down that codes were put on a print sheet."""
    printed = list(rows)
    for row in printed:
        row.printed_at = now
    if printed:
        facts = {"count": len(printed)}
        record(session, actor=by, action="code.print", subject=f"code:{printed[0].id}", facts=facts)


def find_contact(row: PlaceCode, org: OrgChart) -> Contact | None:
    """Find who looks after the place of a code: whose card it is, else a worker of the grid, who can be called before who cannot."""
    own = org.staff.get(row.worker)
    if own is not None and own.role in LOOKS_AFTER:
        return _contact(own)
    there = org.staff_of(area=org.standing_area(row.area), role=WORKER)
    return next((_contact(one) for one in sorted(there, key=lambda one: (not one.work_phone, one.code))), None)


def _contact(person: StaffMember) -> Contact:
    return Contact(code=person.code, name=person.name, phone=person.work_phone)


def list_content(session: Session, row: PlaceCode) -> Sequence[BuildingContent]:
    """List what is shown at the place of a code: its building's first, then its estate's."""
    if not row.name:
        return ()
    here = BuildingContent.estate == row.name, BuildingContent.building.in_(("", row.building))
    found = session.execute(select(BuildingContent).where(*here)).scalars()
    return sorted(found, key=lambda one: (not one.building, one.position, one.code))
