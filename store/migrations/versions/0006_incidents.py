"""Which tickets tell of one incident, and what a person merged or split of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the incidents; tickets that are there already are put into them by the worker."""
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("raised_burst_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_slow_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_last_at"), "incident", ["last_at"], unique=False)
    op.create_table(
        "incident_member",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("followers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_incident_member_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_incident_member_incident_id_incident")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_incident_member")),
    )
    op.create_index(op.f("ix_incident_member_incident_id"), "incident_member", ["incident_id"], unique=False)
    op.create_table(
        "incident_apart",
        sa.Column("first_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("second_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["incident.id"], name=op.f("fk_incident_apart_first_id_incident")),
        sa.ForeignKeyConstraint(["second_id"], ["incident.id"], name=op.f("fk_incident_apart_second_id_incident")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_incident_apart")),
    )


def downgrade() -> None:
    """Take the incidents away."""
    op.drop_table("incident_apart")
    op.drop_index(op.f("ix_incident_member_incident_id"), table_name="incident_member")
    op.drop_table("incident_member")
    op.drop_index(op.f("ix_incident_last_at"), table_name="incident")
    op.drop_table("incident")
