"""Lists of tickets by unit and desk find theirs by an index, also what a unit assists with."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def upgrade() -> None:
    """Add the indexes, and a row for each unit that assists with a ticket."""
    table = op.create_table(
        "ticket_assist",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_assist_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("unit", "ticket_id", name=op.f("pk_ticket_assist")),
    )
    op.create_index(op.f("ix_ticket_assist_ticket_id"), "ticket_assist", ["ticket_id"], unique=False)
    op.create_index("ix_ticket_unit_id", "ticket", ["unit", "id"], unique=False)
    op.create_index("ix_ticket_desk_id", "ticket", ["desk", "id"], unique=False)
    found = op.get_bind().execute(sa.text("SELECT id, assisting FROM ticket")).all()
    rows = [{"unit": unit, "ticket_id": ticket} for ticket, units in found for unit in dict.fromkeys(_read(units))]
    for first in range(0, len(rows), _AT_ONCE):
        op.bulk_insert(table, rows[first : first + _AT_ONCE])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_ticket_desk_id", table_name="ticket")
    op.drop_index("ix_ticket_unit_id", table_name="ticket")
    op.drop_index(op.f("ix_ticket_assist_ticket_id"), table_name="ticket_assist")
    op.drop_table("ticket_assist")


def _read(units: Any) -> list[str]:
    """Read a list that PostgreSQL gives as such and SQLite as text."""
    return json.loads(units) if isinstance(units, str) else units or []
