"""The whole life of a ticket: its clocks, what is applied for, sub-tasks, supervision, merging and splitting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXTS = ("barred", "first_receiver", "resolved_level", "merged_into", "split_from", "source", "resident_warned")
_RUNNING = """
INSERT INTO ticket_clock (ticket_id, kind, round, started_at, value, unit, calendar, next_day, due_at, basis, changes, result)
SELECT id, '{kind}', 1, {since}, {value}, '{unit}', 'working', {next_day}, {due}, '[]', '[]', 'running' FROM ticket WHERE {which}
"""
"""A run for what is open already: its due time stands as it was given; the term is the usual one."""


def upgrade() -> None:
    """Add the clocks and what runs beside a ticket's status; open tickets keep the due time they have."""
    op.create_table(
        "ticket_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("next_day", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_clock_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_clock")),
    )
    op.create_index("ix_ticket_clock_ticket_id_id", "ticket_clock", ["ticket_id", "id"], unique=False)
    op.create_index(op.f("ix_ticket_clock_result"), "ticket_clock", ["result"], unique=False)
    op.create_table(
        "ticket_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_event", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_event", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_task_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_task")),
    )
    op.create_index(op.f("ix_ticket_task_ticket_id"), "ticket_task", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_event", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_event", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_request_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_request")),
    )
    op.create_index(op.f("ix_ticket_request_ticket_id"), "ticket_request", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_supervision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("asked_event", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_event", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_supervision_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_supervision")),
    )
    op.create_index(op.f("ix_ticket_supervision_ticket_id"), "ticket_supervision", ["ticket_id"], unique=False)
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.add_column(sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False))
        batch_op.add_column(sa.Column("returns", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("held_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("resume_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("resident_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_ticket_resident_due_at"), ["resident_due_at"], unique=False)
    _start_clocks()


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_resident_due_at"))
        for name in (*_TEXTS, "returns", "held_since", "resume_at", "resident_due_at"):
            batch_op.drop_column(name)
    for table in ("ticket_supervision", "ticket_request", "ticket_task"):
        op.drop_index(op.f(f"ix_{table}_ticket_id"), table_name=table)
        op.drop_table(table)
    op.drop_index(op.f("ix_ticket_clock_result"), table_name="ticket_clock")
    op.drop_index("ix_ticket_clock_ticket_id_id", table_name="ticket_clock")
    op.drop_table("ticket_clock")


def _start_clocks() -> None:
    true = "TRUE" if op.get_bind().dialect.name == "postgresql" else "1"
    since = "COALESCE(dispatched_at, opened_at)"
    worked = "status IN ('dispatched', 'signed') OR (status = 'replied' AND unit <> desk)"
    desk = "status = 'accepted' OR (status = 'replied' AND unit = desk)"
    for kind, begun, value, unit, which in (
        ("desk", "opened_at", 2, "hours", desk),
        ("unit", since, 5, "days", worked),
        ("review", since, 3, "days", "status = 'review'"),
        ("progress", since, 30, "days", "status = 'carried'"),
    ):
        statement = _RUNNING.format(kind=kind, since=begun, value=value, unit=unit, next_day=true, due="due_at", which=which)
        op.execute(sa.text(statement))
