"""Entries of the ledger that go out in the message of another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "recommendation_0013"
down_revision = "recommendation_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("carried_by", UUID(as_uuid=False)))
    carried = sa.text("carried_by IS NOT NULL")
    op.create_index("delivery_carried", "delivery", ["carried_by"], postgresql_where=carried)


def downgrade() -> None:
    """The code before knows no entry that is carried. What was shown with another is followed no more; what was not is sent."""
    op.execute("UPDATE delivery SET standing = 'unaddressed' WHERE standing = 'carried' AND shown_version IS NOT NULL")
    op.execute("UPDATE delivery SET standing = 'planned', due_at = now() WHERE standing = 'carried'")
    op.drop_index("delivery_carried", "delivery")
    op.drop_column("delivery", "carried_by")
