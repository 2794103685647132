"""At what hours a round is to be gone, and whether it was gone outside of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for both; a sheet that stands is for any time, and no round that was gone was outside of it."""
    op.add_column("patrol_sheet", sa.Column("hours", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("patrol_round", sa.Column("outside", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("patrol_round", "outside")
    op.drop_column("patrol_sheet", "hours")
