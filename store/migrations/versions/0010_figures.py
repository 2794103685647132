"""Sums of the figures by day, and what the months' meetings decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTS = (
    "received", "joined", "withdrawn", "declined", "malicious", "merged", "closed", "awaiting", "on_time", "late",
    "overdue", "running", "unclocked", "contacted", "contacted_said", "solved", "solved_said", "satisfied",
    "satisfied_said", "unrated", "dispatches", "returned", "corrected", "returned_twice", "redone", "dispatched",
    "first_right", "undecided", "local", "levelled", "came_back",
)  # fmt: skip


def _counts() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS]


def upgrade() -> None:
    """Add the sums, empty: the worker fills them from the events. Add the decisions."""
    op.create_table(
        "figure_ticket",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("area", "level", "channel", "line", "source", "item", "kind")),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        *_counts(),
        sa.PrimaryKeyConstraint("ticket_id", "unit", name=op.f("pk_figure_ticket")),
    )
    op.create_index(op.f("ix_figure_ticket_day"), "figure_ticket", ["day"], unique=False)
    op.create_index(op.f("ix_figure_ticket_look_at"), "figure_ticket", ["look_at"], unique=False)
    op.create_table(
        "figure_day",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *_counts(),
        sa.PrimaryKeyConstraint("dimension", "day", "value", name=op.f("pk_figure_day")),
    )
    op.create_table(
        "figure_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_figure_cursor")),
    )
    op.create_table(
        "month_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_decision")),
    )
    op.create_index(op.f("ix_month_decision_month"), "month_decision", ["month"], unique=False)


def downgrade() -> None:
    """Take sums and decisions away."""
    op.drop_index(op.f("ix_month_decision_month"), table_name="month_decision")
    op.drop_table("month_decision")
    op.drop_table("figure_cursor")
    op.drop_table("figure_day")
    op.drop_index(op.f("ix_figure_ticket_look_at"), table_name="figure_ticket")
    op.drop_index(op.f("ix_figure_ticket_day"), table_name="figure_ticket")
    op.drop_table("figure_ticket")
