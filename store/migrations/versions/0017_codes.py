"""Codes on doors, buildings and contact cards, how often they were scanned, what is shown there; the work phone of a post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty; no post has a work phone yet."""
    op.create_table(
        "place_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_code")),
    )
    op.create_index(op.f("ix_place_code_area_kind"), "place_code", ["area", "kind"], unique=False)
    op.create_index(op.f("ix_place_code_name"), "place_code", ["name"], unique=False)
    op.create_table(
        "code_scan",
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["place_code.id"], name=op.f("fk_code_scan_code_id_place_code")),
        sa.PrimaryKeyConstraint("code_id", "day", name=op.f("pk_code_scan")),
    )
    op.create_table(
        "building_content",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("estate", sa.Text(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_building_content")),
    )
    op.create_index(op.f("ix_building_content_estate"), "building_content", ["estate"], unique=False)
    op.add_column("staff", sa.Column("work_phone", sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("staff", "work_phone")
    op.drop_index(op.f("ix_building_content_estate"), table_name="building_content")
    op.drop_table("building_content")
    op.drop_table("code_scan")
    op.drop_index(op.f("ix_place_code_name"), table_name="place_code")
    op.drop_index(op.f("ix_place_code_area_kind"), table_name="place_code")
    op.drop_table("place_code")
