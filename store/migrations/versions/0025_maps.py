"""Where areas and service points lie on a map."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of outlines, and room for where an entry's place is; nobody has said so yet."""
    op.create_table(
        "area_shape",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_area_shape")),
    )
    op.add_column("knowledge_entry", sa.Column("coordinates", sa.Text(), nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("knowledge_entry", "coordinates")
    op.drop_table("area_shape")
