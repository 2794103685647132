"""The tables of codes on doors, buildings and contact cards: which place or worker each stands for, how often it was scanned, what is shown there."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class PlaceCode(Base):
    """门牌码 · 楼栋码 · 联系卡: `kind` is door, building or worker. What is printed is made of `id` and `nonce` (routing.code_signing), and kept nowhere.

    `name` is the estate or road as the places list has it, `building` what stands on the building (3号楼), `door` what stands on the door: never who
    lives there. `worker` is the post whose card it is. A code that was revoked keeps its row: whoever scans it is told so.
    """

    __tablename__ = "place_code"
    __table_args__ = (Index("ix_place_code_area_kind", "area", "kind"), Index("ix_place_code_name", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    building: Mapped[str] = mapped_column(default="")
    door: Mapped[str] = mapped_column(default="")
    worker: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    printed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(default="")

    @property
    def place(self) -> str:
        """The place in words, not below the building: what everybody may read."""
        return f"{self.name}{self.building}"

    @property
    def label(self) -> str:
        """The place in words, with the door if it is one's."""
        return f"{self.name}{self.building}{self.door}"

    @property
    def lies_at(self) -> str:
        """What tells which part of a grid it belongs to: the worker whose card it is, else the place."""
        return self.worker or self.place


class CodeScan(Base):
    """How often a code was scanned on a day; nobody is in it. Of a door `day` is the first of the month: a day would lead to one household."""

    __tablename__ = "code_scan"

    code_id: Mapped[int] = mapped_column(ForeignKey("place_code.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class BuildingContent(Base):
    """What is shown to whoever scans a code of an estate (`building` "") or of one building, in the order of `position`."""

    __tablename__ = "building_content"

    code: Mapped[str] = mapped_column(primary_key=True)
    estate: Mapped[str] = mapped_column(index=True)
    building: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    position: Mapped[int]
