"""Tokens of the API, what partners did with theirs, answers given again for a key, and when a ticket last changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the API's tables; a ticket that is there already changed last with its last event."""
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_token_hash")),
    )
    op.create_index(op.f("ix_api_token_owner"), "api_token", ["owner"], unique=False)
    op.create_table(
        "partner_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_call")),
    )
    op.create_index(op.f("ix_partner_call_at"), "partner_call", ["at"], unique=False)
    op.create_index(op.f("ix_partner_call_partner"), "partner_call", ["partner"], unique=False)
    op.create_table(
        "given_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_answer")),
        sa.UniqueConstraint("actor", "key", name=op.f("uq_given_answer_actor_key")),
    )
    op.create_index(op.f("ix_given_answer_at"), "given_answer", ["at"], unique=False)
    op.add_column("ticket", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE ticket SET updated_at = (SELECT max(at) FROM ticket_event WHERE ticket_event.ticket_id = ticket.id)")
    op.create_index(op.f("ix_ticket_updated_at"), "ticket", ["updated_at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_ticket_updated_at"), table_name="ticket")
    op.drop_column("ticket", "updated_at")
    op.drop_table("given_answer")
    op.drop_table("partner_call")
    op.drop_table("api_token")
