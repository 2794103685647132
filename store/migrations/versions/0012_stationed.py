"""Stationed staff hold a second post, and a ticket says who of its unit works on it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the second post, and who works on a ticket; both are empty until somebody is sent out or works."""
    op.add_column("staff", sa.Column("stationed", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("ticket", sa.Column("handler", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_ticket_handler_id", "ticket", ["handler", "id"], unique=False)


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_ticket_handler_id", table_name="ticket")
    op.drop_column("ticket", "handler")
    op.drop_column("staff", "stationed")
