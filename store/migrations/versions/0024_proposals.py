"""What was proposed to the editors in the last round of the worker: which rows each proposal stands on, no words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the worker's first round fills them."""
    op.create_table(
        "proposal_round",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_round")),
    )
    op.create_table(
        "knowledge_proposal",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_knowledge_proposal")),
    )
    op.create_table(
        "knowledge_proposal_source",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("use_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", "number", name=op.f("pk_knowledge_proposal_source")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("knowledge_proposal_source")
    op.drop_table("knowledge_proposal")
    op.drop_table("proposal_round")
