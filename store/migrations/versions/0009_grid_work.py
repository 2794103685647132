"""Grid work: patrols, what was solved on the spot, seasonal plans; and what follows an area or unit that is no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of grid work, and to areas and units what follows them."""
    for table in ("area", "unit"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("successor", sa.Text(), server_default=sa.text("''"), nullable=False))
            batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    _create_patrols()
    _create_plans()


def downgrade() -> None:
    """Take grid work away; areas and units that are no more stand again."""
    for index, table in (
        ("ix_season_task_area", "season_task"),
        ("ix_season_task_done_at_due_at", "season_task"),
        ("ix_spot_record_area_day", "spot_record"),
        ("ix_spot_record_round_id", "spot_record"),
        ("ix_patrol_finding_round_id", "patrol_finding"),
        ("ix_patrol_round_area", "patrol_round"),
        ("ix_patrol_round_day", "patrol_round"),
        ("ix_patrol_round_done_at_due_at", "patrol_round"),
        ("ix_patrol_sheet_area", "patrol_sheet"),
    ):
        op.drop_index(index, table_name=table)
    for table in ("season_task", "season_plan", "spot_record", "patrol_finding", "patrol_round", "patrol_sheet"):
        op.drop_table(table)
    for table in ("unit", "area"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("retired_at")
            batch_op.drop_column("successor")


def _create_patrols() -> None:
    op.create_table(
        "patrol_sheet",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_patrol_sheet")),
    )
    op.create_index(op.f("ix_patrol_sheet_area"), "patrol_sheet", ["area"], unique=False)
    op.create_table(
        "patrol_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_round")),
        sa.UniqueConstraint("sheet", "area", "day", "turn", name=op.f("uq_patrol_round_sheet_area_day_turn")),
    )
    op.create_index(op.f("ix_patrol_round_area"), "patrol_round", ["area"], unique=False)
    op.create_index(op.f("ix_patrol_round_day"), "patrol_round", ["day"], unique=False)
    op.create_index("ix_patrol_round_done_at_due_at", "patrol_round", ["done_at", "due_at"], unique=False)
    op.create_table(
        "patrol_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["patrol_round.id"], name=op.f("fk_patrol_finding_round_id_patrol_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol_finding")),
    )
    op.create_index(op.f("ix_patrol_finding_round_id"), "patrol_finding", ["round_id"], unique=False)
    op.create_table(
        "spot_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_record")),
    )
    op.create_index("ix_spot_record_area_day", "spot_record", ["area", "day"], unique=False)
    op.create_index(op.f("ix_spot_record_round_id"), "spot_record", ["round_id"], unique=False)


def _create_plans() -> None:
    op.create_table(
        "season_plan",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.Column("ends", sa.Text(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_season_plan")),
    )
    op.create_table(
        "season_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_items", sa.JSON(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_season_task")),
        sa.UniqueConstraint("plan", "area", "year", name=op.f("uq_season_task_plan_area_year")),
    )
    op.create_index(op.f("ix_season_task_area"), "season_task", ["area"], unique=False)
    op.create_index("ix_season_task_done_at_due_at", "season_task", ["done_at", "due_at"], unique=False)
