"""The city's own words, synonyms and names of places: as they stand, and every edition they had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a city begins with the words that come with the software and its tables."""
    op.create_table(
        "city_word",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "word", name=op.f("pk_city_word")),
    )
    op.create_table(
        "city_word_edition",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_city_word_edition")),
    )
    op.create_table(
        "city_word_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition"], ["city_word_edition.number"], name=op.f("fk_city_word_change_edition_city_word_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_word_change")),
    )
    op.create_index(op.f("ix_city_word_change_edition"), "city_word_change", ["edition"], unique=False)


def downgrade() -> None:
    """Drop them: the words that come with the software and its tables are left."""
    op.drop_table("city_word_change")
    op.drop_table("city_word_edition")
    op.drop_table("city_word")
