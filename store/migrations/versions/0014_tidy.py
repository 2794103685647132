"""The due time of the first unit is no column of the ticket any more: every run of a clock keeps its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the column away; what the units' clocks were due by stands in ticket_clock."""
    op.drop_column("ticket", "first_due_at")


def downgrade() -> None:
    """Bring it back, empty."""
    op.add_column("ticket", sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=True))
