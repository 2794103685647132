"""What desks publish, and exchange with other systems: partners' ids, addresses that are called, handed-over matters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "published_summary",
        sa.Column("ticket_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_published_summary_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_published_summary")),
    )
    op.create_index(op.f("ix_published_summary_withdrawn_at"), "published_summary", ["withdrawn_at"], unique=False)
    op.create_table(
        "partner_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("their_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_partner_ticket_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_ticket")),
        sa.UniqueConstraint("partner", "their_id", name=op.f("uq_partner_ticket_partner_their_id")),
    )
    op.create_index(op.f("ix_partner_ticket_ticket_id"), "partner_ticket", ["ticket_id"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret_file", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("since_event", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_partner"), "webhook", ["partner"], unique=False)
    op.create_table(
        "exchange_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("their_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_exchange_transfer_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_transfer")),
        sa.UniqueConstraint("peer", "ticket_id", name=op.f("uq_exchange_transfer_peer_ticket_id")),
    )
    op.create_index(op.f("ix_exchange_transfer_ticket_id"), "exchange_transfer", ["ticket_id"], unique=False)
    op.create_index(op.f("ix_exchange_transfer_made_at"), "exchange_transfer", ["made_at"], unique=False)
    op.create_table(
        "exchange_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("their_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_exchange_result_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_result")),
        sa.UniqueConstraint("peer", "their_id", name=op.f("uq_exchange_result_peer_their_id")),
    )
    op.create_table(
        "dropped_file",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_dropped_file")),
    )
    op.create_table(
        "exchange_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_exchange_cursor")),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("exchange_cursor")
    op.drop_table("dropped_file")
    op.drop_table("exchange_result")
    op.drop_index(op.f("ix_exchange_transfer_made_at"), table_name="exchange_transfer")
    op.drop_index(op.f("ix_exchange_transfer_ticket_id"), table_name="exchange_transfer")
    op.drop_table("exchange_transfer")
    op.drop_index(op.f("ix_webhook_partner"), table_name="webhook")
    op.drop_table("webhook")
    op.drop_index(op.f("ix_partner_ticket_ticket_id"), table_name="partner_ticket")
    op.drop_table("partner_ticket")
    op.drop_index(op.f("ix_published_summary_withdrawn_at"), table_name="published_summary")
    op.drop_table("published_summary")
