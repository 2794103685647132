"""Who has a ticket open or writes on it just now; the queues of a desk in the order of their due times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of who looks at a ticket just now, and the indexes by which queues are read."""
    op.create_table(
        "presence",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", "staff", name=op.f("pk_presence")),
    )
    op.create_index(op.f("ix_presence_seen_at"), "presence", ["seen_at"], unique=False)
    op.create_index("ix_ticket_status_due_at_desk", "ticket", ["status", "due_at", "desk"], unique=False)
    op.create_index(op.f("ix_ticket_tier"), "ticket", ["tier"], unique=False)
    op.create_index(op.f("ix_ticket_handover_state"), "ticket", ["handover_state"], unique=False)
    op.create_index(op.f("ix_ticket_request_state"), "ticket_request", ["state"], unique=False)


def downgrade() -> None:
    """Drop them: nothing of the table is older than a minute."""
    op.drop_index(op.f("ix_ticket_request_state"), table_name="ticket_request")
    op.drop_index(op.f("ix_ticket_handover_state"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_tier"), table_name="ticket")
    op.drop_index("ix_ticket_status_due_at_desk", table_name="ticket")
    op.drop_index(op.f("ix_presence_seen_at"), table_name="presence")
    op.drop_table("presence")
