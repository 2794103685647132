"""What residents' use of the knowledge base proposes to its editors, what they said of it, and the outcomes of hit tests.

Questions nobody could answer had no owner before, so that erasing a resident had to look for their words; those rows are not taken over.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put what is known by resident in the place of bare questions; add the verdicts and the outcomes."""
    op.drop_index(op.f("ix_knowledge_miss_last_at"), table_name="knowledge_miss")
    op.drop_table("knowledge_miss")
    op.create_table(
        "knowledge_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_use")),
    )
    op.create_index(op.f("ix_knowledge_use_resident_id"), "knowledge_use", ["resident_id"], unique=False)
    op.create_index(op.f("ix_knowledge_use_at"), "knowledge_use", ["at"], unique=False)
    op.create_table(
        "knowledge_verdict",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_knowledge_verdict")),
    )
    op.create_table(
        "knowledge_hit",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_knowledge_hit")),
    )


def downgrade() -> None:
    """Put the bare questions' table back, empty."""
    op.drop_table("knowledge_hit")
    op.drop_table("knowledge_verdict")
    op.drop_index(op.f("ix_knowledge_use_at"), table_name="knowledge_use")
    op.drop_index(op.f("ix_knowledge_use_resident_id"), table_name="knowledge_use")
    op.drop_table("knowledge_use")
    op.create_table(
        "knowledge_miss",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_miss")),
        sa.UniqueConstraint("digest", name=op.f("uq_knowledge_miss_digest")),
    )
    op.create_index(op.f("ix_knowledge_miss_last_at"), "knowledge_miss", ["last_at"], unique=False)
