"""Alembic's door into a service's schema. Configured by `kinetic.common.migrate`, never run by itself."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

configuration = context.config
connection: Connection = configuration.attributes["connection"]
schema: str = configuration.attributes["schema"]

context.configure(
    connection=connection,
    target_metadata=configuration.attributes["metadata"],
    version_table_schema=schema,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
