"""People are found by the ids that other systems give them."""

from __future__ import annotations

from alembic import op

revision = "directory_0003"
down_revision = "directory_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "directory_person_external_ids",
        "directory_person",
        ["external_ids"],
        postgresql_using="gin",
        postgresql_ops={"external_ids": "jsonb_path_ops"},
    )


def downgrade() -> None:
    op.drop_index("directory_person_external_ids", "directory_person")
