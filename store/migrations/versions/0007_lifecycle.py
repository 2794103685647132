"""The whole life of a ticket: its clocks, what is applied for, sub-tasks, supervision, merging and splitting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TEXTS = ("barred", "first_receiver", "resolved_level", "merged_into", "split_from", "source", "resident_warned")
_HOLDERS = {"accepted": "desk", "dispatched": "unit", "signed": "unit", "review": "review", "carried": "progress"}
"""Whose clock runs in which status; of what was answered, the unit's or the desk's, whoever has it."""


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
    """Begin a run for whoever has an open ticket. Its due time stands as it was given: by which term it was counted, nobody knows any more."""
    columns = ("id", "status", "unit", "desk", "opened_at", "dispatched_at", "due_at")
    ticket = sa.table("ticket", *(sa.column(name) for name in columns[:4]), *(sa.column(name, UTCDateTime) for name in columns[4:]))
    clock = sa.table(
        "ticket_clock",
        *(sa.column(name) for name in ("ticket_id", "kind", "round", "value", "unit", "calendar", "next_day", "result")),
        *(sa.column(name, UTCDateTime) for name in ("started_at", "due_at")),
        *(sa.column(name, sa.JSON) for name in ("basis", "changes")),
    )
    rows = op.get_bind().execute(sa.select(ticket).where(ticket.c.status.in_([*_HOLDERS, "replied"]))).all()
    runs = [
        {
            "ticket_id": row.id,
            "kind": _HOLDERS.get(row.status) or ("desk" if row.unit == row.desk else "unit"),
            "round": 1,
            "started_at": (since := row.dispatched_at or row.opened_at),
            "value": 0,
            "unit": "days",
            "calendar": "working",
            "next_day": True,
            "due_at": row.due_at,
            "basis": [],
            "changes": [{"kind": "given", "start": since.isoformat(), "to": row.due_at.isoformat()}],
            "result": "running",
        }
        for row in rows
    ]
    op.bulk_insert(clock, runs)
