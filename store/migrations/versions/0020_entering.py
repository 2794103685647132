"""Browsers that are known as somebody, those that wait to be let in, and how often things are done on residents' pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "resident_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_session")),
        sa.UniqueConstraint("cause", name=op.f("uq_resident_session_cause")),
        sa.UniqueConstraint("hash", name=op.f("uq_resident_session_hash")),
    )
    op.create_index(op.f("ix_resident_session_ends_at"), "resident_session", ["ends_at"], unique=False)
    op.create_index(op.f("ix_resident_session_resident_id"), "resident_session", ["resident_id"], unique=False)
    op.create_table(
        "page_entrance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("code_mark", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_entrance")),
        sa.UniqueConstraint("hash", name=op.f("uq_page_entrance_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_page_entrance_number")),
    )
    op.create_index(op.f("ix_page_entrance_ends_at"), "page_entrance", ["ends_at"], unique=False)
    op.create_index(op.f("ix_page_entrance_resident_id"), "page_entrance", ["resident_id"], unique=False)
    op.create_table(
        "page_count",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_page_count")),
    )
    op.create_index(op.f("ix_page_count_ends_at"), "page_count", ["ends_at"], unique=False)


def downgrade() -> None:
    """Drop them: everybody comes in anew."""
    op.drop_table("page_count")
    op.drop_table("page_entrance")
    op.drop_table("resident_session")
