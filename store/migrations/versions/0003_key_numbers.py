"""Numbers of dropped keys are never given again; work put aside; a draft's reminder; conversations name no group."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version keeps besides."""
    _make_data_key_anew(autoincrement=True)
    op.create_table(
        "duty_failure",
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("duty", "row_id", name=op.f("pk_duty_failure")),
    )
    with op.batch_alter_table("group_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    # A mark needs the master key, which no migration has: the next message in a group begins a conversation under its mark.
    op.execute("UPDATE conversation SET place = 'group-' || id WHERE place <> 'person'")


def downgrade() -> None:
    """Take it away again; conversations keep their marks, which the older version takes for groups it does not know."""
    with op.batch_alter_table("group_draft", schema=None) as batch_op:
        batch_op.drop_column("remind_at")
    op.drop_table("duty_failure")
    _make_data_key_anew(autoincrement=False)


def _make_data_key_anew(*, autoincrement: bool) -> None:
    """Copy SQLite's table into one that does (not) remember the highest number; PostgreSQL's sequence remembers it anyway."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("data_key", recreate="always", table_kwargs={"sqlite_autoincrement": autoincrement}):
            pass
