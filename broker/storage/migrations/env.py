"""Alembic's entry: runs on the connection that database.py or a test hands over."""

from alembic import context
from sqlalchemy import Connection

from broker.storage.tables import Base

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_server_default=True,
    transactional_ddl=True,  # SQLite can, and a half-done upgrade would be nobody's version
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
