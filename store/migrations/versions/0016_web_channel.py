"""The chat page: what was said to a resident there, and the pictures they sent from it until these are with their message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty."""
    op.create_table(
        "web_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_line")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_web_line_resident_id_cause", "web_line", ["resident_id", "cause"], unique=True)
    op.create_index(op.f("ix_web_line_at"), "web_line", ["at"], unique=False)
    op.create_table(
        "web_upload",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_web_upload")),
    )
    op.create_index(op.f("ix_web_upload_resident_id"), "web_upload", ["resident_id"], unique=False)
    op.create_index(op.f("ix_web_upload_at"), "web_upload", ["at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_web_upload_at"), table_name="web_upload")
    op.drop_index(op.f("ix_web_upload_resident_id"), table_name="web_upload")
    op.drop_table("web_upload")
    op.drop_index(op.f("ix_web_line_at"), table_name="web_line")
    op.drop_index("uq_web_line_resident_id_cause", table_name="web_line")
    op.drop_table("web_line")
