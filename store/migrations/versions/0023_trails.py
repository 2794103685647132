"""What is read from each ticket's trail, kept: signs, and who did what by month; the worker makes them out of the events there are. An index for doctor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_IS_KEPT = sa.text("(CAST(refused AS VARCHAR) <> '[]' OR CAST(refused_staff AS VARCHAR) NOT IN ('[]', 'null'))")
_OF_WHOM = (("month", sa.Date()), ("is_unit", sa.Boolean()), ("code", sa.Text()), ("kind", sa.Text()))


def upgrade() -> None:
    """Make the tables; the worker fills them."""
    op.create_table(
        "trail_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trail_cursor")),
    )
    op.create_table(
        "trail_fold",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("adds", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_trail_fold")),
    )
    op.create_index(op.f("ix_trail_fold_event_id"), "trail_fold", ["event_id"], unique=False)
    op.create_table(
        "ticket_sign",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "place", name=op.f("pk_ticket_sign")),
    )
    op.create_index("ix_ticket_sign_at", "ticket_sign", ["at"], unique=False)
    op.create_table(
        "ticket_deed",
        *(sa.Column(name, kind, nullable=False) for name, kind in _OF_WHOM),
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in _OF_WHOM), "ticket_id", name=op.f("pk_ticket_deed")),
    )
    op.create_index(op.f("ix_ticket_deed_ticket_id"), "ticket_deed", ["ticket_id"], unique=False)
    op.create_table(
        "work_month",
        *(sa.Column(name, kind, nullable=False) for name, kind in _OF_WHOM),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in _OF_WHOM), name=op.f("pk_work_month")),
    )
    op.create_index("ix_ticket_kept", "ticket", ["status", "id"], unique=False, sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_ticket_kept", table_name="ticket")
    for table in ("work_month", "ticket_deed", "ticket_sign", "trail_fold", "trail_cursor"):
        op.drop_table(table)
