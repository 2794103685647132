"""Pictures made safe: what is shown of an attachment, and by which token it is asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ADDED = (
    ("token", sa.Text()),
    ("view", sa.LargeBinary()),
    ("thumbnail", sa.LargeBinary()),
    ("width", sa.Integer()),
    ("height", sa.Integer()),
)


def upgrade() -> None:
    """Add what is made of a picture; those that are there are made safe by the worker, like new ones."""
    for name, kind in _ADDED:
        op.add_column("attachment", sa.Column(name, kind, nullable=True))
    op.drop_index(op.f("ix_attachment_due_at"), table_name="attachment")
    op.create_index("ix_attachment_state_kind_due_at", "attachment", ["state", "kind", "due_at"], unique=False)
    op.create_index("uq_attachment_token", "attachment", ["token"], unique=True)


def downgrade() -> None:
    """Take it away; a picture that was made safe is gone with it, and says so."""
    op.execute("UPDATE attachment SET state = 'lost', error = 'downgraded' WHERE state = 'made'")
    op.execute("UPDATE attachment SET state = 'fetched' WHERE state = 'unmade'")
    op.drop_index("uq_attachment_token", table_name="attachment")
    op.drop_index("ix_attachment_state_kind_due_at", table_name="attachment")
    op.create_index(op.f("ix_attachment_due_at"), "attachment", ["due_at"], unique=False)
    for name, _ in reversed(_ADDED):
        op.drop_column("attachment", name)
