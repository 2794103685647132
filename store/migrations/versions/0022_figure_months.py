"""Sums of the figures by month, for the year of a city with many grids; what a grid worker reported, and what a reply settled, found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_COUNTS = (
    "received", "joined", "withdrawn", "declined", "malicious", "merged", "closed", "awaiting", "on_time", "late",
    "overdue", "running", "unclocked", "contacted", "contacted_said", "solved", "solved_said", "satisfied",
    "satisfied_said", "unrated", "dispatches", "returned", "corrected", "returned_twice", "redone", "dispatched",
    "first_right", "undecided", "local", "levelled", "came_back",
)  # fmt: skip
_MONTH_OF = {"sqlite": "date(day, 'start of month')", "postgresql": "date_trunc('month', day)::date"}


def upgrade() -> None:
    """Make the months out of the days there are, and the indexes."""
    op.create_table(
        "figure_month",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint("dimension", "month", "value", name=op.f("pk_figure_month")),
    )
    month = _MONTH_OF[op.get_bind().dialect.name]
    names, sums = ", ".join(_COUNTS), ", ".join(f"sum({name})" for name in _COUNTS)
    op.execute(
        f"INSERT INTO figure_month (dimension, month, value, {names}) "
        f"SELECT dimension, {month}, value, {sums} FROM figure_day GROUP BY dimension, {month}, value"
    )
    op.create_index("ix_figure_ticket_area_day", "figure_ticket", ["area", "day"], unique=False)
    op.create_index(op.f("ix_ticket_reporter_staff"), "ticket", ["reporter_staff"], unique=False)
    op.create_index("ix_ticket_solved_kind", "ticket", ["solved", "kind"], unique=False)


def downgrade() -> None:
    """Take months and indexes away."""
    op.drop_index("ix_ticket_solved_kind", table_name="ticket")
    op.drop_index(op.f("ix_ticket_reporter_staff"), table_name="ticket")
    op.drop_index("ix_figure_ticket_area_day", table_name="figure_ticket")
    op.drop_table("figure_month")
